/*
 * frame: one message a line, cut out of bytes that arrive in pieces.
 *
 * Errors: a line longer than the cap is ERR_INPUT; there is no way to find the next line's
 *         beginning cheaply, so the frame refuses from then on and its connection is to be closed.
 * Owner:  the struct is embedded in its holder.
 * Source: caps of reliability.md F46.
 */
#ifndef TTSYNC_FRAME_H
#define TTSYNC_FRAME_H

#include "common/buf.h"
#include "common/err.h"

#include <stdbool.h>
#include <stddef.h>

#define FRAME_REQUEST_MAX (64u << 10) /* bytes of a line with its newline */
#define FRAME_ANSWER_MAX  (1u << 20)

struct frame {
	struct buf in;
	size_t max;     /* bytes of a line with its newline */
	size_t begin;   /* of the next line in `in` */
	size_t scanned; /* no newline between begin and here */
};

void frame_init(struct frame *f, size_t max);
void frame_done(struct frame *f);

/* Take len more bytes, at most max at once. 0, or -1 when there is no memory for them. */
int frame_add(struct frame *f, const void *p, size_t len, struct err *e);
/*
 * The next whole line, without its newline (and without a carriage return before it), ended by a
 * NUL; *ret_len bytes. It lives until the next frame_ call. NULL: none is whole yet, or *e is set:
 * the line that arrives is longer than the cap.
 */
const char *frame_next(struct frame *f, size_t *ret_len, struct err *e);
/* Did a line begin that is not whole yet? Asked after frame_next returned NULL. */
bool frame_half(const struct frame *f);

#endif
