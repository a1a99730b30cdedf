/*
 * rate: how often a shop may call an endpoint.
 *
 * A bucket is one number, the time at which it would be empty again (GCRA); a burst is what may
 * come at once after a pause.
 *
 * Units:  microseconds of the monotonic clock; rates are calls per second, 0 is no limit.
 * Source: tiktok-shop-api.md 4.5 (isolation by app and shop; the number itself is not published).
 */
#ifndef SANDBOX_RATE_H
#define SANDBOX_RATE_H

#include <stdint.h>

#define RATE_KINDS 64 /* endpoints, at most */

struct rate {
	int64_t per_second;
	int64_t burst;
	int64_t **rows; /* rows[who][kind] */
	unsigned n_rows;
	uint64_t refused;
};

void rate_init(struct rate *r, int64_t per_second, int64_t burst);
void rate_done(struct rate *r);
/* 0: go on; else microseconds until a call would pass. who counts from 0. */
int64_t rate_take(struct rate *r, unsigned who, unsigned kind, int64_t now_us);

#endif
