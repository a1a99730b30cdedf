#include "common/frame.h"

#include <string.h>

void
frame_init(struct frame *f, size_t max)
{
	*f = (struct frame){ .max = max };
	/* what is left of one line, and one read behind it */
	buf_init(&f->in, 2 * max);
}

void
frame_done(struct frame *f)
{
	buf_done(&f->in);
}

int
frame_add(struct frame *f, const void *p, size_t len, struct err *e)
{
	if (f->begin) {
		buf_drop(&f->in, f->begin);
		f->scanned -= f->begin;
		f->begin = 0;
	}
	if (buf_add(&f->in, p, len))
		return err_set(e, ERR_NOMEM, 0, "no memory for %zu bytes of input", len);
	return 0;
}

const char *
frame_next(struct frame *f, size_t *ret_len, struct err *e)
{
	char *line, *end;
	size_t len;

	err_clear(e);
	if (f->begin == f->in.len)
		return NULL;
	end = memchr(f->in.data + f->scanned, '\n', f->in.len - f->scanned);
	f->scanned = end ? (size_t)(end - f->in.data) + 1 : f->in.len;
	if (f->scanned - f->begin > f->max) {
		err_set(e, ERR_INPUT, 0, "a line is longer than %zu bytes", f->max);
		return NULL;
	}
	if (!end)
		return NULL;
	line = f->in.data + f->begin;
	len = (size_t)(end - line);
	f->begin = f->scanned;
	if (len && line[len - 1] == '\r')
		len--;
	line[len] = '\0';
	*ret_len = len;
	return line;
}

bool
frame_half(const struct frame *f)
{
	return f->begin < f->in.len;
}
