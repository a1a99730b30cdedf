#include "daemon/io/http.h"

#include "common/exits.h"
#include "daemon/base/loop.h"
#include "daemon/io/http_request.h"

#include <assert.h>
#include <curl/curl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <unistd.h>

TAILQ_HEAD(requests, http_request);

struct http {
	struct loop *loop;
	CURLM *multi;
	struct timer timer;
	struct requests all;
	struct requests bad; /* could not be started: told so on a later turn */
	struct timer soon;   /* tells the bad ones */
	uint64_t next_id;
	int pending;
	int calling; /* callbacks that run: none of them may free us */
	char *ca_file;
	bool plain_ok;
};

/* --- the end of requests --------------------------------------------------------------------- */

static void
request_unlink(struct http_request *q)
{
	struct http *h = q->h;

	if (q->started)
		curl_multi_remove_handle(h->multi, q->easy);
	TAILQ_REMOVE(q->started ? &h->all : &h->bad, q, link);
	h->pending--;
}

static void
request_free(struct http_request *q)
{
	timer_done(&q->deadline);
	http_request_free(q);
}

/* No callback will come. */
static void
request_drop(struct http_request *q)
{
	request_unlink(q);
	request_free(q);
}

/* Tell the caller and let go. The request is off all lists before the callback can send anew. */
static void
request_tell(struct http_request *q, const struct http_resp *r, const struct err *e)
{
	struct http *h = q->h;

	request_unlink(q);
	h->calling++;
	q->fn(r, e, q->arg);
	h->calling--;
	request_free(q);
}

static void
request_end(struct http_request *q, CURLcode code)
{
	struct http_resp r;
	struct err e = { 0 };

	if (http_answer_read(q, (int)code, &r, &e))
		request_tell(q, NULL, &e);
	else
		request_tell(q, &r, NULL);
}

static void
on_deadline(void *arg)
{
	struct err e = { 0 };

	err_set(&e, ERR_TIMEOUT, 0, "no whole answer in time");
	request_tell(arg, NULL, &e);
}

static void
on_soon(void *arg)
{
	struct http *h = arg;
	uint64_t last = h->next_id;
	struct http_request *q;
	struct err e = { 0 };

	err_set(&e, ERR_NOMEM, 0, "no memory for an HTTP request");
	/* what a callback sends anew is for the next turn */
	while ((q = TAILQ_FIRST(&h->bad)) && q->id <= last)
		request_tell(q, NULL, &e);
}

/* --- curl and the loop ----------------------------------------------------------------------- */

static void
harvest(struct http *h)
{
	CURLMsg *m;
	int left;

	while ((m = curl_multi_info_read(h->multi, &left))) {
		struct http_request *q = NULL;
		CURLcode rc = m->data.result;

		curl_easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, (char **)&q);
		request_end(q, rc);
	}
}

static void
on_socket(int fd, int what, void *arg)
{
	struct http *h = arg;
	int mask =
	    (what & WATCH_READ ? CURL_CSELECT_IN : 0) | (what & WATCH_WRITE ? CURL_CSELECT_OUT : 0);
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
	struct watch *w = arg;

	watch_done(w);
	free(w);
}

