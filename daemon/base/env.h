/*
 * env: what a worker's state machines work with. Pointers to the thread's own objects; filled by
 * work/worker.c, used by grant/ and sync/.
 */
#ifndef TTSYNC_ENV_H
#define TTSYNC_ENV_H

#include "common/clock.h"

#include <stdbool.h>
#include <stdint.h>

struct loop;
struct http;
struct pg;
struct conf;
struct vault;
struct spool;
struct counters;
struct env;
struct err;

/* What only the control thread can give; answered on a later turn. */
struct env_ops {
	/*
	 * May one call be made? wait_ms 0: yes. shop 0: only the app's bucket. interactive: a
	 * person waits, and a slow local bucket answers while Redis is away. Returns an id for
	 * take_drop.
	 */
	uint64_t (*take)(struct env *env, int64_t shop, bool interactive,
	                 void (*fn)(int64_t wait_ms, const struct err *e, void *arg), void *arg);
	void (*take_drop)(struct env *env, uint64_t id);
	/* Put work of a shop into the queue. kind: a name of queue/kind.def. */
	void (*enqueue)(struct env *env, int64_t shop, const char *kind, int64_t delay_ms);
};

#define ENV_UUID_MAX 37

struct env {
	struct loop *loop;
	struct http *http;
	struct pg *pg;
	const struct conf *conf;
	const struct vault *vault; /* read-only after start */
	struct spool *spool;
	struct counters *counters;
	const struct env_ops *ops;
	int64_t api_offset_s;     /* API clock minus ours, from Date headers */
	char owner[ENV_UUID_MAX]; /* this daemon's uuid, the owner of its leases */
};

/* The API's clock as far as its Date headers tell. */
static inline struct wall
env_api_now(const struct env *env)
{
	return (struct wall){ wall_now().s + env->api_offset_s };
}

#endif
