/*
 * sql: an ttsync.api_... function: a JSON object and an actor in, a document out.
 */
#ifndef TTSYNC_GRANT_SQL_H
#define TTSYNC_GRANT_SQL_H

#include "daemon/io/pg.h"

struct env;
struct json;

uint64_t sql_json(struct env *env, const struct pg_stmt *stmt, const struct json *args,
                  const char *actor, pg_fn *fn, void *arg);

#endif
