/*
 * counter: what this thread has counted, as plain integers.
 *
 * Each thread owns one struct counters and is its only writer; once a second a thread's copy goes
 * to the control thread in a message, and stats/ adds the copies up. The rows are in stats.def.
 *
 * Units: a histogram's sum is microseconds; bucket i counts what took at most
 *        histogram_bounds_ms[i], the last one all above.
 */
#ifndef TTSYNC_COUNTER_H
#define TTSYNC_COUNTER_H

#include <stdint.h>

#define COUNTER(id, family, labels, help)
#define HISTOGRAM(id, family, labels, help)
#define GAUGE(id, family, labels, help)

enum counter_id {
#undef COUNTER
#define COUNTER(id, family, labels, help) COUNT_##id,
#include "daemon/base/stats.def"
#undef COUNTER
#define COUNTER(id, family, labels, help)
	COUNT_MAX
};

enum histogram_id {
#undef HISTOGRAM
#define HISTOGRAM(id, family, labels, help) HIST_##id,
#include "daemon/base/stats.def"
#undef HISTOGRAM
#define HISTOGRAM(id, family, labels, help)
	HIST_MAX
};

enum gauge_id {
#undef GAUGE
#define GAUGE(id, family, labels, help) GAUGE_##id,
#include "daemon/base/stats.def"
	GAUGE_MAX
};

#undef COUNTER
#undef HISTOGRAM
#undef GAUGE

/* From one call of 10 ms to an order that came an hour late. */
#define HISTOGRAM_BOUNDS 16
extern const int64_t histogram_bounds_ms[HISTOGRAM_BOUNDS];

struct histogram {
	int64_t bucket[HISTOGRAM_BOUNDS + 1];
	int64_t sum_us;
};

struct counters {
	int64_t v[COUNT_MAX];
	struct histogram h[HIST_MAX];
};

static inline void
count(struct counters *c, enum counter_id id, int64_t n)
{
	c->v[id] += n;
}

/* One more that took so long; below 0 (clocks differ) counts as 0. */
void observe(struct counters *c, enum histogram_id id, double seconds);

void counters_add(struct counters *sum, const struct counters *part);

#endif
