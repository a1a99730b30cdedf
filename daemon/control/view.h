/*
 * view: how an answer looks to a person, as data that travels with it.
 *
 * ttctl draws tables and knows no command: the columns, their titles in Thai and English and the
 * notes come from here. A list ({"items": [...]}) is a table of its columns, or, where there are
 * parts, a document for each item; a document is a line for each column and a table for each part.
 */
#ifndef TTSYNC_VIEW_H
#define TTSYNC_VIEW_H

#include "common/text.h"

struct json;

enum view_kind {
	VIEW_TEXT = 0,
	VIEW_NUMBER, /* to the right, never cut */
	VIEW_WORD,   /* translated and coloured by common/text.def */
	VIEW_TIME,   /* RFC 3339; a person reads date and minute */
	VIEW_SPAN,   /* seconds; a person reads "2 h 5 min" */
	VIEW_LINK    /* to be opened; on a terminal a QR code stands below */
};

struct view_col {
	const char *key; /* "counts.orders": inside of an object; NULL ends a list */
	const char *en;
	const char *th;
	enum view_kind kind;
};

/*
 * What people read instead of the value of a column: "{orders.done}[ of {orders.total}]".
 * {key|kind} stands for a value of the document as it is read; what stands in [] goes where a value
 * in it is not there.
 */
struct view_form {
	const char *key; /* of the column; NULL ends a list */
	const char *en;
	const char *th;
};

/*
 * A value of the document shown as a table of its own: a list of objects, or an object, whose
 * rows are then {"key":, "value":}.
 */
struct view_part {
	const char *key; /* NULL ends a list */
	const char *en;
	const char *th;
	const struct view_col *cols;
};

struct view {
	const struct view_col *cols;
	const struct view_form *forms; /* of columns; may be NULL */
	/* Keys of columns that a list can do without, NULL at the end: where a terminal is too
	 * narrow they go before anything is cut, the last one first. May be NULL. */
	const char *const *minor;
	const struct view_part *parts; /* may be NULL */
	const char *text;              /* the string under this key, where there is one, as it is */
	const char *note_en;           /* below, a form */
	const char *note_th;
	const char *empty_en; /* instead of a list without items */
	const char *empty_th;
};

/* As it travels; the caller owns it. */
struct json *view_json(const struct view *v, enum lang lang);

#endif
