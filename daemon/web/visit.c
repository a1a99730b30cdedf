#include "daemon/web/visit.h"

#include "common/str.h"
#include "daemon/io/httpd.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define BASE64URL     "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
#define SESSION_BYTES 16
#define LANG_COOKIE   "ttsync_lang"
#define LANG_COOKIE_S 3600 /* an authorization link lives shorter */
#define COOKIE_TEXT   64
#define ORIGIN_TEXT   256

/* --- language -------------------------------------------------------------------------------- */

/* The weight behind one language range, in thousandths: ";q=0.8" is 800, none is 1000. */
static int
weight(const char *s, size_t len)
{
	const char *q = memmem(s, len, "q=", 2);
	int w = 0;

	if (!q)
		return 1000;
	if (q[2] == '1')
		return 1000;
	q += 2 + (q[2] == '0') + (q[2] == '0' && q[3] == '.');
	for (int unit = 100; unit && q < s + len && *q >= '0' && *q <= '9'; unit /= 10, q++)
		w += unit * (*q - '0');
	return w;
}

enum lang
visit_lang(const char *chosen, const char *accept)
{
	enum lang best = lang_parse(chosen);
	int most = 0;

	if (best != LANG_NONE || !accept)
		return best != LANG_NONE ? best : LANG_TH;
	for (const char *s = accept; *s; s += *s == ',') {
		size_t len;
		char tag[3] = "";

		s += strspn(s, " \t");
		len = strcspn(s, ",");
		if (len >= 2 && strchr("-;, \t", s[2])) {
			tag[0] = (char)(s[0] | 0x20);
			tag[1] = (char)(s[1] | 0x20);
		}
		if (lang_parse(tag) != LANG_NONE && weight(s, len) > most) {
			most = weight(s, len);
			best = lang_parse(tag);
		}
		s += len;
	}
	return best != LANG_NONE ? best : LANG_TH;
}

/* --- cookies --------------------------------------------------------------------------------- */

static bool
secure(const struct site *site)
{
	return !strncasecmp(site->public_url, "https:", 6);
}

/* A browser takes a name with this prefix from its own host alone, and over https alone. */
static const char *
session_name(const struct site *site)
{
	return secure(site) ? "__Host-ttsync_session" : "ttsync_session";
}

/* The first value of a cookie, or NULL where there is none or it does not fit. */
static const char *
cookie(const struct httpd_req *q, const char *name, char dst[COOKIE_TEXT])
{
	const char *s = httpd_header(q, "Cookie");
	size_t name_len = strlen(name);

	for (; s && *s; s += strcspn(s, ";"), s += *s == ';') {
		size_t len;

		s += strspn(s, " \t");
		if (strncmp(s, name, name_len) != 0 || s[name_len] != '=')
			continue;
		s += name_len + 1;
		len = strcspn(s, "; \t");
		if (len >= COOKIE_TEXT)
			return NULL;
		memcpy(dst, s, len);
		dst[len] = '\0';
		return dst;
	}
	return NULL;
}

static void
session_read(struct visit *v, const struct httpd_req *q)
{
	unsigned char random[SESSION_BYTES];
	char text[COOKIE_TEXT];
	const char *s = cookie(q, session_name(v->site), text);

	v->has_session = s && strlen(s) == VISIT_SESSION && strspn(s, BASE64URL) == VISIT_SESSION;
	if (v->has_session && str_copy(v->session, sizeof(v->session), s))
		return;
	crypto_random(random, sizeof(random));
	if (crypto_base64url(random, sizeof(random), v->session, sizeof(v->session)))
		abort();
}

const char *
visit_session_cookie(const struct visit *v, char dst[VISIT_COOKIE_MAX])
{
	snprintf(dst, VISIT_COOKIE_MAX, "Set-Cookie: %s=%s; Path=/; HttpOnly; SameSite=Lax%s",
	         session_name(v->site), v->session, secure(v->site) ? "; Secure" : "");
	return dst;
}

const char *
visit_lang_cookie(const struct visit *v, char dst[VISIT_COOKIE_MAX])
{
	snprintf(dst, VISIT_COOKIE_MAX,
	         "Set-Cookie: " LANG_COOKIE "=%s; Max-Age=%d; Path=/; HttpOnly; SameSite=Lax%s",
	         lang_name(v->lang), LANG_COOKIE_S, secure(v->site) ? "; Secure" : "");
	return dst;
}

