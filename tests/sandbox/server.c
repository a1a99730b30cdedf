#include "tests/sandbox/server.h"

#include "common/clock.h"
#include "tests/sandbox/front.h"
#include "tests/sandbox/gzip.h"
#include "tests/sandbox/listen.h"
#include "tests/sandbox/mem.h"
#include "tests/sandbox/tls.h"
#include "tests/sandbox/world.h"

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/http.h>
#include <event2/keyvalq_struct.h>
#include <event2/util.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <time.h>
#include <unistd.h>

#define HEADERS_MAX (64 << 10)
#define BODY_MAX    (16 << 20)
#define IDLE_S      120
#define TICK_MS     20
#define SLOW_PIECES 20

/* An answer that is not out yet. */
struct pending {
	struct server *server;
	struct evhttp_request *req;
	struct reply reply;
	struct event *timer;
	size_t sent; /* of a slow answer's body */
	bool started;
	bool settled;
	LIST_ENTRY(pending) link;
};

struct server {
	struct world *world;
	struct event_base *base;
	struct evhttp *http;
	struct ssl_ctx_st *tls; /* NULL: plain */
	struct event *tick;
	struct event *term;
	struct event *intr;
	char address[LISTEN_NAME_MAX];
	LIST_HEAD(, pending) pending;
};

static struct timeval
after_ms(int64_t ms)
{
	return (struct timeval){ .tv_sec = ms / 1000, .tv_usec = ms % 1000 * 1000 };
}

static void
pending_free(struct pending *p)
{
	LIST_REMOVE(p, link);
	if (p->timer)
		event_free(p->timer);
	if (p->reply.on_sent)
		p->reply.on_sent(p->reply.arg);
	reply_done(&p->reply);
	free(p);
}

/* End the connection without another byte. The request goes with it, or has lost it already. */
static void
hang_up(struct evhttp_request *req)
{
	struct evhttp_connection *conn = evhttp_request_get_connection(req);

	if (conn)
		evhttp_connection_free(conn);
	else
		evhttp_request_free(req);
}

static void
add_headers(const struct pending *p, struct evkeyvalq *out)
{
	const struct reply *r = &p->reply;
	time_t now = world_now(p->server->world);
	char date[64];
	struct tm tm;

	gmtime_r(&now, &tm);
	strftime(date, sizeof(date), "%a, %d %b %Y %H:%M:%S GMT", &tm);
	evhttp_add_header(out, "Date", date);
	evhttp_add_header(out, "Content-Type", r->type);
	if (r->location[0])
		evhttp_add_header(out, "Location", r->location);
	if (r->retry_after[0])
		evhttp_add_header(out, "Retry-After", r->retry_after);
	if (r->gzip)
		evhttp_add_header(out, "Content-Encoding", "gzip");
	evhttp_add_header(out, "Cache-Control", "no-store");
}

static void
free_body(const void *data, size_t len, void *arg)
{
	(void)data;
	(void)len;
	free(arg);
}

/* The body goes to libevent without a copy. */
static void
send_whole(struct pending *p)
{
	struct buf *b = &p->reply.body;
	struct evbuffer *out = evbuffer_new();

	if (out && b->len) {
		evbuffer_add_reference(out, b->data, b->len, free_body, b->data);
		buf_init(b, 0);
	}
	evhttp_send_reply(p->req, p->reply.status, NULL, out);
	if (out)
		evbuffer_free(out);
}

/* Announce the whole body, send half of it, and end the connection. */
static void
send_cut(struct pending *p)
{
	struct evkeyvalq *headers = evhttp_request_get_output_headers(p->req);
	char len[24];

	snprintf(len, sizeof(len), "%zu", p->reply.body.len);
	evhttp_add_header(headers, "Content-Length", len);
	evhttp_add_header(headers, "Connection", "close");
	p->reply.body.len /= 2;
	send_whole(p);
}

/* Is what was sent before still on its way? */
static bool
busy(const struct pending *p)
{
	struct evhttp_connection *conn = evhttp_request_get_connection(p->req);

	return conn &&
	       evbuffer_get_length(bufferevent_get_output(evhttp_connection_get_bufferevent(conn)));
}

