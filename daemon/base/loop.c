#include "daemon/base/loop.h"

#include <assert.h>
#include <event2/event.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#define SLOW_TURN_MS 250 /* reliability.md 8 */

struct deferred {
	void (*fn)(void *arg);
	void *arg;
};

struct defer_list {
	struct deferred *v;
	size_t n;
	size_t room;
};

struct signal_watch {
	struct signal_watch *next;
	struct loop *loop;
	struct event *ev;
	void (*fn)(int signo, void *arg);
	void *arg;
};

struct loop {
	struct event_base *base;
	struct defer_list later;   /* to be called at the end of this turn */
	struct defer_list calling; /* being called: what they defer waits for the next turn */
	struct signal_watch *signals;
	struct mono now;
	bool running;
	bool now_known; /* the clock was read in this turn */
	bool stopping;
	uint64_t slow_turns;
	int64_t longest_ms;
};

struct loop *
loop_new(struct err *e)
{
	struct event_config *cfg = event_config_new();
	struct loop *l = calloc(1, sizeof(*l));

	if (!cfg || !l)
		goto fail;
	event_config_set_flag(cfg, EVENT_BASE_FLAG_NOLOCK);
	signal(SIGPIPE, SIG_IGN);
	l->base = event_base_new_with_config(cfg);
	if (!l->base)
		goto fail;
	event_config_free(cfg);
	return l;
fail:
	err_set(e, ERR_NOMEM, 0, "no memory or no descriptor for an event loop");
	if (cfg)
		event_config_free(cfg);
	free(l);
	return NULL;
}

static void
call_deferred(struct loop *l)
{
	struct defer_list list = l->later;

	l->later = l->calling;
	l->calling = list;
	for (size_t i = 0; i < l->calling.n; i++)
		l->calling.v[i].fn(l->calling.v[i].arg);
	l->calling.n = 0;
}

void
loop_free(struct loop *l)
{
	struct signal_watch *s;

	if (!l)
		return;
	while (l->later.n)
		call_deferred(l);
	while ((s = l->signals)) {
		l->signals = s->next;
		event_free(s->ev);
		free(s);
	}
	free(l->later.v);
	free(l->calling.v);
	event_base_free(l->base);
	free(l);
}

/* A turn begins with its first callback: the wait before it is not ours. */
static void
turn_begin(struct loop *l)
{
	l->now = mono_now();
	l->now_known = l->running;
}

static void
turn_end(struct loop *l)
{
	int64_t took_ms;

	if (!l->now_known)
		return;
	took_ms = mono_now().ms - l->now.ms;
	if (took_ms > SLOW_TURN_MS)
		l->slow_turns++;
	if (took_ms > l->longest_ms)
		l->longest_ms = took_ms;
	l->now_known = false;
}

void
loop_run(struct loop *l)
{
	l->running = true;
	while (!l->stopping) {
		int flags = EVLOOP_ONCE | EVLOOP_NO_EXIT_ON_EMPTY;

		if (l->later.n)
			flags |= EVLOOP_NONBLOCK;
		event_base_loop(l->base, flags);
		if (l->later.n) {
			loop_now(l);
			call_deferred(l);
		}
		turn_end(l);
	}
	l->running = false;
	l->stopping = false;
}

void
loop_stop(struct loop *l)
{
	l->stopping = true;
}

struct event_base *
loop_base(struct loop *l)
{
	return l->base;
}

struct mono
loop_now(struct loop *l)
{
	if (!l->now_known)
		turn_begin(l);
	return l->now;
}

uint64_t
loop_slow_turns(const struct loop *l)
{
	return l->slow_turns;
}

int64_t
loop_longest_ms(struct loop *l)
{
	int64_t ms = l->longest_ms;

	l->longest_ms = 0;
	return ms;
}

void
loop_defer(struct loop *l, void (*fn)(void *arg), void *arg)
{
	struct defer_list *d = &l->later;

	if (d->n == d->room) {
		d->room = d->room ? d->room * 2 : 16;
		d->v = reallocarray(d->v, d->room, sizeof(*d->v));
		if (!d->v)
			abort();
	}
	d->v[d->n++] = (struct deferred){ fn, arg };
}

static void
on_timer(evutil_socket_t fd, short what, void *arg)
{
	struct timer *t = arg;

	(void)fd;
	(void)what;
	loop_now(t->loop);
	t->fn(t->arg); /* may free t */
}

void
timer_init(struct timer *t, struct loop *l, void (*fn)(void *arg), void *arg)
{
	*t = (struct timer){ .loop = l, .fn = fn, .arg = arg };
	t->ev = event_new(l->base, -1, 0, on_timer, t);
	if (!t->ev)
		abort();
}

void
timer_arm(struct timer *t, int64_t ms)
{
	struct timeval tv = { 0 };

	assert(t->ev);
	if (ms > 0) {
		tv.tv_sec = (time_t)(ms / 1000);
		tv.tv_usec = (suseconds_t)(ms % 1000 * 1000);
	}
	if (event_add(t->ev, &tv))
		abort();
}

void
timer_disarm(struct timer *t)
{
	if (t->ev)
		event_del(t->ev);
}

bool
timer_armed(const struct timer *t)
{
	return t->ev && event_pending(t->ev, EV_TIMEOUT, NULL);
}

void
timer_done(struct timer *t)
{
	if (t->ev)
		event_free(t->ev);
	t->ev = NULL;
}

static void
on_watch(evutil_socket_t fd, short what, void *arg)
{
	struct watch *w = arg;

	loop_now(w->loop);
	w->fn(fd, (what & EV_READ ? WATCH_READ : 0) | (what & EV_WRITE ? WATCH_WRITE : 0),
	      w->arg); /* may free w */
}

void
watch_init(struct watch *w, struct loop *l, void (*fn)(int fd, int what, void *arg), void *arg)
{
	*w = (struct watch){ .loop = l, .fd = -1, .fn = fn, .arg = arg };
	w->ev = event_new(l->base, -1, 0, on_watch, w);
	if (!w->ev)
		abort();
}

void
watch_set(struct watch *w, int fd, int what)
{
	short ev = EV_PERSIST;

	assert(w->ev);
	if (what == w->what && (fd == w->fd || !what))
		return;
	event_del(w->ev);
	w->fd = fd;
	w->what = what;
	if (!what)
		return;
	if (what & WATCH_READ)
		ev |= EV_READ;
	if (what & WATCH_WRITE)
		ev |= EV_WRITE;
	if (event_assign(w->ev, w->loop->base, fd, ev, on_watch, w) || event_add(w->ev, NULL))
		abort();
}

void
watch_done(struct watch *w)
{
	if (w->ev)
		event_free(w->ev);
	w->ev = NULL;
}

static void
on_signal(evutil_socket_t signo, short what, void *arg)
{
	struct signal_watch *s = arg;

	(void)what;
	loop_now(s->loop);
	s->fn(signo, s->arg);
}

void
loop_signal(struct loop *l, int signo, void (*fn)(int signo, void *arg), void *arg)
{
	struct signal_watch *s = calloc(1, sizeof(*s));

	if (!s)
		abort();
	*s = (struct signal_watch){ .next = l->signals, .loop = l, .fn = fn, .arg = arg };
	s->ev = event_new(l->base, signo, EV_SIGNAL | EV_PERSIST, on_signal, s);
	if (!s->ev || event_add(s->ev, NULL))
		abort();
	l->signals = s;
}
