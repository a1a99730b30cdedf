#include "daemon/io/http.h"

#include "common/buf.h"
#include "common/clock.h"
#include "common/exits.h"
#include "daemon/base/loop.h"

#include <arpa/inet.h>
#include <assert.h>
#include <curl/curl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <unistd.h>

#define LOW_SPEED_BYTES 100L
#define LOW_SPEED_S     10L
#define CONN_LIFE_S     300L

struct request {
	TAILQ_ENTRY(request) link;
	struct http *h;
	uint64_t id;
	CURL *easy;
	struct curl_slist *headers;
	char *url;
	void *body;
	size_t body_len;
	struct buf answer;
	struct timer deadline; /* ours: curl's own does not run while a request waits in its line */
	char why[CURL_ERROR_SIZE];
	bool too_big;
	bool inside; /* the name led to an address no public service has */
	bool started;
	bool head_whole;
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
	struct requests bad; /* could not be started: told so on a later turn */
	struct timer soon;   /* tells the bad ones */
	uint64_t next_id;
	int pending;
	int calling; /* callbacks that run: none of them may free us */
	char *ca_file;
	bool plain_ok;
};

static pthread_once_t curl_once = PTHREAD_ONCE_INIT;

static void
curl_start(void)
{
	curl_global_init(CURL_GLOBAL_DEFAULT);
}

/* --- one request ----------------------------------------------------------------------------- */

/* What went over the wire may be a secret: URLs of the token host are, the access token is a
 * header. */
static void
wipe(char *p, size_t len)
{
	if (p)
		explicit_bzero(p, len);
	free(p);
}

static void
request_free(struct request *q)
{
	timer_done(&q->deadline);
	if (q->easy)
		curl_easy_cleanup(q->easy);
	for (struct curl_slist *s = q->headers; s; s = s->next)
		explicit_bzero(s->data, strlen(s->data));
	curl_slist_free_all(q->headers);
	wipe(q->url, q->url ? strlen(q->url) : 0);
	wipe(q->body, q->body_len);
	buf_wipe(&q->answer);
	buf_done(&q->answer);
	free(q);
}

static void
request_unlink(struct request *q)
{
	struct http *h = q->h;

	if (q->started)
		curl_multi_remove_handle(h->multi, q->easy);
	TAILQ_REMOVE(q->started ? &h->all : &h->bad, q, link);
	h->pending--;
}

/* Tell the caller and let go. The request is off all lists before the callback can send anew. */
static void
request_tell(struct request *q, const struct http_resp *r, const struct err *e)
{
	struct http *h = q->h;

	request_unlink(q);
	h->calling++;
	q->fn(r, e, q->arg);
	h->calling--;
	request_free(q);
}

/* One line of the head. curl takes a head that ends with its connection for a whole one; we do not.
 */
static size_t
on_head(char *p, size_t size, size_t n, void *arg)
{
	struct request *q = arg;

	(void)size; /* always 1 */
	if (n >= 5 && !memcmp(p, "HTTP/", 5))
		q->head_whole = false; /* a first one may have been 100 Continue */
	else if (*p == '\r' || *p == '\n')
		q->head_whole = true;
	return n;
}

static size_t
on_body(char *p, size_t size, size_t n, void *arg)
{
	struct request *q = arg;

	(void)size; /* always 1 */
	if (!q->answer.len) {
		/* only now: before, the other side may think as long as the deadline allows */
		curl_easy_setopt(q->easy, CURLOPT_LOW_SPEED_LIMIT, LOW_SPEED_BYTES);
		curl_easy_setopt(q->easy, CURLOPT_LOW_SPEED_TIME, LOW_SPEED_S);
	}
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

	if (!curl_easy_header(q->easy, "Date", 0, CURLH_HEADER, -1, &h) &&
	    !clock_http_date(h->value, &date))
		q->date_s = date.s;
	if (!curl_easy_header(q->easy, "Retry-After", 0, CURLH_HEADER, -1, &h))
		q->retry_after_s = read_retry_after(h->value, q->date_s);
	if (!curl_easy_header(q->easy, "Content-Type", 0, CURLH_HEADER, -1, &h))
		q->json = !strncasecmp(h->value, "application/json", strlen("application/json"));
}

