#include "daemon/io/httpd.h"

#include "common/own.h"
#include "daemon/base/listen.h"
#include "daemon/base/loop.h"
#include "daemon/io/httpd_request.h"

#include <assert.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/http.h>
#include <event2/listener.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/socket.h>

enum conn_state {
	CONN_READING = 0, /* the request is not whole yet */
	CONN_HANDLING,    /* its handler has it */
	CONN_WRITING      /* answered */
};

struct conn {
	LIST_ENTRY(conn) link;
	struct httpd *h; /* NULL: the server was freed before conn_adopt came */
	enum conn_state state;
	struct bufferevent *bev; /* evhttp's; a reference of ours until conn_adopt */
	struct timer deadline;
	uint64_t id;                /* of the request, 0 before it is whole */
	struct evhttp_request *req; /* in CONN_HANDLING only */
};

struct door {
	struct listen sock;
	struct evconnlistener *ev;
};

struct httpd {
	LIST_ENTRY(httpd) link;
	struct loop *loop;
	struct evhttp *ev;
	struct httpd_conf conf;
	struct door doors[HTTPD_LISTENS_MAX];
	int n_doors;
	LIST_HEAD(, conn) conns;
	int n_conns;
	uint64_t last_id;
	struct timer pause; /* armed: out of descriptors a moment ago */
};

/*
 * evhttp takes the argument of a listener's error callback for itself, so the server that a
 * listener belongs to is found here. A list a thread: a server stays on its loop's.
 */
static _Thread_local LIST_HEAD(, httpd) servers;

/* --- doors ----------------------------------------------------------------------------------- */

/* Listen where there is a place for one more connection, and a descriptor. */
static void
doors_set(struct httpd *h)
{
	bool open = h->n_conns < h->conf.conns_max && !timer_armed(&h->pause);

	for (int i = 0; i < h->n_doors; i++)
		if (open)
			evconnlistener_enable(h->doors[i].ev);
		else
			evconnlistener_disable(h->doors[i].ev);
}

static void
on_pause_over(void *arg)
{
	doors_set(arg);
}

static void
on_accept_error(struct evconnlistener *ev, void *arg)
{
	struct httpd *h;

	(void)arg;
	LIST_FOREACH (h, &servers, link)
		for (int i = 0; i < h->n_doors; i++)
			if (h->doors[i].ev == ev) {
				timer_arm(&h->pause, HTTPD_PAUSE_MS);
				doors_set(h);
				return;
			}
}

int
httpd_listen(struct httpd *h, const char *where, mode_t mode, struct err *e)
{
	struct door *d = &h->doors[h->n_doors];

	if (h->n_doors == HTTPD_LISTENS_MAX)
		return err_set(e, ERR_INPUT, 0, "more than %d addresses to listen on",
		               HTTPD_LISTENS_MAX);
	if (listen_open(&d->sock, where, mode, e))
		return -1;
	d->ev = evconnlistener_new(loop_base(h->loop), NULL, NULL, LEV_OPT_CLOSE_ON_EXEC, 0,
	                           d->sock.fd);
	if (!d->ev || !evhttp_bind_listener(h->ev, d->ev)) {
		if (d->ev)
			evconnlistener_free(d->ev);
		listen_close(&d->sock);
		return err_set(e, ERR_NOMEM, 0, "no memory to listen on %s", where);
	}
	evconnlistener_set_error_cb(d->ev, on_accept_error);
	h->n_doors++;
	doors_set(h);
	return 0;
}

int
httpd_port(const struct httpd *h)
{
	for (int i = 0; i < h->n_doors; i++)
		if (listen_port(&h->doors[i].sock))
			return listen_port(&h->doors[i].sock);
	return 0;
}

/* --- connections ----------------------------------------------------------------------------- */

static void
conn_free(struct conn *c)
{
	struct httpd *h = c->h;

	timer_done(&c->deadline);
	if (h) {
		LIST_REMOVE(c, link);
		h->n_conns--;
		doors_set(h);
	}
	free(c);
}

static void
on_conn_closed(struct evhttp_connection *ev, void *arg)
{
	(void)ev;
	conn_free(arg);
}

