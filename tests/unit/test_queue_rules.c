#include "tests/unit/queue_fixture.h"

#include <criterion/criterion.h>

#define IS_SOUND() cr_assert_str_eq(check(), "OK")

static struct daemon a, b;
static bool told;

static void
setup(void)
{
	fix_begin(NULL, NULL);
	daemon_start(&a, redis, (struct queue_conf){ .owner = OWNER_A });
	daemon_ready(&a);
}

static void
teardown(void)
{
	IS_SOUND();
	queue_free(a.queue);
	queue_free(b.queue);
	fix_end();
}

/* The other daemon of a test: short leases, so that they can run out. */
static void
start_b(int64_t lease_ms)
{
	daemon_start(
	    &b, redis,
	    (struct queue_conf){ .owner = OWNER_B, .lease_ms = lease_ms, .renew_ms = 60000 });
	daemon_ready(&b);
}

TestSuite(queue_rules, .init = setup, .fini = teardown, .timeout = 60);

Test(queue_rules, an_enqueued_kind_is_claimed_with_its_token)
{
	struct queue_job j;

	queue_enqueue(a.queue, 17, KIND_ORDERS, 0);
	j = daemon_claim(&a);
	cr_assert_eq(j.shop, 17);
	cr_assert_eq(j.kind, KIND_ORDERS);
	cr_assert_eq(j.attempts, 0);
	cr_assert_eq(strncmp(j.token, OWNER_A ":", strlen(OWNER_A) + 1), 0);
	cr_assert_eq(queue_held(a.queue), 1);
	IS_SOUND();
	queue_done(a.queue, &j, -1);
	daemon_settle(&a);
	cr_assert_eq(queue_held(a.queue), 0);
	cr_assert_str_eq(ask("HLEN", "{ttq}:pend", NULL), "0");
}

Test(queue_rules, q1_q2_a_shop_is_in_one_place_at_a_time)
{
	struct queue_job j;

	queue_enqueue(a.queue, 1, KIND_ORDERS, 0);
	queue_enqueue(a.queue, 1, KIND_PRODUCTS, 60000);
	queue_enqueue(a.queue, 2, KIND_PRODUCTS, 60000);
	IS_SOUND();
	cr_assert_str_eq(ask("ZRANGE", "{ttq}:ready", "0", "-1", NULL), "1");
	cr_assert_str_eq(ask("ZRANGE", "{ttq}:delayed", "0", "-1", NULL), "2");
	j = daemon_claim(&a);
	IS_SOUND();
	cr_assert_str_eq(ask("ZCARD", "{ttq}:ready", NULL), "0");
	queue_done(a.queue, &j, 30000);
	daemon_settle(&a);
	IS_SOUND();
	cr_assert_str_eq(ask("ZCARD", "{ttq}:delayed", NULL), "2");
}

Test(queue_rules, q3_a_kind_waits_once_with_the_earliest_due_time)
{
	queue_enqueue(a.queue, 5, KIND_ORDERS, 60000);
	queue_enqueue(a.queue, 5, KIND_ORDERS, 0);
	queue_enqueue(a.queue, 5, KIND_ORDERS, 60000);
	daemon_settle(&a);
	cr_assert_str_eq(ask("HLEN", "{ttq}:pend", NULL), "1");
	cr_assert_str_eq(ask("ZCARD", "{ttq}:ready", NULL), "1");
}

Test(queue_rules, q5_a_wrong_token_changes_nothing)
{
	struct queue_job j, wrong;
	char row[256];

	queue_enqueue(a.queue, 9, KIND_ORDERS, 0);
	j = daemon_claim(&a);
	snprintf(row, sizeof(row), "%s", ask("HGET", "{ttq}:token", "9", NULL));
	wrong = j;
	wrong.token[strlen(wrong.token) - 1] ^= 1;
	queue_done(a.queue, &wrong, 0);
	queue_fail(a.queue, &wrong, 0, true, 1, "no");
	queue_release(a.queue, &wrong);
	daemon_settle(&a);
	cr_assert_str_eq(ask("HGET", "{ttq}:token", "9", NULL), row);
	cr_assert_str_eq(ask("HLEN", "{ttq}:pend", NULL), "0");
	cr_assert_eq(counters.v[COUNT_QUEUE_STALE], 3);
	queue_done(a.queue, &j, -1);
	queue_done(a.queue, &j, 0); /* a second end is as wrong as any other */
	daemon_settle(&a);
	cr_assert_eq(counters.v[COUNT_QUEUE_STALE], 4);
	cr_assert_str_eq(ask("HLEN", "{ttq}:pend", NULL), "0");
}

