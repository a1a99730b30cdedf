/*
 * days: time that passes in a world whose clock is moved (world_opts.clock).
 *
 * Between two moves everything that is due is done: a job that lasted for days would hold a token
 * older than it may be, which no real job does.
 *
 * Errors: aborts with the end of the log when what is due is not done within a minute.
 */
#ifndef TTSYNC_TESTS_DAYS_H
#define TTSYNC_TESTS_DAYS_H

#include <stdint.h>

#define DAY_S  86400L
#define YEAR_S (365 * DAY_S) /* the sandbox's preset for an authorization */

/*
 * A call may be on its way when the clock jumps: its timestamp is refused with this code, and it is
 * sent again. (An access token that is too old is 105002.)
 */
#define DAYS_JUMPED 36009004

struct world;

/* Until no job runs and no refresh is due. */
void days_settle(struct world *w);
/* One day, and all that it brings. */
void days_pass_one(struct world *w);
/* The moved clock, in seconds. */
int64_t days_now(struct world *w);

#endif
