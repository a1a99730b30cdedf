/*
 * clock: three kinds of time that cannot be mixed by accident.
 *
 * Units: struct mono is milliseconds of the monotonic clock, for timers and durations; struct
 *        wall is seconds since the epoch, for what the API says. Nothing compares the two.
 */
#ifndef TTSYNC_CLOCK_H
#define TTSYNC_CLOCK_H

#include <stddef.h>
#include <stdint.h>

struct mono {
	int64_t ms;
};

struct wall {
	int64_t s;
};

#define CLOCK_RFC3339_MAX 32

struct mono mono_now(void);
struct wall wall_now(void);

/* Microseconds of the monotonic clock: for measuring, never for deciding. */
int64_t mono_us(void);

/* Write t as RFC 3339 with Bangkok's offset (+07:00, no summer time) into dst; returns dst. */
const char *clock_rfc3339(struct wall t, char dst[CLOCK_RFC3339_MAX]);

/* Read an IMF-fixdate ("Tue, 24 Nov 2026 10:04:00 GMT", RFC 9110 5.6.7). 0, or -1. */
int clock_http_date(const char *s, struct wall *ret);
/* Read RFC 3339 with any offset, or a plain date (Bangkok's midnight). 0, or -1. */
int clock_parse(const char *s, struct wall *ret);

#endif
