#include "daemon/stats/stats.h"

#include "common/own.h"
#include "daemon/base/loop.h"
#include "daemon/io/httpd.h"
#include "daemon/stats/exposition.h"
#include "daemon/stats/process.h"

#include <stdlib.h>
#include <string.h>

struct stats {
	struct loop *loop;
	struct httpd *httpd;
	stats_fill_fn *fill;
	void *arg;
	double started_s;
	struct counters counters; /* of the page made at `made` */
	struct gauges gauges;
	struct mono made;
	struct buf page[2]; /* by enum exposition_format; empty: not asked for since */
};

static void
measure(struct stats *s)
{
	s->counters = (struct counters){ 0 };
	gauges_reset(&s->gauges);
	gauge_add(&s->gauges, GAUGE_BUILD_INFO, 1, TTSYNC_VERSION);
	s->fill(&s->counters, &s->gauges, s->arg);
	process_measure(&s->gauges, s->started_s);
	s->made = loop_now(s->loop);
	buf_reset(&s->page[EXPOSITION_PROMETHEUS]);
	buf_reset(&s->page[EXPOSITION_OPENMETRICS]);
}

static const struct buf *
page(struct stats *s, enum exposition_format format)
{
	struct exposition x = { &s->counters, &s->gauges, s->started_s };
	struct buf *b = &s->page[format];

	if (!s->made.ms || loop_now(s->loop).ms - s->made.ms >= STATS_PAGE_MS)
		measure(s);
	if (!b->len && exposition_write(b, format, &x)) {
		buf_reset(b);
		return NULL;
	}
	return b;
}

static void
on_metrics(struct httpd *h, const struct httpd_req *q, void *arg)
{
	static const char *const vary[] = { "Vary: Accept", NULL };
	static const char full[] = "the page is too large\n";
	enum exposition_format format = exposition_asked(httpd_header(q, "Accept"));
	const struct buf *b = page(arg, format);

	if (b)
		httpd_reply(h, q->id, 200, exposition_type(format), vary, b->data, b->len);
	else
		httpd_reply(h, q->id, 500, "text/plain; charset=utf-8", NULL, full,
		            sizeof(full) - 1);
}

int
stats_write(struct stats *s, struct buf *out)
{
	const struct buf *b = page(s, EXPOSITION_PROMETHEUS);

	return b ? buf_add(out, b->data, b->len) : -1;
}

static const struct httpd_route routes[] = {
	{ "/metrics", HTTPD_GET, 0, on_metrics },
};

struct stats *
stats_new(struct loop *l, const struct stats_conf *conf, stats_fill_fn *fill, void *arg,
          struct err *e)
{
	struct stats *s = calloc(1, sizeof(*s));
	struct httpd_conf hc = { routes, ARRAY_LEN(routes), STATS_CONNS_MAX, 0, s };

	if (!s) {
		err_set(e, ERR_NOMEM, 0, "no memory for the stats server");
		return NULL;
	}
	s->loop = l;
	s->fill = fill;
	s->arg = arg;
	s->started_s = process_start_s();
	gauges_init(&s->gauges);
	buf_init(&s->page[EXPOSITION_PROMETHEUS], STATS_PAGE_BYTES);
	buf_init(&s->page[EXPOSITION_OPENMETRICS], STATS_PAGE_BYTES);
	s->httpd = httpd_new(l, &hc, e);
	if (!s->httpd || (*conf->socket && httpd_listen(s->httpd, conf->socket, conf->mode, e)) ||
	    (*conf->listen && httpd_listen(s->httpd, conf->listen, 0, e))) {
		stats_free(s);
		return NULL;
	}
	return s;
}

void
stats_free(struct stats *s)
{
	if (!s)
		return;
	httpd_free(s->httpd);
	gauges_done(&s->gauges);
	buf_done(&s->page[EXPOSITION_PROMETHEUS]);
	buf_done(&s->page[EXPOSITION_OPENMETRICS]);
	free(s);
}

int
stats_port(const struct stats *s)
{
	return httpd_port(s->httpd);
}