static void
add_piece(struct pending *p)
{
	const struct buf *b = &p->reply.body;
	size_t piece = b->len / SLOW_PIECES + 1, left = b->len - p->sent;
	struct evbuffer *out = evbuffer_new();

	if (piece > left)
		piece = left;
	if (out) {
		evbuffer_add(out, b->data + p->sent, piece);
		evhttp_send_reply_chunk(p->req, out);
		evbuffer_free(out);
	}
	p->sent += piece;
}

/*
 * The body in SLOW_PIECES pieces, one each time the timer fires. libevent tells of a written piece
 * a turn later; were the end added before that, it would take the news for its own and never write
 * it. So the end waits one turn more.
 */
static void
send_slowly(struct pending *p)
{
	struct timeval t = after_ms(p->reply.spread_ms / SLOW_PIECES);

	if (!p->started) {
		add_headers(p, evhttp_request_get_output_headers(p->req));
		evhttp_send_reply_start(p->req, p->reply.status, NULL);
		p->started = true;
	} else if (!busy(p)) {
		if (p->settled) {
			evhttp_send_reply_end(p->req);
			pending_free(p);
			return;
		}
		p->settled = p->sent == p->reply.body.len;
		if (!p->settled)
			add_piece(p);
	}
	event_add(p->timer, &t);
}

static void
answer(struct pending *p)
{
	if (p->reply.end == REPLY_SLOW && p->timer) {
		send_slowly(p);
		return;
	}
	if (p->reply.end == REPLY_LOST || p->reply.end == REPLY_HANG) {
		hang_up(p->req);
	} else {
		add_headers(p, evhttp_request_get_output_headers(p->req));
		if (p->reply.gzip)
			gzip_wrap(&p->reply.body);
		if (p->reply.end == REPLY_CUT)
			send_cut(p);
		else
			send_whole(p);
	}
	pending_free(p);
}

static void
on_due(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	answer(arg);
}

/*
 * A whole answer without delay goes at once. The others come from a timer, at least one turn later:
 * a connection must not end inside evhttp's own callback.
 */
static void
schedule(struct pending *p)
{
	int64_t ms = p->reply.delay_ms;
	struct timeval t;

	if (p->reply.end == REPLY_HANG)
		ms += p->reply.spread_ms;
	if (!ms && p->reply.end == REPLY_WHOLE) {
		answer(p);
		return;
	}
	t = after_ms(ms);
	p->timer = event_new(p->server->base, -1, 0, on_due, p);
	if (!p->timer || event_add(p->timer, &t))
		answer(p);
}

static const char *
method_name(enum evhttp_cmd_type t)
{
	switch (t) {
	case EVHTTP_REQ_GET:
		return "GET";
	case EVHTTP_REQ_POST:
		return "POST";
	case EVHTTP_REQ_PUT:
		return "PUT";
	case EVHTTP_REQ_DELETE:
		return "DELETE";
	case EVHTTP_REQ_HEAD:
		return "HEAD";
	case EVHTTP_REQ_PATCH:
		return "PATCH";
	default:
		return "OTHER";
	}
}

static void
on_request(struct evhttp_request *req, void *arg)
{
	struct server *s = arg;
	struct evkeyvalq *headers = evhttp_request_get_input_headers(req);
	struct evbuffer *in = evhttp_request_get_input_buffer(req);
	struct pending *p = mem_new(1, sizeof(*p));
	struct request rq;
	struct err e;

	p->server = s;
	p->req = req;
	reply_init(&p->reply);
	LIST_INSERT_HEAD(&s->pending, p, link);
	if (request_init(&rq, method_name(evhttp_request_get_command(req)),
	                 evhttp_request_get_uri(req), &e)) {
		p->reply.status = 414;
	} else {
		rq.token = evhttp_find_header(headers, "x-tts-access-token");
		rq.content_type = evhttp_find_header(headers, "Content-Type");
		rq.body_len = evbuffer_get_length(in);
		if (rq.body_len)
			rq.body = (const char *)evbuffer_pullup(in, -1);
		front_handle(s->world, &rq, &p->reply);
	}
	request_done(&rq);
	schedule(p);
}

