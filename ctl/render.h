/*
 * render: answers as text. What they look like comes with them ("view"); no command is known here.
 *
 * `out` takes what goes to stdout: data alone. `notes` takes what goes to stderr.
 * JSON and JSON Lines are the data as it came; plain is the view's columns by their keys; a table
 * is for people: titles, words and times in their language, cut to the terminal.
 */
#ifndef TTCTL_RENDER_H
#define TTCTL_RENDER_H

#include "common/err.h"
#include "common/text.h"
#include "ctl/options.h"

#include <stdbool.h>
#include <stddef.h>

#define RENDER_COLUMNS_MAX 32

struct buf;
struct json;

struct render {
	enum format format;
	enum lang lang;
	bool colour;
	bool pretty; /* stdout is a terminal: JSON over many lines, links as QR codes */
	bool header;
	size_t width; /* of the terminal, 0: there is none */

	/* Events that come one by one: what the first brought, for all. */
	struct json *view;
	size_t kept[RENDER_COLUMNS_MAX];
	bool began;
};

void render_done(struct render *r);
/* {"ok":true,"data":,"view":} */
void render_answer(const struct render *r, const struct json *line, struct buf *out,
                   struct buf *notes);
/* {"event":,"view":,"progress":} */
void render_event(struct render *r, const struct json *line, struct buf *out, struct buf *notes);
/* The error object of an answer. */
void render_error(const struct render *r, const struct json *error, struct buf *notes);

#endif
