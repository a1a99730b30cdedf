/*
 * pgrig: a pool under test with its loop, and calls that count how often they were answered.
 *
 * Units:  milliseconds.
 * Owner:  the test: pgrig_begin, pgrig_end.
 */
#ifndef TTSYNC_TESTS_PGRIG_H
#define TTSYNC_TESTS_PGRIG_H

#include "common/err.h"
#include "daemon/io/pg.h"
#include "tests/chaos/rig.h"

#include <stdbool.h>
#include <stdint.h>

struct pgrig {
	struct rig rig;
	struct pg *pg;
	int changes; /* of pg_up */
	bool up;
};

/* One statement's fate. */
struct call {
	int times; /* callbacks heard: 1, or something is broken */
	bool ok;
	struct err why;
	int rows;
	int64_t num; /* first value of the first row */
	int64_t began_ms;
	int64_t took_ms;
	uint64_t id;
};

/* The URL of a server or proxy by its socket's directory. */
void pgrig_begin(struct pgrig *g, const char *url, int conns);
/* NULL, or what was wrong; see rig_end. */
const char *pgrig_end(struct pgrig *g);
bool pgrig_wait_up(struct pgrig *g, bool up, int ms);

/* SELECT $1::int8 + 1, an answer that says which question it belongs to. */
void call_next(struct pgrig *g, struct call *c, int64_t n, int timeout_ms);
/* SELECT pg_sleep($1 seconds). */
void call_sleep(struct pgrig *g, struct call *c, int64_t seconds, int timeout_ms);
void call_stmt(struct pgrig *g, struct call *c, const struct pg_stmt *s, int timeout_ms);
void call_script(struct pgrig *g, struct call *c, const char *sql, int timeout_ms);
/* Turn until it was answered; false at the deadline. */
bool call_wait(struct pgrig *g, const struct call *c, int ms);
/* Ask until an answer comes: the pool works again. */
bool pgrig_recovers(struct pgrig *g, int ms);

#endif
