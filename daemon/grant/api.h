/*
 * api: one call to TikTok, from permission to verdict.
 *
 * Waits for the rate limiter, signs with the API's clock, sends, judges. A timestamp that TikTok
 * refuses is repeated once with the clock of its answer. Everything else is the caller's decision.
 *
 * Owner:  api_start takes over ask->call. The answer lives until the callback returns.
 * Errors: in the answer; verdict.class says what to do, err what happened. A caller that goes away
 *         first must call api_cancel.
 */
#ifndef TTSYNC_GRANT_API_H
#define TTSYNC_GRANT_API_H

#include "common/err.h"
#include "daemon/tiktok/call.h"
#include "daemon/tiktok/errors.h"

#include <stddef.h>
#include <stdint.h>

#define API_RATE_WAIT_MS 20000 /* waiting longer for a permission is a failure: THROTTLED */

struct env;
struct json;
struct api;

struct api_answer {
	struct tt_verdict verdict; /* class TT_TRANSPORT where there was no answer */
	const struct err *err;     /* NULL: code 0 */
	const struct json *root;   /* the parsed body, NULL where it was no JSON */
	const char *body;
	size_t body_len;
	int64_t date_s; /* the answer's Date, -1 absent */
};

typedef void api_fn(const struct api_answer *a, void *arg);

struct api_ask {
	struct tt_call call;
	const char *cipher; /* NULL where the call takes none */
	const char *token;  /* copied */
	int64_t shop;       /* whose bucket; 0: the app's alone */
	bool interactive;
	/*
	 * How to make a tree of the body; NULL: json_parse. A caller that reads rows by itself
	 * gives back the frame alone.
	 */
	struct json *(*parse)(const char *body, size_t len, void *arg, struct err *e);
};

struct api *api_start(struct env *env, struct api_ask *ask, api_fn *fn, void *arg);
void api_cancel(struct api *a);

/* A plain GET to the token host, sent once at most. The URL holds secrets and is wiped after use.
 */
struct buf;
struct api *api_token_start(struct env *env, struct buf *url, int64_t timeout_ms, api_fn *fn,
                            void *arg);

#endif
