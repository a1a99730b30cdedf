/*
 * outbox: what happened to jobs, on its way to Redis in batches.
 *
 * Items are sent together by outbox_flush and kept until answered. Every one of them proves itself
 * by the lease's token, so that sending it twice does no harm: after a failure it goes again, until
 * the lease must have run out. Renewals are not kept: the next round asks anew.
 *
 * Owner:  embedded in struct queue, control thread only.
 * Source: reliability.md 2 (DONE, FAIL, RELEASE, EXTEND).
 */
#ifndef TTSYNC_OUTBOX_H
#define TTSYNC_OUTBOX_H

#include "common/clock.h"
#include "daemon/queue/queue.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

struct epoch;
struct item;
struct batch;

enum outbox_verb { OUTBOX_DONE = 0, OUTBOX_FAIL, OUTBOX_EXTEND };
enum outbox_result { OUTBOX_UNKNOWN = -1, OUTBOX_STALE, OUTBOX_OK, OUTBOX_DEAD };

/* What to tell Redis of one job. */
struct outbox_word {
	enum outbox_verb verb;
	int64_t shop;
	const char *token;  /* copied */
	int64_t ms;         /* next run (-1: none), delay, or lease */
	int add;            /* attempts */
	int max;            /* attempts at which it dies, 0: never */
	const char *reason; /* copied, words and digits kept; NULL: none */
};

/* Answers: sent is when that batch was. UNKNOWN is said of renewals only. */
typedef void outbox_fn(enum outbox_verb verb, int64_t shop, const char *token,
                       enum outbox_result result, struct mono sent, void *arg);

struct outbox {
	struct loop *loop;
	struct epoch *epoch;
	int64_t keep_ms;
	outbox_fn *fn;
	void *arg;
	TAILQ_HEAD(items, item) items;      /* to be sent */
	TAILQ_HEAD(batches, batch) batches; /* sent */
	int count;                          /* items in both, without renewals */
};

void outbox_init(struct outbox *o, struct loop *l, struct epoch *ep, int64_t keep_ms, outbox_fn *fn,
                 void *arg);
void outbox_done(struct outbox *o);
void outbox_add(struct outbox *o, const struct outbox_word *w);
/* Send all that waits. Nothing happens while Redis is not ready. */
void outbox_flush(struct outbox *o);

#endif
