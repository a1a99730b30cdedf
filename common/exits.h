/*
 * exits: exit codes as a table (exits.def): what ttctl returns, and what an answer on the control
 * socket calls "exit".
 */
#ifndef TTSYNC_EXITS_H
#define TTSYNC_EXITS_H

#include "common/err.h"

#include <stdbool.h>
#include <stddef.h>

struct json;

enum exits {
#define EXIT(id, number, word, retryable, help) EXITS_##id = (number),
#include "common/exits.def"
#undef EXIT
};

struct exits_row {
	int number;
	const char *word; /* for programs */
	bool retryable;   /* the same again may do better */
	const char *help; /* for people, one line */
};

/* All rows, by number, *ret_n of them. */
const struct exits_row *exits_all(size_t *ret_n);
/* The row of a number; that of EXITS_INTERNAL for a number that is none of ours. Never NULL. */
const struct exits_row *exits_find(int number);
/* What failed with e ends with. */
enum exits exits_of(const struct err *e);
/* The error object of answers: code, message, hint, retryable, exit. The caller owns it. */
struct json *exits_error(const struct err *e);

#endif
