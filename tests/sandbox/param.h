/*
 * param: reading what a business call was given.
 *
 * Absent is not wrong: a reader leaves *ret alone and returns 0. What is there and is of the wrong
 * type or out of range is refused with 36009004 naming it, as -1.
 */
#ifndef SANDBOX_PARAM_H
#define SANDBOX_PARAM_H

#include "tests/sandbox/gateway.h"

/* page_size, 1 .. most; required. */
int param_page_size(struct call *c, int64_t most, size_t *ret);
/* A query word out of a NULL-ended list: *ret is its number. */
int param_word(struct call *c, const char *name, const char *const *words, int *ret);

/* Members of the body. */
int param_body_int(struct call *c, const char *name, int64_t *ret);
int param_body_bool(struct call *c, const char *name, int *ret);
int param_body_str(struct call *c, const char *name, const char **ret);
/* An array of at most `most` ids. */
int param_body_ids(struct call *c, const char *name, uint64_t *ids, size_t most, size_t *ret_n);

/* 1 to 20 digits as a number, 0 where it is none. */
uint64_t param_id(const char *s);
/* What a page token belongs to: shop, path, all parameters but the changing ones, and the body. */
uint64_t param_walk(const struct call *c);

#endif
