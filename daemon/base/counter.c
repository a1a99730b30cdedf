#include "daemon/base/counter.h"

#define SECONDS_MAX 1e9

const int64_t histogram_bounds_ms[HISTOGRAM_BOUNDS] = {
	10,   25,    50,    100,   250,    500,    1000,   2500,
	5000, 10000, 30000, 60000, 120000, 300000, 900000, 3600000,
};

void
observe(struct counters *c, enum histogram_id id, double seconds)
{
	struct histogram *h = &c->h[id];
	int64_t us;
	int i = 0;

	if (!(seconds > 0)) /* NaN too */
		seconds = 0;
	us = (int64_t)((seconds < SECONDS_MAX ? seconds : SECONDS_MAX) * 1e6);
	while (i < HISTOGRAM_BOUNDS && us > histogram_bounds_ms[i] * 1000)
		i++;
	h->bucket[i]++;
	h->sum_us += us;
}

void
counters_add(struct counters *sum, const struct counters *part)
{
	for (int i = 0; i < COUNT_MAX; i++)
		sum->v[i] += part->v[i];
	for (int i = 0; i < HIST_MAX; i++) {
		for (int b = 0; b <= HISTOGRAM_BOUNDS; b++)
			sum->h[i].bucket[b] += part->h[i].bucket[b];
		sum->h[i].sum_us += part->h[i].sum_us;
	}
}
