#include "daemon/stats/process.h"
#include "daemon/stats/stats.h"
#include "tests/unit/client_fixture.h"

#include <time.h>

static struct stats *s;
static struct buf in;
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
setup(void)
{
	struct stats_conf conf = { path, 0660, "127.0.0.1:0" };
	struct err e = { 0 };

	socket_begin();
	s = stats_new(l, &conf, fill, &fills, &e);
	cr_assert_not_null(s, "%s", e.text);
	buf_init(&in, 1 << 20);
}

static void
teardown(void)
{
	stats_free(s);
	buf_done(&in);
	socket_end();
}

TestSuite(stats, .init = setup, .fini = teardown);

static const char *
get(const char *what, const char *accept)
{
	struct client *cl = client();
	char req[256];

	snprintf(req, sizeof(req), "GET %s HTTP/1.1\r\nHost: x\r\nAccept: %s\r\n\r\n", what,
	         accept);
	say(cl, req);
	UNTIL(cl->over);
	buf_reset(&in);
	buf_add(&in, cl->in.data, cl->in.len);
	leave(cl);
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
