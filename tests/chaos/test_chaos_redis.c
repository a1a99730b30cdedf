/*
 * Redis killed, stopped, emptied, full, read-only and filled with garbage under two working
 * daemons. Rows F6 to F14 of reliability.md 9.
 */
#include "tests/unit/queue_fixture.h"

#include <criterion/criterion.h>

#define SHOPS 200

static struct daemon a, b;
static struct queue_put all[SHOPS];
static bool told;
static struct err why;

static void
setup(void)
{
	fix_begin("--appendonly", "yes");
	daemon_start(&a, redis, (struct queue_conf){ .owner = OWNER_A });
	daemon_start(&b, redis, (struct queue_conf){ .owner = OWNER_B });
	daemon_ready(&a);
	daemon_ready(&b);
	for (int i = 0; i < SHOPS; i++)
		all[i] = (struct queue_put){ i + 1, i % 2 ? KIND_ORDERS : KIND_PRODUCTS, 0 };
}

static void
teardown(void)
{
	cr_assert_str_eq(check(), "OK");
	queue_free(a.queue);
	queue_free(b.queue);
	fix_end();
}

static void
on_told(const struct err *e, void *arg)
{
	(void)arg;
	told = true;
	why = e ? *e : (struct err){ 0 };
	loop_stop(loop);
}

/* What the sweep does: everything is put in again. */
static void
sweep(void)
{
	told = false;
	queue_enqueue_many(a.queue, all, SHOPS, on_told, NULL);
	WAIT(told);
}

static void
both_work(void)
{
	a.works = b.works = true;
	queue_claim(a.queue, QUEUE_BATCH);
	queue_claim(b.queue, QUEUE_BATCH);
}

/* n more jobs are ended by somebody. */
static void
progress(int n)
{
	int64_t from = a.ended + b.ended;

	WAIT(a.ended + b.ended >= from + n);
}

static void
both_ready(void)
{
	WAIT(redis_up(redis));
	daemon_ready(&a);
	daemon_ready(&b);
}

TestSuite(chaos_redis, .init = setup, .fini = teardown, .timeout = 120);

Test(chaos_redis, f6_kills_lose_nothing_and_are_over_within_five_seconds)
{
	sweep();
	both_work();
	for (int kills = 0; kills < 10; kills++) {
		struct mono from;

		progress(200 + (int)crypto_uniform(400));
		server_kill();
		WAIT(!redis_up(redis));
		from = mono_now();
		server_start("--appendonly", "yes");
		both_ready();
		cr_assert_leq(mono_now().ms - from.ms, 5000);
		cr_assert_str_eq(check(), "OK");
	}
	progress(1000);
	a.works = b.works = false;
	queue_claim(a.queue, 0);
	queue_claim(b.queue, 0);
	daemon_settle(&a);
	daemon_settle(&b);
	/* Every shop is pending or under a lease whose claim was never heard of. */
	cr_assert_eq(
	    number(ask("HLEN", "{ttq}:pend", NULL)) + number(ask("ZCARD", "{ttq}:leased", NULL)),
	    SHOPS + number(ask("EVAL",
	                       "local n = 0 for _, s in ipairs(redis.call('HKEYS', KEYS[1])) do "
	                       "for _, k in ipairs({'|orders', '|products'}) do "
	                       "n = n + redis.call('HEXISTS', KEYS[2], s .. k) end end return n",
	                       "2", "{ttq}:token", "{ttq}:pend", NULL)));
}

Test(chaos_redis, f6_what_ended_while_redis_was_away_is_told_later)
{
	struct queue_job j;

	queue_enqueue(a.queue, 1, KIND_ORDERS, 0);
	j = daemon_claim(&a);
	server_kill();
	WAIT(!redis_up(redis));
	queue_done(a.queue, &j, 60000);
	cr_assert_not(queue_settled(a.queue));
	server_start("--appendonly", "yes");
	both_ready();
	daemon_settle(&a);
	cr_assert_str_eq(ask("ZCARD", "{ttq}:leased", NULL), "0");
	cr_assert_str_eq(ask("ZCARD", "{ttq}:delayed", NULL), "1");
	cr_assert_eq(a.losses, 0);
}

