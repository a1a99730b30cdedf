/*
 * access: the access token of a shop's grant, for calls outside of jobs.
 */
#ifndef TTSYNC_ACCESS_H
#define TTSYNC_ACCESS_H

#include "common/err.h"
#include "daemon/tiktok/auth.h"
#include "daemon/tiktok/errors.h"

#include <stdint.h>

struct env;
struct json;

struct access {
	int64_t shop;
	int64_t grant_id;
	char state[20]; /* the shop's */
	char token[TT_TOKEN_MAX + 1];
};

/* a is NULL when it failed: no such shop (65), not authorized (1 or 4), a box that does not open.
 */
typedef void access_fn(const struct access *a, const struct err *e, void *arg);

/* word: SHOP as a person writes it. */
void access_find(struct env *env, const char *word, access_fn *fn, void *arg);

/*
 * Say a failed call to TikTok in the words of a request's answer; a refused token also asks for a
 * refresh.
 */
void access_explain(struct env *env, const struct access *a, enum tt_class class,
                    const struct err *e, struct err *ret);

#endif
