/*
 * completeness: many shops whose orders come and change while answers are lost, pages are doubled
 * and rows move under the walk; in the end the tables hold exactly what TikTok has.
 *
 * One program with two sets of parameters: tests/integration runs it without, tests/chaos with
 * processes that are killed.
 *
 * Errors: aborts with the reason; the seed of every random choice is printed.
 */
#ifndef TTSYNC_TESTS_COMPLETENESS_H
#define TTSYNC_TESTS_COMPLETENESS_H

#include <stdint.h>

struct completeness {
	const char *name;
	uint64_t seed;
	int shops;
	int orders;     /* made over the run, all shops together */
	int latency_ms; /* of each answer of TikTok: kills find jobs half done */
	int run_s;      /* about how long they take to come */
	int kills;      /* SIGKILLs of ttsyncd, spread over the run */
	int disasters;  /* 1: Redis emptied, Redis killed, PostgreSQL killed, once each */
	int settle_s;   /* all must be equal that long after the last order */
};

/* The seed to use: $SEED, or a fresh one. */
uint64_t completeness_seed(void);
void completeness_run(const struct completeness *c);

#endif
