/*
 * server: HTTP and HTTPS over libevent, and the time that passes.
 *
 * One thread. The only file here that knows of sockets; everything else is front_handle.
 *
 * Errors: server_new: ERR_INPUT for an address or a certificate that is no good, ERR_IO where it
 *         cannot listen.
 * Owner:  the world belongs to the caller and outlives the server.
 */
#ifndef SANDBOX_SERVER_H
#define SANDBOX_SERVER_H

#include "common/err.h"

struct server;
struct world;

struct server *server_new(struct world *w, struct err *e);
void server_free(struct server *s);
/* "127.0.0.1:8480": what it got. */
const char *server_address(const struct server *s);
/* Serve until SIGTERM or SIGINT. */
void server_run(struct server *s);

#endif