Test(queue_rules, q6_what_comes_during_a_run_runs_afterwards)
{
	struct queue_job j;

	queue_enqueue(a.queue, 3, KIND_ORDERS, 0);
	j = daemon_claim(&a);
	queue_enqueue(a.queue, 3, KIND_ORDERS, 0);
	IS_SOUND();
	cr_assert_str_eq(ask("ZCARD", "{ttq}:ready", NULL), "0");
	queue_done(a.queue, &j, 60000);
	j = daemon_claim(&a);
	cr_assert_eq(j.shop, 3);
}

Test(queue_rules, q7_a_lease_that_ran_out_is_claimed_by_another_daemon)
{
	struct queue_job mine, theirs;

	start_b(50);
	queue_enqueue(a.queue, 4, KIND_PRODUCTS, 0);
	daemon_settle(&a);
	theirs = daemon_claim(&b);
	mine = daemon_claim(&a);
	cr_assert_eq(mine.shop, 4);
	cr_assert_eq(mine.kind, KIND_PRODUCTS);
	cr_assert_eq(mine.attempts, 1, "to be abandoned counts as an attempt");
	queue_done(b.queue, &theirs, 0);
	daemon_settle(&b);
	cr_assert_eq(counters.v[COUNT_QUEUE_STALE], 1);
	cr_assert_str_eq(ask("ZCARD", "{ttq}:leased", NULL), "1");
}

Test(queue_rules, q8_attempts_grow_until_success)
{
	struct queue_job j;

	queue_enqueue(a.queue, 6, KIND_ORDERS, 0);
	for (int i = 0; i < 4; i++) {
		j = daemon_claim(&a);
		cr_assert_eq(j.attempts, i);
		queue_fail(a.queue, &j, 0, true, 0, "remote");
	}
	j = daemon_claim(&a);
	queue_release(a.queue, &j);
	j = daemon_claim(&a);
	cr_assert_eq(j.attempts, 4, "a release does not count");
	queue_done(a.queue, &j, 0);
	j = daemon_claim(&a);
	cr_assert_eq(j.attempts, 0);
}

Test(queue_rules, q9_a_clock_set_back_leaves_no_lease_or_due_time_far_ahead)
{
	struct queue_job j;

	queue_enqueue(a.queue, 7, KIND_ORDERS, 0);
	queue_enqueue(a.queue, 8, KIND_ORDERS, 5000);
	j = daemon_claim(&a);
	cr_assert_eq(j.shop, 7);
	/* As if the clock had said a week more until now. */
	ask("ZADD", "{ttq}:leased", "9999999999999", "7", NULL);
	ask("ZADD", "{ttq}:delayed", "9999999999999", "8", NULL);
	ask("HSET", "{ttq}:pend", "8|orders", "9999999999999,0", NULL);
	queue_enqueue(a.queue, 99, KIND_ORDERS, 0);
	daemon_claim(&a);
	IS_SOUND();
	cr_assert_str_eq(ask("ZCOUNT", "{ttq}:leased", "9000000000000", "+inf", NULL), "0");
	cr_assert_str_eq(ask("ZCOUNT", "{ttq}:delayed", "9000000000000", "+inf", NULL), "0");
}

Test(queue_rules, q11_urgent_kinds_go_first_but_only_by_their_bonus)
{
	struct queue_job j;

	queue_enqueue(a.queue, 1, KIND_PRODUCTS, 0);
	queue_enqueue(a.queue, 2, KIND_ORDERS, 0);
	j = daemon_claim(&a);
	cr_assert_eq(j.shop, 2, "orders before products");
	queue_done(a.queue, &j, -1);
	/* Products that have waited for longer than the difference come first. */
	ask("HSET", "{ttq}:pend", "1|products", "1000000000000,0", NULL);
	ask("ZADD", "{ttq}:ready", "999999970000", "1", NULL);
	queue_enqueue(a.queue, 2, KIND_ORDERS, 0);
	j = daemon_claim(&a);
	cr_assert_eq(j.shop, 1);
	cr_assert_gt(j.lag_ms, 60000);
}

