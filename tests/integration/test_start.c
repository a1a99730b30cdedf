/*
 * What stops ttsyncd from starting, and what does not: a wrong configuration, key or schema, and
 * services that are away.
 */
#include "common/json.h"
#include "tests/harness/harness.h"
#include "tests/harness/pgserver.h"
#include "tests/harness/proc.h"
#include "tests/harness/redisd.h"
#include "tests/harness/wait.h"
#include "tests/integration/life.h"
#include "tests/integration/world.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#define OTHER_KEY "b3RoZXJrZXlvdGhlcmtleW90aGVya2V5b3RoZXJrZSE="
#define DEADLINE  40000

/* ttsyncd on a changed configuration ends with code and says word. */
static void
ends_with(struct world *w, int code, const char *section, const char *line, const char *word)
{
	struct world_setting changed[] = { { section, line }, { 0 } };
	const char *conf = world_conf(w, 0, "changed.conf", changed);
	struct said s;

	world_ttsyncd(w, &s, (const char *const[]){ "-c", conf, NULL });
	cr_assert_eq(s.code, code, "%s: %d, not %d: %s", line, s.code, code, s.err);
	cr_assert(strstr(s.err, word), "%s: no \"%s\" in: %s", line, word, s.err);
	said_done(&s);
}

static const char *
line_of(struct world *w, int n)
{
	return harness_path(w->h, "changed.conf:%d", n);
}

Test(start, a_wrong_configuration_is_named_with_file_and_line)
{
	struct world_opts o = { .name = "conf" };
	CLEANUP(world_freep) struct world *w = world_prepare(&o);
	const char *conf;
	struct said s;

	ends_with(w, 78, "daemon", "workerz = 1", line_of(w, 5));
	ends_with(w, 78, "daemon", "workers = many", line_of(w, 4));
	ends_with(w, 78, "sync", "orders_interval = 10", "changed.conf:");
	ends_with(w, 78, "tiktok", "api_url = http://example.com", "changed.conf:");
	ends_with(w, 78, "tiktok", "app_secret_file = /nonexistent", "changed.conf:");
	ends_with(w, 78, "vault", "key_file = /dev/null", "/dev/null");
	conf = harness_write(w->h, "torn.conf", "[daemon\nworkers\n");
	world_ttsyncd(w, &s, (const char *const[]){ "-c", conf, "--check-config", NULL });
	cr_assert_eq(s.code, 78);
	cr_assert(strstr(s.err, "torn.conf:1"), "%s", s.err);
	said_done(&s);
	world_ttsyncd(w, &s, (const char *const[]){ "-c", "/nonexistent", NULL });
	cr_assert_eq(s.code, 78, "%s", s.err);
	said_done(&s);
	world_ttsyncd(w, &s,
	              (const char *const[]){ "-c", w->daemon[0].conf, "--check-config", NULL });
	cr_assert_eq(s.code, 0, "%s", s.err);
	said_done(&s);
}

/* F49 */
Test(start, a_wrong_key_is_found_before_it_does_harm)
{
	struct world_opts o = { .name = "key" };
	CLEANUP(world_freep) struct world *w = world_new(&o);
	const char *shop = world_connect(w, "42", "main", 1), *line;
	CLEANUP(own_free) char *before = NULL;
	CLEANUP(own_free) char *after = NULL;
	const char *sql = "SELECT gen, encode(access_box, 'hex') FROM ttsync.grants";

	world_wait(w, shop, "connected");
	cr_assert_eq(world_stop(w, 0), 0);
	before = pgserver_query(w->pg, sql);
	line = harness_text(w->h, "key_file = %s",
	                    harness_write(w->h, "other", "k1:" OTHER_KEY ":active\n"));
	ends_with(w, 78, "vault", line, "k1");
	after = pgserver_query(w->pg, sql);
	cr_assert_str_eq(before, after, "nothing was overwritten");
	world_start(w, 0);
	world_wait(w, shop, "synced");
}

/* F56 */
Test(start, a_schema_of_a_later_version_is_left_alone)
{
	struct world_opts o = { .name = "schema" };
	CLEANUP(world_freep) struct world *w = world_prepare(&o);
	struct said s;

	pgserver_exec(w->pg, "INSERT INTO ttsync.schema_migration (version, name) SELECT "
	                     "max(version) + 1, 'later' FROM ttsync.schema_migration");
	world_ttsyncd(w, &s, (const char *const[]){ "-c", w->daemon[0].conf, NULL });
	cr_assert_eq(s.code, 78, "%d %s", s.code, s.err);
	said_done(&s);
	world_ttsyncd(w, &s, (const char *const[]){ "-c", w->daemon[0].conf, "--migrate", NULL });
	cr_assert_eq(s.code, 78, "%d %s", s.code, s.err);
	said_done(&s);
	pgserver_exec(w->pg, "SET client_min_messages = error; DROP SCHEMA ttsync CASCADE");
	world_ttsyncd(w, &s, (const char *const[]){ "-c", w->daemon[0].conf, NULL });
	cr_assert_eq(s.code, 78, "no schema at all: %d %s", s.code, s.err);
	cr_assert(strstr(s.err, "--migrate"), "%s", s.err);
	said_done(&s);
}

/* --- services that are away ------------------------------------------------------------------ */