/* curl says what it waits for on a socket. */
static int
socket_fn(CURL *easy, curl_socket_t fd, int what, void *arg, void *per_socket)
{
	struct http *h = arg;
	struct watch *w = per_socket;

	(void)easy;
	if (what == CURL_POLL_REMOVE) {
		if (w) {
			watch_set(w, -1, 0);
			curl_multi_assign(h->multi, fd, NULL);
			loop_defer(h->loop, watch_free, w); /* we may be inside its callback */
		}
		return 0;
	}
	if (!w) {
		w = calloc(1, sizeof(*w));
		if (!w)
			return -1;
		watch_init(w, h->loop, on_socket, h);
		curl_multi_assign(h->multi, fd, w);
	}
	watch_set(w, fd,
	          (what & CURL_POLL_IN ? WATCH_READ : 0) |
	              (what & CURL_POLL_OUT ? WATCH_WRITE : 0));
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

static void
set_multi(struct http *h, const struct http_conf *conf)
{
	curl_multi_setopt(h->multi, CURLMOPT_SOCKETFUNCTION, socket_fn);
	curl_multi_setopt(h->multi, CURLMOPT_SOCKETDATA, h);
	curl_multi_setopt(h->multi, CURLMOPT_TIMERFUNCTION, timer_fn);
	curl_multi_setopt(h->multi, CURLMOPT_TIMERDATA, h);
	curl_multi_setopt(h->multi, CURLMOPT_MAX_TOTAL_CONNECTIONS, (long)conf->max_conns);
	curl_multi_setopt(h->multi, CURLMOPT_MAX_HOST_CONNECTIONS, (long)conf->max_conns_host);
	curl_multi_setopt(h->multi, CURLMOPT_MAXCONNECTS, (long)conf->max_conns);
	curl_multi_setopt(h->multi, CURLMOPT_PIPELINING, CURLPIPE_NOTHING);
}

/* --- sending --------------------------------------------------------------------------------- */

uint64_t
http_send(struct http *h, const struct http_req *r, http_fn *fn, void *arg)
{
	struct http_request *q = http_request_new(r, h->ca_file, h->plain_ok);

	q->h = h;
	q->id = ++h->next_id;
	q->fn = fn;
	q->arg = arg;
	timer_init(&q->deadline, h->loop, on_deadline, q);
	h->pending++;
	q->started = q->ready && !curl_multi_add_handle(h->multi, q->easy);
	TAILQ_INSERT_TAIL(q->started ? &h->all : &h->bad, q, link);
	if (q->started)
		timer_arm(&q->deadline, r->timeout_ms ? r->timeout_ms : HTTP_TIMEOUT_MS);
	else
		timer_arm(&h->soon, 0);
	return q->id;
}

static struct http_request *
request_find(struct requests *on, uint64_t id)
{
	struct http_request *q;

	TAILQ_FOREACH (q, on, link)
		if (q->id == id)
			return q;
	return NULL;
}

void
http_cancel(struct http *h, uint64_t id)
{
	struct http_request *q = request_find(&h->all, id);

	if (!q)
		q = request_find(&h->bad, id);
	if (q)
		request_drop(q);
}

int
http_pending(const struct http *h)
{
	return h->pending;
}

/* --- life ------------------------------------------------------------------------------------ */

static pthread_once_t curl_once = PTHREAD_ONCE_INIT;

static void
curl_start(void)
{
	curl_global_init(CURL_GLOBAL_DEFAULT);
}

struct http *
http_new(struct loop *l, const struct http_conf *conf, struct err *e)
{
	bool own_ca = conf->ca_file && *conf->ca_file;
	struct http *h;

	if (own_ca && access(conf->ca_file, R_OK)) {
		err_set(e, ERR_INPUT, EXITS_CONFIG, "the file of certificates cannot be read: %s",
		        conf->ca_file);
		return NULL;
	}
	pthread_once(&curl_once, curl_start);
	h = calloc(1, sizeof(*h));
	if (!h || !(h->multi = curl_multi_init()) ||
	    (own_ca && !(h->ca_file = strdup(conf->ca_file)))) {
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
	timer_init(&h->soon, l, on_soon, h);
	set_multi(h, conf);
	return h;
}

static void
requests_drop(struct requests *on)
{
	struct http_request *q;

	while ((q = TAILQ_FIRST(on)))
		request_drop(q);
}

void
http_free(struct http *h)
{
	if (!h)
		return;
	assert(!h->calling);
	requests_drop(&h->all);
	requests_drop(&h->bad);
	curl_multi_cleanup(h->multi);
	timer_done(&h->timer);
	timer_done(&h->soon);
	free(h->ca_file);
	free(h);
}
