#include "daemon/stats/gauges.h"

#include "daemon/stats/exposition.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

void
gauges_init(struct gauges *g)
{
	*g = (struct gauges){ 0 };
	buf_init(&g->text, GAUGES_LABEL_BYTES);
}

void
gauges_reset(struct gauges *g)
{
	g->n = 0;
	g->dropped = 0;
	buf_reset(&g->text);
}

void
gauges_done(struct gauges *g)
{
	free(g->v);
	buf_done(&g->text);
	*g = (struct gauges){ 0 };
}

/* A label's value may hold anything: backslash, quote and newline are escaped (both formats). */
static void
put_value(struct buf *b, const char *s)
{
	for (; *s; s++)
		switch (*s) {
		case '\\':
			buf_str(b, "\\\\");
			break;
		case '"':
			buf_str(b, "\\\"");
			break;
		case '\n':
			buf_str(b, "\\n");
			break;
		default:
			buf_chr(b, *s);
		}
}

static void
put_labels(struct buf *b, const char *names, const char *const *values)
{
	const char *s = names;

	while (*s) {
		size_t len = strcspn(s, ",");

		assert(*values);
		if (s != names)
			buf_chr(b, ',');
		buf_add(b, s, len);
		buf_str(b, "=\"");
		put_value(b, *values++);
		buf_chr(b, '"');
		s += len + (s[len] == ',');
	}
	assert(!*values);
	buf_chr(b, '\0');
}

static struct gauge *
sample_new(struct gauges *g)
{
	if (g->n == g->room && g->room < GAUGES_MAX) {
		size_t room = g->room ? g->room * 2 : 64;
		struct gauge *v = reallocarray(g->v, room, sizeof(*v));

		if (!v)
			return NULL;
		g->v = v;
		g->room = room;
	}
	return g->n < g->room && g->n < GAUGES_MAX ? &g->v[g->n] : NULL;
}

void
gauge_put(struct gauges *g, enum gauge_id id, double v, const char *const *values)
{
	struct gauge *s = sample_new(g);
	size_t at = g->text.len;

	if (s)
		put_labels(&g->text, exposition_gauge_labels(id), values);
	if (!s || g->text.failed) {
		g->dropped++;
		return;
	}
	*s = (struct gauge){ id, at, v };
	g->n++;
}
