#include "daemon/io/sock.h"

#include "common/frame.h"
#include "daemon/base/listen.h"
#include "daemon/base/loop.h"

#include <errno.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/listener.h>
#include <poll.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <unistd.h>

#define READ_BYTES 16384

struct conn {
	LIST_ENTRY(conn) link;
	struct sock *s; /* NULL: the socket was freed before conn_end came */
	uint64_t id;
	struct bufferevent *bev;
	struct frame in;
	struct timer half;
	bool closing; /* reads no more, ends when all is written */
	bool eof;     /* the client will send no more, and may still read */
	bool ending;  /* conn_end comes at the end of this turn */
	bool silent;  /* no on_gone: it was closed by us */
};

struct sock {
	struct loop *loop;
	struct sock_conf conf;
	struct listen where;
	struct evconnlistener *ev;
	struct timer pause;
	LIST_HEAD(, conn) conns;
	int n_conns;
	uint64_t last_id;
};

static struct conn *
conn_find(struct sock *s, uint64_t id)
{
	struct conn *c;

	LIST_FOREACH (c, &s->conns, link)
		if (c->id == id && !c->ending)
			return c;
	return NULL;
}

static void
conn_close(struct conn *c)
{
	LIST_REMOVE(c, link);
	c->s->n_conns--;
	c->s = NULL;
	timer_done(&c->half);
	frame_done(&c->in);
	bufferevent_free(c->bev);
}

static void
conn_end(void *arg)
{
	struct conn *c = arg;
	struct sock *s = c->s;

	if (s) {
		conn_close(c);
		if (!c->silent)
			s->conf.on_gone(c->id, s->conf.arg);
	}
	free(c);
}

/* Nothing more is read, written or told; the rest at the end of this turn. */
static void
conn_drop(struct conn *c)
{
	if (c->ending)
		return;
	c->ending = true;
	timer_disarm(&c->half);
	bufferevent_disable(c->bev, EV_READ | EV_WRITE);
	bufferevent_setcb(c->bev, NULL, NULL, NULL, NULL);
	loop_defer(c->s->loop, conn_end, c);
}

static size_t
waiting(const struct conn *c)
{
	return evbuffer_get_length(bufferevent_get_output(c->bev));
}

/* What is queued goes out first; a client that does not take it runs into SOCK_STUCK_MS. */
static void
conn_finish(struct conn *c)
{
	c->closing = true;
	timer_disarm(&c->half);
	bufferevent_disable(c->bev, EV_READ);
	if (!waiting(c))
		conn_drop(c);
}

static void
conn_refuse(struct conn *c, const struct err *why)
{
	bufferevent_disable(c->bev, EV_READ);
	c->closing = true;
	c->s->conf.on_bad(c->id, why, c->s->conf.arg);
	if (!c->ending)
		conn_finish(c);
}

/* Did the client close both ways? After a half close alone poll(2) says nothing of the kind. */
static bool
hung_up(const struct conn *c)
{
	struct pollfd p = { .fd = bufferevent_getfd(c->bev) };

	return poll(&p, 1, 0) == 1 && p.revents & (POLLHUP | POLLERR);
}

static void
on_half(void *arg)
{
	struct conn *c = arg;
	struct err e;

	if (c->eof) {
		if (hung_up(c))
			conn_drop(c);
		else
			timer_arm(&c->half, c->s->conf.half_ms);
		return;
	}
	err_set(&e, ERR_TIMEOUT, 0, "a line was begun and not ended in time");
	conn_refuse(c, &e);
}

/* Hand out whole lines until there are none, or the client has too much to read already. */
static void
conn_lines(struct conn *c)
{
	struct err e = { 0 };
	const char *line;
	size_t len;

	while (!c->closing && !c->ending && waiting(c) < SOCK_HIGH &&
	       (line = frame_next(&c->in, &len, &e))) {
		timer_disarm(&c->half);
		c->s->conf.on_line(c->id, line, len, c->s->conf.arg);
	}
	if (c->closing || c->ending)
		return;
	if (e.kind) {
		conn_refuse(c, &e);
		return;
	}
	if (waiting(c) >= SOCK_HIGH) {
		timer_disarm(&c->half);
		bufferevent_disable(c->bev, EV_READ);
		return;
	}
	if (!frame_half(&c->in))
		timer_disarm(&c->half);
	else if (!timer_armed(&c->half))
		timer_arm(&c->half, c->s->conf.half_ms);
}

static void
on_read(struct bufferevent *bev, void *arg)
{
	struct conn *c = arg;
	struct evbuffer *in = bufferevent_get_input(bev);
	char bytes[READ_BYTES];
	size_t room = c->in.max < sizeof(bytes) ? c->in.max : sizeof(bytes);
	struct err e;
	int n;

	while (!c->closing && !c->ending && waiting(c) < SOCK_HIGH &&
	       (n = evbuffer_remove(in, bytes, room)) > 0) {
		if (frame_add(&c->in, bytes, (size_t)n, &e)) {
			conn_refuse(c, &e);
			return;
		}
		conn_lines(c);
	}
}

/* All that was queued has been written. */
static void
on_written(struct bufferevent *bev, void *arg)
{
	struct conn *c = arg;

	if (c->closing) {
		conn_drop(c);
		return;
	}
	conn_lines(c); /* that were left while the client had much to read */
	on_read(bev, c);
	if (!c->closing && !c->ending && !c->eof && waiting(c) < SOCK_HIGH)
		bufferevent_enable(bev, EV_READ);
}

