#include "daemon/base/loop.h"
#include "daemon/io/pg_session.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- requests -------------------------------------------------------------------------------- */

static void
request_free(struct pg_request *q)
{
	timer_done(&q->deadline);
	pg_args_done(&q->args);
	free(q->script);
	free(q);
}

static void
request_unlink(struct pg_request *q)
{
	TAILQ_REMOVE(q->on, q, link);
	if (q->conn)
		q->conn->req = NULL;
	q->pg->pending--;
}

/* The request is off all lists before the callback can ask anew. */
void
pg_request_end(struct pg_request *q, struct pg_result *r, const struct err *e)
{
	struct pg *p = q->pg;
	pg_fn *fn = q->fn;
	void *arg = q->arg;

	request_unlink(q);
	request_free(q);
	if (fn) {
		p->calling++;
		fn(r, e, arg);
		p->calling--;
	}
}

void
pg_request_repeat(struct pg_request *q)
{
	TAILQ_REMOVE(q->on, q, link);
	q->conn->req = NULL;
	q->conn = NULL;
	q->repeats++;
	q->first = true;
	q->on = &q->pg->waiting;
	TAILQ_INSERT_HEAD(q->on, q, link);
}

static bool
any_up(const struct pg *p)
{
	for (int i = 0; i < p->nconns; i++)
		if (p->conns[i].state >= CONN_IDLE)
			return true;
	return false;
}

void
pg_tell_change(struct pg *p)
{
	bool up = any_up(p);

	if (up == p->was_up)
		return;
	p->was_up = up;
	if (!p->on_change)
		return;
	p->calling++;
	p->on_change(up, p->change_arg);
	p->calling--;
}

/*
 * An idle connection. What a person waits for has the last ones, all else the first: a session that
 * runs a function for the first time plans it for 13 ms, a merchant's page then takes 1 ms.
 */
static struct pg_session *
find_idle(const struct pg *p, bool first, int *ret_idle)
{
	struct pg_session *found = NULL;

	*ret_idle = 0;
	for (int i = 0; i < p->nconns; i++) {
		if (p->conns[i].state != CONN_IDLE)
			continue;
		++*ret_idle;
		if (!found || first)
			found = &p->conns[i];
	}
	return found;
}

void
pg_dispatch(struct pg *p)
{
	struct pg_request *q;
	struct pg_session *c;
	int idle;

	while ((q = TAILQ_FIRST(&p->waiting))) {
		c = find_idle(p, q->first, &idle);
		if (!c || (!q->first && idle <= p->spare))
			return;
		TAILQ_REMOVE(&p->waiting, q, link);
		TAILQ_INSERT_TAIL(&p->running, q, link);
		pg_session_start(c, q);
	}
}

static void
on_deadline(void *arg)
{
	struct pg_request *q = arg;
	struct pg *p = q->pg;
	struct err e = { 0 };

	if (q->conn) {
		err_set(&e, ERR_TIMEOUT, 0, "PostgreSQL gave no answer in time (%s)",
		        q->stmt ? q->stmt->name : "script");
		pg_session_drop(q->conn, &e);
		return;
	}
	if (p->was_up)
		err_set(&e, ERR_TIMEOUT, 0, "no free PostgreSQL connection in time");
	else
		err_set(&e, ERR_IO, 0, "%s",
		        p->why.text[0] ? p->why.text : "PostgreSQL is not reachable");
	pg_request_end(q, NULL, &e);
}

static void
on_soon(void *arg)
{
	struct pg *p = arg;
	uint64_t last = p->next_id;
	struct pg_request *q;
	struct err e = { 0 };

	err_set(&e, ERR_NOMEM, 0, "a PostgreSQL statement is too large, or too many wait");
	/* what a callback asks anew is for the next turn */
	while ((q = TAILQ_FIRST(&p->refused)) && q->id <= last)
		pg_request_end(q, NULL, &e);
	pg_dispatch(p);
}

static uint64_t
request_post(struct pg *p, struct pg_request *q, int64_t timeout_ms, pg_fn *fn, void *arg)
{
	bool refuse = q->args.failed || p->pending >= p->queue_max;

	q->id = ++p->next_id;
	q->pg = p;
	q->fn = fn;
	q->arg = arg;
	q->on = refuse ? &p->refused : &p->waiting;
	p->pending++;
	TAILQ_INSERT_TAIL(q->on, q, link);
	timer_init(&q->deadline, p->loop, on_deadline, q);
	if (!refuse)
		timer_arm(&q->deadline, timeout_ms ? timeout_ms : PG_TIMEOUT_MS);
	timer_arm(&p->soon, 0);
	return q->id;
}

