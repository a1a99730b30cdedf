/*
 * job: one slice of polling work for one shop, on a worker.
 *
 * Owner: the holder of struct job keeps it until `ended` was called, which happens exactly once.
 */
#ifndef TTSYNC_JOB_H
#define TTSYNC_JOB_H

#include "common/err.h"
#include "daemon/queue/kind.h"

#include <stdint.h>

struct sync;
struct walk;
struct walk_ops;

enum job_outcome {
	JOB_NONE = 0,
	JOB_DONE,    /* the kind is due again in next_ms; below 0: not before something changes */
	JOB_FAILED,  /* the same, but it did not work: why */
	JOB_RELEASED /* let go without an end: another may take it at once */
};

struct job {
	int64_t shop;
	enum kind kind;
	void (*ended)(struct job *j);
	enum job_outcome outcome;
	int64_t next_ms;
	struct err why;
	struct job_run *run; /* sync's own: while the lease is asked for */
	struct walk *walk;   /* sync's own: while it walks */
	void *holder;        /* for ended: whoever keeps the job */
};

/* One row a kind, from queue/kind.def: daemon/sync/ has a walk_<name> for each. */
const struct walk_ops *job_walk(enum kind k);

#endif
