/*
 * Two daemons on one Redis and one PostgreSQL, which need not know of each other.
 */
#include "common/json.h"
#include "tests/harness/harness.h"
#include "tests/harness/pgserver.h"
#include "tests/harness/wait.h"
#include "tests/integration/life.h"
#include "tests/integration/world.h"

#include <criterion/criterion.h>
#include <inttypes.h>

#define SHOPS    10
#define JOBS     20
#define DEADLINE 60000
#define DONE     "ttsyncd_jobs_total{result=\"done\"}"

static void
connect_shops(struct world *w)
{
	const char *shop = NULL;

	for (int i = 0; i < SHOPS; i++)
		shop = world_connect(w, "42", harness_text(w->h, "shop %d", i), i + 1);
	world_wait(w, shop, "connected");
}

static bool
both_worked(void *arg)
{
	struct world *w = arg;

	return world_metric(w, 0, DONE) >= JOBS && world_metric(w, 1, DONE) >= JOBS;
}

Test(two_daemons, both_work_and_nothing_is_missing)
{
	struct world_opts o = { .name = "two", .sellers = SHOPS };
	CLEANUP(world_freep) struct world *w = world_new(&o);

	world_start(w, 1);
	connect_shops(w);
	WORLD_TIKTOK(w, "/order", "{\"all\":true,\"status\":\"AWAITING_SHIPMENT\",\"count\":60}");
	cr_assert(wait_for(both_worked, w, DEADLINE), "done: %.0f and %.0f",
	          world_metric(w, 0, DONE), world_metric(w, 1, DONE));
	WORLD_TIKTOK(w, "/advance", "{\"all\":true,\"count\":30}");
	life_complete(w);
	cr_assert_eq(world_stop(w, 1), 0);
	WORLD_TIKTOK(w, "/order", "{\"all\":true,\"status\":\"AWAITING_SHIPMENT\"}");
	cr_assert(world_caught_up(w, DEADLINE), "one alone goes on at once after the other left");
}

/* T1 and T2, with a token host slow enough for two to meet. */
Test(two_daemons, one_refresh_a_grant_at_a_time)
{
	static const char *const words[] = { "--access-lifetime", "14", "--latency", "150", NULL };
	struct world_opts o = { .name = "refreshes", .sellers = SHOPS, .sandbox = words };
	CLEANUP(world_freep) struct world *w = world_new(&o);
	struct json *stats;
	int64_t most = 0;

	world_start(w, 1);
	connect_shops(w);
	life_until_least(w, 3, "SELECT min(gen) FROM ttsync.grants");
	stats = world_tiktok(w, "GET", "/stats", NULL);
	cr_assert_eq(json_i64(stats, "refresh_inflight_max", &most), 0);
	json_free(stats);
	cr_assert_eq(most, 1, "%" PRId64 " refreshes of one grant at the same time", most);
	cr_assert_eq(
	    pgserver_num(w->pg, "SELECT count(*) FROM ttsync.token_history WHERE gen IS NULL"), 0,
	    "no pair was thrown away");
	cr_assert_eq(
	    pgserver_num(w->pg, "SELECT count(*) FROM ttsync.v_shop WHERE state = 'connected'"),
	    SHOPS);
}
