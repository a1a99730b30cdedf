/*
 * httpd_request: what evhttp's request says, and what is written into it as the answer. Neither
 * knows of connections and servers: httpd.c does. Only httpd*.c includes this.
 */
#ifndef TTSYNC_HTTPD_REQUEST_H
#define TTSYNC_HTTPD_REQUEST_H

#include "daemon/io/httpd.h"

#include <netinet/in.h>
#include <stddef.h>

struct evhttp_request;

/* --- httpd_request.c --- */

/* The path, decoded, to be freed; NULL where it is none we would serve. */
char *httpd_request_path(const struct evhttp_request *req);
/* HTTPD_GET, HTTPD_POST, or 0 for any other. */
int httpd_request_method(const struct evhttp_request *req);
/* The peer's address, "unix" where it has none; dst is room for it. */
const char *httpd_request_peer(struct evhttp_request *req, char dst[INET6_ADDRSTRLEN]);

/* --- httpd_answer.c --- */

/* As httpd_reply says. req is evhttp's again. */
void httpd_answer_send(struct evhttp_request *req, int status, const char *type,
                       const char *const *headers, const void *body, size_t len);

#endif
