/*
 * listen: a socket that waits for connections.
 *
 * Errors: ERR_INPUT for what is no address, ERR_IO where the system refuses.
 * Owner:  the descriptor is the caller's.
 */
#ifndef SANDBOX_LISTEN_H
#define SANDBOX_LISTEN_H

#include "common/err.h"

#define LISTEN_NAME_MAX 80

/* Listen on "127.0.0.1:8480" or "[::1]:8480"; port 0 takes a free one. The descriptor, or -1. */
int listen_open(const char *address, struct err *e);
/* The address it got. */
void listen_name(int fd, char dst[LISTEN_NAME_MAX]);

#endif
