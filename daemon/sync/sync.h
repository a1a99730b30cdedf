/*
 * sync: a worker's polling jobs: leases them in PostgreSQL, walks, stores, closes.
 *
 * Many jobs share statements (group.h): claims, probes, pages and ends of one moment go together.
 */
#ifndef TTSYNC_SYNC_H
#define TTSYNC_SYNC_H

#include "common/err.h"
#include "daemon/sync/group.h"
#include "daemon/sync/job.h"

struct env;

struct sync {
	struct env *env;
	struct group claims;
	struct group probes;
	struct group orders;
	struct group products;
	struct group ends;
	int running;
};

void sync_init(struct sync *s, struct env *env);
/* Lease the shop and walk; j->ended is called on a later turn. */
void sync_start(struct sync *s, struct job *j);
/* Stop soon, start no further side effect; ended is called with JOB_RELEASED. */
void sync_cancel(struct sync *s, struct job *j);

#endif
