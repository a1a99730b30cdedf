/*
 * looks: questions about the queue that change nothing: how deep it is, what is dead.
 *
 * Owner:  embedded in struct queue, control thread only.
 * Errors: each asker hears once; ERR_PARSE where the answer is not what depth.lua or dead.lua give.
 */
#ifndef TTSYNC_LOOKS_H
#define TTSYNC_LOOKS_H

#include "daemon/queue/queue.h"

#include <sys/queue.h>

struct epoch;
struct look;

struct looks {
	struct epoch *epoch;
	TAILQ_HEAD(look_list, look) list;
};

void looks_init(struct looks *l, struct epoch *ep);
/* Those who ask hear ERR_CANCELLED. */
void looks_done(struct looks *l);
void looks_depth(struct looks *l, queue_depth_fn *fn, void *arg);
void looks_dead(struct looks *l, int most, queue_dead_fn *fn, void *arg);

#endif
