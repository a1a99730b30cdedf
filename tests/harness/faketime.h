/*
 * faketime: a wall clock that a test moves, for the programs it starts (libfaketime, preloaded).
 *
 * The monotonic clock and the times of files stay real: timers run as ever, and what compares dates
 * sees the moved one. The programs read it from one file at each look, so they all jump together.
 *
 * Units:  seconds ahead of the real clock.
 * Errors: aborts where the library is absent: the Debian package faketime.
 * Owner:  the harness.
 */
#ifndef TTSYNC_TESTS_FAKETIME_H
#define TTSYNC_TESTS_FAKETIME_H

#include <stdint.h>

struct harness;

/* Programs started from now on see the moved clock, which stands where the real one does. */
void faketime_begin(struct harness *h);
void faketime_set(struct harness *h, int64_t ahead_s);

#endif
