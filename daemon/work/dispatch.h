/*
 * dispatch: the control thread's side of all work: claims jobs for free slots, hands them to the
 * least loaded worker, ends them in the queue; carries tasks, permissions to call, epochs, sweeps.
 *
 * Owner: control thread only.
 */
#ifndef TTSYNC_DISPATCH_H
#define TTSYNC_DISPATCH_H

#include "common/err.h"
#include "daemon/base/counter.h"
#include "daemon/queue/queue.h"
#include "daemon/work/task.h"

#include <stdbool.h>
#include <stdint.h>

struct conf;
struct dispatch;
struct loop;
struct redis;
struct spool;
struct vault;

struct dispatch_conf {
	struct loop *loop;
	struct redis *redis;
	const struct conf *conf;
	const struct vault *vault;
	struct spool *spool;
	struct counters *counters; /* of the control thread */
};

/* Starts the workers. */
struct dispatch *dispatch_new(const struct dispatch_conf *c, struct err *e);
/* After dispatch_drained, or to let go of everything at once. Joins the workers. */
void dispatch_free(struct dispatch *d);

/* Redis came up or went down (redis_on_change). */
void dispatch_redis(struct dispatch *d, bool up);
/* Take no more work, let go of what runs; then call done. */
void dispatch_drain(struct dispatch *d, void (*done)(void *arg), void *arg);
/* Everything that was let go is known to Redis. */
bool dispatch_settled(const struct dispatch *d);
void dispatch_reload(struct dispatch *d, const struct conf *c);

struct tasks *dispatch_tasks(struct dispatch *d);

/* How it stands, for status, readiness and the stats page. */
struct dispatch_state {
	bool postgres_up; /* of any worker, at most a second old */
	bool redis_up;
	bool queue_ready;
	int workers;
	int jobs;
	int64_t longest_turn_ms;
	int64_t api_offset_s;     /* TikTok's clock minus ours, where it differs most */
	int64_t idle_ms;          /* since a job last began or ended, or there was nothing due */
	struct queue_depth depth; /* at most 2 s old */
	bool depth_known;
};
void dispatch_state(struct dispatch *d, struct dispatch_state *ret);
/* Add all workers' counters to *sum. */
void dispatch_counters(const struct dispatch *d, struct counters *sum);

#endif
