/*
 * schema: the SQL files of etc/schema, compiled in, as one script.
 *
 * Numbered files make and change tables and run once: a file whose number is in
 * ttsync.schema_migration is skipped. The others hold views and functions as they are today: they
 * are replaced as a whole whenever those in the database are of another build. The script runs in
 * one transaction under an advisory lock: two daemons that start together migrate once.
 */
#ifndef TTSYNC_SCHEMA_H
#define TTSYNC_SCHEMA_H

#include "common/buf.h"
#include "common/err.h"

#include <stdint.h>

#define SCHEMA_CODE_BYTES 8
#define SCHEMA_CODE_MAX   (2 * SCHEMA_CODE_BYTES + 1)

/* The version this program was built for: the highest number of its files. */
int schema_version(void);
/* A hash of its views and functions, in hex. */
const char *schema_code(char dst[SCHEMA_CODE_MAX]);

/* Append the script that brings any older schema to schema_version. 0, or -1 (out of memory). */
int schema_script(struct buf *out, struct err *e);

/*
 * Is a database at version `found` (0: no schema) with functions of this hash ("": none) one this
 * program can work with? 0, or -1 with ERR_INPUT, the exit code 78 and what to do.
 */
int schema_check(int64_t found, const char *found_code, struct err *e);

#define SCHEMA_SCRIPT_MAX (4u << 20)

#endif