/* --- the whole request ----------------------------------------------------------------------- */

static const char *
said(const struct httpd_req *q, const char *name, char *dst, size_t room)
{
	const char *s = httpd_form(q, name, dst, room);

	return s ? s : httpd_query(q, name, dst, room);
}

static void
lang_read(struct visit *v, const struct httpd_req *q)
{
	char asked[8], kept[COOKIE_TEXT];
	const char *s = said(q, "lang", asked, sizeof(asked));

	if (lang_parse(s) == LANG_NONE)
		s = cookie(q, LANG_COOKIE, kept);
	v->lang_said = lang_parse(s) != LANG_NONE;
	v->lang = visit_lang(s, httpd_header(q, "Accept-Language"));
}

static void
id_read(const struct httpd_req *q, const char *name, char dst[VISIT_ID_MAX + 1])
{
	if (!said(q, name, dst, VISIT_ID_MAX + 1))
		*dst = '\0';
	else if (!str_is_id(dst))
		str_copy(dst, VISIT_ID_MAX + 1, VISIT_NO_ID);
}

bool
visit_is_token(const char *s)
{
	size_t len = s ? strspn(s, BASE64URL) : 0;

	return len && len <= VISIT_TOKEN_MAX && !s[len];
}

void
visit_read(struct visit *v, const struct site *site, const struct httpd_req *q, const char *token)
{
	*v = (struct visit){ .site = site, .request = q->id };
	if (visit_is_token(token))
		str_copy(v->token, sizeof(v->token), token);
	lang_read(v, q);
	session_read(v, q);
	id_read(q, "shop", v->shop);
	id_read(q, "warehouse", v->warehouse);
	if (!httpd_query(q, "notice", v->notice, sizeof(v->notice)))
		*v->notice = '\0';
}

/* --- forms ----------------------------------------------------------------------------------- */

void
visit_hash(const char *s, char hex[2 * CRYPTO_HASH_BYTES + 1])
{
	unsigned char hash[CRYPTO_HASH_BYTES];

	crypto_sha256(s, strlen(s), hash);
	crypto_hex(hash, sizeof(hash), hex);
}

void
visit_csrf(const struct visit *v, char hex[CRYPTO_HMAC_HEX])
{
	const struct crypto_part link = { v->token, strlen(v->token) };

	crypto_hmac_hex(v->session, strlen(v->session), &link, 1, hex);
}

/* Is origin ("https://host[:port]") that of our public address, or of the host asked for? */
static bool
is_own_origin(const char *origin, const char *public_url, const char *host)
{
	const char *slashes = strstr(origin, "://");
	size_t len = strlen(origin);

	if (!strncasecmp(public_url, origin, len) && strchr("/", public_url[len]))
		return true;
	return slashes && host && !strcasecmp(slashes + 3, host);
}

bool
visit_trusts(const struct visit *v, const struct httpd_req *q)
{
	const char *fetch = httpd_header(q, "Sec-Fetch-Site");
	const char *origin = httpd_header(q, "Origin");
	char want[CRYPTO_HMAC_HEX], got[CRYPTO_HMAC_HEX];

	if (fetch && strcmp(fetch, "same-origin") != 0 && strcmp(fetch, "none") != 0)
		return false;
	if (origin && strcmp(origin, "null") != 0 &&
	    !is_own_origin(origin, v->site->public_url, httpd_header(q, "Host")))
		return false;
	if (!v->has_session || !httpd_form(q, "csrf", got, sizeof(got)) ||
	    strlen(got) != sizeof(got) - 1)
		return false;
	visit_csrf(v, want);
	return str_equal_secret(want, got, sizeof(want));
}

const char *
visit_address(const struct visit *v, const char *token, const char *with,
              char dst[VISIT_ADDRESS_MAX])
{
	snprintf(dst, VISIT_ADDRESS_MAX, "/connect/%s%s%s%s%s%s", token,
	         v->lang_said || with ? "?" : "", v->lang_said ? "lang=" : "",
	         v->lang_said ? lang_name(v->lang) : "", v->lang_said && with ? "&" : "",
	         with ? with : "");
	return dst;
}
