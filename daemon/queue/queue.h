/*
 * queue: which shop is due for which kind of work, in Redis, shared by all daemons.
 *
 * A job is a shop and a kind under a lease. The queue renews the leases of all jobs it gave out
 * until they are ended here. What ends in one turn of the loop is sent as one script call of up to
 * QUEUE_BATCH jobs. Work that was ended while Redis was away is told as soon as it is back, as long
 * as its lease can last; a token that is no longer the shop's changes nothing (Q5).
 *
 * Units:  milliseconds; the clock of due times and leases is Redis' own.
 * Errors: while Redis is away claims wait, enqueues are lost (the sweep puts the work back), and
 *         callbacks hear ERR_IO, or ERR_TIMEOUT within REDIS_TIMEOUT_MS.
 * Owner:  control thread only; freed before its struct redis.
 * Source: reliability.md 2, invariants Q1 to Q12. tests/bench/bench_queue.c measures it.
 */
#ifndef TTSYNC_QUEUE_H
#define TTSYNC_QUEUE_H

#include "common/clock.h"
#include "common/err.h"
#include "daemon/queue/kind.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define QUEUE_LEASE_MS  60000
#define QUEUE_RENEW_MS  20000
#define QUEUE_POLL_MS   250
#define QUEUE_BATCH     64
#define QUEUE_TOKEN_MAX 96
#define QUEUE_DEAD_MAX  1000 /* entries of one queue_dead */

struct loop;
struct redis;
struct counters;
struct queue;

struct queue_job {
	int64_t shop;
	enum kind kind;
	int attempts; /* failures before this run */
	char token[QUEUE_TOKEN_MAX];
	int64_t lag_ms;      /* from due to claimed */
	struct mono claimed; /* when the claim was sent: the lease is no shorter than from here */
};

/* 0 for a time means the value above. */
struct queue_conf {
	const char *partition; /* "": the default one; see script_partition_ok */
	const char *owner;     /* this process' uuid, a new one each start */
	int64_t lease_ms;
	int64_t renew_ms;  /* a job not renewed for twice this is lost */
	int64_t poll_ms;   /* between claims while less than wished came */
	int abandoned_max; /* leases of a job that may run out before it is dead; 0: it never is */
};

struct queue_ops {
	/* 1 to QUEUE_BATCH jobs, to be ended by queue_done, _fail or _release each. */
	void (*on_jobs)(const struct queue_job *jobs, int n, void *arg);
	/*
	 * Redis' memory was lost or may be another one: call queue_set_epoch with the next number
	 * of the sequence, then sweep. Said again every 2 s until an epoch stands.
	 */
	void (*on_epoch_missing)(void *arg);
	/*
	 * The lease of a job was not renewed for twice renew_ms, or is another's: start no further
	 * side effect. Ending the job afterwards is right and harmless.
	 */
	void (*on_lost)(const struct queue_job *job, void *arg);
};

struct queue *queue_new(struct loop *l, struct redis *r, struct counters *c,
                        const struct queue_conf *conf, const struct queue_ops *ops, void *arg,
                        struct err *e);
/*
 * Jobs still held keep their leases until these run out: release them first where that matters.
 * Callers of queue_enqueue_many, queue_depth and queue_dead hear ERR_CANCELLED before it returns.
 */
void queue_free(struct queue *q);
/* Scripts can run: Redis is up and its memory is the one known. */
bool queue_ready(const struct queue *q);
void queue_set_epoch(struct queue *q, int64_t epoch);

/*
 * n jobs are wished for from now on, replacing the wish before: asked for at the end of this turn
 * and every poll_ms, until n have come. More than are wished for never come; 0 ends it.
 */
void queue_claim(struct queue *q, int n);
/* Jobs given out and not ended. */
int queue_held(const struct queue *q);

/* Done; the kind is due again in next_ms, or not at all (-1). */
void queue_done(struct queue *q, const struct queue_job *job, int64_t next_ms);
/*
 * Not done; again in delay_ms. count_it: the attempt counts, and at max_attempts (0: never) the
 * kind is dead with this reason, one line of some 40 characters.
 */
void queue_fail(struct queue *q, const struct queue_job *job, int64_t delay_ms, bool count_it,
                int max_attempts, const char *reason);
/* Not begun, or given back: due again at once. */
void queue_release(struct queue *q, const struct queue_job *job);
/* Everything ended was answered. For a shutdown that waits. */
bool queue_settled(const struct queue *q);

/* A kind of work for a shop, due in delay_ms (at most a day). */
struct queue_put {
	int64_t shop;
	enum kind kind;
	int64_t delay_ms;
};

/* Told and forgotten; where it is lost the sweep will put it back. */
void queue_enqueue(struct queue *q, int64_t shop, enum kind kind, int64_t delay_ms);
/* The array is copied. e is NULL when all were taken; else some may have been. */
typedef void queue_put_fn(const struct err *e, void *arg);
void queue_enqueue_many(struct queue *q, const struct queue_put *puts, size_t n, queue_put_fn *fn,
                        void *arg);
/* Nothing is pending for the shop any more; a job that runs may finish. Told and forgotten. */
void queue_cancel(struct queue *q, int64_t shop);
/* No daemon claims for ms, at most a day; 0 lifts it. Told and forgotten. */
void queue_pause(struct queue *q, int64_t ms);
/* Have all keys looked at and put in order; done by itself at start and every 10 minutes. */
void queue_repair(struct queue *q);

struct queue_depth {
	int64_t ready, delayed, leased, dead;
	int64_t oldest_ms; /* that a due kind has waited */
	int64_t memory_bytes;
};

typedef void queue_depth_fn(const struct queue_depth *d, const struct err *e, void *arg);
void queue_depth(struct queue *q, queue_depth_fn *fn, void *arg);

struct queue_corpse {
	int64_t shop;
	enum kind kind;
	struct wall died;
	int attempts;
	char reason[48];
};

/* Up to most (QUEUE_DEAD_MAX) dead entries, in no order. */
typedef void queue_dead_fn(const struct queue_corpse *list, int n, const struct err *e, void *arg);
void queue_dead(struct queue *q, int most, queue_dead_fn *fn, void *arg);

#endif