/* Reading goes on while little waits to be written, so all lines were handed out before this. */
static void
conn_eof(struct conn *c)
{
	struct err e;

	if (frame_half(&c->in)) {
		err_set(&e, ERR_INPUT, 0, "the last line has no newline");
		conn_refuse(c, &e);
		return;
	}
	c->eof = true;
	bufferevent_disable(c->bev, EV_READ);
	timer_arm(&c->half, c->s->conf.half_ms);
	c->s->conf.on_eof(c->id, c->s->conf.arg);
}

static void
on_event(struct bufferevent *bev, short what, void *arg)
{
	struct conn *c = arg;

	(void)bev;
	if (what & BEV_EVENT_EOF && what & BEV_EVENT_READING && !hung_up(c))
		conn_eof(c);
	else if (what & (BEV_EVENT_EOF | BEV_EVENT_ERROR | BEV_EVENT_TIMEOUT))
		conn_drop(c);
}

static int
peer_of(int fd, struct sock_peer *p)
{
	struct ucred cred;
	socklen_t len = sizeof(cred), groups_len = sizeof(p->groups);

	*p = (struct sock_peer){ 0 };
	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &cred, &len))
		return -1;
	p->uid = cred.uid;
	p->gid = cred.gid;
	p->pid = cred.pid;
	if (!getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, p->groups, &groups_len))
		p->n_groups = (int)(groups_len / sizeof(gid_t));
	return 0;
}

static void
on_accept(struct evconnlistener *ev, evutil_socket_t fd, struct sockaddr *sa, int sa_len, void *arg)
{
	static const struct timeval stuck = { .tv_sec = SOCK_STUCK_MS / 1000 };
	struct sock *s = arg;
	struct sock_peer peer;
	struct conn *c;

	(void)ev;
	(void)sa;
	(void)sa_len;
	if (s->n_conns >= s->conf.conns_max) {
		send(fd, s->conf.full, strlen(s->conf.full), MSG_NOSIGNAL | MSG_DONTWAIT);
		close(fd);
		return;
	}
	c = peer_of(fd, &peer) ? NULL : calloc(1, sizeof(*c));
	if (c)
		c->bev = bufferevent_socket_new(loop_base(s->loop), fd, BEV_OPT_CLOSE_ON_FREE);
	if (!c || !c->bev) {
		free(c);
		close(fd);
		return;
	}
	c->s = s;
	c->id = ++s->last_id;
	frame_init(&c->in, s->conf.line_max);
	timer_init(&c->half, s->loop, on_half, c);
	LIST_INSERT_HEAD(&s->conns, c, link);
	s->n_conns++;
	bufferevent_setcb(c->bev, on_read, on_written, on_event, c);
	bufferevent_setwatermark(c->bev, EV_READ, 0, s->conf.line_max);
	bufferevent_set_timeouts(c->bev, NULL, &stuck);
	s->conf.on_open(c->id, &peer, s->conf.arg);
	if (!c->ending && !c->closing)
		bufferevent_enable(c->bev, EV_READ | EV_WRITE);
}

static void
on_accept_error(struct evconnlistener *ev, void *arg)
{
	struct sock *s = arg;

	evconnlistener_disable(ev);
	timer_arm(&s->pause, SOCK_PAUSE_MS);
}

static void
on_pause_over(void *arg)
{
	struct sock *s = arg;

	evconnlistener_enable(s->ev);
}

struct sock *
sock_new(struct loop *l, const char *path, mode_t mode, const struct sock_conf *conf, struct err *e)
{
	struct sock *s = calloc(1, sizeof(*s));

	if (!s) {
		err_set(e, ERR_NOMEM, 0, "no memory for a socket");
		return NULL;
	}
	s->loop = l;
	s->conf = *conf;
	if (!s->conf.half_ms)
		s->conf.half_ms = SOCK_HALF_MS;
	LIST_INIT(&s->conns);
	timer_init(&s->pause, l, on_pause_over, s);
	s->where.fd = -1;
	if (listen_open(&s->where, path, mode, e))
		goto fail;
	/* it listens already (backlog 0); its descriptor stays ours, with the file's removal */
	s->ev =
	    evconnlistener_new(loop_base(l), on_accept, s, LEV_OPT_CLOSE_ON_EXEC, 0, s->where.fd);
	if (!s->ev) {
		err_set(e, ERR_NOMEM, 0, "no memory for a listener");
		goto fail;
	}
	evconnlistener_set_error_cb(s->ev, on_accept_error);
	return s;
fail:
	sock_free(s);
	return NULL;
}

void
sock_free(struct sock *s)
{
	struct conn *c;

	if (!s)
		return;
	if (s->ev)
		evconnlistener_free(s->ev);
	listen_close(&s->where);
	timer_done(&s->pause);
	while ((c = LIST_FIRST(&s->conns))) {
		bool later = c->ending; /* conn_end has it */

		conn_close(c);
		if (!later)
			free(c);
	}
	free(s);
}

void
sock_send(struct sock *s, uint64_t id, const void *p, size_t len)
{
	struct conn *c = conn_find(s, id);

	if (!c)
		return;
	if (waiting(c) + len > s->conf.out_max || bufferevent_write(c->bev, p, len))
		conn_drop(c);
}

void
sock_close(struct sock *s, uint64_t id)
{
	struct conn *c;

	LIST_FOREACH (c, &s->conns, link)
		if (c->id == id) {
			c->silent = true;
			if (!c->ending)
				conn_finish(c);
			return;
		}
}

int
sock_conns(const struct sock *s)
{
	return s->n_conns;
}
