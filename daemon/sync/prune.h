/*
 * prune: what only grows is kept as long as the configuration says: history, events, old tokens,
 * used links. One daemon of the fleet does it, once an hour.
 */
#ifndef TTSYNC_PRUNE_H
#define TTSYNC_PRUNE_H

#define PRUNE_HOLD_S 3600
#define PRUNE_ROWS   10000 /* of a table in one statement; what remains comes the next hour */

struct env;

/* If it is this daemon's turn. Told and forgotten. */
void prune_start(struct env *env);

#endif
