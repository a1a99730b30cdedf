/*
 * schema: the numbered SQL files of etc/schema, compiled in, as one script.
 *
 * The script runs in one transaction under an advisory lock: two daemons that start together
 * migrate once. A file whose number is in ttsync.schema_migration is skipped.
 */
#ifndef TTSYNC_SCHEMA_H
#define TTSYNC_SCHEMA_H

#include "common/buf.h"
#include "common/err.h"

#include <stdint.h>

/* The version this program was built for: the highest number of its files. */
int schema_version(void);

/* Append the script that brings any older schema to schema_version. 0, or -1 (out of memory). */
int schema_script(struct buf *out, struct err *e);

/*
 * Is a database at version `found` (0: no schema) one this program can work with? 0, or -1 with
 * ERR_INPUT, the exit code 78 and what to do.
 */
int schema_check(int64_t found, struct err *e);

#define SCHEMA_SCRIPT_MAX (4u << 20)

#endif
