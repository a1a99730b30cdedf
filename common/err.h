/*
 * err: why something failed, as a value.
 *
 * A fallible function returns 0 or -1 (or a pointer or NULL) and fills a struct err, its last
 * argument. The kind decides what happens next; the text is for people and holds neither tokens
 * nor personal data.
 */
#ifndef TTSYNC_ERR_H
#define TTSYNC_ERR_H

enum err_kind {
	ERR_NONE = 0,
	ERR_NOMEM,     /* out of memory, or a buffer reached its cap */
	ERR_INPUT,     /* the caller's words are wrong; code is an exit code of common/exits.def */
	ERR_IO,        /* connection refused, reset, gone; code is errno or the library's number */
	ERR_TIMEOUT,   /* a deadline passed; code is 0 */
	ERR_THROTTLED, /* told to wait; code is seconds, 0 where nothing was said */
	ERR_AUTH,      /* a token, scope or grant was refused; code is the API's */
	ERR_REMOTE,    /* the other side answered with a failure; code is the API's or HTTP's */
	ERR_PARSE,     /* an answer was not understood */
	ERR_FENCED,    /* another daemon owns the shop now */
	ERR_CANCELLED  /* given up on purpose: shutdown, client gone */
};

struct err {
	enum err_kind kind;
	int code;
	char text[240]; /* one line */
	char hint[200]; /* what to do next, or "" */
	char tag[32];   /* a word for programs, "duplicate_alias", or "" */
};

/* Fill *e and return -1, so that `return err_set(...)` ends a failing function. e may be NULL. */
int err_set(struct err *e, enum err_kind kind, int code, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

/* Set the hint of an err that is already filled; returns -1. */
int err_hint(struct err *e, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Set the tag of an err that is already filled; returns -1. */
int err_tag(struct err *e, const char *tag);

/* Back to "nothing failed". */
void err_clear(struct err *e);

/* The kind's name for logs: "timeout", "auth". Never NULL. */
const char *err_name(enum err_kind kind);

#endif
