/*
 * http: HTTPS requests without waiting, over libcurl's multi interface (its header appears in
 * http.c and http_*.c alone).
 *
 * Hardening (reliability.md 10): https only (http where cfg.plain_ok says a test or a loopback
 * sandbox speaks it), no redirects, peer and host verified always, TLS 1.2 or newer, proxies and
 * netrc ignored, no cookies, decoded body capped, connection life 300 s. A host given by name (not
 * "localhost") may not lead to a loopback or private address, unless ca_file says whom we trust
 * there. URLs and bodies are never logged: they carry secrets.
 *
 * Deadlines: connect 5 s; a request its own, counted from http_send, waiting in line included; a
 * body that comes slower than 100 B/s for 10 s is given up. All three are ERR_TIMEOUT.
 *
 * Units:  milliseconds, bytes.
 * Owner:  http_send copies what it is given. The response lives until the callback returns.
 * Source: CAPATH unset and kept-alive HTTP/1.1: design.md 6 and 7.
 */
#ifndef TTSYNC_HTTP_H
#define TTSYNC_HTTP_H

#include "common/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HTTP_BODY_MAX          (8u << 20)
#define HTTP_CONNECT_MS        5000
#define HTTP_TIMEOUT_MS        30000
#define HTTP_RETRY_AFTER_MAX_S 3600 /* above that, or not a number or date: counts as absent */

struct loop;
struct http;

struct http_conf {
	const char *ca_file; /* "" or NULL: the system's bundle */
	int max_conns;       /* in all; requests above wait in line */
	int max_conns_host;
	bool plain_ok; /* also http:// */
};

struct http_req {
	const char *method; /* GET POST PUT DELETE */
	const char *url;
	const char *const *headers; /* "name: value", NULL at the end; may be NULL */
	const void *body;           /* NULL: no body */
	size_t body_len;
	int64_t timeout_ms; /* 0: HTTP_TIMEOUT_MS */
	/*
	 * At most one time on the wire, on a connection of its own: libcurl sends again, by itself,
	 * what it lost on a kept-alive one. For what must not happen twice.
	 */
	bool once;
};

struct http_resp {
	int status;
	const char *body; /* body_len bytes and a NUL */
	size_t body_len;
	int64_t retry_after_s; /* -1: absent or nonsense */
	int64_t date_s;        /* the Date header, -1: absent */
	int64_t took_us;
	bool json; /* Content-Type says application/json */
};

/* r is NULL when there is no answer; then e says why (ERR_IO, ERR_TIMEOUT, ERR_NOMEM for the cap).
 */
typedef void http_fn(const struct http_resp *r, const struct err *e, void *arg);

struct http *http_new(struct loop *l, const struct http_conf *conf, struct err *e);
/* Ends all requests without their callbacks. Not from inside one: a loop_defer away. */
void http_free(struct http *h);
/* Never fails at once: a bad URL is told by the callback, on a later turn. Returns an id, never 0.
 */
uint64_t http_send(struct http *h, const struct http_req *q, http_fn *fn, void *arg);
/* No callback will come. Unknown ids are fine. */
void http_cancel(struct http *h, uint64_t id);
/* Requests running or waiting. */
int http_pending(const struct http *h);

#endif
