/*
 * tls: the server's side of TLS, for evhttp.
 *
 * Errors: ERR_INPUT naming the file that is no good.
 * Owner:  tls_new's result belongs to the caller.
 */
#ifndef SANDBOX_TLS_H
#define SANDBOX_TLS_H

#include "common/err.h"

struct bufferevent;
struct event_base;
struct ssl_ctx_st;

struct ssl_ctx_st *tls_new(const char *cert_file, const char *key_file, struct err *e);
void tls_free(struct ssl_ctx_st *ctx);
/* A connection for evhttp_set_bevcb; arg is what tls_new gave. */
struct bufferevent *tls_accept(struct event_base *base, void *arg);

#endif
