/*
 * selftest: proof that no field of a buyer passes the readers of orders.
 *
 * An order with a sentinel of its own in every buyer's field, known ones and ones nobody has seen
 * yet, is read by the readers the daemon reads with; every byte of what comes of it, up to the
 * parameters of the statement that would store it, is searched for any of them. A sentinel is also
 * found when it was cut short, and an id when it became a number.
 *
 * Errors: a reader that refuses the order, or of which nothing comes, has failed: it proves
 * nothing.
 */
#ifndef TTSYNC_SELFTEST_H
#define TTSYNC_SELFTEST_H

#include "common/buf.h"
#include "common/err.h"

#include <stdbool.h>
#include <stddef.h>

#define SELFTEST_READERS   3
#define SELFTEST_LEAKS_MAX 16

struct selftest_reader {
	const char *name;
	/* Read the order as a poll does; append everything that comes of it. 0 or -1. */
	int (*read)(const char *order, size_t len, struct buf *out, struct err *e);
};

/* scan, flat, tree */
extern const struct selftest_reader selftest_live[SELFTEST_READERS];

struct selftest_leak {
	const char *reader;
	const char *field; /* whose sentinel was found; "": the reader read nothing */
};

struct selftest {
	bool ok;
	int sentinels;
	int found;  /* and so many in all; the first SELFTEST_LEAKS_MAX are named */
	int failed; /* readers */
	int nleaks;
	struct selftest_leak leaks[SELFTEST_LEAKS_MAX];
};

void selftest_run(const struct selftest_reader *readers, int n, struct selftest *ret);

#endif