/* Too late: tell the client as far as it listens, then let evhttp see a time-out. */
static void
conn_cut(struct conn *c)
{
	static const char late[] = "HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n"
				   "Connection: close\r\n\r\n";

	if (c->state == CONN_READING)
		send(bufferevent_getfd(c->bev), late, sizeof(late) - 1,
		     MSG_NOSIGNAL | MSG_DONTWAIT);
	bufferevent_trigger_event(c->bev, BEV_EVENT_TIMEOUT | BEV_EVENT_READING, 0);
}

static void
refuse(struct httpd *h, uint64_t id, int status, const char *const *headers, const char *why)
{
	httpd_reply(h, id, status, "text/plain; charset=utf-8", headers, why, strlen(why));
}

static void
on_deadline(void *arg)
{
	struct conn *c = arg;

	if (c->state == CONN_HANDLING)
		refuse(c->h, c->id, 503, NULL, "no answer in time\n");
	else
		conn_cut(c);
}

/*
 * At the end of the turn of accept: evhttp has made its connection around our bufferevent, and is
 * the argument of the callbacks it set there; nothing was read yet. When evhttp gave up already,
 * there are no callbacks any more.
 */
static void
conn_adopt(void *arg)
{
	struct conn *c = arg;
	bufferevent_event_cb on_event = NULL;
	void *ev = NULL;
	struct bufferevent *bev = c->bev;

	bufferevent_getcb(bev, NULL, NULL, &on_event, &ev);
	if (c->h && on_event) {
		assert(evhttp_connection_get_bufferevent(ev) == bev);
		evhttp_connection_set_closecb(ev, on_conn_closed, c);
	} else {
		conn_free(c);
	}
	bufferevent_decref(bev);
}

/* evhttp accepted a connection and asks for its bufferevent: where connections are counted. */
static struct bufferevent *
on_accept(struct event_base *base, void *arg)
{
	struct httpd *h = arg;
	struct conn *c = calloc(1, sizeof(*c));

	loop_now(h->loop);
	if (!c)
		abort();
	c->h = h;
	c->bev = bufferevent_socket_new(base, -1, 0);
	if (!c->bev)
		abort();
	bufferevent_incref(c->bev);
	timer_init(&c->deadline, h->loop, on_deadline, c);
	timer_arm(&c->deadline, h->conf.deadline_ms);
	LIST_INSERT_HEAD(&h->conns, c, link);
	h->n_conns++;
	doors_set(h);
	loop_defer(h->loop, conn_adopt, c);
	return c->bev;
}

int
httpd_conns(const struct httpd *h)
{
	return h->n_conns;
}

/* --- requests -------------------------------------------------------------------------------- */

static struct conn *
conn_handling(const struct httpd *h, uint64_t id)
{
	struct conn *c;

	LIST_FOREACH (c, &h->conns, link)
		if (c->id == id && c->state == CONN_HANDLING)
			return c;
	return NULL;
}

void
httpd_hold(struct httpd *h, uint64_t id, int64_t ms)
{
	struct conn *c = conn_handling(h, id);

	if (c)
		timer_arm(&c->deadline, ms);
}

void
httpd_reply(struct httpd *h, uint64_t id, int status, const char *type, const char *const *headers,
            const void *body, size_t len)
{
	struct conn *c = conn_handling(h, id);

	if (!c)
		return;
	c->state = CONN_WRITING;
	timer_arm(&c->deadline, h->conf.deadline_ms);
	httpd_answer_send(STEAL(c->req), status, type, headers, body, len);
}

static const struct httpd_route *
route_find(const struct httpd_conf *conf, const char *path)
{
	for (size_t i = 0; i < conf->n_routes; i++) {
		const struct httpd_route *r = &conf->routes[i];
		size_t len = strlen(r->path);

		if (!strcmp(r->path, path) ||
		    (r->path[len - 1] == '/' && !strncmp(r->path, path, len)))
			return r;
	}
	return NULL;
}

