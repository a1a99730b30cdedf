/*
 * canned: an HTTP server that answers each path with bytes the test wrote, well-formed or not.
 *
 * It keeps connections open unless an answer says otherwise, and serves each on a thread of its
 * own.
 *
 * Owner:  the harness stops it; answers stay the test's and live as long.
 */
#ifndef TTSYNC_TESTS_CANNED_H
#define TTSYNC_TESTS_CANNED_H

#include <stdbool.h>
#include <stddef.h>

struct harness;
struct canned;

struct canned_answer {
	const char *path;
	const char *bytes; /* status line, headers, body: all of it */
	size_t len;        /* 0: strlen(bytes) */
	size_t repeat;     /* send the last `tail` bytes so many times more */
	size_t tail;
	bool close;  /* end the connection after it */
	bool silent; /* read on, answer nothing */
};

/* The table ends with a path of NULL; an unknown path is answered with 404. */
struct canned *canned_start(struct harness *h, const struct canned_answer *table);
/* The port, as text. */
const char *canned_port(const struct canned *c);
/* Requests read so far, and connections accepted. */
int canned_hits(struct canned *c);
int canned_conns(struct canned *c);
/* The last request whole, head and body, to be freed. */
char *canned_last(struct canned *c);

#endif
