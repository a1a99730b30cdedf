#include "tests/sandbox/jw.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static bool
wants_comma(const struct buf *b)
{
	char last = b->len ? b->data[b->len - 1] : '{';

	return last != '{' && last != '[' && last != ':';
}

static void
comma(struct buf *b)
{
	if (wants_comma(b))
		buf_chr(b, ',');
}

/* The decimal digits of v, somewhere in t. */
static const char *
digits(uint64_t v, char t[24])
{
	char *at = t + 23;

	*at = '\0';
	do
		*--at = (char)('0' + v % 10);
	while (v /= 10);
	return at;
}

/* How many bytes of s can stand in a string as they are. */
static size_t
plain(const char *s)
{
	size_t n = 0;

	while ((unsigned char)s[n] >= 0x20 && s[n] != '"' && s[n] != '\\')
		n++;
	return n;
}

/* The bytes of s between quotes, what must be escaped escaped. */
static void
quoted(struct buf *b, const char *s)
{
	size_t n = plain(s);
	char *to;

	if (!s[n]) { /* nearly always */
		to = buf_extend(b, n + 2);
		if (!to)
			return;
		to[0] = '"';
		memcpy(to + 1, s, n);
		to[n + 1] = '"';
		return;
	}
	buf_chr(b, '"');
	for (;; n = plain(s)) {
		buf_add(b, s, n);
		s += n;
		if (!*s)
			break;
		if (*s == '"' || *s == '\\')
			buf_printf(b, "\\%c", *s);
		else
			buf_printf(b, "\\u%04x", (unsigned)*s);
		s++;
	}
	buf_chr(b, '"');
}

void
jw_open(struct buf *b, char bracket)
{
	comma(b);
	buf_chr(b, bracket);
}

void
jw_close(struct buf *b, char bracket)
{
	buf_chr(b, bracket);
}

void
jw_key(struct buf *b, const char *key)
{
	const size_t n = strlen(key), comma_len = wants_comma(b);
	char *to = buf_extend(b, comma_len + n + 3);

	if (!to)
		return;
	if (comma_len)
		*to++ = ',';
	to[0] = '"';
	memcpy(to + 1, key, n);
	memcpy(to + 1 + n, "\":", 2);
}

void
jw_obj(struct buf *b, const char *key)
{
	jw_key(b, key);
	buf_chr(b, '{');
}

void
jw_arr(struct buf *b, const char *key)
{
	jw_key(b, key);
	buf_chr(b, '[');
}

void
jw_str(struct buf *b, const char *key, const char *s)
{
	jw_key(b, key);
	quoted(b, s);
}

void
jw_int(struct buf *b, const char *key, int64_t v)
{
	char t[24];

	jw_key(b, key);
	if (v < 0)
		buf_chr(b, '-');
	buf_str(b, digits(v < 0 ? (uint64_t)0 - (uint64_t)v : (uint64_t)v, t));
}

void
jw_bool(struct buf *b, const char *key, bool v)
{
	jw_key(b, key);
	buf_str(b, v ? "true" : "false");
}

void
jw_null(struct buf *b, const char *key)
{
	jw_key(b, key);
	buf_str(b, "null");
}

void
jw_id(struct buf *b, const char *key, uint64_t id)
{
	char t[24];

	jw_str(b, key, id ? digits(id, t) : "");
}

const char *
jw_amount(int64_t satang, char dst[24])
{
	const char *sign = satang < 0 ? "-" : "";
	uint64_t v = satang < 0 ? (uint64_t)0 - (uint64_t)satang : (uint64_t)satang;

	if (v % 100)
		snprintf(dst, 24, "%s%" PRIu64 ".%02" PRIu64, sign, v / 100, v % 100);
	else
		snprintf(dst, 24, "%s%" PRIu64, sign, v / 100);
	return dst;
}

void
jw_money(struct buf *b, const char *key, int64_t satang)
{
	char t[24];

	jw_str(b, key, jw_amount(satang, t));
}

void
jw_item(struct buf *b, const char *s)
{
	comma(b);
	quoted(b, s);
}

void
jw_item_id(struct buf *b, uint64_t id)
{
	char t[24];

	jw_item(b, digits(id, t));
}

void
jw_raw(struct buf *b, const char *text, size_t len)
{
	comma(b);
	buf_add(b, text, len);
}
