/*
 * gauges: the measured values of one page, filled anew for each.
 *
 * Errors: beyond GAUGES_MAX samples, or out of memory, a sample is left out; `dropped` counts it.
 * Owner:  gauges_init, gauges_done; label values are copied.
 * Labels: our own words and ids only: never an alias, a buyer's or a seller's text.
 */
#ifndef TTSYNC_GAUGES_H
#define TTSYNC_GAUGES_H

#include "common/buf.h"
#include "daemon/base/counter.h"

#include <stddef.h>

#define GAUGES_MAX         100000
#define GAUGES_LABEL_BYTES (8u << 20)

struct gauge {
	enum gauge_id id;
	size_t labels; /* where its rendered labels begin in text, ended by NUL */
	double v;
};

struct gauges {
	struct gauge *v;
	size_t n;
	size_t room;
	size_t dropped;
	struct buf text;
};

void gauges_init(struct gauges *g);
void gauges_reset(struct gauges *g);
void gauges_done(struct gauges *g);

/* A sample; as many label values as the row of stats.def has names, in its order. */
#define gauge_add(g, id, v, ...)                                                                   \
	gauge_put((g), (id), (v), (const char *const[]){ __VA_ARGS__ __VA_OPT__(, ) NULL })

void gauge_put(struct gauges *g, enum gauge_id id, double v, const char *const *values);

#endif
