/*
 * msg: what the control thread and the workers say to each other.
 *
 * A message is owned by whoever holds it. A job goes to a worker and comes back when it ended; a
 * task the same; a take goes to the control thread and comes back with the answer.
 */
#ifndef TTSYNC_WORK_MSG_H
#define TTSYNC_WORK_MSG_H

#include "common/buf.h"
#include "common/err.h"
#include "daemon/base/counter.h"
#include "daemon/base/mbox.h"
#include "daemon/queue/queue.h"
#include "daemon/sync/job.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

enum msg_type {
	MSG_NONE = 0,
	MSG_JOB,      /* there: begin; back: ended */
	MSG_LOST,     /* there: stop what runs for this shop */
	MSG_TASK,     /* there: begin; back: answered */
	MSG_TAKE,     /* from a worker: may a call be made?; back: the answer */
	MSG_ENQUEUE,  /* from a worker: work for the queue */
	MSG_COUNTERS, /* from a worker, once a second */
	MSG_EPOCH,    /* there: get a number for the queue's epoch; back: epoch */
	MSG_SWEEP,    /* there: look for what the queue should have; back: done */
	MSG_CONF,     /* there: a new configuration */
	MSG_STOP,     /* there: let go of everything; back: all is let go */
	MSG_QUIT      /* there: end the thread */
};

struct msg_job {
	struct msg m;
	struct job job;
	struct queue_job q;
	int worker;
	TAILQ_ENTRY(msg_job) link; /* of the holder's list */
};
TAILQ_HEAD(msg_jobs, msg_job);

struct msg_lost {
	struct msg m;
	int64_t shop;
};

#define MSG_ACTOR_MAX 64

struct msg_task {
	struct msg m;
	uint64_t id;
	char op[48];
	char actor[MSG_ACTOR_MAX];
	char *args; /* JSON */
	struct buf answer;
	bool ok;
	struct err err;
};

struct dispatch;

struct msg_take {
	struct msg m;
	struct dispatch *dispatch; /* control's own, while it asks */
	int worker;
	uint64_t id; /* the worker's */
	int64_t shop;
	bool interactive;
	int64_t wait_ms;
	struct err err;
};

#define MSG_PUTS 64

struct msg_enqueue {
	struct msg m;
	struct queue_put puts[MSG_PUTS];
	int n;
};

struct msg_counters {
	struct msg m;
	int worker;
	struct counters c;
	int64_t longest_ms; /* turn of its loop since the last message */
	bool pg_up;
	int jobs;
	int64_t api_offset_s; /* TikTok's clock minus ours */
};

struct msg_epoch {
	struct msg m;
	int64_t epoch; /* 0: could not be had */
};

struct msg_sweep {
	struct msg m;
	bool everything; /* also what is not due: Redis forgot */
	bool swept;      /* back: it was this daemon's turn, and it went to the end */
};

struct conf;

struct msg_conf {
	struct msg m;
	const struct conf *conf; /* a reference for the receiver */
};

/* calloc that aborts: messages are small and bounded by slots and connections. */
void *msg_new(size_t size, enum msg_type type);

#endif
