/*
 * conf_type: how the values of ttsyncd.conf are read, shown and freed, a type at a time.
 *
 * Errors: read returns -1 and fills *e with what is wrong (not where; conf.c knows) and a hint.
 * Owner:  strings are the field's; done frees them, also of a field that was never read.
 */
#ifndef TTSYNC_CONF_TYPE_H
#define TTSYNC_CONF_TYPE_H

#include "common/err.h"

struct buf;
struct conf_row;

struct conf_type {
	int (*read)(void *field, const char *text, const struct conf_row *row, struct err *e);
	void (*show)(const void *field, struct buf *out);
	/* Over a field that is set; -1 is out of memory, the field then as it was. */
	int (*copy)(void *to, const void *from);
	void (*done)(void *field);
};

#define CONF_TYPE(name) conf_type_##name
extern const struct conf_type CONF_TYPE(INT), CONF_TYPE(DURATION), CONF_TYPE(BOOL),
    CONF_TYPE(LEVEL), CONF_TYPE(FORMAT), CONF_TYPE(TEXT), CONF_TYPE(NAME), CONF_TYPE(WORDS),
    CONF_TYPE(PATH), CONF_TYPE(FILE), CONF_TYPE(URL), CONF_TYPE(PGURL), CONF_TYPE(REDISURL),
    CONF_TYPE(LISTEN), CONF_TYPE(DAYS), CONF_TYPE(SECRET);

#endif
