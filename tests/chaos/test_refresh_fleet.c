/*
 * F34: a thousand grants whose access tokens expire together, and a fleet of five daemons that was
 * away while they became due.
 *
 * The clock of all but Redis is moved on while the fleet works, so that its pace of two refreshes a
 * second is kept in less of our time. Redis tells the jobs' times, which do not matter here.
 */
#include "common/clock.h"
#include "common/json.h"
#include "tests/harness/faketime.h"
#include "tests/harness/harness.h"
#include "tests/harness/pgserver.h"
#include "tests/harness/wait.h"
#include "tests/integration/crowd.h"
#include "tests/integration/world.h"

#include <criterion/criterion.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define GRANTS   1000
#define LIFE_S   3600
#define LEFT_S   900 /* until the tokens expire: the fleet needs GRANTS / 2 seconds */
#define FASTER   3   /* the moved clock's seconds in one of ours, beside it */
#define DEADLINE 400000

static int64_t
sql(struct world *w, const char *text)
{
	return pgserver_num(w->pg, text);
}

struct race {
	struct world *w;
	int64_t began_ms;
	int64_t ahead_s;
};

/* Asked every 20 ms at least: the clock goes on in steps of a second. */
static bool
all_are_refreshed(void *arg)
{
	struct race *r = arg;
	int64_t ahead_s = r->ahead_s + (mono_now().ms - r->began_ms) * FASTER / 1000;

	if (ahead_s > r->w->ahead_s)
		faketime_set(r->w->h, r->w->ahead_s = ahead_s);
	return sql(r->w, "SELECT count(*) FROM ttsync.grants WHERE gen > 1") == GRANTS;
}

/* The log: nobody was refused, each grant was refreshed once. */
static void
check_calls(struct world *w)
{
	CLEANUP(json_freep) struct json *doc = world_tiktok(w, "GET", "/calls", NULL);
	const struct json *calls = json_get(doc, "calls");
	int64_t code = -1, refreshes = 0;

	for (size_t i = 0; i < json_len(calls); i++) {
		const struct json *one = json_at(calls, i);
		const char *endpoint = json_str(one, "endpoint");

		json_i64(one, "code", &code);
		cr_assert_eq(code, 0, "%s was refused with %" PRId64, endpoint, code);
		refreshes += !strcmp(endpoint, "token_refresh");
	}
	cr_assert_eq(refreshes, GRANTS, "each grant once");
}

/*
 * More in some window than burst and rate allow? Between the i-th and the k-th there are k - i + 1
 * of them. The gate looks at the clock a moment after attempt_at, and the moved clock goes by
 * steps: two more are let pass.
 */
static const char too_fast[] =
    "WITH a AS (SELECT attempt_at AS at, row_number() OVER (ORDER BY attempt_at) AS n"
    " FROM started)"
    " SELECT count(*) FROM a i JOIN a k ON k.n > i.n"
    " WHERE k.n - i.n + 1 > 5 + 2 * extract(epoch FROM k.at - i.at) + 2";

Test(refresh_fleet, a_thousand_that_expire_together_keep_the_pace, .timeout = 590)
{
	static const char *const words[] = { "--access-lifetime", "3600", NULL };
	static const struct world_setting conf[] = { { "sync", "orders_interval = 1h" },
		                                     { "daemon", "log_level = info" },
		                                     { NULL, NULL } };
	struct world_opts o = {
		.name = "fleet", .sellers = GRANTS, .sandbox = words, .conf = conf, .clock = true
	};
	CLEANUP(world_freep) struct world *w = world_prepare(&o);
	struct race race = { .w = w };
	struct json *stats;
	int64_t most = 0;

	cr_assert_eq(crowd_connect_world(w, wall_now().s - 60), GRANTS);
	/* attempt_at is the moment of the claim; it is overwritten by the next one */
	pgserver_exec(
	    w->pg,
	    "CREATE TABLE started (grant_id bigint, attempt_at timestamptz, ends timestamptz);"
	    "CREATE FUNCTION note_start() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
	    " INSERT INTO public.started VALUES (new.grant_id, new.attempt_at, new.access_expires);"
	    " RETURN new; END $$;"
	    "CREATE TRIGGER note_start AFTER UPDATE ON ttsync.grants FOR EACH ROW"
	    " WHEN (new.state = 'refreshing' AND old.attempt_id IS DISTINCT FROM new.attempt_id)"
	    " EXECUTE FUNCTION note_start()");
	world_move(w, LIFE_S - LEFT_S);
	cr_assert_eq(sql(w, "SELECT count(*) FROM ttsync.grants WHERE next_try_at <= now()"),
	             GRANTS, "all are due");
	for (int i = 0; i < WORLD_DAEMONS; i++)
		world_start(w, i);
	race.began_ms = mono_now().ms;
	race.ahead_s = w->ahead_s;
	cr_assert(wait_for(all_are_refreshed, &race, DEADLINE), "%" PRId64 " are left",
	          sql(w, "SELECT count(*) FROM ttsync.grants WHERE gen = 1"));
	stats = world_tiktok(w, "GET", "/stats", NULL);
	cr_assert_eq(json_i64(stats, "refresh_inflight_max", &most), 0);
	json_free(stats);
	cr_assert_eq(most, 1, "T1: %" PRId64 " of one grant at the same time", most);
	check_calls(w);
	cr_assert_eq(sql(w, too_fast), 0, "faster than 2 a second with a burst of 5");
	cr_assert_eq(sql(w, "SELECT count(*) FROM started"), GRANTS);
	cr_assert_eq(sql(w, "SELECT count(*) FROM started WHERE attempt_at >= ends"), 0, "expired");
	cr_assert_geq(sql(w, "SELECT count(DISTINCT attempt_owner) FROM ttsync.grants"),
	              WORLD_DAEMONS, "all of the fleet took part");
}
