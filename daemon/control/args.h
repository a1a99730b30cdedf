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
#include "common/text.h"

#include <stddef.h>
#include <stdint.h>

struct cmd;
struct json;

/*
 * From the elements of argv behind the first `used`. now: for times given as how long ago. Where
 * required ones are missing, *ret_missing has the bit of each by its place in cmd->args, else it is
 * 0.
 */
struct json *args_from_argv(const struct cmd *cmd, const struct json *argv, size_t used,
                            struct wall now, uint32_t *ret_missing, struct err *e);
/* From an object; NULL: none were given. */
struct json *args_from_json(const struct cmd *cmd, const struct json *given, struct wall now,
                            uint32_t *ret_missing, struct err *e);
/*
 * What a terminal asks for: [{"flag":"--store","key":"store","prompt":,"words"?:[]}] of these
 * arguments; flag is the name of one that stands by its place. NULL for none. The caller owns it.
 */
struct json *args_ask(const struct cmd *cmd, uint32_t missing, enum lang lang);
/* The bit of an argument by its key, 0 where the command has none. */
uint32_t args_bit(const struct cmd *cmd, const char *key);

#endif
