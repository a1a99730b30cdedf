/*
 * What the statistics say of shops and of TikTok's clock, beside what PostgreSQL and the sandbox
 * say of the same.
 */
#include "common/clock.h"
#include "common/json.h"
#include "tests/harness/harness.h"
#include "tests/harness/pgserver.h"
#include "tests/harness/wait.h"
#include "tests/integration/world.h"

#include <criterion/criterion.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define DEADLINE 90000
#define AHEAD    3000 /* s; more than a signature's timestamp may be off */

struct want {
	struct world *w;
	const char *sample;
	double least, most;
};

static bool
is_told(void *arg)
{
	struct want *x = arg;
	double have = world_metric(x->w, 0, x->sample);

	return have >= x->least && have <= x->most;
}

static void
tells(struct world *w, const char *sample, double least, double most)
{
	struct want x = { w, sample, least, most };

	cr_assert(wait_for(is_told, &x, DEADLINE), "%s is %f, not %f to %f", sample,
	          world_metric(w, 0, sample), least, most);
}

Test(metrics, each_connected_shop_tells_its_end_and_its_streams, .timeout = 240)
{
	struct world_opts o = { .name = "metrics" };
	CLEANUP(world_freep) struct world *w = world_new(&o);
	const char *shop = world_connect(w, "42", "main", 1);
	CLEANUP(own_free) char *page = NULL;
	int64_t ends;

	world_wait(w, shop, "synced");
	ends = pgserver_num(w->pg, "SELECT ttsync.epoch(refresh_expires) FROM ttsync.grants");
	tells(w,
	      harness_text(w->h, "ttsyncd_shop_authorization_expiry_timestamp_seconds{shop=\"%s\"}",
	                   shop),
	      (double)ends, (double)ends);
	for (int i = 0; i < 2; i++)
		tells(w,
		      harness_text(
			  w->h,
			  "ttsyncd_shop_last_success_timestamp_seconds{shop=\"%s\",stream=\"%s\"}",
			  shop, i ? "orders" : "products"),
		      (double)wall_now().s - 300, (double)wall_now().s + DEADLINE);
	tells(w, "ttsyncd_shops{state=\"connected\"}", 1, 1);
	page = world_metrics(w, 0);
	cr_assert_null(strstr(page, "main"), "no alias is a label");
	pgserver_do(w->pg, "UPDATE ttsync.shop SET paused_at = now()");
	tells(w, "ttsyncd_shops{state=\"paused\"}", 1, 1);
	tells(w, "ttsyncd_shops{state=\"connected\"}", 0, 0);
}

/* --- a clock that is another ----------------------------------------------------------------- */

/* Orders of TikTok's truth made before the connection: none of them may be here. */
static int64_t
orders_here(struct world *w, const char *condition)
{
	return pgserver_num(
	    w->pg, harness_text(w->h, "SELECT count(*) FROM ttsync.orders WHERE %s", condition));
}

static void
make_around(struct world *w, int64_t offset)
{
	WORLD_TIKTOK(w, "/order",
	             "{\"status\":\"AWAITING_SHIPMENT\",\"count\":2,\"update_time_offset\":0,"
	             "\"create_time_offset\":%" PRId64 "}",
	             offset);
}

/*
 * N2: TikTok's clock is the one that counts. An order of before the connection by that clock stays
 * out, though by ours it would be of after it (or the other way round).
 */
static void
connect_on_clock(int64_t offset_s)
{
	struct world_opts o = { .name = "clock" };
	CLEANUP(world_freep) struct world *w = world_new(&o);
	CLEANUP(own_free) char *diff = NULL;
	const char *shop;
	int64_t at;

	WORLD_TIKTOK(w, "/clock", "{\"offset_s\":%" PRId64 "}", offset_s);
	shop = world_connect(w, "42", "main", 1);
	world_wait(w, shop, "synced");
	at = pgserver_num(w->pg, "SELECT ttsync.epoch(connected_at) FROM ttsync.v_shop");
	cr_assert_leq(llabs(at - wall_now().s - offset_s), 120, "connected at TikTok's time");
	make_around(w, 0);
	make_around(w, -600);
	cr_assert(world_caught_up(w, DEADLINE));
	diff = world_difference(w);
	cr_assert_null(diff, "%s", diff);
	cr_assert_eq(orders_here(w, "true"), 2);
	cr_assert_eq(
	    orders_here(w, harness_text(w->h, "create_time < to_timestamp(%" PRId64 ")", at)), 0);
	tells(w, "ttsyncd_api_clock_offset_seconds", (double)offset_s - 3, (double)offset_s + 3);
	tells(w, "ttsyncd_orders_skipped_total{reason=\"before_connection\"}", 1, 1e6);
}

Test(metrics, a_clock_ahead_of_ours_is_measured_and_orders_begin_by_it, .timeout = 240)
{
	connect_on_clock(AHEAD);
}

Test(metrics, a_clock_behind_ours_is_measured_and_orders_begin_by_it, .timeout = 240)
{
	connect_on_clock(-AHEAD);
}

Test(metrics, a_clock_that_moves_while_it_runs_is_followed, .timeout = 240)
{
	struct world_opts o = { .name = "moving" };
	CLEANUP(world_freep) struct world *w = world_new(&o);
	const char *shop = world_connect(w, "42", "main", 1);

	world_wait(w, shop, "synced");
	tells(w, "ttsyncd_api_clock_offset_seconds", -3, 3);
	WORLD_TIKTOK(w, "/clock", "{\"offset_s\":%d}", AHEAD);
	make_around(w, 0);
	cr_assert(world_caught_up(w, DEADLINE), "what is signed is taken on the moved clock");
	tells(w, "ttsyncd_api_clock_offset_seconds", AHEAD - 3, AHEAD + 3);
	cr_assert_eq(orders_here(w, "true"), 2);
}
