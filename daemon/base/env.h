/*
 * env: what a worker's state machines work with. Pointers to the thread's own objects; filled by
 * work/worker.c, read by grant/ and sync/.
 */
#ifndef TTSYNC_ENV_H
#define TTSYNC_ENV_H

#include "common/clock.h"

#include <stdint.h>

struct loop;
struct http;
struct pg;
struct conf;
struct vault;
struct counters;
struct rates;

struct env {
	struct loop *loop;
	struct http *http;
	struct pg *pg;
	const struct conf *conf;
	const struct vault *vault; /* read-only after start */
	struct counters *counters;
	struct rates *rates;     /* asks control for permission to call */
	int64_t api_offset_s;    /* API clock minus ours, from Date headers */
	char owner[37];          /* this daemon's uuid, the lease owner */
};

/* The API's clock as far as its Date headers tell. */
static inline struct wall
env_api_now(const struct env *env)
{
	return (struct wall){ wall_now().s + env->api_offset_s };
}

#endif
