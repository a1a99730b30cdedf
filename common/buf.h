/*
 * buf: bytes that grow up to a cap.
 *
 * Errors: past the cap, or out of memory, an append does nothing, returns -1 and marks the buffer
 *         as failed; it stays failed until buf_reset, so that a run of appends is checked once.
 * Owner:  the struct is embedded in its holder; buf_done frees the bytes and wipes nothing
 *         (buf_wipe first, for secrets).
 */
#ifndef TTSYNC_BUF_H
#define TTSYNC_BUF_H

#include <stdbool.h>
#include <stddef.h>

struct buf {
	char
	    *data; /* always ends with a NUL that does not count, or NULL before the first append */
	size_t len;
	size_t room;
	size_t cap;
	bool failed;
};

void buf_init(struct buf *b, size_t cap);
void buf_done(struct buf *b);
/* Empty it, keep the memory. */
void buf_reset(struct buf *b);
/* Overwrite what it holds, then empty it. */
void buf_wipe(struct buf *b);

int buf_add(struct buf *b, const void *p, size_t len);
int buf_str(struct buf *b, const char *s);
int buf_chr(struct buf *b, char c);
int buf_printf(struct buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Drop the first n bytes (n at most len). */
void buf_drop(struct buf *b, size_t n);
/* n bytes of room at the end to be written by the caller, counted at once; NULL when failed. */
void *buf_extend(struct buf *b, size_t n);
/* What it holds as a string: "" when empty. Valid until the next change. */
const char *buf_text(const struct buf *b);

#endif
