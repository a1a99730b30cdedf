#include "daemon/io/http.h"

#include "common/buf.h"
#include "common/clock.h"
#include "daemon/base/loop.h"

#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/queue.h>

#define LOW_SPEED_BYTES 100L
#define LOW_SPEED_S	10L
#define CONN_LIFE_S	300L
#define HEADERS_MAX	16

struct request {
	TAILQ_ENTRY(request) link;
	struct http *h;
	uint64_t id;
	CURL *easy;
	struct curl_slist *headers;
	char *url;
	void *body;
	struct buf answer;
	bool too_big;
	int64_t retry_after_s;
	int64_t date_s;
	bool json;
	int64_t began_us;
	http_fn *fn;
	void *arg;
};
TAILQ_HEAD(requests, request);

struct http {
	struct loop *loop;
	CURLM *multi;
	struct timer timer;
	struct requests all;
	struct requests bad; /* could not be started: told so on the next turn */
	uint64_t next_id;
	int pending;
	char *ca_file;
	bool plain_ok;
	bool telling;
};

struct socket_watch {
	struct watch w;
};

static void
curl_once(void)
{
	static bool done;

	/* the only caller before threads exist is http_new of the first worker; later calls read only */
	if (!done) {
		curl_global_init(CURL_GLOBAL_DEFAULT);
		done = true;
	}
}

/* --- one request ----------------------------------------------------------------------------- */

static void
request_free(struct request *q)
{
	if (q->easy)
		curl_easy_cleanup(q->easy);
	curl_slist_free_all(q->headers);
	if (q->url)
		explicit_bzero(q->url, strlen(q->url)); /* token host URLs hold secrets */
	free(q->url);
	free(q->body);
	buf_wipe(&q->answer);
	buf_done(&q->answer);
	free(q);
}

static void
request_unlink(struct request *q)
{
	struct http *h = q->h;

	if (q->easy)
		curl_multi_remove_handle(h->multi, q->easy);
	TAILQ_REMOVE(&h->all, q, link);
	h->pending--;
}

static size_t
on_body(char *p, size_t size, size_t n, void *arg)
{
	struct request *q = arg;

	(void)size; /* always 1 */
	if (buf_add(&q->answer, p, n)) {
		q->too_big = true;
		return 0;
	}
	return n;
}

/* Seconds, or a date relative to the answer's own Date header; anything odd counts as absent. */
static int64_t
read_retry_after(const char *v, int64_t date_s)
{
	struct wall until;
	char *end;
	long long s = strtoll(v, &end, 10);

	if (end != v && !*end)
		return s >= 0 && s <= HTTP_RETRY_AFTER_MAX_S ? s : -1;
	if (clock_http_date(v, &until) || date_s < 0)
		return -1;
	s = until.s - date_s;
	return s >= 0 && s <= HTTP_RETRY_AFTER_MAX_S ? s : -1;
}

static void
read_headers(struct request *q)
{
	struct curl_header *h;
	struct wall date;

	if (!curl_easy_header(q->easy, "Date", 0, CURLH_HEADER, -1, &h) && !clock_http_date(h->value, &date))
		q->date_s = date.s;
	if (!curl_easy_header(q->easy, "Retry-After", 0, CURLH_HEADER, -1, &h))
		q->retry_after_s = read_retry_after(h->value, q->date_s);
	if (!curl_easy_header(q->easy, "Content-Type", 0, CURLH_HEADER, -1, &h))
		q->json = !strncasecmp(h->value, "application/json", strlen("application/json"));
}

static void
failure_of(const struct request *q, CURLcode rc, struct err *e)
{
	if (q->too_big)
		err_set(e, ERR_NOMEM, 0, "the answer is larger than %u MiB", HTTP_BODY_MAX >> 20);
	else if (rc == CURLE_OPERATION_TIMEDOUT)
		err_set(e, ERR_TIMEOUT, 0, "no whole answer in time");
	else
		err_set(e, ERR_IO, (int)rc, "%s", curl_easy_strerror(rc));
}

static void
request_end(struct request *q, CURLcode rc)
{
	struct http_resp r = { .retry_after_s = -1, .date_s = -1 };
	struct err e = { 0 };
	long status = 0;

	if (rc == CURLE_OK) {
		curl_easy_getinfo(q->easy, CURLINFO_RESPONSE_CODE, &status);
		read_headers(q);
		r.status = (int)status;
		r.body = buf_text(&q->answer);
		r.body_len = q->answer.len;
		r.retry_after_s = q->retry_after_s;
		r.date_s = q->date_s;
		r.json = q->json;
		r.took_us = mono_us() - q->began_us;
	} else {
		failure_of(q, rc, &e);
	}
	request_unlink(q);
	q->fn(rc == CURLE_OK ? &r : NULL, rc == CURLE_OK ? NULL : &e, q->arg);
	request_free(q);
}

