/*
 * walk_window: what a walk reads next: a page of its window, the next window, or nothing more.
 *
 * It alone moves a walk's cursor, window, span and page token. It asks and stores nothing: walk.c
 * does what it says. Only walk.c includes this.
 *
 * Source: reliability.md 6; walk.h says how windows follow each other.
 */
#ifndef TTSYNC_WALK_WINDOW_H
#define TTSYNC_WALK_WINDOW_H

#include "common/err.h"

#include <stdbool.h>

struct buf;
struct walk;

enum walk_next {
	WALK_NEXT_STUCK = 0, /* the smallest window is no good either: *e says why */
	WALK_NEXT_CALL,      /* the page that win and page_token name */
	WALK_NEXT_LATER,     /* there is more, but the slice is full */
	WALK_NEXT_END        /* all is read */
};

/*
 * Where the claim says that the last slice ended, or, of a first walk that was killed, the page
 * behind the last one that was stored; never WALK_NEXT_STUCK.
 */
enum walk_next walk_window_begin(struct walk *w);
/* Write the page that comes next as JSON, for the claim after a kill; nothing where it is a
 * window's first. */
void walk_window_mark(const struct walk *w, struct buf *out);
/* The page in now is stored, and counts. */
void walk_window_count(struct walk *w);
/* What follows the page in now, which was counted. */
enum walk_next walk_window_next(struct walk *w, struct err *e);
/* This window is no good to the end: again, and after some times again but narrower. */
enum walk_next walk_window_again(struct walk *w, const char *why, bool narrower, struct err *e);

#endif
