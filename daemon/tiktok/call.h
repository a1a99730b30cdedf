/*
 * call: one business call, ready to be signed and sent.
 *
 * Owner:  struct tt_call holds its own texts; nothing points outside it but the path of literals.
 * Source: tiktok-shop-api.md 1.3 and 3.4: a call is signed with the API's clock at the moment it
 *         is sent, anew on every retry.
 */
#ifndef TTSYNC_TIKTOK_CALL_H
#define TTSYNC_TIKTOK_CALL_H

#include "common/buf.h"
#include "common/clock.h"
#include "common/err.h"
#include "daemon/tiktok/sign.h"

#include <stdbool.h>

#define CALL_PARAMS_MAX 8
#define CALL_BODY_MAX   16384
#define CALL_PATH_MAX   160
#define CALL_TEXT_MAX   2600 /* 50 order ids with their commas, a page token */

struct tt_call {
	const char *method;
	char path[CALL_PATH_MAX];
	bool needs_cipher; /* tiktok-shop-api.md 1.4: some refuse it */
	size_t n;
	struct {
		const char *name;
		size_t at; /* of the value in texts */
	} params[CALL_PARAMS_MAX];
	struct buf texts;
	struct buf body; /* the very bytes signed and sent */
};

void call_init(struct tt_call *c, const char *method, const char *path, bool needs_cipher);
void call_done(struct tt_call *c);
void call_param(struct tt_call *c, const char *name, const char *value);
void call_param_i64(struct tt_call *c, const char *name, int64_t v);

/* The app's side of every call. */
struct tt_app {
	const char *api_url; /* "https://host", no slash at the end */
	const char *app_key;
	const char *app_secret;
};

/*
 * Append the signed URL. cipher may be NULL where the call takes none. 0, or -1 (ERR_NOMEM,
 * ERR_INPUT where a cipher is needed and missing).
 */
int call_url(const struct tt_call *c, const struct tt_app *app, const char *cipher,
             struct wall api_now, struct buf *url, struct err *e);

#endif
