#include "daemon/tiktok/peek.h"

#include "common/json.h"
#include "common/own.h"

#include <endian.h>
#include <string.h>

#define EACH(byte) (UINT64_C(0x0101010101010101) * (byte))

/* A bit at the top of each byte of w below n (n at most 128); of those, only the lowest is sure. */
static inline uint64_t
bytes_below(uint64_t w, unsigned char n)
{
	return (w - EACH(n)) & ~w & EACH(0x80u);
}

static inline bool
is_plain(char c)
{
	return c != '"' && c != '\\' && (unsigned char)c >= 0x20;
}

/* Step to the next quote, backslash or control character, or to the end. */
static inline void
skip_plain(struct peek *c)
{
	uint64_t w, hit;

	while (c->end - c->p >= (ptrdiff_t)sizeof(w)) {
		memcpy(&w, c->p, sizeof(w));
		w = le64toh(w);
		hit = bytes_below(w ^ EACH('"'), 1) | bytes_below(w ^ EACH('\\'), 1) |
		      bytes_below(w, 0x20);
		if (hit) {
			c->p += __builtin_ctzll(hit) / 8;
			return;
		}
		c->p += sizeof(w);
	}
	while (c->p < c->end && is_plain(*c->p))
		c->p++;
}

bool
peek_string(struct peek *c, struct peek_span *ret)
{
	const char *from;

	if (!peek_take(c, '"'))
		return false;
	from = c->p;
	ret->escaped = false;
	for (;;) {
		skip_plain(c);
		if (c->p >= c->end)
			return false;
		if (*c->p == '"')
			break;
		if (*c->p != '\\' || c->end - c->p < 2)
			return false;
		ret->escaped = true;
		c->p += 2;
	}
	ret->p = from;
	ret->len = (size_t)(c->p - from);
	c->p++;
	return true;
}

bool
peek_bare(struct peek *c, struct peek_span *ret)
{
	static const char *const words[] = { "true", "false", "null" };

	peek_space(c);
	*ret = (struct peek_span){ c->p, 0, false };
	while (c->p < c->end && ((*c->p >= '0' && *c->p <= '9') || *c->p == '-' || *c->p == '+' ||
	                         *c->p == '.' || *c->p == 'e' || *c->p == 'E'))
		c->p++;
	ret->len = (size_t)(c->p - ret->p);
	for (size_t i = 0; !ret->len && i < ARRAY_LEN(words); i++) {
		size_t n = strlen(words[i]);

		if ((size_t)(c->end - c->p) >= n && !memcmp(c->p, words[i], n)) {
			c->p += n;
			ret->len = n;
		}
	}
	return ret->len > 0;
}

/* After a value inside a bracket: close what ends here. 1: a value follows, 0: all closed, -1. */
static int
close_or_go_on(struct peek *c, uint32_t *objects, int *depth)
{
	struct peek_span key;

	for (; *depth > 0; *objects >>= 1, --*depth) {
		bool in_object = *objects & 1;

		if (peek_take(c, ','))
			return !in_object || (peek_string(c, &key) && peek_take(c, ':')) ? 1 : -1;
		if (!peek_take(c, in_object ? '}' : ']'))
			return -1;
	}
	return 0;
}

bool
peek_skip(struct peek *c)
{
	uint32_t objects = 0; /* a bit a bracket, the innermost lowest: set for { */
	struct peek_span ignored;
	int depth = 0, more;

	do {
		bool brace = peek_is(c, '{');

		if (brace || peek_is(c, '[')) {
			if (++depth > JSON_DEPTH)
				return false;
			objects = objects << 1 | brace;
			c->p++;
			if (!peek_is(c, brace ? '}' : ']')) {
				if (brace && (!peek_string(c, &ignored) || !peek_take(c, ':')))
					return false;
				continue;
			}
		} else if (peek_is(c, '"') ? !peek_string(c, &ignored) : !peek_bare(c, &ignored)) {
			return false;
		}
		more = close_or_go_on(c, &objects, &depth);
		if (more < 0)
			return false;
	} while (depth > 0);
	return true;
}

int
peek_key(struct peek *c, bool *begun, struct peek_span *key)
{
	if (peek_take(c, '}'))
		return 0;
	if (*begun && !peek_take(c, ','))
		return -1;
	*begun = true;
	return peek_string(c, key) && !key->escaped && peek_take(c, ':') ? 1 : -1;
}
