/*
 * rig: an event loop under test: it runs until something is true, and tells afterwards whether it
 * ever stood still or lost a descriptor.
 *
 * Units:  milliseconds.
 * Owner:  the test; rig_end before the harness is freed.
 */
#ifndef TTSYNC_TESTS_RIG_H
#define TTSYNC_TESTS_RIG_H

#include "common/err.h"
#include "daemon/base/loop.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct rig {
	struct loop *loop;
	struct timer tick; /* asks until() */
	struct timer deadline;
	bool (*until)(void *arg);
	void *arg;
	bool reached;
	int fds; /* open when it began */
	int64_t longest_ms;
};

void rig_begin(struct rig *r);
/* Turn until fn(arg), asked every turn of a 2 ms timer; false at the deadline. */
bool rig_run(struct rig *r, bool (*fn)(void *arg), void *arg, int ms);
/* Until *n is at least want. */
bool rig_count(struct rig *r, const int *n, int want, int ms);
/* Turn for so long whatever happens: to see that something does not. */
void rig_watch(struct rig *r, int ms);
/* Frees the loop. NULL, or what was wrong: a turn above 250 ms, a descriptor left open. */
const char *rig_end(struct rig *r);
/* Descriptors of this process that are not the harness's. */
int rig_fds(void);

#endif
