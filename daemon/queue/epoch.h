/*
 * epoch: scripts of the queue, run only on the memory of Redis they were meant for.
 *
 * One life of Redis' memory has a number, its epoch: it stands in {ttq}:meta and comes from a
 * sequence in PostgreSQL. Where it is missing the memory was lost, and work must be put back before
 * anything is claimed. Every script checks it; this module learns it, notices its loss, and has
 * keys repaired that hold what we did not write.
 *
 * Errors: what a script says, as redis.h has it; ERR_IO with tag "epoch" while the epoch is not
 *         known or no longer the one given.
 * Owner:  struct queue, control thread only. Freed before its struct redis or in the same turn; the
 *         memory goes back when the last answer has come.
 * Source: reliability.md 2.
 */
#ifndef TTSYNC_EPOCH_H
#define TTSYNC_EPOCH_H

#include "daemon/io/redis.h"
#include "daemon/queue/script.h"

#include <stdbool.h>
#include <stdint.h>

#define EPOCH_RETRY_MS  2000   /* until a question that failed is asked again */
#define EPOCH_REPAIR_MS 600000 /* between looks at all keys */

struct loop;
struct redis;
struct epoch;

struct epoch_ops {
	void (*on_ready)(void *arg); /* scripts run from now on */
	void (*on_missing)(
	    void *arg); /* memory was lost, or may be another: tell epoch_set, and sweep */
};

struct epoch *epoch_new(struct loop *l, struct redis *r, const char *partition,
                        const struct epoch_ops *ops, void *arg, struct err *e);
/* No callback of any kind after this. */
void epoch_free(struct epoch *ep);
bool epoch_ready(const struct epoch *ep);
/* The epoch to write where none stands; one that stands already is taken over. */
void epoch_set(struct epoch *ep, int64_t value);

/* Run a script; argv are its arguments after the epoch, as many as argc. fn as for redis_eval. */
void epoch_eval(struct epoch *ep, enum script which, int argc, const char *const *argv,
                redis_fn *fn, void *arg);
/* Look at all keys and drop what is not ours; costs Redis some 2 ms a thousand shops. */
void epoch_repair(struct epoch *ep);

#endif
