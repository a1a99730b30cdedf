/*
 * puts: work on its way into the queue: single words gathered over a turn, and long lists sent
 * piece by piece, the next when the last was answered.
 *
 * Owner:  embedded in struct queue, control thread only.
 * Errors: single words are lost while Redis is away, and counted; lists hear of it once.
 * Source: reliability.md 2 (ENQUEUE).
 */
#ifndef TTSYNC_PUTS_H
#define TTSYNC_PUTS_H

#include "daemon/queue/queue.h"

#include <sys/queue.h>

#define PUTS_PIECE 128 /* of a list in one call: some 0.5 ms of Redis */

struct epoch;
struct bulk;

struct puts {
	struct epoch *epoch;
	struct counters *counters;
	struct queue_put word[PUTS_PIECE];
	int n;
	TAILQ_HEAD(bulks, bulk) bulks;
};

void puts_init(struct puts *p, struct epoch *ep, struct counters *c);
/* Lists under way hear ERR_CANCELLED. */
void puts_done(struct puts *p);
/* True where the words should be flushed at the end of this turn: this is the first. */
bool puts_add(struct puts *p, const struct queue_put *put);
void puts_flush(struct puts *p);
void puts_many(struct puts *p, const struct queue_put *list, size_t n, queue_put_fn *fn, void *arg);

#endif
