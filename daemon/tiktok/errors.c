#include "daemon/tiktok/errors.h"

#include "common/json.h"

#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#define CODE_COLLECTIVE 36009004

static const struct {
	int64_t code;
	enum tt_class class;
} codes[] = {
#define TT_CODE(c, k) { c, TT_##k },
#include "daemon/tiktok/errors.def"
#undef TT_CODE
};

/* The collective code, by words of its message; the first row that fits counts. */
static const struct {
	const char *words;
	enum tt_class class;
} texts[] = {
	{ "signature in the query", TT_BUG },
	{ "access_token", TT_REFRESH }, /* also x-tts-access-token */
	{ "access-token", TT_REFRESH },
	{ "app_key", TT_CONFIG },
	{ "timestamp", TT_CLOCK },
	{ "shop_cipher", TT_BUG },
	{ "'shop_id'", TT_BUG },
	{ "version", TT_BUG },
	{ "not required", TT_BUG },
	{ "page_token", TT_PARAM },
	{ "page_size", TT_PARAM },
	{ "_time_", TT_PARAM },
	{ "is missing", TT_BUG },
};

static enum tt_class
class_of(int64_t code, const char *message)
{
	for (size_t i = 0; i < ARRAY_LEN(codes); i++)
		if (codes[i].code == code)
			return codes[i].class;
	if (code == CODE_COLLECTIVE)
		for (size_t i = 0; i < ARRAY_LEN(texts); i++)
			if (strcasestr(message, texts[i].words))
				return texts[i].class;
	return TT_UNKNOWN;
}

static void
copy_line(char *dst, size_t room, const char *src)
{
	size_t n = strnlen(src, room - 1);

	while (n && ((unsigned char)src[n] & 0xc0) == 0x80) /* not inside a character */
		n--;
	memcpy(dst, src, n);
	dst[n] = '\0';
	for (char *p = dst; *p; p++)
		if ((unsigned char)*p < 0x20 || *p == 0x7f)
			*p = ' ';
}

void
tt_judge(int http_status, const struct json *root, int64_t retry_after_s, struct tt_verdict *ret)
{
	const char *message = json_str(root, "message"), *id = json_str(root, "request_id");

	memset(ret, 0, sizeof(*ret));
	ret->http_status = http_status;
	ret->retry_after_s = retry_after_s;
	copy_line(ret->message, sizeof(ret->message), message ? message : "");
	copy_line(ret->request_id, sizeof(ret->request_id), id ? id : "");
	if (json_i64(root, "code", &ret->code)) {
		ret->class = http_status == 429 ? TT_THROTTLED : TT_TRANSPORT;
		return;
	}
	ret->class = ret->code == 0 ? TT_OK : class_of(ret->code, message ? message : "");
	if (ret->class == TT_UNKNOWN && http_status == 429)
		ret->class = TT_THROTTLED;
}

static enum err_kind
kind_of(enum tt_class c)
{
	switch (c) {
	case TT_OK:
		return ERR_NONE;
	case TT_THROTTLED:
		return ERR_THROTTLED;
	case TT_TRANSPORT:
		return ERR_IO;
	case TT_REFRESH:
	case TT_TOKEN_MISMATCH:
	case TT_SCOPE:
	case TT_SHOP_INACTIVE:
	case TT_GRANT_DEAD:
	case TT_CODE_REFUSED:
	case TT_STATE_MISMATCH:
		return ERR_AUTH;
	case TT_UNKNOWN:
	case TT_RETRY:
	case TT_CLOCK:
	case TT_CONFIG:
	case TT_BUG:
	case TT_PARAM:
	case TT_NOT_OURS:
	case TT_TOO_DEEP:
		return ERR_REMOTE;
	}
	return ERR_REMOTE;
}

int
tt_error(const struct tt_verdict *v, struct err *e)
{
	enum err_kind kind = kind_of(v->class);
	int code = (int)v->code;

	if (kind == ERR_THROTTLED)
		code =
		    v->retry_after_s > 0 && v->retry_after_s < INT_MAX ? (int)v->retry_after_s : 0;
	else if (kind == ERR_IO)
		code = v->http_status;
	if (!v->code)
		return err_set(e, kind, code, "TikTok answered HTTP %d without its envelope",
		               v->http_status);
	return err_set(e, kind, code, "TikTok %" PRId64 " (%s): %s [request %s]", v->code,
	               tt_class_name(v->class), v->message, v->request_id);
}

const char *
tt_class_name(enum tt_class c)
{
	static const char *const names[] = {
		[TT_UNKNOWN] = "unknown",
		[TT_OK] = "ok",
		[TT_RETRY] = "retry",
		[TT_THROTTLED] = "throttled",
		[TT_TRANSPORT] = "transport",
		[TT_CLOCK] = "clock",
		[TT_REFRESH] = "token refused",
		[TT_TOKEN_MISMATCH] = "token and shop differ",
		[TT_SCOPE] = "permission missing",
		[TT_SHOP_INACTIVE] = "shop deactivated",
		[TT_CODE_REFUSED] = "authorization code refused",
		[TT_STATE_MISMATCH] = "authorization of another region",
		[TT_GRANT_DEAD] = "authorization ended",
		[TT_CONFIG] = "app configuration",
		[TT_BUG] = "request refused",
		[TT_PARAM] = "parameter refused",
		[TT_NOT_OURS] = "of another shop",
		[TT_TOO_DEEP] = "too many rows",
	};

	return (size_t)c < ARRAY_LEN(names) ? names[c] : names[TT_UNKNOWN];
}
