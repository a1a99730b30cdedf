/*
 * auth: the authorization page and the token host.
 *
 * Units:  expiry times are absolute seconds of the API's clock, 64 bits (100 years were seen).
 * Owner:  struct tt_tokens holds copies; wipe it with tt_tokens_wipe.
 * Source: tiktok-shop-api.md 2.2 to 2.5. The secret stands in the URL: never log one.
 */
#ifndef TTSYNC_TIKTOK_AUTH_H
#define TTSYNC_TIKTOK_AUTH_H

#include "common/buf.h"
#include "common/clock.h"
#include "common/err.h"

#include <stdbool.h>
#include <stddef.h>

#define TT_TOKEN_MAX  512
#define TT_SCOPES_MAX 40
#define TT_SCOPE_LEN  64
/* An expiry below this is a duration: some mocks send one (2.4, last paragraph). */
#define TT_ABSOLUTE_MIN 1000000000

struct json;

struct tt_tokens {
	char access[TT_TOKEN_MAX + 1];
	char refresh[TT_TOKEN_MAX + 1];
	struct wall access_expires;
	struct wall refresh_expires;
	char open_id[128];
	char seller_name[256];
	char region[8];
	int user_type; /* 0: a seller, the only kind that is a shop authorization; -1: no such kind
	                */
	bool scopes_known;
	int nscopes;
	char scopes[TT_SCOPES_MAX][TT_SCOPE_LEN];
};

/* Append the link a merchant opens. 0 or -1 (cap of out). */
int auth_page_url(struct buf *out, const char *authorize_url, const char *service_id,
                  const char *state);

/* Append the token host's URLs; both are plain GETs. */
int auth_get_url(struct buf *out, const char *auth_url, const char *app_key, const char *secret,
                 const char *code);
int auth_refresh_url(struct buf *out, const char *auth_url, const char *app_key, const char *secret,
                     const char *refresh_token);

/* Read a token answer whose code is 0. 0, or -1 (ERR_PARSE) where a field that must be is not. */
int auth_read_tokens(const struct json *root, struct wall api_now, struct tt_tokens *ret,
                     struct err *e);
void tt_tokens_wipe(struct tt_tokens *t);

/*
 * The scopes ttsyncd cannot work without and that are not granted, comma-separated into dst (""
 * when all are there, or when TikTok did not say).
 */
void auth_missing_scopes(const struct tt_tokens *t, char *dst, size_t room);

/* What the redirect carries. */
enum auth_outcome { AUTH_NO_STATE = 0, AUTH_DENIED, AUTH_CODE };
enum auth_outcome auth_read_callback(const char *code, const char *state, const char *error);

#endif
