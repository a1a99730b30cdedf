/*
 * task: work that a face (socket, page) asks for, done on a worker, answered with JSON.
 *
 * An op is a name of work/op.def, or "sql:NAME" for the SQL function ttsync.api_NAME(args jsonb,
 * actor text) returns jsonb. The arguments are one JSON object as text.
 *
 * Owner:  control thread only. Exactly one answer per post, on a later turn, unless dropped.
 * Errors: in the answer: ERR_INPUT with an exit code of common/exits.def where the request was at
 *         fault, ERR_TIMEOUT after TASK_MS, ERR_IO where PostgreSQL or TikTok is away.
 */
#ifndef TTSYNC_TASK_H
#define TTSYNC_TASK_H

#include "common/err.h"

#include <stddef.h>
#include <stdint.h>

#define TASK_MS 40000

struct tasks;

/* json is NULL when it failed; both live until the callback returns. */
typedef void task_fn(const char *json, size_t len, const struct err *e, void *arg);

/* actor: who asks, for the history ("uid:1000 somchai", "web", "timer"). Returns an id, never 0. */
uint64_t task_post(struct tasks *t, const char *op, const char *args, const char *actor,
                   task_fn *fn, void *arg);
/* The asker left: no callback; what the worker does is not undone. */
void task_drop(struct tasks *t, uint64_t id);

#endif