struct hope {
	struct world *w;
	const char *word; /* in status */
	int code;         /* of status; -1: any */
};

static bool
says(void *arg)
{
	struct hope *x = arg;
	struct said s;
	bool yes;

	TTCTL(x->w, &s, "status");
	yes = (x->code < 0 || s.code == x->code) &&
	      (strstr(s.out, x->word) || strstr(s.err, x->word));
	said_done(&s);
	return yes;
}

static void
status_says(struct world *w, const char *word, int code)
{
	struct hope x = { w, word, code };

	if (!wait_for(says, &x, DEADLINE))
		harness_die(w->daemon[0].log, "status does not say %s", word);
}

Test(start, without_postgresql_it_does_not_start)
{
	struct world_opts o = { .name = "nopg" };
	CLEANUP(world_freep) struct world *w = world_prepare(&o);
	struct said s;

	pgserver_stop(w->pg);
	world_ttsyncd(w, &s, (const char *const[]){ "-c", w->daemon[0].conf, NULL });
	cr_assert_eq(s.code, 69, "%d %s", s.code, s.err);
	said_done(&s);
	world_ctl(w, 0, &s, (const char *const[]){ "status", NULL });
	cr_assert_eq(s.code, 69, "no daemon: %d %s", s.code, s.err);
	said_done(&s);
}

Test(start, without_redis_it_waits_and_says_so)
{
	struct world_opts o = { .name = "noredis" };
	CLEANUP(world_freep) struct world *w = world_prepare(&o);
	const char *shop;

	redisd_stop(w->redis);
	world_start(w, 0);
	status_says(w, "\"redis\":false", -1);
	shop = world_connect(w, "42", "main", 1);
	redisd_restart(w->redis);
	world_wait(w, shop, "connected");
	status_says(w, "\"redis\":true", 0);
}

Test(start, a_running_daemon_outlives_its_services)
{
	struct world_opts o = { .name = "outlive" };
	CLEANUP(world_freep) struct world *w = world_new(&o);
	const char *shop = world_connect(w, "42", "main", 1);

	world_wait(w, shop, "connected");
	pgserver_kill(w->pg);
	redisd_kill(w->redis);
	WORLD_TIKTOK(w, "/order", "{\"status\":\"AWAITING_SHIPMENT\",\"count\":3}");
	cr_assert_eq(proc_wait(w->daemon[0].proc, 3000), -1, "it goes on without them");
	status_says(w, "", -1);
	redisd_restart(w->redis);
	pgserver_restart(w->pg);
	life_complete(w);
	status_says(w, "\"postgres\":true", 0);
}

/* What daemon/ttsyncd.8 gives the Redis user, and no more. */
#define REDIS_USER                                                                                 \
	"ACL", "SETUSER", "ttsyncd", "on", ">" REDIS_PASSWORD, "~{ttq}:*", "~{tb}:*", "-@all",     \
	    "+eval", "+evalsha", "+script|load", "+hget", "+hset", "+hsetnx", "+hdel", "+hmget",   \
	    "+hincrby", "+hexists", "+hkeys", "+hlen", "+zadd", "+zrem", "+zscore", "+zrange",     \
	    "+zrangebyscore", "+zcard", "+time", "+get", "+set", "+ping", "+info"
#define REDIS_PASSWORD "redis-password-of-this-test"

Test(start, the_redis_user_of_the_manual_is_enough_for_everything)
{
	struct world_opts o = { .name = "redisuser" };
	CLEANUP(world_freep) struct world *w = world_prepare(&o);
	struct world_setting user[] = { { "redis", "user = ttsyncd" }, { "redis", NULL }, { 0 } };
	CLEANUP(own_free) char *ok = REDISD_CMD(w->redis, REDIS_USER);

	cr_assert_str_eq(ok, "OK");
	user[1].line = harness_text(w->h, "password_file = %s",
	                            harness_write(w->h, "redis_password", REDIS_PASSWORD "\n"));
	w->daemon[0].conf = world_conf(w, 0, "user.conf", user);
	free(REDISD_CMD(w->redis, "ACL", "SETUSER", "default", "-@write"));
	world_start(w, 0);
	world_wait(w, world_connect(w, "42", "main", 1), "synced");
}

/* Q12: the daemon that saw Redis forget died before it had put everything back. */
Test(start, a_queue_left_half_filled_is_filled_at_the_next_start)
{
	struct world_opts o = { .name = "halffilled" };
	CLEANUP(world_freep) struct world *w = world_new(&o);
	const char *shop = world_connect(w, "42", "main", 1);
	char *epoch;

	world_wait(w, shop, "connected");
	world_kill(w, 0);
	epoch = REDISD_CMD(w->redis, "HGET", "{ttq}:meta", "epoch");
	free(REDISD_CMD(w->redis, "FLUSHALL"));
	free(REDISD_CMD(w->redis, "HSET", "{ttq}:meta", "epoch", epoch));
	free(epoch);
	/* the killed daemon's lease is none of this test's matter */
	pgserver_exec(w->pg, "UPDATE ttsync.shop_lease SET lease_until = clock_timestamp()");
	WORLD_TIKTOK(w, "/order", "{\"status\":\"AWAITING_SHIPMENT\"}");
	world_start(w, 0);
	cr_assert(world_caught_up(w, 20000), "nobody put the work back");
}
