/*
 * daemon: start and stop everything, in order.
 */
#ifndef TTSYNC_DAEMON_H
#define TTSYNC_DAEMON_H

#include "common/err.h"

/*
 * Run until SIGTERM or SIGINT. file is the configuration's name, read again on SIGHUP. 0 after a
 * clean end, or -1 and *e where it could not start (ERR_INPUT with 78: configuration, key, schema).
 */
struct conf;
int daemon_run(const char *file, const struct conf *c, struct err *e);

/* Create or upgrade the schema, and nothing else. */
int daemon_migrate(const struct conf *c, struct err *e);

#endif
