/*
 * traffic: orders that come and move on by themselves.
 *
 * It is told the time and does what is due by then; who tells it is not its matter.
 *
 * Units:  rates in thousandths per second over all shops meant; time in microseconds of the
 *         monotonic clock.
 */
#ifndef SANDBOX_TRAFFIC_H
#define SANDBOX_TRAFFIC_H

#include "tests/sandbox/rng.h"

#include <stdbool.h>
#include <stdint.h>

struct orders;
struct shops;

struct traffic {
	bool on;
	uint64_t shop; /* id; 0: all shops */
	int64_t creates_milli;
	int64_t updates_milli;
	int64_t left; /* creations still to come; -1 without end */
	int64_t since_us;
	int64_t due_creates; /* done since since_us */
	int64_t due_updates;
	uint64_t created; /* since it was set */
	uint64_t updated;
	struct rng rng;
};

void traffic_init(struct traffic *t, uint64_t seed);
void traffic_done(struct traffic *t);
/* Replaces what was set; both rates 0 stop it. */
void traffic_set(struct traffic *t, uint64_t shop, int64_t creates_milli, int64_t updates_milli,
                 int64_t total, int64_t now_us);
/* Do what is due. now is the sandbox's clock in seconds. */
void traffic_step(struct traffic *t, struct shops *shops, struct orders *orders, int64_t now_us,
                  int64_t now);

#endif
