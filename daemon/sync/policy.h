/*
 * policy: when a shop is due, which window it reads next, how long to wait after a failure. Pure:
 * time and chance are arguments.
 *
 * Units:  struct window is seconds of the API's clock, lo included, hi excluded.
 * Source: reliability.md 4 (back-off) and 6 (windows).
 */
#ifndef TTSYNC_POLICY_H
#define TTSYNC_POLICY_H

#include "common/clock.h"

#include <stdbool.h>
#include <stdint.h>

#define POLICY_SETTLE_S       5     /* the API's present is left alone that long */
#define POLICY_SPAN_MAX_S     86400 /* widest window */
#define POLICY_SPAN_MIN_S     60    /* not halved below */
#define POLICY_WINDOW_PAGES   50    /* pages of one window before it is halved */
#define POLICY_SLICE_PAGES    20    /* pages of one job before it yields */
#define POLICY_SLICE_MS       30000
#define POLICY_RESTARTS       2 /* restarts of a window before it is halved */
#define POLICY_BACKOFF_MS     2000
#define POLICY_BACKOFF_MAX_MS 900000
#define POLICY_INACTIVE_MS    3600000 /* a shop that TikTok has deactivated is looked at again */
#define POLICY_BUSY_MS        5000    /* another daemon has the shop: look again */

struct window {
	int64_t lo;
	int64_t hi;
	bool last; /* it reaches until, or the API's present: behind it the walk is at its end */
};

/*
 * The window a slice reads next. cursor: all before it is committed. floor: nothing before it
 * matters (connected_at; 0 for products). back: how far before the cursor the walk stands: its
 * first window reaches back by the overlap. until: nothing behind it matters, 0: the present. False
 * when there is nothing to read yet, or any more.
 */
bool policy_window(int64_t cursor, int64_t floor, int64_t back, int64_t until, int64_t span,
                   struct wall api_now, struct window *ret);

/* Half a span, not below POLICY_SPAN_MIN_S; the same span when it cannot be halved. */
int64_t policy_halve(int64_t span);

/*
 * Milliseconds to wait after failure number `attempts` (1 is the first): full jitter over a
 * doubling ceiling, at least 1 s; with retry_after_s >= 0 never earlier than that, at most a
 * quarter later. chance is uniform in 0 .. 2^32 - 1.
 */
int64_t policy_backoff_ms(int attempts, int64_t retry_after_s, uint32_t chance);

/*
 * Milliseconds from a poll to the next: the interval, or up to a tenth less, so that shops which
 * once fell due together (a start, a database that came back) drift apart. chance as above.
 */
int64_t policy_interval_ms(int64_t interval_ms, uint32_t chance);

#endif