Test(queue_rules, the_most_urgent_due_kind_of_a_shop_is_taken)
{
	struct queue_job j;

	queue_enqueue(a.queue, 1, KIND_PRODUCTS, 0);
	queue_enqueue(a.queue, 1, KIND_ORDERS, 0);
	j = daemon_claim(&a);
	cr_assert_eq(j.kind, KIND_ORDERS);
	queue_done(a.queue, &j, 60000);
	j = daemon_claim(&a);
	cr_assert_eq(j.kind, KIND_PRODUCTS);
}

Test(queue_rules, a_delayed_kind_comes_when_it_is_due)
{
	struct queue_job j;
	struct mono from = mono_now();

	queue_enqueue(a.queue, 1, KIND_ORDERS, 60);
	j = daemon_claim(&a);
	cr_assert_geq(mono_now().ms - from.ms, 55);
	cr_assert_eq(j.shop, 1);
}

Test(queue_rules, a_cancelled_shop_has_nothing_pending)
{
	queue_enqueue(a.queue, 1, KIND_ORDERS, 0);
	queue_enqueue(a.queue, 1, KIND_PRODUCTS, 1000);
	queue_cancel(a.queue, 1);
	cr_assert_str_eq(ask("HLEN", "{ttq}:pend", NULL), "0");
	cr_assert_str_eq(ask("ZCARD", "{ttq}:ready", NULL), "0");
}

Test(queue_rules, while_paused_nobody_claims)
{
	queue_pause(a.queue, 60000);
	queue_enqueue(a.queue, 1, KIND_ORDERS, 0);
	queue_claim(a.queue, 1);
	for (int i = 0; i < 50; i++)
		ask("PING", NULL);
	cr_assert_eq(a.jobs, 0);
	queue_pause(a.queue, 0);
	WAIT(a.jobs == 1);
}

static struct queue_corpse corpse;
static int corpses;

static void
on_dead(const struct queue_corpse *list, int n, const struct err *e, void *arg)
{
	(void)arg;
	cr_assert_null(e);
	corpses = n;
	if (n)
		corpse = list[0];
	told = true;
	loop_stop(loop);
}

static void
read_dead(void)
{
	told = false;
	queue_dead(a.queue, 10, on_dead, NULL);
	WAIT(told);
}

Test(queue_rules, a_kind_that_failed_too_often_is_dead_with_its_reason)
{
	struct queue_job j;

	queue_enqueue(a.queue, 12, KIND_PRODUCTS, 0);
	for (int i = 0; i < 3; i++) {
		j = daemon_claim(&a);
		queue_fail(a.queue, &j, 0, true, 3, "bad,product|code\n7");
	}
	daemon_settle(&a);
	cr_assert_str_eq(ask("HLEN", "{ttq}:pend", NULL), "0");
	read_dead();
	cr_assert_eq(corpses, 1);
	cr_assert_eq(corpse.shop, 12);
	cr_assert_eq(corpse.kind, KIND_PRODUCTS);
	cr_assert_eq(corpse.attempts, 3);
	cr_assert_str_eq(corpse.reason, "bad_product_code_7");
	/* A later success buries the matter. */
	queue_enqueue(a.queue, 12, KIND_PRODUCTS, 0);
	j = daemon_claim(&a);
	queue_done(a.queue, &j, 1000);
	daemon_settle(&a);
	read_dead();
	cr_assert_eq(corpses, 0);
}

Test(queue_rules, at_most_ten_thousand_are_dead)
{
	struct queue_job j;

	ask("EVAL", "for i = 1, 10000 do redis.call('HSET', KEYS[1], i .. '|orders', '1,x,1') end",
	    "1", "{ttq}:dead", NULL);
	queue_enqueue(a.queue, 20000, KIND_ORDERS, 0);
	j = daemon_claim(&a);
	queue_fail(a.queue, &j, 0, true, 1, "full");
	daemon_settle(&a);
	cr_assert_str_eq(ask("HLEN", "{ttq}:dead", NULL), "9001");
	cr_assert_str_eq(ask("HEXISTS", "{ttq}:dead", "20000|orders", NULL), "1");
}

