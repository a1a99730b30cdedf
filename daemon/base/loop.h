/*
 * loop: one thread's event loop, over libevent.
 *
 * Every object here belongs to the thread that runs its loop; there are no locks
 * (EVENT_BASE_FLAG_NOLOCK). Only mbox.c may wake a loop from another thread, by an eventfd.
 *
 * Errors: out of memory while arming aborts: a daemon that cannot keep a deadline must restart.
 */
#ifndef TTSYNC_LOOP_H
#define TTSYNC_LOOP_H

#include "common/clock.h"
#include "common/err.h"

#include <stdbool.h>
#include <stdint.h>

struct loop;
struct event;
struct event_base;

/* The process ignores SIGPIPE from then on: a peer that left is an error of write, not a signal. */
struct loop *loop_new(struct err *e);
void loop_free(struct loop *l);
/* Turn until loop_stop. */
void loop_run(struct loop *l);
/* End loop_run after this turn (before it: at once). From the loop's own thread. */
void loop_stop(struct loop *l);
/* For io/ files whose library wants libevent itself (evhttp, bufferevents). */
struct event_base *loop_base(struct loop *l);
/* The time of this turn, read once a turn, with its first callback. */
struct mono loop_now(struct loop *l);
/* Turns that took longer than 250 ms, and the longest turn in ms since the last call. */
uint64_t loop_slow_turns(const struct loop *l);
int64_t loop_longest_ms(struct loop *l);

/*
 * Call fn(arg) at the end of this turn, in order. Safe inside any library callback. What a deferred
 * call defers comes at the end of the next turn; what is left is called when the loop is freed.
 */
void loop_defer(struct loop *l, void (*fn)(void *arg), void *arg);

/* A timer: embedded in its owner, fires once per arming. */
struct timer {
	struct loop *loop;
	struct event *ev;
	void (*fn)(void *arg);
	void *arg;
};

void timer_init(struct timer *t, struct loop *l, void (*fn)(void *arg), void *arg);
/* Fire after ms milliseconds (0: next turn). Arming an armed timer moves it. */
void timer_arm(struct timer *t, int64_t ms);
void timer_disarm(struct timer *t);
bool timer_armed(const struct timer *t);
/* Disarm and let go; legal on a zeroed timer. */
void timer_done(struct timer *t);

/* A watched descriptor. */
#define WATCH_READ  1
#define WATCH_WRITE 2

struct watch {
	struct loop *loop;
	struct event *ev;
	int fd;
	int what;
	void (*fn)(int fd, int what, void *arg);
	void *arg;
};

void watch_init(struct watch *w, struct loop *l, void (*fn)(int fd, int what, void *arg),
                void *arg);
/*
 * Watch fd for what (0: nothing) until changed. Costs nothing when nothing changes. Set 0 before fd
 * is closed: its number may come back as another file.
 */
void watch_set(struct watch *w, int fd, int what);
void watch_done(struct watch *w);

/* Call fn on signal no, on the loop's thread. The watch lives until loop_free. */
void loop_signal(struct loop *l, int signo, void (*fn)(int signo, void *arg), void *arg);

#endif