static void
on_tick(evutil_socket_t fd, short what, void *arg)
{
	struct server *s = arg;
	struct world *w = s->world;

	(void)fd;
	(void)what;
	traffic_step(&w->traffic, &w->shops, &w->orders, mono_us(), world_now(w));
}

static void
on_stop(evutil_socket_t signo, short what, void *arg)
{
	struct server *s = arg;

	(void)signo;
	(void)what;
	event_base_loopbreak(s->base);
}

static int
set_up_http(struct server *s, const struct options *opt, struct err *e)
{
	s->http = evhttp_new(s->base);
	if (!s->http)
		return err_set(e, ERR_NOMEM, 0, "evhttp_new failed");
	evhttp_set_gencb(s->http, on_request, s);
	evhttp_set_allowed_methods(s->http, EVHTTP_REQ_GET | EVHTTP_REQ_POST | EVHTTP_REQ_PUT |
	                                        EVHTTP_REQ_DELETE | EVHTTP_REQ_HEAD |
	                                        EVHTTP_REQ_PATCH);
	evhttp_set_max_headers_size(s->http, HEADERS_MAX);
	evhttp_set_max_body_size(s->http, BODY_MAX);
	evhttp_set_timeout(s->http, IDLE_S);
	if (!opt->tls_cert)
		return 0;
	s->tls = tls_new(opt->tls_cert, opt->tls_key, e);
	if (!s->tls)
		return -1;
	evhttp_set_bevcb(s->http, tls_accept, s->tls);
	return 0;
}

static int
set_up_events(struct server *s, struct err *e)
{
	struct timeval tick = after_ms(TICK_MS);

	s->tick = event_new(s->base, -1, EV_PERSIST, on_tick, s);
	s->term = evsignal_new(s->base, SIGTERM, on_stop, s);
	s->intr = evsignal_new(s->base, SIGINT, on_stop, s);
	if (!s->tick || !s->term || !s->intr || event_add(s->tick, &tick) ||
	    event_add(s->term, NULL) || event_add(s->intr, NULL))
		return err_set(e, ERR_NOMEM, 0, "events cannot be made");
	return 0;
}

static struct event_base *
new_base(void)
{
	struct event_config *cfg = event_config_new();
	struct event_base *base = NULL;

	if (cfg) {
		event_config_set_flag(cfg, EVENT_BASE_FLAG_NOLOCK);
		base = event_base_new_with_config(cfg);
		event_config_free(cfg);
	}
	return base;
}

struct server *
server_new(struct world *w, struct err *e)
{
	struct server *s = mem_new(1, sizeof(*s));
	int fd;

	s->world = w;
	LIST_INIT(&s->pending);
	signal(SIGPIPE, SIG_IGN);
	s->base = new_base();
	if (!s->base) {
		err_set(e, ERR_NOMEM, 0, "event_base_new failed");
		goto fail;
	}
	if (set_up_http(s, w->opt, e) || set_up_events(s, e))
		goto fail;
	fd = listen_open(w->opt->listen, e);
	if (fd < 0)
		goto fail;
	listen_name(fd, s->address);
	if (evhttp_accept_socket(s->http, fd)) {
		close(fd);
		err_set(e, ERR_NOMEM, 0, "evhttp_accept_socket failed");
		goto fail;
	}
	return s;
fail:
	server_free(s);
	return NULL;
}

static void
free_event(struct event *ev)
{
	if (ev)
		event_free(ev);
}

void
server_free(struct server *s)
{
	struct pending *p;

	if (!s)
		return;
	while ((p = LIST_FIRST(&s->pending))) {
		if (!evhttp_request_get_connection(p->req))
			evhttp_request_free(p->req);
		pending_free(p);
	}
	free_event(s->tick);
	free_event(s->term);
	free_event(s->intr);
	if (s->http)
		evhttp_free(s->http);
	if (s->tls)
		tls_free(s->tls);
	if (s->base)
		event_base_free(s->base);
	free(s);
}

const char *
server_address(const struct server *s)
{
	return s->address;
}

void
server_run(struct server *s)
{
	event_base_dispatch(s->base);
}
