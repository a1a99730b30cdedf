/*
 * peek: walking over JSON text without making a tree of it.
 *
 * What is asked for must be what stands there, else the answer is false (or -1) and the walk has
 * ended: the caller turns to json_parse, which knows why. Brackets, commas, colons and quotes are
 * checked also in what is stepped over; UTF-8, escapes and the digits of numbers are not.
 *
 * Owner: spans point into the text. Nothing is allocated.
 */
#ifndef TTSYNC_TIKTOK_PEEK_H
#define TTSYNC_TIKTOK_PEEK_H

#include <stdbool.h>
#include <stddef.h>

/* A place in the text. */
struct peek {
	const char *p;
	const char *end;
};

struct peek_span {
	const char *p;
	size_t len;
	bool escaped; /* a backslash is inside */
};

static inline void
peek_space(struct peek *c)
{
	while (c->p < c->end && (*c->p == ' ' || *c->p == '\n' || *c->p == '\r' || *c->p == '\t'))
		c->p++;
}

/* Is this mark next, white space aside? */
static inline bool
peek_is(struct peek *c, char mark)
{
	peek_space(c);
	return c->p < c->end && *c->p == mark;
}

/* The same, and step over it. */
static inline bool
peek_take(struct peek *c, char mark)
{
	if (!peek_is(c, mark))
		return false;
	c->p++;
	return true;
}

/* A string: what stands between its quotes, escapes as they are; no control characters. */
bool peek_string(struct peek *c, struct peek_span *ret);

/* A number, or true, false, null: as it stands. */
bool peek_bare(struct peek *c, struct peek_span *ret);

/* Step over a value of any kind, JSON_DEPTH deep at most. */
bool peek_skip(struct peek *c);

/*
 * The next key of an object whose brace was taken; its value is next then. begun starts as false.
 * 1: there is one, 0: the object ended, -1: surprise. A key that has escapes is a surprise.
 */
int peek_key(struct peek *c, bool *begun, struct peek_span *key);

#endif