static void
harvest(struct http *h)
{
	CURLMsg *m;
	int left;

	while ((m = curl_multi_info_read(h->multi, &left))) {
		struct request *q = NULL;
		CURLcode rc = m->data.result;

		curl_easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, (char **)&q);
		request_end(q, rc);
	}
}

/* --- curl and the loop ----------------------------------------------------------------------- */

static void
on_socket(int fd, int what, void *arg)
{
	struct http *h = arg;
	int mask = (what & WATCH_READ ? CURL_CSELECT_IN : 0) | (what & WATCH_WRITE ? CURL_CSELECT_OUT : 0);
	int running;

	curl_multi_socket_action(h->multi, fd, mask, &running);
	harvest(h);
}

static void
on_timer(void *arg)
{
	struct http *h = arg;
	int running;

	curl_multi_socket_action(h->multi, CURL_SOCKET_TIMEOUT, 0, &running);
	harvest(h);
}

static void
watch_free(void *arg)
{
	struct socket_watch *s = arg;

	watch_done(&s->w);
	free(s);
}

/* curl says what it waits for on a socket. */
static int
socket_fn(CURL *easy, curl_socket_t fd, int what, void *arg, void *per_socket)
{
	struct http *h = arg;
	struct socket_watch *s = per_socket;

	(void)easy;
	if (what == CURL_POLL_REMOVE) {
		if (s) {
			watch_set(&s->w, -1, 0);
			curl_multi_assign(h->multi, fd, NULL);
			loop_defer(h->loop, watch_free, s); /* we may be inside its callback */
		}
		return 0;
	}
	if (!s) {
		s = calloc(1, sizeof(*s));
		if (!s)
			return -1;
		watch_init(&s->w, h->loop, on_socket, h);
		curl_multi_assign(h->multi, fd, s);
	}
	watch_set(&s->w, fd,
		  (what & CURL_POLL_IN ? WATCH_READ : 0) | (what & CURL_POLL_OUT ? WATCH_WRITE : 0));
	return 0;
}

static int
timer_fn(CURLM *multi, long ms, void *arg)
{
	struct http *h = arg;

	(void)multi;
	if (ms < 0)
		timer_disarm(&h->timer);
	else
		timer_arm(&h->timer, ms);
	return 0;
}

struct http *
http_new(struct loop *l, const struct http_conf *conf, struct err *e)
{
	struct http *h = calloc(1, sizeof(*h));

	curl_once();
	if (!h || !(h->multi = curl_multi_init()) ||
	    (conf->ca_file && *conf->ca_file && !(h->ca_file = strdup(conf->ca_file)))) {
		err_set(e, ERR_NOMEM, 0, "no memory for HTTP");
		if (h)
			curl_multi_cleanup(h->multi);
		free(h);
		return NULL;
	}
	h->loop = l;
	h->plain_ok = conf->plain_ok;
	TAILQ_INIT(&h->all);
	TAILQ_INIT(&h->bad);
	timer_init(&h->timer, l, on_timer, h);
	curl_multi_setopt(h->multi, CURLMOPT_SOCKETFUNCTION, socket_fn);
	curl_multi_setopt(h->multi, CURLMOPT_SOCKETDATA, h);
	curl_multi_setopt(h->multi, CURLMOPT_TIMERFUNCTION, timer_fn);
	curl_multi_setopt(h->multi, CURLMOPT_TIMERDATA, h);
	curl_multi_setopt(h->multi, CURLMOPT_MAX_TOTAL_CONNECTIONS, (long)conf->max_conns);
	curl_multi_setopt(h->multi, CURLMOPT_MAX_HOST_CONNECTIONS, (long)conf->max_conns_host);
	curl_multi_setopt(h->multi, CURLMOPT_MAXCONNECTS, (long)conf->max_conns);
	curl_multi_setopt(h->multi, CURLMOPT_PIPELINING, CURLPIPE_NOTHING);
	return h;
}

void
http_free(struct http *h)
{
	struct request *q;

	if (!h)
		return;
	while ((q = TAILQ_FIRST(&h->all))) {
		request_unlink(q);
		request_free(q);
	}
	while ((q = TAILQ_FIRST(&h->bad))) {
		TAILQ_REMOVE(&h->bad, q, link);
		request_free(q);
	}
	curl_multi_cleanup(h->multi);
	timer_done(&h->timer);
	free(h->ca_file);
	free(h);
}

/* --- sending --------------------------------------------------------------------------------- */

