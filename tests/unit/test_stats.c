#include "common/buf.h"
#include "common/str.h"
#include "daemon/base/loop.h"
#include "daemon/stats/process.h"
#include "daemon/stats/stats.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

static struct loop *l;
static struct stats *s;
static struct timer guard;
static struct watch w;
static struct buf in;
static char dir[] = "/tmp/statsXXXXXX";
static char path[64];
static int fills;

static void
fill(struct counters *c, struct gauges *g, void *arg)
{
	cr_assert_eq(arg, &fills);
	cr_assert_eq(c->v[COUNT_PRODUCTS], 0);
	count(c, COUNT_PRODUCTS, ++fills);
	gauge_add(g, GAUGE_DB_UP, 1);
}

static void
on_guard(void *arg)
{
	(void)arg;
	cr_assert_fail("nothing happened for 10 s");
}

static void
setup(void)
{
	struct stats_conf conf = { path, 0660, "127.0.0.1:0" };
	struct err e = { 0 };

	cr_assert_not_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/s", dir);
	l = loop_new(&e);
	timer_init(&guard, l, on_guard, NULL);
	timer_arm(&guard, 10000);
	s = stats_new(l, &conf, fill, &fills, &e);
	cr_assert_not_null(s, "%s", e.text);
	buf_init(&in, 1 << 20);
}

static void
teardown(void)
{
	stats_free(s);
	timer_done(&guard);
	loop_free(l);
	buf_done(&in);
	rmdir(dir);
}

TestSuite(stats, .init = setup, .fini = teardown);

static void
on_read(int fd, int what, void *arg)
{
	char tmp[4096];
	ssize_t n = read(fd, tmp, sizeof(tmp));

	(void)what;
	(void)arg;
	if (n > 0) {
		buf_add(&in, tmp, (size_t)n);
		return;
	}
	watch_done(&w);
	close(fd);
	loop_stop(l);
}

static const char *
get(const char *what, const char *accept)
{
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
	char req[256];

	cr_assert(str_copy(un.sun_path, sizeof(un.sun_path), path));
	cr_assert_eq(connect(fd, (struct sockaddr *)&un, sizeof(un)), 0);
	snprintf(req, sizeof(req), "GET %s HTTP/1.1\r\nHost: x\r\nAccept: %s\r\n\r\n", what,
	         accept);
	cr_assert_eq(send(fd, req, strlen(req), 0), (ssize_t)strlen(req));
	buf_reset(&in);
	watch_init(&w, l, on_read, NULL);
	watch_set(&w, fd, WATCH_READ);
	loop_run(l);
	return buf_text(&in);
}

Test(stats, metrics_are_served_in_the_format_asked_for)
{
	const char *a = get("/metrics", "*/*");

	cr_assert(strstr(a, "\r\nContent-Type: text/plain; version=0.0.4; charset=utf-8\r\n"), "%s",
	          a);
	cr_assert(strstr(a, "\nttsyncd_products_ingested_total 1\n"));
	cr_assert(strstr(a, "\nttsyncd_build_info{version=\"" TTSYNC_VERSION "\"} 1\n"));
	cr_assert(strstr(a, "\nttsyncd_db_up 1\n"));
	cr_assert(strstr(a, "\nprocess_open_fds "));
	a = get("/metrics", "application/openmetrics-text");
	cr_assert(strstr(a, "\r\nContent-Type: application/openmetrics-text; version=1.0.0;"));
	cr_assert_str_eq(a + strlen(a) - 6, "# EOF\n");
	cr_assert_eq(strncmp(get("/", "*/*"), "HTTP/1.1 404", 12), 0);
	cr_assert_neq(stats_port(s), 0);
}

Test(stats, many_clients_cost_one_page_a_second)
{
	struct mono before = mono_now();

	for (int i = 0; i < 50; i++)
		get("/metrics", i % 2 ? "*/*" : "application/openmetrics-text");
	cr_assert_leq(fills, 1 + (mono_now().ms - before.ms) / STATS_PAGE_MS + 1);
}

static double
value_of(const struct gauges *g, enum gauge_id id)
{
	for (size_t i = 0; i < g->n; i++)
		if (g->v[i].id == id)
			return g->v[i].v;
	cr_assert_fail("gauge %d is absent", (int)id);
	return 0;
}

Test(process, what_the_kernel_says_is_plausible)
{
	struct gauges g;
	double started = process_start_s(), now = (double)time(NULL);
	int fd;
	double before;

	gauges_init(&g);
	process_measure(&g, started);
	cr_assert(started > now - 3600 && started < now + 2, "%f %f", started, now);
	cr_assert_gt(value_of(&g, GAUGE_PROCESS_RSS), 1e6);
	cr_assert_geq(value_of(&g, GAUGE_PROCESS_CPU), 0);
	cr_assert_gt(value_of(&g, GAUGE_PROCESS_MAX_FDS), 3);
	before = value_of(&g, GAUGE_PROCESS_FDS);
	fd = dup(1);
	gauges_reset(&g);
	process_measure(&g, started);
	cr_assert_eq(value_of(&g, GAUGE_PROCESS_FDS), before + 1);
	close(fd);
	gauges_done(&g);
}
