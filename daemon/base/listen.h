/*
 * listen: a listening socket, on an address or a path.
 *
 * Owner: the struct is embedded in its holder; listen_close closes the descriptor and removes the
 *        socket file, if it is still the one that listen_open made.
 */
#ifndef TTSYNC_LISTEN_H
#define TTSYNC_LISTEN_H

#include "common/err.h"

#include <sys/types.h>

#define LISTEN_BACKLOG 128

struct listen {
	int fd;         /* non-blocking, -1: closed */
	char path[108]; /* "": TCP */
	dev_t dev;
	ino_t ino;
};

/*
 * "address:port" ("127.0.0.1:9464", "[::1]:9464"; numbers only, nothing is looked up; mode is not
 * used), or a path beginning with "/", whose socket gets that mode before it can be connected to.
 * A socket file that nobody answers on is replaced, any other file is not.
 */
int listen_open(struct listen *s, const char *where, mode_t mode, struct err *e);
void listen_close(struct listen *s);
/* The port of a TCP listener: what the system chose for port 0. 0 for a path. */
int listen_port(const struct listen *s);

#endif
