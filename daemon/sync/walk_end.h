/*
 * walk_end: how a walk ends, and what PostgreSQL is told: closed (with others, in one statement),
 * failed, or let go. Only walk*.c includes this.
 *
 * Each of these ends in walk_over: at once, or when PostgreSQL has answered.
 *
 * Errors: a shop that is another daemon's by now (ERR_FENCED) is no failure of its kind.
 */
#ifndef TTSYNC_WALK_END_H
#define TTSYNC_WALK_END_H

#include "common/err.h"
#include "daemon/sync/walk.h"

#include <stdbool.h>
#include <stdint.h>

/* --- walk_end.c --- */

/* The slice is over, and the kind with it (finished) or to be gone on with at once. */
void walk_end_close(struct walk *w, bool finished);
/* class: TikTok's verdict, TT_UNKNOWN where it is none. retry_after_s: -1 where it said nothing. */
void walk_end_fail(struct walk *w, enum tt_class class, const struct err *why,
                   int64_t retry_after_s);
/* Let go without an end: another may take the shop at once. */
void walk_end_release(struct walk *w);

/* --- walk.c --- */

/* The only way into a state: its deadline begins. */
void walk_enter(struct walk *w, enum walk_state next);
/* Free the walk and tell its holder. Legal twice. */
void walk_over(struct walk *w, enum job_outcome outcome, int64_t next_ms, const struct err *why);

#endif