static struct queue_depth depth;

static void
on_depth(const struct queue_depth *d, const struct err *e, void *arg)
{
	(void)arg;
	cr_assert_null(e);
	depth = *d;
	told = true;
	loop_stop(loop);
}

Test(queue_rules, depth_counts_places_and_tells_the_oldest)
{
	queue_enqueue(a.queue, 1, KIND_ORDERS, 0);
	queue_enqueue(a.queue, 2, KIND_ORDERS, 60000);
	queue_enqueue(a.queue, 3, KIND_ORDERS, 0);
	daemon_claim(&a);
	ask("HSET", "{ttq}:pend", "7|orders", "1000000000000,0", NULL);
	ask("ZADD", "{ttq}:ready", "999999940000", "7", NULL);
	queue_depth(a.queue, on_depth, NULL);
	WAIT(told);
	cr_assert_eq(depth.ready, 2);
	cr_assert_eq(depth.delayed, 1);
	cr_assert_eq(depth.leased, 1);
	cr_assert_eq(depth.dead, 0);
	cr_assert_gt(depth.oldest_ms, 100000000000);
	cr_assert_gt(depth.memory_bytes, 100000);
}

static struct err many_why;
static bool many_ok;

static void
on_many(const struct err *e, void *arg)
{
	(void)arg;
	many_ok = !e;
	if (e)
		many_why = *e;
	told = true;
	loop_stop(loop);
}

Test(queue_rules, a_long_list_is_taken_whole)
{
	static struct queue_put list[1000];

	for (int i = 0; i < 1000; i++)
		list[i] = (struct queue_put){ i + 1, i % 2 ? KIND_ORDERS : KIND_PRODUCTS, i };
	queue_enqueue_many(a.queue, list, 1000, on_many, NULL);
	WAIT(told);
	cr_assert(many_ok, "%s", many_why.text);
	cr_assert_str_eq(ask("HLEN", "{ttq}:pend", NULL), "1000");
	told = false;
	queue_enqueue_many(a.queue, NULL, 0, on_many, NULL);
	WAIT(told);
	cr_assert(many_ok, "%s", many_why.text);
}

Test(queue_rules, no_more_jobs_come_than_are_wished_for)
{
	for (int i = 1; i <= 300; i++)
		queue_enqueue(a.queue, i, KIND_ORDERS, 0);
	daemon_settle(&a);
	queue_claim(a.queue, 100);
	WAIT(a.jobs == 100);
	for (int i = 0; i < 20; i++)
		ask("PING", NULL);
	cr_assert_eq(a.jobs, 100);
	a.jobs = 0;
	queue_claim(a.queue, 50);
	queue_claim(a.queue, 0);
	for (int i = 0; i < 20; i++)
		ask("PING", NULL);
	cr_assert_eq(a.jobs, 0);
}

Test(queue_rules, jobs_that_come_after_the_wish_ended_go_back)
{
	int turns = 0;

	queue_enqueue(a.queue, 1, KIND_ORDERS, 0);
	daemon_settle(&a);
	queue_claim(a.queue, 1);
	/* The claim is sent at the end of this turn, and answered in a later one. */
	while (strcmp(ask("ZCARD", "{ttq}:leased", NULL), "1") != 0 && !a.jobs && turns++ < 100)
		queue_claim(a.queue, 0);
	queue_claim(a.queue, 0);
	daemon_settle(&a);
	if (!a.jobs) {
		cr_assert_str_eq(ask("ZCARD", "{ttq}:leased", NULL), "0");
		cr_assert_str_eq(ask("ZCARD", "{ttq}:ready", NULL), "1");
	}
}

Test(queue_rules, held_leases_are_renewed)
{
	struct daemon *c = &b;
	int64_t first, later;

	daemon_start(c, redis,
	             (struct queue_conf){ .owner = OWNER_B, .lease_ms = 60000, .renew_ms = 500 });
	daemon_ready(c);
	queue_enqueue(c->queue, 1, KIND_ORDERS, 0);
	daemon_claim(c);
	first = number(ask("ZSCORE", "{ttq}:leased", "1", NULL));
	do
		later = number(ask("ZSCORE", "{ttq}:leased", "1", NULL));
	while (later == first);
	cr_assert_geq(later - first, 400);
	cr_assert_eq(c->losses, 0);
	cr_assert_eq(queue_held(c->queue), 1);
}

