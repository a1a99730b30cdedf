/*
 * http_request: one request as a handle of curl's, from what is asked to what came back. Only
 * http.c and http_*.c include this.
 *
 * http_request.c makes the handle, http_outside.c keeps it from leading inside, http_answer.c takes
 * what curl brings. None of them knows of the loop; http.c lets the handle run and tells the
 * caller.
 *
 * Owner: struct http; curl keeps pointers into the request until its handle is freed.
 */
#ifndef TTSYNC_HTTP_REQUEST_H
#define TTSYNC_HTTP_REQUEST_H

#include "common/buf.h"
#include "common/err.h"
#include "daemon/base/loop.h"
#include "daemon/io/http.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

#define HTTP_WHY_MAX 256 /* CURL_ERROR_SIZE */

struct curl_slist;

struct http_request {
	TAILQ_ENTRY(http_request) link;
	struct http *h;
	uint64_t id;
	bool started;          /* curl has it */
	struct timer deadline; /* ours: curl's own does not run while a request waits in its line */
	int64_t began_us;
	http_fn *fn;
	void *arg;

	/* asked */
	void *easy; /* curl's CURL; its private pointer is this request */
	bool ready; /* there was memory for all of it */
	char *url;
	struct curl_slist *headers;
	void *body;
	size_t body_len;

	/* came */
	struct buf answer;
	bool head_whole;
	bool too_big;
	bool inside;            /* the name led to an address no public service has */
	char why[HTTP_WHY_MAX]; /* curl's words for a failure, may quote the URL */
};

/* --- http_request.c --- */

/* Never NULL; one that is not ready cannot be sent. ca_file: NULL is the system's bundle. */
struct http_request *http_request_new(const struct http_req *r, const char *ca_file, bool plain_ok);
/* Wipes what may be a secret. */
void http_request_free(struct http_request *q);

/* --- http_outside.c --- */

/* Where url names its host, refuse addresses inside, and say so in *inside. */
void http_outside_only(void *easy, const char *url, bool *inside);

/* --- http_answer.c --- */

/* What curl brings for q is kept in q. */
void http_answer_take(struct http_request *q);
/* curl is done with q; code is its CURLcode. 0, or -1: that is no answer. */
int http_answer_read(const struct http_request *q, int code, struct http_resp *ret, struct err *e);

#endif
