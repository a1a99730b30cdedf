#include "common/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void
buf_init(struct buf *b, size_t cap)
{
	memset(b, 0, sizeof(*b));
	b->cap = cap;
}

void
buf_done(struct buf *b)
{
	free(b->data);
	memset(b, 0, sizeof(*b));
}

void
buf_reset(struct buf *b)
{
	b->len = 0;
	b->failed = false;
	if (b->data)
		b->data[0] = '\0';
}

void
buf_wipe(struct buf *b)
{
	if (b->data)
		explicit_bzero(b->data, b->room);
	buf_reset(b);
}

static int
buf_reserve(struct buf *b, size_t n)
{
	size_t room = b->room ? b->room : 64;
	char *p;

	if (b->failed || n > b->cap || b->len > b->cap - n) {
		b->failed = true;
		return -1;
	}
	if (b->room > b->len + n)
		return 0;
	while (room <= b->len + n)
		room *= 2;
	p = realloc(b->data, room);
	if (!p) {
		b->failed = true;
		return -1;
	}
	b->data = p;
	b->room = room;
	return 0;
}

void *
buf_extend(struct buf *b, size_t n)
{
	char *p;

	if (buf_reserve(b, n))
		return NULL;
	p = b->data + b->len;
	b->len += n;
	b->data[b->len] = '\0';
	return p;
}

int
buf_add(struct buf *b, const void *p, size_t len)
{
	void *to = buf_extend(b, len);

	if (!to)
		return -1;
	if (len)
		memcpy(to, p, len);
	return 0;
}

int
buf_str(struct buf *b, const char *s)
{
	return buf_add(b, s, strlen(s));
}

int
buf_chr(struct buf *b, char c)
{
	return buf_add(b, &c, 1);
}

int
buf_printf(struct buf *b, const char *fmt, ...)
{
	va_list ap;
	char *to;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (n < 0 || buf_reserve(b, (size_t)n)) {
		b->failed = true;
		return -1;
	}
	to = b->data + b->len;
	va_start(ap, fmt);
	vsnprintf(to, (size_t)n + 1, fmt, ap);
	va_end(ap);
	b->len += (size_t)n;
	return 0;
}

void
buf_drop(struct buf *b, size_t n)
{
	if (!n)
		return;
	b->len -= n;
	memmove(b->data, b->data + n, b->len + 1);
}

const char *
buf_text(const struct buf *b)
{
	return b->data ? b->data : "";
}
