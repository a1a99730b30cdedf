/*
 * sweep: put into the queue what PostgreSQL says should be there.
 *
 * Rebuild and sweep are the same walk over the schedule, by key, SWEEP_PAGE rows at a time: a sweep
 * brings back what is overdue, a rebuild (Redis forgot) everything. One daemon does it at a time.
 *
 * Source: reliability.md 2 (Q12).
 */
#ifndef TTSYNC_SWEEP_H
#define TTSYNC_SWEEP_H

#include <stdbool.h>

#define SWEEP_PAGE   500
#define SWEEP_LATE_S 30
#define SWEEP_HOLD_S 50 /* nobody sweeps again before that */

struct env;

/* done: whether it was this daemon's turn and the walk came to its end. */
void sweep_start(struct env *env, bool everything, void (*done)(bool swept, void *arg), void *arg);

#endif
