/*
 * errors: what an answer of TikTok means for us.
 *
 * The body's code decides; the HTTP status only where the body is no envelope. "Unclear" is not
 * "dead": an unknown code is tried again later and counted.
 * Source: tiktok-shop-api.md 1.6, 4.1 to 4.3.
 */
#ifndef TTSYNC_TIKTOK_ERRORS_H
#define TTSYNC_TIKTOK_ERRORS_H

#include "common/err.h"

#include <stdbool.h>
#include <stdint.h>

struct json;

/* The token host's word that the authorization has run out, not that it was withdrawn (2.6). */
#define TT_REFRESH_EXPIRED 36004001

enum tt_class {
	TT_UNKNOWN = 0, /* a code this version does not know: transient, with an alert */
	TT_OK,
	TT_RETRY,          /* their trouble: again after a back-off */
	TT_THROTTLED,      /* too fast: again after Retry-After or a back-off */
	TT_TRANSPORT,      /* no envelope: HTML, empty, 5xx */
	TT_CLOCK,          /* our timestamp was refused: take the Date header, again at once */
	TT_REFRESH,        /* the access token is not accepted: one refresh, then again */
	TT_TOKEN_MISMATCH, /* token and cipher do not fit: read the authorized shops again */
	TT_SCOPE,          /* permission missing: a person must authorize again */
	TT_SHOP_INACTIVE,  /* shop or seller deactivated at TikTok */
	TT_CODE_REFUSED,   /* authorization code wrong, used or too old */
	TT_STATE_MISMATCH, /* authorization and region do not fit */
	TT_GRANT_DEAD,     /* the token host does not know the refresh token (any more) */
	TT_CONFIG,         /* app key, secret, allow list: all shops are affected */
	TT_BUG,            /* our request was wrong */
	TT_PARAM,          /* a parameter was refused: page token, window, size */
	TT_NOT_OURS,       /* order or package of another shop */
	TT_TOO_DEEP        /* more rows than the search gives: a narrower window */
};

struct tt_verdict {
	enum tt_class class;
	int64_t code; /* 0 also when there was no envelope */
	int http_status;
	int64_t retry_after_s; /* -1: none said */
	char message[120];     /* cut, one line; their words, in English or not */
	char request_id[48];
};

/* Judge an answer. root is the parsed body, or NULL where it is no JSON object. */
void tt_judge(int http_status, const struct json *root, int64_t retry_after_s,
              struct tt_verdict *ret);

/*
 * A verdict other than TT_OK as an error: kind by class, code as err.h says, text with code and
 * request id. Returns -1.
 */
int tt_error(const struct tt_verdict *v, struct err *e);

/* "throttled", "scope": for logs and counters. */
const char *tt_class_name(enum tt_class c);

#endif
