/*
 * form: values as a person reads them, and lines made of them.
 *
 * A form is text with values in it: "{done}[ of {total}][, {eta_s|span} left]". {key} stands for a
 * value of the document, {key|kind} for how it is read. What stands in [] goes where a value in it
 * is not there; brackets without a value in them are text.
 *
 * Values are tamed (common/cells.h): whoever named a shop steers no terminal.
 */
#ifndef TTCTL_FORM_H
#define TTCTL_FORM_H

#include "common/text.h"

#include <stdbool.h>

struct buf;
struct json;

/* The value under "counts.orders", NULL where there is none. */
const struct json *form_dig(const struct json *doc, const char *key);
/* Is there something to be read: no null, no empty text, list or object? */
bool form_has(const struct json *v);
/* As one line: a string itself, a list of strings with commas, else JSON. */
void form_value(const struct json *v, struct buf *out);
/*
 * For a person. kind NULL: as above, and an object as "key: value, ..."; "word": in their language;
 * "time": RFC 3339 to the minute; "span": seconds as "2 h 5 min". In a form also "some": a number
 * that is there where it is not 0, and "if": the same for any value, which itself is not shown.
 */
void form_read(const struct json *v, const char *kind, enum lang lang, struct buf *out);
/* "true" and "false" are words too. */
const char *form_word(const char *text);
void form_write(const char *form, const struct json *doc, enum lang lang, struct buf *out);

#endif
