/*
 * counter: what this thread has counted, as plain integers.
 *
 * Each thread owns one struct counters and is its only writer; once a second a thread's copy goes
 * to the control thread in a message, and stats/ adds the copies up. The rows are in stats.def.
 */
#ifndef TTSYNC_COUNTER_H
#define TTSYNC_COUNTER_H

#include <stdint.h>

enum counter_id {
#define COUNTER(id, family, labels, help) COUNT_##id,
#include "daemon/base/stats.def"
#undef COUNTER
	COUNT_MAX
};

struct counters {
	int64_t v[COUNT_MAX];
};

static inline void
count(struct counters *c, enum counter_id id, int64_t n)
{
	c->v[id] += n;
}

void counters_add(struct counters *sum, const struct counters *part);

#endif
