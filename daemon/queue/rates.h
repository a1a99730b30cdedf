/*
 * rates: how often we may call, over all daemons: a bucket for the app and one for each shop.
 *
 * A bucket is one number in Redis (GCRA: the time at which it will be full again) and disappears
 * when it is full. Askers of one turn of the loop are answered by one script call, in order; each
 * gets its calls from both buckets or from neither (R1).
 *
 * Units:  rates are calls a second; waits are milliseconds.
 * Errors: while Redis is away ERR_IO, ERR_TIMEOUT or ERR_REMOTE. An interactive asker then gets
 *         its answer from a bucket of this process, one call a second whatever the shop.
 * Owner:  control thread only; freed before its struct redis.
 * Source: reliability.md 2 (TAKE) and 4 (R1).
 */
#ifndef TTSYNC_RATES_H
#define TTSYNC_RATES_H

#include "common/err.h"

#include <stdbool.h>
#include <stdint.h>

struct loop;
struct redis;
struct counters;
struct rates;

struct rates_conf {
	const char *partition; /* as the queue's */
	const char *app;       /* names the app's bucket; letters, digits, '-' and '_' */
	double app_rate;
	int app_burst;
	double shop_rate;
	int shop_burst;
};

/* wait_ms 0: granted. Otherwise nothing was taken; ask again after that. -1 with e. */
typedef void rates_fn(int64_t wait_ms, const struct err *e, void *arg);

/* NULL: a rate or burst that is not positive, or a name that is none. */
struct rates *rates_new(struct loop *l, struct redis *r, struct counters *c,
                        const struct rates_conf *conf, struct err *e);
/* Askers hear ERR_CANCELLED before it returns. */
void rates_free(struct rates *r);
/*
 * n calls for a shop (0: the app's bucket only). fn hears once, on a later turn. More than a burst
 * at once can never be had: ERR_INPUT.
 */
void rates_take(struct rates *r, int64_t shop, int n, bool interactive, rates_fn *fn, void *arg);

#endif