static struct pg_request *
request_new(void)
{
	struct pg_request *q = calloc(1, sizeof(*q));

	if (!q)
		abort(); /* small and bounded by queue_max: a machine without that is lost */
	return q;
}

uint64_t
pg_run(struct pg *p, const struct pg_stmt *s, struct pg_args *a, int64_t timeout_ms, pg_fn *fn,
       void *arg)
{
	struct pg_request *q = request_new();

	q->stmt = s;
	if (a) {
		q->args = *a;
		memset(a, 0, sizeof(*a));
	} else {
		pg_args_init(&q->args);
	}
	return request_post(p, q, timeout_ms, fn, arg);
}

uint64_t
pg_script(struct pg *p, const char *sql, int64_t timeout_ms, pg_fn *fn, void *arg)
{
	struct pg_request *q = request_new();

	q->script = strdup(sql);
	pg_args_init(&q->args);
	q->args.failed = !q->script;
	return request_post(p, q, timeout_ms, fn, arg);
}

static struct pg_request *
request_find(struct pg_requests *on, uint64_t id)
{
	struct pg_request *q;

	TAILQ_FOREACH (q, on, link)
		if (q->id == id)
			return q;
	return NULL;
}

void
pg_first(struct pg *p, uint64_t id)
{
	struct pg_request *q = request_find(&p->waiting, id), *at;

	if (!q)
		return;
	q->first = true;
	TAILQ_REMOVE(&p->waiting, q, link);
	TAILQ_FOREACH (at, &p->waiting, link)
		if (!at->first)
			break;
	if (at)
		TAILQ_INSERT_BEFORE(at, q, link);
	else
		TAILQ_INSERT_TAIL(&p->waiting, q, link);
}

void
pg_forget(struct pg *p, uint64_t id)
{
	struct pg_request *q = request_find(&p->waiting, id);

	if (!q)
		q = request_find(&p->refused, id);
	if (q) {
		request_unlink(q);
		request_free(q);
		return;
	}
	q = request_find(&p->running, id);
	if (q)
		q->fn = NULL;
}

int
pg_pending(const struct pg *p)
{
	return p->pending;
}

/* --- the pool -------------------------------------------------------------------------------- */

struct pg *
pg_new(struct loop *l, const struct pg_conf *conf, struct err *e)
{
	struct pg *p;

	if (pg_url_check(conf->url, e))
		return NULL;
	p = calloc(1, sizeof(*p));
	if (!p || !(p->url = strdup(conf->url)) ||
	    !(p->conns = calloc((size_t)conf->conns, sizeof(*p->conns)))) {
		err_set(e, ERR_NOMEM, 0, "no memory for PostgreSQL connections");
		pg_free(p);
		return NULL;
	}
	p->loop = l;
	p->nconns = conf->conns;
	p->spare = conf->spare;
	p->queue_max = conf->queue_max;
	snprintf(p->app_name, sizeof(p->app_name), "%s", conf->app_name);
	TAILQ_INIT(&p->waiting);
	TAILQ_INIT(&p->running);
	TAILQ_INIT(&p->refused);
	timer_init(&p->soon, l, on_soon, p);
	for (int i = 0; i < p->nconns; i++)
		pg_session_init(&p->conns[i], p);
	return p;
}

static void
requests_drop(struct pg_requests *on)
{
	struct pg_request *q;

	while ((q = TAILQ_FIRST(on))) {
		TAILQ_REMOVE(on, q, link);
		request_free(q);
	}
}

void
pg_free(struct pg *p)
{
	if (!p)
		return;
	assert(!p->calling);
	if (p->loop) {
		timer_done(&p->soon);
		requests_drop(&p->waiting);
		requests_drop(&p->running);
		requests_drop(&p->refused);
		for (int i = 0; i < p->nconns; i++)
			pg_session_done(&p->conns[i]);
		if (p->listener)
			pg_session_done(&p->listener->conn);
	}
	free(p->listener);
	free(p->conns);
	free(p->url);
	free(p);
}

bool
pg_up(const struct pg *p)
{
	return p->was_up;
}

const struct err *
pg_why(const struct pg *p)
{
	return &p->why;
}

void
pg_on_change(struct pg *p, void (*fn)(bool up, void *arg), void *arg)
{
	p->on_change = fn;
	p->change_arg = arg;
}

void
pg_listen(struct pg *p, const char *channel, void (*fn)(const char *payload, void *arg), void *arg)
{
	assert(!p->listener);
	p->listener = calloc(1, sizeof(*p->listener));
	if (!p->listener)
		abort();
	snprintf(p->listener->channel, sizeof(p->listener->channel), "%s", channel);
	p->listener->fn = fn;
	p->listener->arg = arg;
	pg_session_init(&p->listener->conn, p);
}
