/*
 * start: what must be true in PostgreSQL before the first thread starts.
 *
 * Waits for the server, migrates where asked to, checks the schema's version, opens the canary of
 * every key, puts what the spool holds.
 */
#ifndef TTSYNC_START_H
#define TTSYNC_START_H

#include "common/err.h"

#include <stdbool.h>

struct conf;
struct vault;
struct spool;

#define START_WAIT_MS    15000
#define START_MIGRATE_MS 300000

/*
 * migrate: also create or upgrade the schema. vault and spool may be NULL (only migrating).
 * 0; or -1: ERR_INPUT with code 78 where schema or key are wrong, else the service is away (69).
 */
int start_database(const struct conf *c, const struct vault *v, struct spool *s, bool migrate,
                   struct err *e);

#endif
