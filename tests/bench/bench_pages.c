/*
 * bench_pages: how long a merchant waits for a page while a thousand shops are kept current.
 *
 * pages.p50, pages.p99: the page behind a link, of connected shops and, one in four, of shops at
 * the choice with ten shops to choose from; asked at a steady rate of a new connection every
 * STEP_MS, timed from when it was due, for RUN_MS. All shops are polled every ten seconds, spread
 * over them as shops are that were not connected in one moment, and get orders meanwhile. The
 * yardstick of the median is /healthz of the same daemon, asked in between: the same way without
 * the database; that of the 99th percentile is the aim of 50 ms. pages.healthz.p99: that other
 * page, beside a bare SELECT through libpq: what the machine adds.
 */
#include "common/clock.h"
#include "common/json.h"
#include "tests/bench/bed.h"
#include "tests/bench/figure.h"
#include "tests/bench/shops.h"
#include "tests/harness/harness.h"
#include "tests/harness/pgserver.h"
#include "tests/harness/proc.h"
#include "tests/harness/wait.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#define SELLERS   100
#define EACH      10
#define SHOPS     (SELLERS * EACH)
#define CHOOSING  100
#define STEP_MS   50
#define RUN_MS    20000
#define ASKS      (RUN_MS / STEP_MS)
#define ANSWER_MS 20000
#define READY_MS  60000
#define AIM_MS    50
#define PAGE_MAX  (256 << 10)

/* Links whose words can be told from the shop's number; shops that wait for the choice. */
static const char links_sql[] =
    "INSERT INTO ttsync.warehouse (tiktok_shop_id, warehouse_id, name, effect_status, type,"
    " is_default) SELECT tiktok_shop_id, tiktok_shop_id || n, 'Warehouse ' || n,"
    " CASE n WHEN 3 THEN 'DISABLED' ELSE 'ENABLED' END,"
    " CASE n WHEN 2 THEN 'RETURN_WAREHOUSE' ELSE 'SALES_WAREHOUSE' END, n = 1"
    " FROM ttsync.grant_shop, generate_series(1, 3) n;"
    "INSERT INTO ttsync.shop (store_id, alias, region, grant_id, state)"
    " SELECT '1', 'choice ' || grant_id, 'TH', grant_id, 'choosing' FROM ttsync.grants;"
    "INSERT INTO ttsync.connect_link (link_hash, shop_id, expires_at)"
    " SELECT sha256(convert_to('bench' || row_number() OVER (PARTITION BY state = 'choosing'"
    " ORDER BY shop_id) || left(state, 2), 'UTF8')), shop_id, now() + interval '1 day'"
    " FROM ttsync.shop;"
    "UPDATE ttsync.sync_state SET next_due_at = now() + random() * interval '10 s';"
    "ANALYZE;";

/* Of the shops that were not polled: when they are due, and who has them. */
static const char unpolled_sql[] =
    "SELECT y.shop_id, y.next_due_at - now(), y.attempts, y.last_error, l.fence, l.owner,"
    " l.lease_until, g.state, now() FROM ttsync.sync_state y"
    " JOIN ttsync.shop_lease l USING (shop_id) JOIN ttsync.shop s USING (shop_id)"
    " JOIN ttsync.grants g USING (grant_id) WHERE y.last_success IS NULL LIMIT 10";

/* --- one request ----------------------------------------------------------------------------- */

/* The whole answer into dst; false where it does not come. */
static bool
get(int port, const char *path, char dst[PAGE_MAX])
{
	char where[16], head[512];
	size_t len = 0;
	ssize_t n = 1;
	int fd, size;

	snprintf(where, sizeof(where), "%d", port);
	size = snprintf(head, sizeof(head),
	                "GET %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nConnection: close\r\n\r\n", path,
	                port);
	fd = wait_connect(where);
	if (fd < 0)
		return false;
	if (send(fd, head, (size_t)size, MSG_NOSIGNAL) != size)
		n = -1;
	while (n > 0 && len < PAGE_MAX - 1 && wait_fd(fd, POLLIN, ANSWER_MS)) {
		n = read(fd, dst + len, PAGE_MAX - 1 - len);
		len += n > 0 ? (size_t)n : 0;
	}
	close(fd);
	dst[len] = '\0';
	return n == 0;
}