Test(chaos_redis, f7_a_flush_is_noticed_and_all_is_pending_again)
{
	int before = a.missing + b.missing;

	sweep();
	both_work();
	progress(300);
	ask("FLUSHALL", NULL);
	WAIT(a.missing + b.missing > before);
	both_ready();
	cr_assert_str_eq(ask("HEXISTS", "{ttq}:meta", "epoch", NULL), "1");
	sweep();
	cr_assert_eq(why.kind, ERR_NONE, "%s", why.text);
	progress(SHOPS);
}

Test(chaos_redis, f7_leases_of_a_lost_memory_are_lost)
{
	struct queue_job j;

	queue_free(a.queue);
	daemon_start(&a, redis, (struct queue_conf){ .owner = OWNER_A, .renew_ms = 400 });
	daemon_ready(&a);
	queue_enqueue(a.queue, 1, KIND_ORDERS, 0);
	j = daemon_claim(&a);
	ask("FLUSHALL", NULL);
	WAIT(a.losses == 1);
	cr_assert_str_eq(a.lost[0].token, j.token);
	both_ready();
	queue_done(a.queue, &j, 0);
	daemon_settle(&a);
	cr_assert_str_eq(ask("HLEN", "{ttq}:pend", NULL), "0");
}

Test(chaos_redis, f8_a_memory_that_is_older_takes_no_answer_of_a_newer_lease)
{
	static const char back[] = "for i = 1, #KEYS do redis.call('COPY', KEYS[i] .. ARGV[1], "
				   "KEYS[i] .. ARGV[2], 'REPLACE') end";
	struct queue_job first, second;

	queue_enqueue(a.queue, 1, KIND_ORDERS, 0);
	daemon_settle(&a);
	ask("EVAL", back, "3", "{ttq}:meta", "{ttq}:pend", "{ttq}:ready", "", ":old", NULL);
	first = daemon_claim(&a);
	ask("EVAL", back, "3", "{ttq}:meta", "{ttq}:pend", "{ttq}:ready", ":old", "", NULL);
	ask("DEL", "{ttq}:token", "{ttq}:leased", NULL);
	second = daemon_claim(&a);
	cr_assert_eq(second.shop, 1);
	cr_assert_str_neq(second.token, first.token);
	cr_assert_eq(a.losses, 1, "the first is lost at once");
	queue_done(a.queue, &first, 0);
	daemon_settle(&a);
	cr_assert_eq(counters.v[COUNT_QUEUE_STALE], 1);
	cr_assert_str_eq(ask("ZCARD", "{ttq}:leased", NULL), "1");
}

Test(chaos_redis, f9_a_pause_is_heard_of_within_two_seconds)
{
	struct queue_job j;
	struct mono from;

	sweep();
	j = daemon_claim(&a);
	from = mono_now();
	kill(fix_server, SIGSTOP);
	told = false;
	queue_enqueue_many(a.queue, all, SHOPS, on_told, NULL);
	WAIT(told);
	cr_assert_eq(why.kind, ERR_TIMEOUT);
	cr_assert_leq(mono_now().ms - from.ms, 2300);
	told = false;
	from = mono_now();
	queue_enqueue_many(a.queue, all, SHOPS, on_told, NULL);
	WAIT(told);
	cr_assert_leq(mono_now().ms - from.ms, 100, "and then at once");
	queue_done(a.queue, &j, -1);
	kill(fix_server, SIGCONT);
	both_ready();
	daemon_settle(&a);
	cr_assert_eq(a.losses, 0);
	both_work();
	progress(SHOPS);
}

