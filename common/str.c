#include "common/str.h"

#include "common/buf.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define ID_DIGITS_MAX     20
#define AMOUNT_DIGITS_MAX 15
#define AMOUNT_DECIMALS   6
#define DISTANCE_LEN_MAX  32

int
str_i64(const char *s, int64_t *ret)
{
	long long v;
	char *end;

	if (!s || !(isdigit((unsigned char)s[0]) || (s[0] == '-' && isdigit((unsigned char)s[1]))))
		return -1;
	errno = 0;
	v = strtoll(s, &end, 10);
	if (errno || *end)
		return -1;
	*ret = v;
	return 0;
}

int
str_duration_ms(const char *s, int64_t *ret)
{
	static const struct {
		const char *unit;
		int64_t ms;
	} units[] = {
		{ "ms", 1 }, { "s", 1000 }, { "m", 60000 }, { "h", 3600000 }, { "d", 86400000 }
	};
	long long v;
	char *end;

	if (!s || !isdigit((unsigned char)s[0]))
		return -1;
	errno = 0;
	v = strtoll(s, &end, 10);
	if (errno)
		return -1;
	if (!*end && v == 0) {
		*ret = 0;
		return 0;
	}
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		int64_t ms;

		if (strcmp(end, units[i].unit))
			continue;
		if (__builtin_mul_overflow((int64_t)v, units[i].ms, &ms))
			return -1;
		*ret = ms;
		return 0;
	}
	return -1;
}

bool
str_is_id(const char *s)
{
	size_t n = strspn(s, "0123456789");

	return n > 0 && n <= ID_DIGITS_MAX && !s[n];
}

bool
str_is_amount(const char *s)
{
	size_t n;

	if (*s == '-')
		s++;
	n = strspn(s, "0123456789");
	if (n == 0 || n > AMOUNT_DIGITS_MAX)
		return false;
	s += n;
	if (!*s)
		return true;
	if (*s++ != '.')
		return false;
	n = strspn(s, "0123456789");
	return n > 0 && n <= AMOUNT_DECIMALS && !s[n];
}

bool
str_utf8(const char *s, size_t len)
{
	const unsigned char *p = (const unsigned char *)s, *end = p + len;

	while (p < end) {
		unsigned more, cp, min;

		if (*p < 0x80) {
			p++;
			continue;
		}
		if (*p >= 0xc2 && *p <= 0xdf)
			more = 1, cp = *p & 0x1fu, min = 0x80;
		else if ((*p & 0xf0) == 0xe0)
			more = 2, cp = *p & 0x0fu, min = 0x800;
		else if (*p >= 0xf0 && *p <= 0xf4)
			more = 3, cp = *p & 0x07u, min = 0x10000;
		else
			return false;
		if ((size_t)(end - p) <= more)
			return false;
		for (unsigned i = 1; i <= more; i++) {
			if ((p[i] & 0xc0) != 0x80)
				return false;
			cp = cp << 6 | (p[i] & 0x3fu);
		}
		if (cp < min || cp > 0x10ffff || (cp >= 0xd800 && cp <= 0xdfff))
			return false;
		p += more + 1;
	}
	return true;
}

static void
percent_encode(struct buf *out, const char *s)
{
	for (; *s; s++) {
		if (isalnum((unsigned char)*s) || strchr("-._~", *s))
			buf_chr(out, *s);
		else
			buf_printf(out, "%%%02X", (unsigned)(unsigned char)*s);
	}
}

int
str_query(struct buf *out, const char *name, const char *value)
{
	if (out->len && out->data[out->len - 1] != '?')
		buf_chr(out, '&');
	percent_encode(out, name);
	buf_chr(out, '=');
	percent_encode(out, value);
	return out->failed ? -1 : 0;
}

bool
str_copy(char *dst, size_t room, const char *src)
{
	size_t len = strlen(src);

	if (len >= room) {
		dst[0] = '\0';
		return false;
	}
	memcpy(dst, src, len + 1);
	return true;
}

int
str_distance(const char *a, const char *b, int max)
{
	size_t la = strlen(a), lb = strlen(b);
	int row[DISTANCE_LEN_MAX + 1];

	if (la > DISTANCE_LEN_MAX || lb > DISTANCE_LEN_MAX)
		return max + 1;
	for (size_t j = 0; j <= lb; j++)
		row[j] = (int)j;
	for (size_t i = 1; i <= la; i++) {
		int diag = row[0];

		row[0] = (int)i;
		for (size_t j = 1; j <= lb; j++) {
			int keep = diag + (a[i - 1] != b[j - 1]);

			diag = row[j];
			row[j] = keep < row[j] + 1 ? keep : row[j] + 1;
			if (row[j - 1] + 1 < row[j])
				row[j] = row[j - 1] + 1;
		}
	}
	return row[lb] > max ? max + 1 : row[lb];
}

bool
str_equal_secret(const void *a, const void *b, size_t len)
{
	const unsigned char *x = a, *y = b;
	unsigned diff = 0;

	for (size_t i = 0; i < len; i++)
		diff |= (unsigned)(x[i] ^ y[i]);
	return diff == 0;
}
