/*
 * dropped: how many fields of buyers this process has seen and not taken in, for the report that
 * says so (sync/privacy.c). Only the control thread has the sum of all threads.
 */
#ifndef TTSYNC_DROPPED_H
#define TTSYNC_DROPPED_H

#include "common/buf.h"
#include "common/clock.h"
#include "daemon/base/counter.h"

/* The arguments of the op: {dropped: [{field, count}], dropped_since}. */
void dropped_args(const struct counters *c, struct wall since, struct buf *out);

#endif
