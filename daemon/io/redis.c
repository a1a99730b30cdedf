#include "daemon/base/loop.h"
#include "daemon/io/redis_link.h"

#include <assert.h>
#include <hiredis/hiredis.h>
#include <stdlib.h>
#include <sys/queue.h>

struct redis_request {
	TAILQ_ENTRY(redis_request) link;
	redis_fn *fn;
	void *arg;
	struct mono deadline;
	enum err_kind kind; /* of the failure it is to hear */
};
TAILQ_HEAD(requests, redis_request);

struct redis {
	struct loop *loop;
	struct redis_link link;
	struct requests flying; /* sent, oldest first */
	struct requests failed; /* to be told so at the end of this turn */
	struct timer deadline;  /* of the oldest that flies, or earlier */
	int pending;
	bool settling;
	bool closed;
	bool told_up;
	struct {
		void (*fn)(bool up, void *arg);
		void *arg;
	} listeners[REDIS_LISTENERS];
};

/* --- the end of requests --------------------------------------------------------------------- */

static void
request_end(struct redis *r, struct redis_request *q, const struct redis_reply *reply,
            const struct err *e)
{
	r->pending--;
	if (q->fn)
		q->fn(reply, e, q->arg);
	free(q);
}

static void
tell_change(struct redis *r)
{
	bool up = redis_up(r);

	if (up == r->told_up)
		return;
	r->told_up = up;
	for (int i = 0; i < REDIS_LISTENERS; i++)
		if (r->listeners[i].fn)
			r->listeners[i].fn(up, r->listeners[i].arg);
}

static void
settle(void *arg)
{
	struct redis *r = arg;
	struct requests failed = TAILQ_HEAD_INITIALIZER(failed);
	struct redis_request *q;
	struct err e = r->link.why;

	r->settling = false;
	TAILQ_CONCAT(&failed, &r->failed, link);
	redis_link_settle(&r->link);
	while ((q = TAILQ_FIRST(&failed))) {
		TAILQ_REMOVE(&failed, q, link);
		e.kind = q->kind;
		request_end(r, q, NULL, &e);
	}
	if (!r->closed)
		tell_change(r);
}

void
redis_settle_later(struct redis *r)
{
	if (!r->settling) {
		r->settling = true;
		loop_defer(r->loop, settle, r);
	}
}

static void
request_fail(struct redis *r, struct redis_request *q, enum err_kind kind)
{
	q->kind = kind;
	TAILQ_INSERT_TAIL(&r->failed, q, link);
	redis_settle_later(r);
}

void
redis_lost(struct redis *r, const struct err *why)
{
	struct redis_request *q;

	timer_disarm(&r->deadline);
	while ((q = TAILQ_FIRST(&r->flying))) {
		TAILQ_REMOVE(&r->flying, q, link);
		request_fail(r, q, why->kind);
	}
}

void
redis_answered(struct redis *r, struct redis_request *q, const struct redis_reply *reply)
{
	struct err e;

	TAILQ_REMOVE(&r->flying, q, link);
	if (redis_type(reply) != REDIS_ERROR) {
		request_end(r, q, reply, NULL);
		return;
	}
	if (redis_reply_error(reply, &e))
		redis_link_drop(&r->link, &e);
	request_end(r, q, NULL, &e);
}

static void
on_deadline(void *arg)
{
	struct redis *r = arg;
	struct redis_request *q = TAILQ_FIRST(&r->flying);
	struct err e;
	int64_t left_ms;

	if (!q)
		return;
	left_ms = q->deadline.ms - loop_now(r->loop).ms;
	if (left_ms > 0) {
		timer_arm(&r->deadline, left_ms);
		return;
	}
	err_set(&e, ERR_TIMEOUT, 0, "Redis did not answer in time");
	redis_link_drop(&r->link, &e);
}

/* --- sending --------------------------------------------------------------------------------- */

static int
request_send(struct redis *r, struct redis_request *q, int argc, const char *const *argv,
             const size_t *argl)
{
	char *cmd;
	int len = redisFormatCommandArgv(&cmd, argc, (const char **)argv, argl);
	int rc;

	if (len < 0)
		abort();
	rc = redis_link_send(&r->link, cmd, (size_t)len, q);
	redisFreeCommand(cmd);
	return rc;
}

void
redis_call(struct redis *r, int argc, const char *const *argv, const size_t *argl, redis_fn *fn,
           void *arg)
{
	struct redis_request *q = calloc(1, sizeof(*q));

	if (!q)
		abort();
	q->fn = fn;
	q->arg = arg;
	q->deadline = (struct mono){ loop_now(r->loop).ms + REDIS_TIMEOUT_MS };
	r->pending++;
	if (!redis_up(r) || request_send(r, q, argc, argv, argl)) {
		request_fail(r, q, r->closed ? ERR_CANCELLED : ERR_IO);
		return;
	}
	TAILQ_INSERT_TAIL(&r->flying, q, link);
	if (!timer_armed(&r->deadline))
		timer_arm(&r->deadline, REDIS_TIMEOUT_MS);
}

int
redis_pending(const struct redis *r)
{
	return r->pending;
}

/* --- life ------------------------------------------------------------------------------------ */

static void
memory_free(void *arg)
{
	struct redis *r = arg;

	if (r->settling) { /* a callback asked once more: it hears first */
		loop_defer(r->loop, memory_free, r);
		return;
	}
	redis_link_done(&r->link);
	timer_done(&r->deadline);
	free(r);
}

struct redis *
redis_new(struct loop *l, const struct redis_conf *conf, struct err *e)
{
	struct redis *r = calloc(1, sizeof(*r));

	if (!r) {
		err_set(e, ERR_NOMEM, 0, "no memory for Redis");
		return NULL;
	}
	r->loop = l;
	TAILQ_INIT(&r->flying);
	TAILQ_INIT(&r->failed);
	timer_init(&r->deadline, l, on_deadline, r);
	if (redis_link_init(&r->link, r, l, conf, e)) {
		memory_free(r);
		return NULL;
	}
	return r;
}

void
redis_free(struct redis *r)
{
	struct err e;

	if (!r)
		return;
	assert(!r->closed);
	r->closed = true;
	err_set(&e, ERR_CANCELLED, 0, "Redis is being closed");
	redis_link_close(&r->link, &e);
	redis_settle_later(r);
	loop_defer(r->loop, memory_free, r);
}

bool
redis_up(const struct redis *r)
{
	return r->link.state == LINK_UP;
}

const struct err *
redis_why(const struct redis *r)
{
	return &r->link.why;
}

const char *
redis_run_id(const struct redis *r)
{
	return r->link.run_id;
}

void
redis_on_change(struct redis *r, void (*fn)(bool up, void *arg), void *arg)
{
	int i = 0;

	while (i < REDIS_LISTENERS && r->listeners[i].fn)
		i++;
	assert(i < REDIS_LISTENERS);
	r->listeners[i].fn = fn;
	r->listeners[i].arg = arg;
}

void
redis_off_change(struct redis *r, void *arg)
{
	for (int i = 0; i < REDIS_LISTENERS; i++)
		if (r->listeners[i].arg == arg)
			r->listeners[i].fn = NULL;
}
