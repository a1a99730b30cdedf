#include "tests/integration/completeness.h"

#include "common/clock.h"
#include "common/crypto.h"
#include "common/json.h"
#include "common/str.h"
#include "tests/harness/harness.h"
#include "tests/harness/pgserver.h"
#include "tests/harness/proc.h"
#include "tests/harness/redisd.h"
#include "tests/harness/wait.h"
#include "tests/integration/world.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#define SEARCH "/order/202309/orders/search"

/* Answers get lost, cut or refused, pages come twice, rows move during the walk. */
static const struct {
	const char *match, *kind, *probability;
} faults[] = {
	{ "/202309/", "lost", "0.02" },       { "/202309/", "cut", "0.02" },
	{ SEARCH, "duplicate-page", "0.05" }, { SEARCH, "move-rows", "0.05" },
	{ SEARCH, "token-cycle", "0.02" },    { "/202309/", "5xx", "0.02" },
};

struct run {
	const struct completeness *c;
	struct world *w;
	uint64_t random;
	int kills;
	int64_t half_done; /* jobs that the kills found running */
};

uint64_t
completeness_seed(void)
{
	int64_t seed;

	if (!str_i64(getenv("SEED"), &seed))
		return (uint64_t)seed;
	return (uint64_t)wall_now().s;
}

/* Below n. Source: xorshift64*, Vigna 2016. */
static uint64_t
chance(struct run *r, uint64_t n)
{
	r->random ^= r->random >> 12;
	r->random ^= r->random << 25;
	r->random ^= r->random >> 27;
	return (r->random * 2685821657736338717u >> 32) % n;
}

static void
connect_all(struct run *r)
{
	const char *last = NULL;

	for (int i = 0; i < r->c->shops; i++)
		last = world_connect(r->w, harness_text(r->w->h, "store%d", i % 4),
		                     harness_text(r->w->h, "shop %d", i), i + 1);
	world_wait(r->w, last, "connected");
}

static void
begin_faults(struct run *r)
{
	for (size_t i = 0; i < ARRAY_LEN(faults); i++)
		WORLD_TIKTOK(r->w, "/fault",
		             "{\"match\":\"%s\",\"kind\":\"%s\",\"probability\":%s}",
		             faults[i].match, faults[i].kind, faults[i].probability);
}

static bool
traffic_on(struct run *r)
{
	CLEANUP(json_freep) struct json *stats = world_tiktok(r->w, "GET", "/stats", NULL);
	int64_t made = 0;

	json_i64(json_get(stats, "traffic"), "created", &made);
	return made < r->c->orders;
}

/* --- kills ----------------------------------------------------------------------------------- */

static void
disaster(struct run *r, int which)
{
	switch (which) {
	case 0:
		free(REDISD_CMD(r->w->redis, "FLUSHALL"));
		break;
	case 1:
		redisd_kill(r->w->redis);
		redisd_restart(r->w->redis);
		break;
	default:
		pgserver_kill(r->w->pg);
		pgserver_restart(r->w->pg);
		break;
	}
}

/*
 * The minute passes after which a killed daemon's leases have ended, in both places that keep them.
 * Without this the first kill would keep most shops until the run is over.
 */
static void
let_leases_end(struct run *r)
{
	static const char end_all[] = "for _, s in ipairs(redis.call('ZRANGE', KEYS[1], 0, -1)) do "
				      "redis.call('ZADD', KEYS[1], 1, s) end";

	r->half_done += pgserver_num(
	    r->w->pg,
	    "WITH x AS (UPDATE ttsync.shop_lease SET lease_until = clock_timestamp() WHERE "
	    "lease_until > clock_timestamp() RETURNING 1) SELECT count(*) FROM x");
	free(REDISD_CMD(r->w->redis, "EVAL", end_all, "1", "{ttq}:leased"));
}

/* Let the daemon live for a random moment, then kill it, with a disaster where one is due. */
static void
kill_once(struct run *r, int n)
{
	struct proc *p = r->w->daemon[0].proc;
	int between = r->c->run_s * 1000 / r->c->kills;
	int quarter = r->c->kills / 4;

	if (proc_wait(p, (int)chance(r, (uint64_t)between)) >= 0)
		harness_die(proc_log(p), "ttsyncd ended by itself");
	if (r->c->disasters && quarter && n % quarter == 0 && n / quarter >= 1 && n / quarter <= 3)
		disaster(r, n / quarter - 1);
	world_kill(r->w, 0);
	let_leases_end(r);
	world_start(r->w, 0);
	r->kills++;
}

