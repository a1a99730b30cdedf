/*
 * A daemon whose Redis is empty and slow: everything is put back as soon as it can be, not with
 * the sweep a minute later. Row F7 of reliability.md 9, at the start.
 */
#include "common/clock.h"
#include "tests/chaos/proxy.h"
#include "tests/harness/harness.h"
#include "tests/harness/pgserver.h"
#include "tests/harness/redisd.h"
#include "tests/harness/wait.h"
#include "tests/integration/crowd.h"
#include "tests/integration/world.h"

#include <criterion/criterion.h>
#include <stdlib.h>

#define SELLERS  4
#define EACH     150
#define DELAY_MS 100
#define SOON_MS  40000 /* a sweep comes after 60000 */

static bool
all_were_polled(void *arg)
{
	struct world *w = arg;

	return pgserver_num(
		   w->pg, "SELECT count(*) FROM ttsync.sync_state WHERE last_success IS NULL") == 0;
}

Test(rebuild, an_empty_redis_that_is_slow_is_filled_once_it_takes_work)
{
	static const char *const sandbox[] = { "--rate-limit", "0", NULL };
	struct world_opts o = {
		.name = "rebuild", .sellers = SELLERS, .shops = EACH, .sandbox = sandbox
	};
	CLEANUP(world_freep) struct world *w = world_prepare(&o);
	const char *path = harness_path(w->h, "slow.sock");
	struct proxy *slow = proxy_start(w->h, path, redisd_socket(w->redis));
	const struct world_setting settings[] = {
		{ "redis", harness_text(w->h, "url = unix://%s", path) },
		{ "tiktok", "app_rate = 1000" },
		{ "sync", "orders_interval = 1h" },
		{ 0 },
	};

	cr_assert_eq(crowd_connect_world(w, wall_now().s - 600), SELLERS * EACH);
	PROXY_SET(slow, .delay_ms = DELAY_MS);
	w->daemon[0].conf = world_conf(w, 0, "slow.conf", settings);
	world_start(w, 0);
	cr_assert(wait_for(all_were_polled, w, SOON_MS));
}
