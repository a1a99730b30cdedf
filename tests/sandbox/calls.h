/*
 * calls: the log of what was called, and sums over it.
 *
 * The log keeps the last CALLS_KEPT calls; the sums count all.
 *
 * Units: time in milliseconds of the wall clock (the sandbox's, so it moves with it).
 */
#ifndef SANDBOX_CALLS_H
#define SANDBOX_CALLS_H

#include <stddef.h>
#include <stdint.h>

#define CALLS_KEPT         20000
#define CALLS_PATH_MAX     96
#define CALLS_ENDPOINT_MAX 64

struct call_row {
	uint64_t n; /* counts from 1 */
	int64_t time_ms;
	char method[8];
	char path[CALLS_PATH_MAX];
	const char *endpoint; /* a literal */
	const char *fault;    /* a literal, or NULL */
	uint64_t shop;        /* id, 0 none */
	unsigned seller;      /* number, 0 none */
	int code;
	int http;
	char request_id[40];
	unsigned token_in;  /* number of the access token, refresh token or code it came with */
	unsigned token_out; /* number of the access token it gave */
	int64_t rows;       /* of a search or detail */
};

struct call_sum {
	const char *endpoint;
	uint64_t calls;
	uint64_t failed; /* code not 0 */
	uint64_t faults;
	uint64_t rows;
};

struct calls {
	struct call_row *ring;
	uint64_t n;
	struct call_sum sums[CALLS_ENDPOINT_MAX];
	size_t n_sums;
};

void calls_init(struct calls *c);
void calls_done(struct calls *c);
/* Fills row->n. */
void calls_add(struct calls *c, struct call_row *row);
/* The first row after n that is still kept, or NULL. */
const struct call_row *calls_after(const struct calls *c, uint64_t n);

#endif