static void
must_get(struct bed *b, const char *path, const char *want)
{
	static char page[PAGE_MAX];

	if (!get(b->port, path, page) || strncmp(page, "HTTP/1.1 200", 12) != 0 ||
	    !strstr(page, want))
		harness_die(proc_log(b->daemon), "%s is not %s: %.300s", path, want, page);
}

/* --- the run --------------------------------------------------------------------------------- */

struct times {
	double page[ASKS];
	double health[ASKS];
	double query[ASKS];
};

/* Until then, to the microsecond: what is measured is no more than that. */
static void
wait_until(int clock, int64_t us)
{
	struct itimerspec at = { .it_value = { us / 1000000, us % 1000000 * 1000 } };
	uint64_t n;

	if (timerfd_settime(clock, TFD_TIMER_ABSTIME, &at, NULL) ||
	    read(clock, &n, sizeof(n)) != sizeof(n))
		harness_die(NULL, "no clock");
}

static double
ms_since(int64_t us)
{
	return (double)(mono_us() - us) / 1000;
}

static void
ask_page(struct bed *b, int i)
{
	char path[64];

	if (i % 4 == 3) {
		snprintf(path, sizeof(path), "/connect/bench%dch", 1 + i % CHOOSING);
		must_get(b, path, "data-state=\"choosing\"");
	} else {
		snprintf(path, sizeof(path), "/connect/bench%dco", 1 + i * 7 % SHOPS);
		must_get(b, path, "data-state=\"connected\"");
	}
}

/* A page when it is due, then the two yardsticks, each by itself. */
static void
measure(struct bed *b, struct times *t)
{
	int clock = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);
	int64_t begin = mono_us(), due, at;

	for (int i = 0; i < ASKS; i++) {
		due = begin + (int64_t)i * STEP_MS * 1000;
		wait_until(clock, due);
		ask_page(b, i);
		t->page[i] = ms_since(due);
		at = mono_us();
		must_get(b, "/healthz", "");
		t->health[i] = ms_since(at);
		at = mono_us();
		pgserver_num(b->pg, "SELECT 1");
		t->query[i] = ms_since(at);
	}
	close(clock);
}

static int
by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double
percentile(double *times, int percent)
{
	qsort(times, ASKS, sizeof(*times), by_value);
	return times[(ASKS - 1) * percent / 100];
}

static bool
all_were_polled(void *arg)
{
	struct bed *b = arg;

	return pgserver_num(
		   b->pg, "SELECT count(*) FROM ttsync.sync_state WHERE last_success IS NULL") == 0;
}

int
main(int argc, char **argv)
{
	static struct times t;
	bool json = figure_options(argc, argv);
	struct bed_wish wish = {
		.name = "pages", .sellers = SELLERS, .shops = EACH, .orders_interval = "10s"
	};
	CLEANUP(bed_freep) struct bed *b = bed_open(&wish);
	struct figure p50 = { "pages.p50", 0, "ms", "/healthz, p50", 0 };
	struct figure p99 = { "pages.p99", 0, "ms", "aim", AIM_MS };
	struct figure health = { "pages.healthz.p99", 0, "ms", "SELECT 1, p99", 0 };

	if (shops_connect(b, wall_now().s - 600) != SHOPS)
		harness_die(NULL, "not %d shops", SHOPS);
	pgserver_exec(b->pg, links_sql);
	bed_start(b);
	if (!wait_for(all_were_polled, b, READY_MS))
		harness_die(proc_log(b->daemon), "not all shops were polled:\n%s",
		            pgserver_query(b->pg, unpolled_sql));
	json_free(bed_ask(b, "/traffic",
	                  "{\"all\":true,\"creates_per_s\":50,\"updates_per_s\":50,\"total\":-1}"));
	measure(b, &t);
	p50.value = percentile(t.page, 50);
	p50.yard_value = percentile(t.health, 50);
	p99.value = percentile(t.page, 99);
	health.value = percentile(t.health, 99);
	health.yard_value = percentile(t.query, 99);
	figure_print(&p50, json);
	figure_print(&p99, json);
	figure_print(&health, json);
	return 0;
}
