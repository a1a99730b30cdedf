/*
 * redis_url: where a Redis is, read from the words of the configuration.
 *
 * unix:///path[?db=N] or redis://ADDRESS[:PORT][/N]. The address is a literal one: hiredis would
 * block while it looks up a name.
 *
 * Errors: ERR_INPUT, with a hint where the host is a name.
 */
#ifndef TTSYNC_REDIS_URL_H
#define TTSYNC_REDIS_URL_H

#include "common/err.h"

#define REDIS_PATH_MAX 108 /* sun_path, unix(7) */
#define REDIS_HOST_MAX 46  /* INET6_ADDRSTRLEN */
#define REDIS_PORT     6379

struct redis_url {
	char path[REDIS_PATH_MAX]; /* of the socket, or "" */
	char host[REDIS_HOST_MAX];
	int port;
	int db;
};

int redis_url_read(const char *text, struct redis_url *ret, struct err *e);

#endif
