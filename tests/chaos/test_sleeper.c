/*
 * A daemon that is frozen for longer than its leases, and wakes up in the middle of its work.
 */
#include "common/json.h"
#include "tests/harness/harness.h"
#include "tests/harness/pgserver.h"
#include "tests/harness/proc.h"
#include "tests/harness/wait.h"
#include "tests/integration/world.h"

#include <criterion/criterion.h>
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>

#define SHOPS      6
#define LEASE_MS   60000
#define DEADLINE   (LEASE_MS + 60000)
#define FENCED     "ttsyncd_jobs_total{result=\"fenced\"}"
#define STALE      "ttsyncd_queue_stale_total"
#define IS_RUNNING "SELECT count(*) FROM ttsync.shop_lease WHERE lease_until > clock_timestamp()"

static bool
holds_leases(void *arg)
{
	return pgserver_num(((struct world *)arg)->pg, IS_RUNNING) >= SHOPS;
}

struct waking {
	struct world *w;
	double seen;
};

static bool
noticed(void *arg)
{
	struct waking *k = arg;

	return world_metric(k->w, 0, FENCED) + world_metric(k->w, 0, STALE) > k->seen;
}

/* F4: the other one takes over; what the sleeper still wants to write is not taken. */
Test(sleeper, the_other_daemon_takes_over_and_the_sleeper_writes_nothing, .timeout = 300)
{
	struct world_opts o = { .name = "sleeper", .sellers = SHOPS };
	CLEANUP(world_freep) struct world *w = world_new(&o);
	CLEANUP(own_free) char *diff = NULL, *before = NULL, *after = NULL;
	struct waking k = { .w = w };
	const char *fences = "SELECT shop_id, fence, owner FROM ttsync.shop_lease ORDER BY 1";
	const char *shop = NULL;

	for (int i = 0; i < SHOPS; i++)
		shop = world_connect(w, "42", harness_text(w->h, "shop %d", i), i + 1);
	world_wait(w, shop, "connected");
	k.seen = world_metric(w, 0, FENCED) + world_metric(w, 0, STALE);
	/* jobs that hang at TikTok hold their leases while we look */
	WORLD_TIKTOK(w, "/order", "{\"all\":true,\"status\":\"AWAITING_SHIPMENT\",\"count\":20}");
	WORLD_TIKTOK(w, "/fault",
	             "{\"match\":\"/orders/search\",\"kind\":\"delay\",\"ms\":4000,\"count\":-1}");
	cr_assert(wait_for(holds_leases, w, DEADLINE), "no job hangs");
	proc_signal(w->daemon[0].proc, SIGSTOP);
	world_no_faults(w);
	world_start(w, 1);
	cr_assert(world_caught_up(w, DEADLINE), "nobody took over");
	diff = world_difference(w);
	cr_assert_null(diff, "%s", diff);
	cr_assert_eq(world_stop(w, 1), 0);
	before = pgserver_query(w->pg, fences);
	proc_signal(w->daemon[0].proc, SIGCONT);
	cr_assert(wait_for(noticed, &k, DEADLINE), "the sleeper's writes were not refused");
	after =
	    pgserver_query(w->pg, "SELECT count(*) FROM ttsync.orders o JOIN ttsync.shop_lease l "
	                          "USING (shop_id) WHERE o.fence > l.fence");
	cr_assert_str_eq(after, "0");
	cr_assert(world_caught_up(w, DEADLINE), "the sleeper works again");
}