Test(chaos_redis, f10_out_of_memory_refuses_new_work_and_ends_old)
{
	struct queue_job j[3];
	int64_t pending;

	sweep();
	for (int i = 0; i < 3; i++)
		j[i] = daemon_claim(&a);
	pending = number(ask("HLEN", "{ttq}:pend", NULL));
	ask("CONFIG", "SET", "maxmemory", "1", NULL);
	told = false;
	queue_enqueue_many(a.queue, (struct queue_put[]){ { 9999, KIND_ORDERS, 0 } }, 1, on_told,
	                   NULL);
	WAIT(told);
	cr_assert_str_eq(why.tag, "OOM");
	a.jobs = 0;
	queue_claim(a.queue, 5);
	queue_done(a.queue, &j[0], 60000);
	queue_fail(a.queue, &j[1], 60000, true, 0, "x");
	queue_release(a.queue, &j[2]);
	daemon_settle(&a);
	cr_assert(redis_up(redis));
	cr_assert_eq(number(ask("HLEN", "{ttq}:pend", NULL)), pending + 3);
	cr_assert_str_eq(ask("ZCARD", "{ttq}:leased", NULL), "0");
	cr_assert_eq(a.jobs, 0);
	ask("CONFIG", "SET", "maxmemory", "0", NULL);
	WAIT(a.jobs == 5);
	cr_assert_gt(counters.v[COUNT_REDIS_ERRORS], 0);
}

Test(chaos_redis, f12_forgotten_scripts_go_unnoticed)
{
	sweep();
	both_work();
	for (int i = 0; i < 20; i++) {
		progress(50);
		ask("SCRIPT", "FLUSH", NULL);
	}
	progress(200);
	cr_assert_eq(counters.v[COUNT_REDIS_ERRORS], 0);
	cr_assert_eq(counters.v[COUNT_QUEUE_STALE], 0);
}

Test(chaos_redis, f13_a_read_only_server_is_left_and_found_again)
{
	sweep();
	both_work();
	progress(100);
	ask("REPLICAOF", "127.0.0.1", "1", NULL);
	WAIT(!redis_up(redis));
	do
		ask("REPLICAOF", "NO", "ONE", NULL);
	while (strcmp(answer, "OK") != 0);
	both_ready();
	progress(SHOPS);
}

Test(chaos_redis, f14_keys_of_the_wrong_type_are_dropped_and_rebuilt)
{
	static const char *const names[] = { "meta",   "pend",  "ready", "delayed",
		                             "leased", "token", "dead",  "gate" };
	char key[32];

	sweep();
	both_work();
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		int before = a.missing + b.missing;

		progress(100);
		snprintf(key, sizeof(key), "{ttq}:%s", names[i]);
		ask("SET", key, "garbage", NULL);
		WAIT(a.missing + b.missing > before);
		both_ready();
		sweep();
		cr_assert_str_eq(check(), "OK", "%s", names[i]);
	}
	progress(SHOPS);
}

Test(chaos_redis, f14_garbage_inside_keys_is_dropped)
{
	sweep();
	ask("HSET", "{ttq}:pend", "1|products", "garbage", "x|y", "1,1", "7", "7", "3|orders", "",
	    "5|nokind", "1,1", NULL);
	ask("ZADD", "{ttq}:ready", "-1", "no shop", "-2", "1000", "-3", "7|orders", NULL);
	ask("ZADD", "{ttq}:delayed", "1", "no shop", "2", "1001", "3", "5", NULL);
	ask("ZADD", "{ttq}:leased", "1", "no shop", "2", "1002", "99999999999999", "9", NULL);
	ask("HSET", "{ttq}:token", "no shop", "x", "11", "garbage", "13", "t|orders|1|1", NULL);
	both_work();
	progress(SHOPS);
	queue_repair(a.queue);
	cr_assert_str_eq(check(), "OK");
	sweep();
	progress(SHOPS * 3);
	cr_assert_str_eq(check(), "OK");
}