static void
serve(struct httpd *h, const struct conn *c, const char *path)
{
	static const char *const allow[] = {
		[HTTPD_GET] = "Allow: GET, HEAD",
		[HTTPD_POST] = "Allow: POST",
		[HTTPD_GET | HTTPD_POST] = "Allow: GET, HEAD, POST",
	};
	struct evbuffer *in = evhttp_request_get_input_buffer(c->req);
	const struct httpd_route *r = path ? route_find(&h->conf, path) : NULL;
	char peer[INET6_ADDRSTRLEN];
	struct httpd_req q = {
		.id = c->id,
		.method = httpd_request_method(c->req),
		.head = evhttp_request_get_command(c->req) == EVHTTP_REQ_HEAD,
		.path = path,
		.body_len = evbuffer_get_length(in),
		.peer = httpd_request_peer(c->req, peer),
		.ev = c->req,
	};

	if (!path) {
		refuse(h, c->id, 400, NULL, "bad path\n");
	} else if (!r) {
		refuse(h, c->id, 404, NULL, "not found\n");
	} else if (!(r->methods & q.method)) {
		refuse(h, c->id, 405, (const char *const[]){ allow[r->methods], NULL },
		       "method not allowed\n");
	} else if (q.body_len > r->body_max) {
		refuse(h, c->id, 413, NULL, "body too large\n");
	} else {
		q.body = q.body_len ? evbuffer_pullup(in, -1) : NULL;
		r->fn(h, &q, h->conf.arg);
	}
}

static void
on_request(struct evhttp_request *req, void *arg)
{
	struct httpd *h = arg;
	struct bufferevent *bev =
	    evhttp_connection_get_bufferevent(evhttp_request_get_connection(req));
	CLEANUP(own_free) char *path = httpd_request_path(req);
	struct conn *c;

	loop_now(h->loop);
	LIST_FOREACH (c, &h->conns, link)
		if (c->bev == bev)
			break;
	assert(c && c->state == CONN_READING);
	c->state = CONN_HANDLING;
	c->id = ++h->last_id;
	c->req = req;
	serve(h, c, path);
}

/* --- life ------------------------------------------------------------------------------------ */

struct httpd *
httpd_new(struct loop *l, const struct httpd_conf *conf, struct err *e)
{
	struct httpd *h = calloc(1, sizeof(*h));
	size_t body_max = 0;

	if (h)
		h->ev = evhttp_new(loop_base(l));
	if (!h || !h->ev) {
		err_set(e, ERR_NOMEM, 0, "no memory for an HTTP server");
		free(h);
		return NULL;
	}
	h->loop = l;
	h->conf = *conf;
	if (!h->conf.deadline_ms)
		h->conf.deadline_ms = HTTPD_DEADLINE_MS;
	timer_init(&h->pause, l, on_pause_over, h);
	LIST_INIT(&h->conns);
	LIST_INSERT_HEAD(&servers, h, link);
	for (size_t i = 0; i < conf->n_routes; i++)
		if (conf->routes[i].body_max > body_max)
			body_max = conf->routes[i].body_max;
	evhttp_set_max_headers_size(h->ev, HTTPD_HEADERS_MAX);
	evhttp_set_max_body_size(h->ev, (ssize_t)body_max);
	/* all but CONNECT and TRACE: a wrong method is refused with its route's list */
	evhttp_set_allowed_methods(h->ev, EVHTTP_REQ_GET | EVHTTP_REQ_HEAD | EVHTTP_REQ_POST |
	                                      EVHTTP_REQ_PUT | EVHTTP_REQ_DELETE |
	                                      EVHTTP_REQ_OPTIONS | EVHTTP_REQ_PATCH);
	/* read what a refused body still sends, until the deadline: else the client sees no 413 */
	evhttp_set_flags(h->ev, EVHTTP_SERVER_LINGERING_CLOSE);
	evhttp_set_default_content_type(h->ev, NULL);
	evhttp_set_bevcb(h->ev, on_accept, h);
	evhttp_set_gencb(h->ev, on_request, h);
	return h;
}

void
httpd_free(struct httpd *h)
{
	int n_doors = h ? h->n_doors : 0;
	struct conn *c;

	if (!h)
		return;
	h->n_doors = 0;     /* evhttp_free frees the listeners first, */
	evhttp_free(h->ev); /* then the connections, by on_conn_closed */
	/* what is left was accepted in this very turn: conn_adopt frees it */
	while ((c = LIST_FIRST(&h->conns))) {
		LIST_REMOVE(c, link);
		c->h = NULL;
	}
	for (int i = 0; i < n_doors; i++)
		listen_close(&h->doors[i].sock);
	LIST_REMOVE(h, link);
	timer_done(&h->pause);
	free(h);
}