/* Until all orders have come. */
static void
live(struct run *r)
{
	int64_t end = mono_now().ms + ((int64_t)r->c->run_s * 3 + 60) * 1000;

	for (int i = 0; i < r->c->kills; i++)
		kill_once(r, i);
	while (traffic_on(r)) {
		if (mono_now().ms > end)
			harness_die(proc_log(r->w->sandbox), "the traffic does not end");
		if (proc_wait(r->w->daemon[0].proc, 500) >= 0)
			harness_die(r->w->daemon[0].log, "ttsyncd ended by itself");
	}
}

/* --- the end --------------------------------------------------------------------------------- */

static void
judge(struct run *r)
{
	CLEANUP(own_free) char *diff = NULL;
	CLEANUP(own_free) char *slow = NULL;

	WORLD_TIKTOK(r->w, "/traffic", "{\"all\":true}");
	world_no_faults(r->w);
	if (!world_caught_up(r->w, r->c->settle_s * 1000)) {
		slow = pgserver_query(r->w->pg, "SELECT * FROM ttsync.sync_state JOIN "
		                                "ttsync.shop_lease USING (shop_id) WHERE kind = "
		                                "'orders' ORDER BY cursor_s LIMIT 3");
		harness_die(r->w->daemon[0].log, "seed %" PRIu64 ": not caught up: %s", r->c->seed,
		            slow);
	}
	diff = world_difference(r->w);
	if (diff)
		harness_die(r->w->daemon[0].log, "seed %" PRIu64 ": %s", r->c->seed, diff);
}

/* How often a fault hit; each kind must have. */
static int64_t
faults_hit(struct run *r)
{
	CLEANUP(json_freep) struct json *stats = world_tiktok(r->w, "GET", "/stats", NULL);
	const struct json *hits = json_get(stats, "faults");
	int64_t sum = 0, n;

	for (size_t i = 0; i < ARRAY_LEN(faults); i++) {
		if (json_i64(hits, faults[i].kind, &n) || n < 1)
			harness_die(NULL, "no %s in the whole run", faults[i].kind);
		sum += n;
	}
	return sum;
}

static void
tell(struct run *r, int64_t took_ms, int64_t settled_ms)
{
	fprintf(
	    stderr,
	    "completeness: seed %" PRIu64 ", %d shops, %" PRId64 " orders, %d kills in %" PRId64
	    " jobs, %" PRId64 " faults, %" PRId64 " ms of traffic, equal %" PRId64 " ms later\n",
	    r->c->seed, r->c->shops, pgserver_num(r->w->pg, "SELECT count(*) FROM ttsync.orders"),
	    r->kills, r->half_done, faults_hit(r), took_ms, settled_ms);
}

void
completeness_run(const struct completeness *c)
{
	char seed[24], latency[24];
	const char *words[] = { "--seed", seed, "--latency", latency, NULL };
	struct world_opts o = {
		.name = c->name, .sellers = c->shops, .products = 4, .sandbox = words
	};
	struct run r = { .c = c, .random = c->seed * 2654435761u + 1 };
	int64_t begun, ended;

	snprintf(seed, sizeof(seed), "%" PRIu64, c->seed);
	snprintf(latency, sizeof(latency), "%d", c->latency_ms);
	fprintf(stderr, "completeness: seed %s\n", seed);
	r.w = world_new(&o);
	connect_all(&r);
	begin_faults(&r);
	WORLD_TIKTOK(r.w, "/traffic",
	             "{\"all\":true,\"creates_per_s\":%d,\"updates_per_s\":%d,\"total\":%d}",
	             c->orders / c->run_s, c->orders / c->run_s, c->orders);
	begun = mono_now().ms;
	live(&r);
	ended = mono_now().ms;
	judge(&r);
	tell(&r, ended - begun, mono_now().ms - ended);
	world_free(r.w);
}
