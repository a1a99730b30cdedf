/*
 * calendar: what time brings to connections: warnings before an authorization ends and its end,
 * ends of pauses, changes of plans. PostgreSQL decides (ttsync.calendar); one daemon of the fleet
 * asks every CALENDAR_MS, and tells the journal what was told.
 *
 * Owner: one worker, the one that refreshes. calendar_free may leave a statement on its way.
 */
#ifndef TTSYNC_CALENDAR_H
#define TTSYNC_CALENDAR_H

#define CALENDAR_MS     5000
#define CALENDAR_HOLD_S 4 /* another daemon does not ask meanwhile */

struct env;
struct calendar;

struct calendar *calendar_new(struct env *env);
void calendar_free(struct calendar *c);

#endif