static void
failure_of(const struct request *q, CURLcode rc, struct err *e)
{
	if (q->too_big || rc == CURLE_FILESIZE_EXCEEDED)
		err_set(e, ERR_NOMEM, 0, "the answer is larger than %u MiB", HTTP_BODY_MAX >> 20);
	else if (q->inside)
		err_set(e, ERR_IO, (int)rc, "the name leads to an address inside this network");
	else if (rc == CURLE_OPERATION_TIMEDOUT)
		err_set(e, ERR_TIMEOUT, 0, "no connection in time, or the answer stopped coming");
	else if (rc == CURLE_COULDNT_RESOLVE_HOST || rc == CURLE_COULDNT_CONNECT ||
	         rc == CURLE_PEER_FAILED_VERIFICATION || rc == CURLE_SSL_CONNECT_ERROR)
		err_set(e, ERR_IO, (int)rc, "%s", *q->why ? q->why : curl_easy_strerror(rc));
	else /* other texts of curl may quote the URL */
		err_set(e, ERR_IO, (int)rc, "%s", curl_easy_strerror(rc));
}

static void
request_end(struct request *q, CURLcode rc)
{
	struct http_resp r = { .retry_after_s = -1, .date_s = -1 };
	struct err e = { 0 };
	long status = 0;

	if (rc == CURLE_OK && !q->head_whole)
		rc = CURLE_PARTIAL_FILE;
	if (rc != CURLE_OK) {
		failure_of(q, rc, &e);
		request_tell(q, NULL, &e);
		return;
	}
	curl_easy_getinfo(q->easy, CURLINFO_RESPONSE_CODE, &status);
	read_headers(q);
	r.status = (int)status;
	r.body = buf_text(&q->answer);
	r.body_len = q->answer.len;
	r.retry_after_s = q->retry_after_s;
	r.date_s = q->date_s;
	r.json = q->json;
	r.took_us = mono_us() - q->began_us;
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
on_soon(void *arg)
{
	struct http *h = arg;
	uint64_t last = h->next_id;
	struct request *q;
	struct err e = { 0 };

	err_set(&e, ERR_NOMEM, 0, "no memory for an HTTP request");
	/* what a callback sends anew is for the next turn */
	while ((q = TAILQ_FIRST(&h->bad)) && q->id <= last)
		request_tell(q, NULL, &e);
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
	struct request *q;

	while ((q = TAILQ_FIRST(on))) {
		request_unlink(q);
		request_free(q);
	}
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

/* --- sending --------------------------------------------------------------------------------- */

/* RFC 6890: what is of this host, this link or a private network. */
static bool
is_inside(const struct sockaddr *a)
{
	const struct sockaddr_in6 *in6 = (const void *)a;
	uint32_t ip;

	if (a->sa_family == AF_INET6) {
		const struct in6_addr *x = &in6->sin6_addr;

		if (!IN6_IS_ADDR_V4MAPPED(x))
			return IN6_IS_ADDR_UNSPECIFIED(x) || IN6_IS_ADDR_LOOPBACK(x) ||
			       IN6_IS_ADDR_LINKLOCAL(x) || (x->s6_addr[0] & 0xfe) == 0xfc;
		memcpy(&ip, x->s6_addr + 12, sizeof(ip));
	} else if (a->sa_family == AF_INET) {
		ip = ((const struct sockaddr_in *)(const void *)a)->sin_addr.s_addr;
	} else {
		return true;
	}
	ip = ntohl(ip);
	return ip >> 24 == 0 || ip >> 24 == 10 || ip >> 24 == 127 || ip >> 20 == 0xac1 ||
	       ip >> 16 == 0xc0a8 || ip >> 16 == 0xa9fe || ip >> 22 == 0x64400000 >> 22;
}

/* The socket of a connection to a name: not to an address inside, whatever a name server says. */
static curl_socket_t
open_outside(void *arg, curlsocktype purpose, struct curl_sockaddr *a)
{
	struct request *q = arg;

	(void)purpose;
	if (is_inside(&a->addr)) {
		q->inside = true;
		return CURL_SOCKET_BAD;
	}
	return socket(a->family, a->socktype | SOCK_CLOEXEC, a->protocol);
}

/* Does the URL name its host, so that a name server says where it is? */
static bool
host_is_name(const char *url)
{
	unsigned char addr[sizeof(struct in6_addr)];
	CURLU *u = curl_url();
	char *host = NULL;
	bool name = true;

	if (u && !curl_url_set(u, CURLUPART_URL, url, 0) &&
	    !curl_url_get(u, CURLUPART_HOST, &host, 0))
		name = *host != '[' && strcasecmp(host, "localhost") != 0 &&
		       inet_pton(AF_INET, host, addr) != 1;
	curl_free(host);
	curl_url_cleanup(u);
	return name;
}

static void
set_security(struct http *h, struct request *q)
{
	CURL *c = q->easy;

	curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, h->plain_ok ? "https,http" : "https");
	curl_easy_setopt(c, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(c, CURLOPT_SSL_VERIFYPEER, 1L);
	curl_easy_setopt(c, CURLOPT_SSL_VERIFYHOST, 2L);
	curl_easy_setopt(c, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	curl_easy_setopt(c, CURLOPT_PROXY, "");
	curl_easy_setopt(c, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
	/* with a path of certificates curl would read it anew for each connection */
	curl_easy_setopt(c, CURLOPT_CAPATH, NULL);
	if (h->ca_file) {
		curl_easy_setopt(c, CURLOPT_CAINFO, h->ca_file);
	} else if (host_is_name(q->url)) {
		curl_easy_setopt(c, CURLOPT_OPENSOCKETFUNCTION, open_outside);
		curl_easy_setopt(c, CURLOPT_OPENSOCKETDATA, q);
	}
}

static void
set_limits(CURL *c)
{
	curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT_MS, (long)HTTP_CONNECT_MS);
	curl_easy_setopt(c, CURLOPT_MAXFILESIZE_LARGE, (curl_off_t)HTTP_BODY_MAX);
	/* a request given up while its name is looked up must not wait for the name server */
	curl_easy_setopt(c, CURLOPT_QUICK_EXIT, 1L);
	curl_easy_setopt(c, CURLOPT_MAXLIFETIME_CONN, CONN_LIFE_S);
	curl_easy_setopt(c, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	curl_easy_setopt(c, CURLOPT_ACCEPT_ENCODING, "gzip");
	curl_easy_setopt(c, CURLOPT_TCP_NODELAY, 1L);
}

static int
add_header(struct request *q, const char *line)
{
	struct curl_slist *more = curl_slist_append(q->headers, line);

	if (!more)
		return -1;
	q->headers = more;
	return 0;
}

static int
set_body(struct request *q, const struct http_req *r)
{
	bool may_have = !strcmp(r->method, "POST") || !strcmp(r->method, "PUT");

	if (!r->body && !may_have)
		return 0;
	q->body_len = r->body ? r->body_len : 0;
	q->body = malloc(q->body_len + 1);
	if (!q->body)
		return -1;
	if (q->body_len)
		memcpy(q->body, r->body, q->body_len);
	curl_easy_setopt(q->easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)q->body_len);
	curl_easy_setopt(q->easy, CURLOPT_POSTFIELDS, q->body);
	return add_header(q, "Expect:"); /* no asking first: it costs a round trip */
}

static int
set_request(struct request *q, const struct http_req *r)
{
	CURL *c = q->easy;

	for (int i = 0; r->headers && r->headers[i]; i++)
		if (add_header(q, r->headers[i]))
			return -1;
	if (set_body(q, r))
		return -1;
	curl_easy_setopt(c, CURLOPT_HTTPHEADER, q->headers);
	curl_easy_setopt(c, CURLOPT_URL, q->url);
	if (strcmp(r->method, "GET") != 0)
		curl_easy_setopt(c, CURLOPT_CUSTOMREQUEST, r->method);
	if (r->once) {
		curl_easy_setopt(c, CURLOPT_FRESH_CONNECT, 1L);
		curl_easy_setopt(c, CURLOPT_FORBID_REUSE, 1L);
	}
	curl_easy_setopt(c, CURLOPT_HEADERFUNCTION, on_head);
	curl_easy_setopt(c, CURLOPT_HEADERDATA, q);
	curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, on_body);
	curl_easy_setopt(c, CURLOPT_WRITEDATA, q);
	curl_easy_setopt(c, CURLOPT_ERRORBUFFER, q->why);
	curl_easy_setopt(c, CURLOPT_PRIVATE, (char *)q);
	return 0;
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
	timer_init(&q->deadline, h->loop, on_deadline, q);
	h->pending++;
	q->easy = curl_easy_init();
	q->url = strdup(r->url);
	if (q->easy && q->url) {
		set_security(h, q);
		set_limits(q->easy);
		q->started = !set_request(q, r) && !curl_multi_add_handle(h->multi, q->easy);
	}
	TAILQ_INSERT_TAIL(q->started ? &h->all : &h->bad, q, link);
	if (q->started)
		timer_arm(&q->deadline, r->timeout_ms ? r->timeout_ms : HTTP_TIMEOUT_MS);
	else
		timer_arm(&h->soon, 0);
	return q->id;
}

static struct request *
request_find(struct requests *on, uint64_t id)
{
	struct request *q;

	TAILQ_FOREACH (q, on, link)
		if (q->id == id)
			return q;
	return NULL;
}

void
http_cancel(struct http *h, uint64_t id)
{
	struct request *q = request_find(&h->all, id);

	if (!q)
		q = request_find(&h->bad, id);
	if (!q)
		return;
	request_unlink(q);
	request_free(q);
}

int
http_pending(const struct http *h)
{
	return h->pending;
}