static void
set_security(struct http *h, CURL *c)
{
	curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, h->plain_ok ? "https,http" : "https");
	curl_easy_setopt(c, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(c, CURLOPT_SSL_VERIFYPEER, 1L);
	curl_easy_setopt(c, CURLOPT_SSL_VERIFYHOST, 2L);
	curl_easy_setopt(c, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	curl_easy_setopt(c, CURLOPT_PROXY, "");
	curl_easy_setopt(c, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
	/* with a path of certificates curl would read it anew for each connection */
	curl_easy_setopt(c, CURLOPT_CAPATH, NULL);
	if (h->ca_file)
		curl_easy_setopt(c, CURLOPT_CAINFO, h->ca_file);
}

static void
set_limits(CURL *c, int64_t timeout_ms)
{
	curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT_MS, (long)HTTP_CONNECT_MS);
	curl_easy_setopt(c, CURLOPT_TIMEOUT_MS, (long)(timeout_ms ? timeout_ms : HTTP_TIMEOUT_MS));
	curl_easy_setopt(c, CURLOPT_LOW_SPEED_LIMIT, LOW_SPEED_BYTES);
	curl_easy_setopt(c, CURLOPT_LOW_SPEED_TIME, LOW_SPEED_S);
	curl_easy_setopt(c, CURLOPT_MAXLIFETIME_CONN, CONN_LIFE_S);
	curl_easy_setopt(c, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	curl_easy_setopt(c, CURLOPT_ACCEPT_ENCODING, "gzip");
	curl_easy_setopt(c, CURLOPT_TCP_NODELAY, 1L);
}

static int
set_request(struct request *q, const struct http_req *r)
{
	CURL *c = q->easy;

	for (int i = 0; r->headers && r->headers[i] && i < HEADERS_MAX; i++) {
		struct curl_slist *more = curl_slist_append(q->headers, r->headers[i]);

		if (!more)
			return -1;
		q->headers = more;
	}
	curl_easy_setopt(c, CURLOPT_HTTPHEADER, q->headers);
	curl_easy_setopt(c, CURLOPT_URL, q->url);
	if (r->body) {
		q->body = malloc(r->body_len + 1);
		if (!q->body)
			return -1;
		memcpy(q->body, r->body, r->body_len);
		curl_easy_setopt(c, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)r->body_len);
		curl_easy_setopt(c, CURLOPT_POSTFIELDS, q->body);
	} else if (!strcmp(r->method, "POST") || !strcmp(r->method, "PUT")) {
		curl_easy_setopt(c, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)0);
		curl_easy_setopt(c, CURLOPT_POSTFIELDS, "");
	}
	if (strcmp(r->method, "GET") != 0)
		curl_easy_setopt(c, CURLOPT_CUSTOMREQUEST, r->method);
	curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, on_body);
	curl_easy_setopt(c, CURLOPT_WRITEDATA, q);
	curl_easy_setopt(c, CURLOPT_PRIVATE, (char *)q);
	return 0;
}

static void
tell_bad(void *arg)
{
	struct http *h = arg;
	struct request *q;
	struct err e = { 0 };

	h->telling = false;
	err_set(&e, ERR_NOMEM, 0, "no memory for an HTTP request");
	while ((q = TAILQ_FIRST(&h->bad))) {
		TAILQ_REMOVE(&h->bad, q, link);
		q->fn(NULL, &e, q->arg);
		request_free(q);
	}
}

uint64_t
http_send(struct http *h, const struct http_req *r, http_fn *fn, void *arg)
{
	struct request *q = calloc(1, sizeof(*q));

	if (!q)
		abort(); /* a few hundred bytes */
	q->h = h;
	q->id = ++h->next_id;
	q->fn = fn;
	q->arg = arg;
	q->retry_after_s = q->date_s = -1;
	q->began_us = mono_us();
	buf_init(&q->answer, HTTP_BODY_MAX);
	q->easy = curl_easy_init();
	q->url = strdup(r->url);
	if (q->easy && q->url) {
		set_security(h, q->easy);
		set_limits(q->easy, r->timeout_ms);
	}
	if (!q->easy || !q->url || set_request(q, r) || curl_multi_add_handle(h->multi, q->easy)) {
		TAILQ_INSERT_TAIL(&h->bad, q, link);
		if (!h->telling) {
			h->telling = true;
			loop_defer(h->loop, tell_bad, h);
		}
		return q->id;
	}
	TAILQ_INSERT_TAIL(&h->all, q, link);
	h->pending++;
	return q->id;
}

void
http_cancel(struct http *h, uint64_t id)
{
	struct request *q;

	TAILQ_FOREACH(q, &h->all, link) {
		if (q->id == id) {
			request_unlink(q);
			request_free(q);
			return;
		}
	}
	TAILQ_FOREACH(q, &h->bad, link) {
		if (q->id == id) {
			TAILQ_REMOVE(&h->bad, q, link);
			request_free(q);
			return;
		}
	}
}

int
http_pending(const struct http *h)
{
	return h->pending;
}
