#include "tests/sandbox/jw.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static void
comma(struct buf *b)
{
	char last = b->len ? b->data[b->len - 1] : '{';

	if (last != '{' && last != '[' && last != ':')
		buf_chr(b, ',');
}

/* The bytes of s between quotes, what must be escaped escaped. */
static void
quoted(struct buf *b, const char *s)
{
	static const char *const stops = "\"\\\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d"
					 "\x0e\x0f\x10\x11\x12\x13\x14\x15\x16\x17\x18\x19\x1a\x1b"
					 "\x1c\x1d\x1e\x1f";

	buf_chr(b, '"');
	for (;;) {
		size_t n = strcspn(s, stops);

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
	size_t n = strlen(key);
	char *to;

	comma(b);
	to = buf_extend(b, n + 3);
	if (!to)
		return;
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
	int n = snprintf(t, sizeof(t), "%" PRId64, v);

	jw_key(b, key);
	buf_add(b, t, (size_t)n);
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
	char t[24] = "";

	if (id)
		snprintf(t, sizeof(t), "%" PRIu64, id);
	jw_str(b, key, t);
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

	snprintf(t, sizeof(t), "%" PRIu64, id);
	jw_item(b, t);
}

void
jw_raw(struct buf *b, const char *text, size_t len)
{
	comma(b);
	buf_add(b, text, len);
}