Test(queue_rules, a_lease_that_is_anothers_is_lost)
{
	daemon_start(&b, redis,
	             (struct queue_conf){ .owner = OWNER_B, .lease_ms = 60000, .renew_ms = 500 });
	daemon_ready(&b);
	queue_enqueue(b.queue, 1, KIND_ORDERS, 0);
	daemon_claim(&b);
	ask("HSET", "{ttq}:token", "1", "another:1|orders|0|1", NULL);
	WAIT(b.losses == 1);
	cr_assert_eq(b.lost[0].shop, 1);
	cr_assert_eq(queue_held(b.queue), 0);
	queue_done(b.queue, &b.lost[0], 0);
	daemon_settle(&b);
	cr_assert_str_eq(ask("ZCARD", "{ttq}:leased", NULL), "1");
}

Test(queue_rules, a_partition_has_keys_of_its_own)
{
	daemon_start(&b, redis, (struct queue_conf){ .owner = OWNER_B, .partition = "th-2" });
	daemon_ready(&b);
	queue_enqueue(b.queue, 1, KIND_ORDERS, 0);
	daemon_settle(&b);
	cr_assert_str_eq(ask("ZCARD", "{ttq:th-2}:ready", NULL), "1");
	cr_assert_str_eq(ask("ZCARD", "{ttq}:ready", NULL), "0");
}

Test(queue_rules, a_partition_with_an_odd_name_is_refused)
{
	static const struct queue_ops ops = { 0 };
	struct queue_conf conf = { .partition = "a}b", .owner = OWNER_A };
	struct err e = { 0 };

	cr_assert_null(queue_new(loop, redis, &counters, &conf, &ops, NULL, &e));
	cr_assert_eq(e.kind, ERR_INPUT);
}

Test(queue_rules, whoever_waits_hears_of_the_end)
{
	struct queue_put put = { 1, KIND_ORDERS, 0 };

	start_b(0);
	queue_enqueue_many(b.queue, &put, 1, on_many, NULL);
	queue_free(b.queue);
	b.queue = NULL;
	cr_assert(told);
	cr_assert_eq(many_why.kind, ERR_CANCELLED);
}

/* The rights of reliability.md 10, "Redis". */
Test(queue_rules, everything_works_with_the_rights_of_the_redis_user)
{
	struct redis_conf conf = { .url = fix_url, .user = "ttsyncd", .password = "pw" };
	struct redis *limited;
	struct queue_job j;
	struct err e = { 0 };

	ask("ACL", "SETUSER", "ttsyncd", "on", ">pw", "~{ttq}:*", "~{tb}:*", "-@all", "+eval",
	    "+evalsha", "+script|load", "+hget", "+hset", "+hsetnx", "+hdel", "+hmget", "+hincrby",
	    "+hexists", "+hkeys", "+hlen", NULL);
	ask("ACL", "SETUSER", "ttsyncd", "+zadd", "+zrem", "+zscore", "+zrange", "+zrangebyscore",
	    "+zcard", "+time", "+get", "+set", "+ping", "+info", NULL);
	limited = redis_new(loop, &conf, &e);
	redis_on_change(limited, fix_changed, NULL);
	WAIT(redis_up(limited));
	ask("FLUSHALL", NULL);
	ask("SET", "{ttq}:ready", "garbage", NULL);
	daemon_start(&b, limited, (struct queue_conf){ .owner = OWNER_B });
	daemon_ready(&b);
	queue_enqueue(b.queue, 1, KIND_ORDERS, 0);
	for (int i = 0; i < 2; i++) {
		j = daemon_claim(&b);
		queue_fail(b.queue, &j, 0, true, i ? 2 : 0, "acl");
	}
	queue_pause(b.queue, 0);
	queue_cancel(b.queue, 1);
	queue_depth(b.queue, on_depth, NULL);
	WAIT(told);
	told = false;
	queue_dead(b.queue, 10, on_dead, NULL);
	WAIT(told);
	cr_assert_eq(corpses, 1);
	cr_assert_eq(counters.v[COUNT_REDIS_ERRORS], 0);
	queue_free(b.queue);
	b.queue = NULL;
	redis_free(limited);
}
