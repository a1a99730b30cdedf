/*
 * visit: what a request says about who looks at what: language, browser session, link, choice.
 *
 * A browser session is 128 random bits in a cookie that no script can read and that other sites
 * cannot send with a form. Every form of ours carries a hash of session and link: a form that was
 * not made for this browser and this link is refused. The token of a link is known here and to its
 * holder only: the database keeps its hash, as it does with the session.
 *
 * Owner:  values, copied from the request; site is kept and outlives all visits.
 * Source: reliability.md 10; RFC 6265bis 4.1.3 (prefix __Host-); Fetch, "append a request Origin
 *         header": under no-referrer a form of our own page comes with "Origin: null".
 */
#ifndef TTSYNC_VISIT_H
#define TTSYNC_VISIT_H

#include "common/crypto.h"
#include "common/text.h"

#include <stdbool.h>
#include <stdint.h>

#define VISIT_TOKEN_MAX   128
#define VISIT_SESSION     22 /* characters: 16 bytes in base64url */
#define VISIT_ID_MAX      20
#define VISIT_NO_ID       "?" /* something was chosen that is no id */
#define VISIT_WORD_MAX    31
#define VISIT_COOKIE_MAX  128
#define VISIT_ADDRESS_MAX 320

struct httpd_req;

/* Addresses that pages depend on, of the configuration. */
struct site {
	const char *public_url;    /* "": as the browser's Host says, over http */
	const char *authorize_url; /* TikTok's page */
};

struct visit {
	const struct site *site;
	uint64_t request;
	enum lang lang;
	bool lang_said; /* chosen, not guessed by what the browser prefers */
	bool once;      /* its address cannot be asked for twice: the other language is folded in */
	bool has_session;
	char session[VISIT_SESSION + 1]; /* the browser's, or a fresh one */
	char token[VISIT_TOKEN_MAX + 1]; /* of the link; "": none that could be ours */
	char shop[VISIT_ID_MAX + 1];     /* chosen so far; "": not yet */
	char warehouse[VISIT_ID_MAX + 1];
	char notice[VISIT_WORD_MAX + 1]; /* what the page before has to say, or "" */
};

/* Everything of q; fields of a form win over the query. */
void visit_read(struct visit *v, const struct site *site, const struct httpd_req *q,
                const char *token);
/* Whether a link could have this token. */
bool visit_is_token(const char *s);
/*
 * The language a reader wants: what was chosen ("th", "en"; else NULL or anything) first, then
 * Accept-Language by its weights (RFC 9110 12.5.4), then Thai.
 */
enum lang visit_lang(const char *chosen, const char *accept);

/* SHA-256 of a text in hex. */
void visit_hash(const char *s, char hex[2 * CRYPTO_HASH_BYTES + 1]);
/* What the forms of this visit carry. */
void visit_csrf(const struct visit *v, char hex[CRYPTO_HMAC_HEX]);
/* Was this form made by our page, for this browser and this link? */
bool visit_trusts(const struct visit *v, const struct httpd_req *q);

/* Header lines: the session; the language for the way back from TikTok, which keeps no query. */
const char *visit_session_cookie(const struct visit *v, char dst[VISIT_COOKIE_MAX]);
const char *visit_lang_cookie(const struct visit *v, char dst[VISIT_COOKIE_MAX]);

/*
 * "/connect/TOKEN" with the language where it was chosen. with: "name=value" pairs to stand behind
 * it, safe in a URL; may be NULL.
 */
const char *visit_address(const struct visit *v, const char *token, const char *with,
                          char dst[VISIT_ADDRESS_MAX]);

#endif
