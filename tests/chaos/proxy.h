/*
 * proxy: a line between a client and a server that can be made bad while it is in use.
 *
 * A thread of its own moves the bytes; a plan holds for connections that stand and those to come.
 *
 * Units:  milliseconds, bytes; bytes of a plan are counted from the moment it was set.
 * Errors: aborts when it cannot listen.
 * Owner:  the harness stops it.
 */
#ifndef TTSYNC_TESTS_PROXY_H
#define TTSYNC_TESTS_PROXY_H

#include <stdbool.h>
#include <stdint.h>

struct harness;
struct proxy;

enum proxy_mode {
	PROXY_PASS = 0,
	PROXY_FREEZE,    /* nothing is read or written; goes on where it stood when passed again */
	PROXY_BLACKHOLE, /* all is read, nothing arrives, not even an end */
	PROXY_REFUSE     /* connections are closed as they come */
};

struct proxy_plan {
	enum proxy_mode mode;
	int64_t cut_after; /* close a connection when it has answered so many bytes; 0: do not */
	bool cut_at_once;  /* close those that stand, now */
	bool reset;        /* cut with a reset instead of an end (TCP) */
	int delay_ms;      /* hold what was read, both ways */
	int bytes_per_s;   /* of answers; 0: unlimited */
};

/* Listen on a path, or on a loopback port where path is NULL; connect to a path or port. */
struct proxy *proxy_start(struct harness *h, const char *path, const char *to);
/* The path or port it listens on, as wait_connect takes it. */
const char *proxy_where(const struct proxy *p);
/* In force when it returns. */
void proxy_set(struct proxy *p, const struct proxy_plan *plan);
#define PROXY_SET(p, ...) proxy_set((p), &(struct proxy_plan){ __VA_ARGS__ })
/* Connections accepted so far. */
int proxy_accepted(struct proxy *p);

#endif
