#include "daemon/queue/rates.h"

#include "tests/unit/queue_fixture.h"

#include <criterion/criterion.h>

static struct rates *rates;
static int answers, granted;
static int64_t last_wait;
static struct err last_err;

static struct rates_conf
conf_of(double app, int app_burst, double shop, int shop_burst)
{
	return (struct rates_conf){ .partition = "",
		                    .app = "1",
		                    .app_rate = app,
		                    .app_burst = app_burst,
		                    .shop_rate = shop,
		                    .shop_burst = shop_burst };
}

static struct rates *
make(struct rates_conf conf)
{
	struct err e = { 0 };
	struct rates *r = rates_new(loop, redis, &counters, &conf, &e);

	cr_assert_not_null(r, "%s", e.text);
	return r;
}

static void
setup(void)
{
	fix_begin(NULL, NULL);
}

static void
teardown(void)
{
	rates_free(rates);
	fix_end();
}

static void
on_rate(int64_t wait_ms, const struct err *e, void *arg)
{
	(void)arg;
	answers++;
	last_wait = wait_ms;
	last_err = e ? *e : (struct err){ 0 };
	granted += !e && !wait_ms;
	loop_stop(loop);
}

static void
take(int64_t shop, int n, bool interactive)
{
	int before = answers;

	rates_take(rates, shop, n, interactive, on_rate, NULL);
	WAIT(answers > before);
}

TestSuite(queue_rates, .init = setup, .fini = teardown, .timeout = 60);

Test(queue_rates, r1_grants_are_at_most_burst_plus_rate_times_time)
{
	struct mono from = mono_now();
	int64_t most;

	rates = make(conf_of(200, 10, 100000, 1000));
	while (mono_now().ms - from.ms < 300) {
		int before = answers;

		for (int i = 0; i < 100; i++)
			rates_take(rates, i % 7, 1, false, on_rate, NULL);
		WAIT(answers == before + 100);
	}
	most = 10 + (mono_now().ms - from.ms) * 200 / 1000 + 1;
	cr_assert_leq(granted, most);
	cr_assert_geq(granted, 10 + 300 * 200 / 1000 / 2, "and they are not far fewer");
}

Test(queue_rates, r1_a_shop_has_a_bucket_of_its_own)
{
	rates = make(conf_of(1000, 1000, 0.01, 3));
	for (int i = 0; i < 6; i++)
		take(7, 1, false);
	cr_assert_eq(granted, 3);
	cr_assert_gt(last_wait, 90000);
	cr_assert_leq(last_wait, 100000);
	take(8, 3, false);
	cr_assert_eq(granted, 4);
	take(0, 1, false);
	cr_assert_eq(granted, 5, "the app alone is asked");
}

Test(queue_rates, r1_both_buckets_or_neither)
{
	rates = make(conf_of(0.001, 5, 0.001, 2));
	take(1, 2, false);
	cr_assert_eq(last_wait, 0);
	take(1, 1, false);
	cr_assert_gt(last_wait, 0, "the shop's is empty");
	take(2, 2, false);
	cr_assert_eq(last_wait, 0);
	take(3, 2, false);
	cr_assert_gt(last_wait, 0, "the app's holds one");
	take(3, 1, false);
	cr_assert_eq(last_wait, 0, "and the shop's was left alone");
}

static void
on_time(void *arg)
{
	loop_stop(arg);
}

Test(queue_rates, a_wait_is_as_long_as_it_says)
{
	struct timer t;
	int64_t wait;

	rates = make(conf_of(20, 1, 1000, 10));
	take(1, 1, false);
	take(1, 1, false);
	wait = last_wait;
	cr_assert_gt(wait, 0);
	cr_assert_leq(wait, 50);
	timer_init(&t, loop, on_time, loop);
	timer_arm(&t, wait + 1);
	WAIT(!timer_armed(&t));
	timer_done(&t);
	take(1, 1, false);
	cr_assert_eq(last_wait, 0);
}

Test(queue_rates, more_than_a_burst_is_refused)
{
	rates = make(conf_of(10, 4, 10, 2));
	take(1, 3, true);
	cr_assert_eq(last_err.kind, ERR_INPUT);
	take(0, 4, false);
	cr_assert_eq(last_wait, 0);
}

Test(queue_rates, a_clock_set_back_empties_no_bucket_for_long)
{
	rates = make(conf_of(10, 2, 10, 2));
	ask("SET", "{tb}:app:1", "99999999999999999", NULL);
	take(1, 1, false);
	cr_assert_gt(last_wait, 0);
	cr_assert_leq(last_wait, 200, "a whole burst at most");
}

Test(queue_rates, garbage_in_a_bucket_is_replaced)
{
	rates = make(conf_of(10, 2, 10, 2));
	ask("HSET", "{tb}:app:1", "x", "y", NULL);
	ask("SET", "{tb}:shop:1", "garbage", NULL);
	take(1, 1, false);
	cr_assert_eq(last_wait, 0);
	cr_assert_gt(number(ask("GET", "{tb}:app:1", NULL)), 0);
}

Test(queue_rates, a_full_bucket_leaves_redis)
{
	rates = make(conf_of(1000, 1, 1000, 1));
	take(1, 1, false);
	cr_assert_leq(number(ask("PTTL", "{tb}:shop:1", NULL)), 1002);
	cr_assert_gt(number(ask("PTTL", "{tb}:app:1", NULL)), 0);
}

Test(queue_rates, without_redis_only_people_are_served_and_slowly)
{
	rates = make(conf_of(1000, 100, 1000, 100));
	server_kill();
	WAIT(!redis_up(redis));
	take(1, 1, false);
	cr_assert_eq(last_err.kind, ERR_IO);
	cr_assert_eq(granted, 0);
	take(1, 1, true);
	cr_assert_eq(granted, 1);
	take(2, 1, true);
	cr_assert_eq(granted, 1);
	cr_assert_gt(last_wait, 500);
	cr_assert_leq(last_wait, 1000);
	server_start(NULL, NULL);
}

Test(queue_rates, whoever_waits_hears_of_the_end)
{
	rates = make(conf_of(1, 1, 1, 1));
	rates_take(rates, 1, 1, true, on_rate, NULL);
	rates_free(rates);
	rates = NULL;
	cr_assert_eq(last_err.kind, ERR_CANCELLED);
}

Test(queue_rates, a_rate_of_nothing_is_refused)
{
	struct rates_conf conf = conf_of(0, 1, 1, 1);
	struct err e = { 0 };

	cr_assert_null(rates_new(loop, redis, &counters, &conf, &e));
	cr_assert_eq(e.kind, ERR_INPUT);
	conf = conf_of(1, 1, 1, 1);
	conf.app = "a:b";
	cr_assert_null(rates_new(loop, redis, &counters, &conf, &e));
}
