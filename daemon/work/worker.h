/*
 * worker: one thread with a loop, connections to TikTok and PostgreSQL, and its share of the jobs.
 *
 * Owner: the control thread makes and joins it; everything else goes through messages (msg.h).
 */
#ifndef TTSYNC_WORKER_H
#define TTSYNC_WORKER_H

#include "common/err.h"
#include "daemon/base/mbox.h"

#include <stdbool.h>

struct conf;
struct vault;
struct spool;
struct worker;

struct worker_conf {
	int index;
	const struct conf *conf;   /* the worker takes a reference */
	const struct vault *vault; /* outlive the worker */
	struct spool *spool;
	struct mbox *control; /* where its messages go */
	bool refreshes;       /* this one also keeps the grants alive */
};

/* Start the thread. NULL and *e. */
struct worker *worker_new(const struct worker_conf *c, struct err *e);
/* To its mailbox, from the control thread. */
void worker_post(struct worker *w, struct msg *m);
/* After MSG_QUIT was posted: wait for the thread and free. */
void worker_join(struct worker *w);

#endif
