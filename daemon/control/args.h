/*
 * args: a command's arguments, from words or from JSON, checked by the same rows.
 *
 * The result is one JSON object as the task takes it: ARG_SECONDS under KEY_s, ARG_TIME as seconds
 * since 1970, what was not given left out.
 *
 * Errors: NULL and *e: ERR_INPUT, EXITS_USAGE, tag "usage", the command's synopsis as hint.
 */
#ifndef TTSYNC_ARGS_H
#define TTSYNC_ARGS_H

#include "common/clock.h"
#include "common/err.h"

#include <stddef.h>

struct cmd;
struct json;

/* From the elements of argv behind the first `used`. now: for times given as how long ago. */
struct json *args_from_argv(const struct cmd *cmd, const struct json *argv, size_t used,
                            struct wall now, struct err *e);
/* From an object; NULL: none were given. */
struct json *args_from_json(const struct cmd *cmd, const struct json *given, struct wall now,
                            struct err *e);

#endif
