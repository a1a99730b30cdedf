#include "daemon/stats/exposition.h"

#include "common/own.h"

#include <inttypes.h>
#include <math.h>
#include <stdbool.h>
#include <string.h>

enum row_kind { ROW_COUNTER = 0, ROW_HISTOGRAM, ROW_GAUGE };

struct row {
	enum row_kind kind;
	int id;
	const char *family;
	const char *labels; /* rendered; of a gauge: names */
	const char *help;
};

static const struct row rows[] = {
#define COUNTER(id, family, labels, help)   { ROW_COUNTER, COUNT_##id, family, labels, help },
#define HISTOGRAM(id, family, labels, help) { ROW_HISTOGRAM, HIST_##id, family, labels, help },
#define GAUGE(id, family, labels, help)     { ROW_GAUGE, GAUGE_##id, family, labels, help },
#include "daemon/base/stats.def"
#undef COUNTER
#undef HISTOGRAM
#undef GAUGE
};

struct page {
	struct buf *out;
	bool open; /* OpenMetrics */
	const struct exposition *x;
};

const char *
exposition_gauge_labels(enum gauge_id id)
{
	static const char *const labels[] = {
#define COUNTER(id, family, labels, help)
#define HISTOGRAM(id, family, labels, help)
#define GAUGE(id, family, labels, help) labels,
#include "daemon/base/stats.def"
#undef COUNTER
#undef HISTOGRAM
#undef GAUGE
	};

	return labels[id];
}

static bool
ends_with(const char *s, const char *tail)
{
	size_t a = strlen(s), b = strlen(tail);

	return a >= b && !strcmp(s + a - b, tail);
}

/* OpenMetrics names a counter's family, and an info's, without the suffix of its samples. */
static const char *
family_type(const struct page *p, const struct row *r, const char **ret_suffix)
{
	*ret_suffix = "";
	if (r->kind == ROW_HISTOGRAM)
		return "histogram";
	if (ends_with(r->family, "_total")) {
		*ret_suffix = p->open ? "_total" : "";
		return "counter";
	}
	if (p->open && ends_with(r->family, "_info")) {
		*ret_suffix = "_info";
		return "info";
	}
	return "gauge";
}

/* The helps of stats.def are plain text: neither backslash nor newline to escape. */
static void
put_head(const struct page *p, const struct row *r)
{
	const char *suffix;
	const char *type = family_type(p, r, &suffix);
	int len = (int)(strlen(r->family) - strlen(suffix));

	buf_printf(p->out, "# HELP %.*s %s\n# TYPE %.*s %s\n", len, r->family, r->help, len,
	           r->family, type);
}

/* v with up to six decimals, never in the locale's way. */
static void
put_number(struct buf *b, double v)
{
	const char *sign = v < 0 ? "-" : "";
	double size = v < 0 ? -v : v;
	int64_t whole, micro;
	int width = 6;

	if (isnan(v) || isinf(v)) {
		buf_str(b, isnan(v) ? "NaN" : v > 0 ? "+Inf" : "-Inf");
		return;
	}
	if (size >= 9e15) { /* beyond what a double counts one by one */
		buf_printf(b, "%s%.0f", sign, size);
		return;
	}
	whole = (int64_t)size;
	micro = (int64_t)((size - (double)whole) * 1e6 + 0.5);
	if (micro == 1000000) {
		micro = 0;
		whole++;
	}
	buf_printf(b, "%s%" PRId64, sign, whole);
	if (!micro)
		return;
	for (; micro % 10 == 0; micro /= 10)
		width--;
	buf_printf(b, ".%0*" PRId64, width, micro);
}

/* family, suffix, labels, and one more label where there is one. */
static void
put_name(struct buf *b, const char *family, int family_len, const char *suffix, const char *labels,
         const char *more)
{
	buf_printf(b, "%.*s%s", family_len, family, suffix);
	if (*labels || *more)
		buf_printf(b, "{%s%s%s}", labels, *labels && *more ? "," : "", more);
	buf_chr(b, ' ');
}

static void
put_sample(const struct page *p, const struct row *r, const char *labels, double v)
{
	put_name(p->out, r->family, (int)strlen(r->family), "", labels, "");
	put_number(p->out, v);
	buf_chr(p->out, '\n');
	if (p->open && ends_with(r->family, "_total")) {
		put_name(p->out, r->family, (int)(strlen(r->family) - strlen("_total")), "_created",
		         labels, "");
		put_number(p->out, p->x->created_s);
		buf_chr(p->out, '\n');
	}
}

static void
put_histogram(const struct page *p, const struct row *r)
{
	const struct histogram *h = &p->x->counters->h[r->id];
	int len = (int)strlen(r->family);
	CLEANUP(buf_done) struct buf le;
	int64_t n = 0;

	buf_init(&le, 64);
	for (int i = 0; i <= HISTOGRAM_BOUNDS; i++) {
		n += h->bucket[i];
		buf_reset(&le);
		buf_str(&le, "le=\"");
		put_number(&le,
		           i < HISTOGRAM_BOUNDS ? (double)histogram_bounds_ms[i] / 1000 : INFINITY);
		buf_chr(&le, '"');
		put_name(p->out, r->family, len, "_bucket", r->labels, buf_text(&le));
		buf_printf(p->out, "%" PRId64 "\n", n);
	}
	put_name(p->out, r->family, len, "_sum", r->labels, "");
	put_number(p->out, (double)h->sum_us / 1e6);
	buf_chr(p->out, '\n');
	put_name(p->out, r->family, len, "_count", r->labels, "");
	buf_printf(p->out, "%" PRId64 "\n", n);
	if (p->open) {
		put_name(p->out, r->family, len, "_created", r->labels, "");
		put_number(p->out, p->x->created_s);
		buf_chr(p->out, '\n');
	}
}

static void
put_row(const struct page *p, const struct row *r)
{
	const struct gauges *g = p->x->gauges;
	double v;

	switch (r->kind) {
	case ROW_COUNTER:
		v = (double)p->x->counters->v[r->id];
		put_sample(p, r, r->labels, ends_with(r->family, "_seconds_total") ? v / 1000 : v);
		break;
	case ROW_HISTOGRAM:
		put_histogram(p, r);
		break;
	case ROW_GAUGE:
		for (size_t i = 0; i < g->n; i++)
			if ((int)g->v[i].id == r->id)
				put_sample(p, r, g->text.data + g->v[i].labels, g->v[i].v);
		break;
	}
}

int
exposition_write(struct buf *out, enum exposition_format format, const struct exposition *x)
{
	struct page p = { out, format == EXPOSITION_OPENMETRICS, x };

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		if (!i || strcmp(rows[i].family, rows[i - 1].family) != 0)
			put_head(&p, &rows[i]);
		put_row(&p, &rows[i]);
	}
	if (p.open)
		buf_str(out, "# EOF\n");
	return out->failed ? -1 : 0;
}

const char *
exposition_type(enum exposition_format format)
{
	return format == EXPOSITION_OPENMETRICS
	           ? "application/openmetrics-text; version=1.0.0; charset=utf-8"
	           : "text/plain; version=0.0.4; charset=utf-8";
}

enum exposition_format
exposition_asked(const char *accept)
{
	return accept && strstr(accept, "application/openmetrics-text") ? EXPOSITION_OPENMETRICS
	                                                                : EXPOSITION_PROMETHEUS;
}
