/*
 * more: a list that one answer had no room for, made whole.
 *
 * An answer of the daemon may carry "more": {"flag":"--after","value":"..."}. That is put among the
 * words of the request, which is sent again, until an answer carries none.
 */
#ifndef TTCTL_MORE_H
#define TTCTL_MORE_H

#include "ctl/ask.h"

#include <stdbool.h>

#define MORE_MAX 1000 /* answers that make one list */

struct json;

struct more {
	struct json *line;  /* the first answer; its items are those of all */
	struct json *items; /* in it */
	int answers;
};

/* Legal on one that took nothing. */
void more_done(struct more *m);
/*
 * Take an answer. True: it is a part, and words are those to ask with for the next one (the
 * caller's words_done). False: it was the last.
 */
bool more_take(struct more *m, const struct json *line, const struct words *asked,
               struct words *words);
/* All of them as one answer; line where it was the only one. */
const struct json *more_whole(const struct more *m, const struct json *line);

#endif
