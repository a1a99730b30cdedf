/*
 * httpd: a small HTTP server on a loop, over libevent's evhttp: the face behind which web/ and
 * stats/ stand. Made to live behind a reverse proxy or on a unix socket; it speaks no TLS.
 *
 * One request a connection (the answer says "Connection: close"): a connection's life is bounded
 * by its deadlines, and no client can hold one of the few places.
 *
 * Limits: conns_max connections, further ones wait in the kernel's line; headers HTTPD_HEADERS_MAX;
 *         a body as its route allows, else 413; HTTPD_DEADLINE_MS from accept until the handler
 *         has answered, or what it asked for by httpd_hold (a slow client gets 408, a slow handler
 *         503), and HTTPD_DEADLINE_MS again for the client to read the answer. Out of descriptors,
 *         listening pauses HTTPD_PAUSE_MS.
 * Errors: what evhttp itself refuses (bad syntax, headers too large) is answered by evhttp.
 * Source: limits of reliability.md 8 and 10.
 */
#ifndef TTSYNC_HTTPD_H
#define TTSYNC_HTTPD_H

#include "common/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define HTTPD_HEADERS_MAX 8192
#define HTTPD_DEADLINE_MS 10000
#define HTTPD_PAUSE_MS    100
#define HTTPD_LISTENS_MAX 4

struct loop;
struct httpd;

#define HTTPD_GET  1 /* HEAD comes with it */
#define HTTPD_POST 2

/* A request. It and all it points to live until its handler returns. */
struct httpd_req {
	uint64_t id;      /* for httpd_reply, never 0, never used again */
	int method;       /* HTTPD_GET (also for HEAD) or HTTPD_POST */
	bool head;        /* HEAD: to be answered as GET is, where GET has no effect */
	const char *path; /* decoded, begins with "/", no control bytes */
	const void *body; /* body_len bytes; NULL: none */
	size_t body_len;
	const char *peer;          /* an address without port; "unix" */
	struct evhttp_request *ev; /* for the readers below */
};

/* Answers now, or later by id. */
typedef void httpd_fn(struct httpd *h, const struct httpd_req *q, void *arg);

struct httpd_route {
	const char *path; /* the whole path; ending in "/", also all below it */
	int methods;
	size_t body_max; /* bytes */
	httpd_fn *fn;
};

struct httpd_conf {
	const struct httpd_route *routes; /* kept, not copied; the first that fits answers */
	size_t n_routes;
	int conns_max;
	int64_t deadline_ms; /* 0: HTTPD_DEADLINE_MS */
	void *arg;           /* for the handlers */
};

struct httpd *httpd_new(struct loop *l, const struct httpd_conf *conf, struct err *e);
/* Closes all connections; no handler runs after this. Legal inside no handler. */
void httpd_free(struct httpd *h);

/*
 * Listen on "address:port" ("127.0.0.1:9464", "[::1]:9464"; mode is not used) or on a unix socket,
 * a path beginning with "/", with that mode. A socket file that nobody answers on is replaced.
 */
int httpd_listen(struct httpd *h, const char *where, mode_t mode, struct err *e);
/* The port of the first TCP listener: what the system chose for port 0. 0: there is none. */
int httpd_port(const struct httpd *h);
/* Connections open now. */
int httpd_conns(const struct httpd *h);

/* A header's first value or NULL; its name in any case. */
const char *httpd_header(const struct httpd_req *q, const char *name);
/*
 * The first value of a query parameter, or of a field of an application/x-www-form-urlencoded
 * body, decoded into dst: dst, or NULL where there is none or it does not fit.
 */
const char *httpd_query(const struct httpd_req *q, const char *name, char *dst, size_t room);
const char *httpd_form(const struct httpd_req *q, const char *name, char *dst, size_t room);

/* The handler waits for others: it has ms from now to answer request id. Gone or answered: fine. */
void httpd_hold(struct httpd *h, uint64_t id, int64_t ms);

/*
 * Answer request id: once; a client that left, an id answered already or cut off at its deadline
 * is fine. headers: "Name: value" strings, NULL at the end; may be NULL. Unless given there, these
 * are added: Cache-Control: no-store, X-Content-Type-Options: nosniff, Referrer-Policy:
 * no-referrer, X-Frame-Options: DENY, Content-Security-Policy: default-src 'none';
 * frame-ancestors 'none'. The body is copied; for HEAD only its length is told.
 */
void httpd_reply(struct httpd *h, uint64_t id, int status, const char *type,
                 const char *const *headers, const void *body, size_t len);

#endif
