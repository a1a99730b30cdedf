/*
 * fault: what is to go wrong, and with which calls.
 *
 * A fault is taken by the first call that fits it; it is gone when its count is used up. With a
 * probability it hits that share of the calls, by the seed.
 *
 * Units:  ms; count -1 is without end; probability in millionths.
 * Source: tiktok-shop-api.md 12.11.
 */
#ifndef SANDBOX_FAULT_H
#define SANDBOX_FAULT_H

#include "tests/sandbox/rng.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum fault_stage { FAULT_NEVER = 0, FAULT_BEFORE, FAULT_PAGING, FAULT_AFTER };

enum fault_kind {
	FAULT_NONE = 0,
#define X(name, word, stage) FAULT_##name,
#include "tests/sandbox/fault.def"
#undef X
	FAULT_KINDS
};

struct fault {
	unsigned no;
	enum fault_kind kind;
	char match[128]; /* part of the path, or "*" */
	char cipher[64]; /* of the shop it is for; "" any */
	int64_t count;
	int64_t per_million;
	int64_t ms;
	int64_t bytes;
	int status;           /* HTTP status of 5xx and html */
	int why;              /* of refuse: enum gateway_fail */
	char retry_after[40]; /* of 429 */
	uint64_t hits;
};

struct faults {
	struct fault *rows;
	size_t n;
	unsigned made;
	uint64_t hits[FAULT_KINDS];
	struct rng rng;
};

void faults_done(struct faults *f);
/* Takes a copy; returns its number. */
unsigned faults_add(struct faults *f, const struct fault *one);
/* Take one away (no 0: all); how many went. */
size_t faults_clear(struct faults *f, unsigned no);
/* The fault that hits this call: true and a copy of it. cipher may be NULL. */
bool faults_take(struct faults *f, const char *path, const char *cipher, struct fault *ret);

const char *faults_word(enum fault_kind k);
enum fault_kind faults_kind(const char *word);
enum fault_stage faults_stage(enum fault_kind k);

#endif
