#include "daemon/io/pg.h"

#include "common/clock.h"
#include "common/crypto.h"
#include "daemon/base/loop.h"

#include <arpa/inet.h>
#include <assert.h>
#include <endian.h>
#include <inttypes.h>
#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#define BACKOFF_MIN_MS 100
#define BACKOFF_MAX_MS 5000
#define PREPARED_MAX   128 /* statements one connection remembers as prepared */

/* What every session is told first; the statement's own deadline is ours, this is the backstop. */
#define SESSION_OPTIONS                                                                            \
	"-c statement_timeout=60000 -c lock_timeout=3000 "                                         \
	"-c idle_in_transaction_session_timeout=15000 -c search_path=ttsync,pg_temp "              \
	"-c client_min_messages=warning -c timezone=UTC -c extra_float_digits=1"

TAILQ_HEAD(requests, request);

struct request {
	TAILQ_ENTRY(request) link;
	uint64_t id;
	const struct pg_stmt *stmt; /* NULL: script */
	char *script;
	struct pg_args args;
	pg_fn *fn;
	void *arg;
	struct pg *pg;
	struct conn *conn; /* NULL while it does not run */
	struct requests *on;
	struct timer deadline;
};

enum conn_state { CONN_DOWN = 0, CONN_CONNECTING, CONN_IDLE, CONN_PREPARING, CONN_RUNNING };

struct conn {
	struct pg *pg;
	PGconn *c;
	enum conn_state state;
	struct watch watch;
	struct timer timer; /* reconnect while down, deadline while connecting */
	struct request *req;
	PGresult *res; /* the last result of the request that runs */
	const struct pg_stmt *prepared[PREPARED_MAX];
	int nprepared;
	int failures;
};

struct listener {
	struct conn conn;
	char channel[64];
	void (*fn)(const char *payload, void *arg);
	void *arg;
};

struct pg {
	struct loop *loop;
	char *url;
	char app_name[64];
	struct conn *conns;
	int nconns;
	int queue_max;
	int pending;
	uint64_t next_id;
	struct requests waiting;
	struct requests running;
	struct requests refused; /* to be told so at the end of the turn */
	bool refusing;
	struct err why;
	bool was_up;
	void (*on_change)(bool up, void *arg);
	void *change_arg;
	struct listener *listener;
};

struct pg_result {
	PGresult *res;
	unsigned char *bytes[PG_BYTES_MAX]; /* decoded bytea values, freed with the result */
	int nbytes;
};

static void conn_open(struct conn *c);
static void conn_on_io(int fd, int what, void *arg);
static void pg_dispatch(struct pg *p);

/* --- parameters ------------------------------------------------------------------------------ */

enum { OID_BOOL = 16, OID_BYTEA = 17, OID_INT8 = 20, OID_INT4 = 23, OID_TEXT = 25, OID_TIMESTAMPTZ = 1184 };

static const struct {
	uint32_t elem;
	uint32_t array;
} type_oids[] = {
	[PG_INT8] = { OID_INT8, 1016 },	       [PG_TEXT] = { OID_TEXT, 1009 },
	[PG_BOOL] = { OID_BOOL, 1000 },	       [PG_TIME] = { OID_TIMESTAMPTZ, 1185 },
	[PG_INT4] = { OID_INT4, 1007 },
};

/* PostgreSQL counts microseconds from 2000-01-01. */
#define PG_EPOCH_S INT64_C(946684800)

void
pg_args_init(struct pg_args *a)
{
	memset(a, 0, sizeof(*a));
	buf_init(&a->vals, 2 * (size_t)PG_ARRAY_MAX);
}

void
pg_args_done(struct pg_args *a)
{
	buf_done(&a->vals);
	a->n = 0;
}

static void
arg_add(struct pg_args *a, uint32_t oid, int format, const void *p, size_t len)
{
	if (a->n == PG_PARAMS_MAX || len > INT32_MAX || (p && buf_add(&a->vals, p, len)) ||
	    (p && buf_chr(&a->vals, '\0'))) {
		a->failed = true;
		return;
	}
	a->v[a->n].at = p ? a->vals.len - len - 1 : 0;
	a->v[a->n].len = p ? (int)len : -1;
	a->v[a->n].oid = oid;
	a->v[a->n].format = format;
	a->n++;
}

void
pg_i64(struct pg_args *a, int64_t v)
{
	uint64_t be = htobe64((uint64_t)v);

	arg_add(a, OID_INT8, 1, &be, sizeof(be));
}

void
pg_bool(struct pg_args *a, bool v)
{
	char b = v ? 1 : 0;

	arg_add(a, OID_BOOL, 1, &b, 1);
}

void
pg_text(struct pg_args *a, const char *s)
{
	arg_add(a, OID_TEXT, 0, s, s ? strlen(s) : 0);
}

void
pg_bytea(struct pg_args *a, const void *p, size_t len)
{
	arg_add(a, OID_BYTEA, 1, p, len);
}

void
pg_time(struct pg_args *a, int64_t s)
{
	uint64_t be = htobe64((uint64_t)((s - PG_EPOCH_S) * 1000000));

	arg_add(a, OID_TIMESTAMPTZ, 1, s == INT64_MIN ? NULL : &be, sizeof(be));
}

void
pg_null(struct pg_args *a)
{
	arg_add(a, 0, 0, NULL, 0);
}

void
pg_col_init(struct pg_col *c, enum pg_type type)
{
	memset(c, 0, sizeof(*c));
	c->type = type;
	buf_init(&c->b, PG_ARRAY_MAX);
}

void
pg_col_done(struct pg_col *c)
{
	buf_done(&c->b);
}

void
pg_col_reset(struct pg_col *c)
{
	buf_reset(&c->b);
	c->n = 0;
	c->has_null = false;
}

static void
col_add(struct pg_col *c, const void *p, size_t len)
{
	uint32_t be = htonl((uint32_t)len);
	char *to = buf_extend(&c->b, sizeof(be) + len);

	if (!to)
		return; /* the buffer stays failed; pg_array hands that on */
	memcpy(to, &be, sizeof(be));
	memcpy(to + sizeof(be), p, len);
	c->n++;
}

void
pg_col_null(struct pg_col *c)
{
	uint32_t be = htonl(UINT32_MAX);

	if (buf_add(&c->b, &be, sizeof(be)))
		return;
	c->has_null = true;
	c->n++;
}

void
pg_col_i64(struct pg_col *c, int64_t v)
{
	uint64_t be = htobe64((uint64_t)v);
	uint32_t be4 = htonl((uint32_t)v);

	assert(c->type == PG_INT8 || c->type == PG_INT4);
	if (c->type == PG_INT8)
		col_add(c, &be, sizeof(be));
	else
		col_add(c, &be4, sizeof(be4));
}

void
pg_col_bool(struct pg_col *c, bool v)
{
	char b = v ? 1 : 0;

	assert(c->type == PG_BOOL);
	col_add(c, &b, 1);
}

void
pg_col_text(struct pg_col *c, const char *s)
{
	if (s)
		pg_col_textn(c, s, strlen(s));
	else
		pg_col_null(c);
}

void
pg_col_textn(struct pg_col *c, const char *s, size_t len)
{
	assert(c->type == PG_TEXT);
	col_add(c, s, len);
}

void
pg_col_time(struct pg_col *c, int64_t s)
{
	uint64_t be = htobe64((uint64_t)((s - PG_EPOCH_S) * 1000000));

	assert(c->type == PG_TIME);
	if (s == INT64_MIN || s == 0)
		pg_col_null(c);
	else
		col_add(c, &be, sizeof(be));
}

void
pg_col_cat(struct pg_col *c, const struct pg_col *src)
{
	assert(c->type == src->type);
	if (src->b.failed || buf_add(&c->b, buf_text(&src->b), src->b.len)) {
		c->b.failed = true;
		return;
	}
	c->n += src->n;
	c->has_null = c->has_null || src->has_null;
}

void
pg_array(struct pg_args *a, const struct pg_col *c)
{
	/* dimensions, has-null, element type, length, lower bound; no dimension when empty */
	uint32_t head[5] = { htonl(c->n ? 1 : 0), htonl(c->has_null ? 1 : 0),
			     htonl(type_oids[c->type].elem), htonl((uint32_t)c->n), htonl(1) };
	size_t head_len = c->n ? sizeof(head) : 12;
	size_t at = a->vals.len;

	if (c->b.failed || a->n == PG_PARAMS_MAX || buf_add(&a->vals, head, head_len) ||
	    buf_add(&a->vals, buf_text(&c->b), c->b.len)) {
		a->failed = true;
		return;
	}
	a->v[a->n].at = at;
	a->v[a->n].len = (int)(head_len + c->b.len);
	a->v[a->n].oid = type_oids[c->type].array;
	a->v[a->n].format = 1;
	a->n++;
}

/* --- requests -------------------------------------------------------------------------------- */

static void
request_free(struct request *q)
{
	timer_done(&q->deadline);
	pg_args_done(&q->args);
	free(q->script);
	free(q);
}

static void
request_unlink(struct request *q)
{
	TAILQ_REMOVE(q->on, q, link);
	if (q->conn)
		q->conn->req = NULL;
	q->pg->pending--;
}

/* Tell the caller and let go. The request is off all lists before the callback can post anew. */
static void
request_end(struct request *q, PGresult *res, const struct err *e)
{
	struct pg_result r = { .res = res };
	pg_fn *fn = q->fn;
	void *arg = q->arg;

	request_unlink(q);
	request_free(q);
	if (fn)
		fn(res ? &r : NULL, e, arg);
	for (int i = 0; i < r.nbytes; i++)
		PQfreemem(r.bytes[i]);
	PQclear(res);
}

static int
state_code(const char *s)
{
	return s && strlen(s) == 5 ? PG_STATE(s[0], s[1], s[2], s[3], s[4]) : 0;
}

static void
error_of(const PGresult *res, struct err *e)
{
	const char *state = PQresultErrorField(res, PG_DIAG_SQLSTATE);
	const char *text = PQresultErrorField(res, PG_DIAG_MESSAGE_PRIMARY);
	const char *hint = PQresultErrorField(res, PG_DIAG_MESSAGE_HINT);
	const char *detail = PQresultErrorField(res, PG_DIAG_MESSAGE_DETAIL);

	if (state && !strncmp(state, "TT", 2)) {
		err_set(e, ERR_INPUT, (int)strtol(state + 2, NULL, 10), "%s", text ? text : "refused");
		if (hint && *hint)
			err_hint(e, "%s", hint);
		if (detail)
			err_tag(e, detail);
		return;
	}
	err_set(e, ERR_REMOTE, state_code(state), "PostgreSQL %s: %s", state ? state : "?",
		text ? text : "no text");
}

/* --- connections ----------------------------------------------------------------------------- */

static bool
any_up(const struct pg *p)
{
	for (int i = 0; i < p->nconns; i++)
		if (p->conns[i].state >= CONN_IDLE)
			return true;
	return false;
}

static void
tell_change(struct pg *p)
{
	bool up = any_up(p);

	if (up == p->was_up)
		return;
	p->was_up = up;
	if (p->on_change)
		p->on_change(up, p->change_arg);
}

/* Close, fail what ran on it, and try again after a while. */
static void
conn_drop(struct conn *c, const struct err *why)
{
	struct request *q = c->req;
	int64_t ceiling = BACKOFF_MIN_MS << (c->failures < 6 ? c->failures : 6);

	watch_set(&c->watch, -1, 0);
	PQclear(c->res);
	c->res = NULL;
	PQfinish(c->c);
	c->c = NULL;
	c->state = CONN_DOWN;
	c->nprepared = 0;
	c->failures++;
	c->pg->why = *why;
	if (ceiling > BACKOFF_MAX_MS)
		ceiling = BACKOFF_MAX_MS;
	timer_arm(&c->timer, BACKOFF_MIN_MS + (int64_t)crypto_uniform((uint32_t)ceiling));
	if (q)
		request_end(q, NULL, why);
	tell_change(c->pg);
}

static void
conn_fail(struct conn *c, const char *doing)
{
	struct err e = { 0 };
	char text[160];

	/* libpq's text may span lines; err_set flattens them */
	snprintf(text, sizeof(text), "%s", c->c ? PQerrorMessage(c->c) : "no memory");
	err_set(&e, ERR_IO, 0, "PostgreSQL %s: %s", doing, text);
	conn_drop(c, &e);
}

static void
conn_watch(struct conn *c, int what)
{
	watch_set(&c->watch, PQsocket(c->c), what);
}

static void
conn_on_timer(void *arg)
{
	struct conn *c = arg;
	struct err e = { 0 };

	if (c->state == CONN_DOWN) {
		conn_open(c);
	} else if (c->state == CONN_CONNECTING) {
		err_set(&e, ERR_TIMEOUT, 0, "PostgreSQL did not take the connection within %d s",
			PG_CONNECT_MS / 1000);
		conn_drop(c, &e);
	}
}

/* Notices are for people at a terminal; errors come as results. */
static void
on_notice(void *arg, const char *message)
{
	(void)arg;
	(void)message;
}

static void
conn_open(struct conn *c)
{
	const char *keys[] = { "dbname", "application_name", "target_session_attrs", "options",
			       "fallback_application_name", NULL };
	const char *vals[] = { c->pg->url, c->pg->app_name, "read-write", SESSION_OPTIONS, "ttsyncd", NULL };

	c->c = PQconnectStartParams(keys, vals, 1);
	c->state = CONN_CONNECTING;
	if (!c->c || PQstatus(c->c) == CONNECTION_BAD) {
		conn_fail(c, "connect");
		return;
	}
	PQsetNoticeProcessor(c->c, on_notice, NULL);
	timer_arm(&c->timer, PG_CONNECT_MS);
	conn_watch(c, WATCH_WRITE);
}

static void
conn_ready(struct conn *c)
{
	timer_disarm(&c->timer);
	PQsetnonblocking(c->c, 1);
	c->state = CONN_IDLE;
	c->failures = 0;
	conn_watch(c, WATCH_READ);
	if (c->pg->listener && c == &c->pg->listener->conn) {
		char sql[96];

		snprintf(sql, sizeof(sql), "LISTEN \"%s\"", c->pg->listener->channel);
		if (!PQsendQuery(c->c, sql))
			conn_fail(c, "listen");
		return;
	}
	tell_change(c->pg);
	pg_dispatch(c->pg);
}

static void
conn_poll(struct conn *c)
{
	PostgresPollingStatusType st = PQconnectPoll(c->c);

	switch (st) {
	case PGRES_POLLING_OK:
		conn_ready(c);
		return;
	case PGRES_POLLING_READING:
		conn_watch(c, WATCH_READ);
		return;
	case PGRES_POLLING_WRITING:
		conn_watch(c, WATCH_WRITE);
		return;
	case PGRES_POLLING_FAILED:
	case PGRES_POLLING_ACTIVE:
		conn_fail(c, "connect");
		return;
	}
}

/* --- running a statement --------------------------------------------------------------------- */

static bool
is_prepared(const struct conn *c, const struct pg_stmt *s)
{
	for (int i = 0; i < c->nprepared; i++)
		if (c->prepared[i] == s)
			return true;
	return false;
}

static int
send_prepared(struct conn *c, struct request *q)
{
	const char *vals[PG_PARAMS_MAX];
	int lens[PG_PARAMS_MAX], formats[PG_PARAMS_MAX];

	for (int i = 0; i < q->args.n; i++) {
		vals[i] = q->args.v[i].len < 0 ? NULL : buf_text(&q->args.vals) + q->args.v[i].at;
		lens[i] = q->args.v[i].len;
		formats[i] = q->args.v[i].format;
	}
	return PQsendQueryPrepared(c->c, q->stmt->name, q->args.n, vals, lens, formats, 0);
}

static int
send_prepare(struct conn *c, struct request *q)
{
	Oid oids[PG_PARAMS_MAX];

	for (int i = 0; i < q->args.n; i++)
		oids[i] = q->args.v[i].oid;
	return PQsendPrepare(c->c, q->stmt->name, q->stmt->sql, q->args.n, oids);
}

/* Put what libpq still holds on the wire; watch for writing only while something is left. */
static void
conn_flush(struct conn *c)
{
	int left = PQflush(c->c);

	if (left < 0)
		conn_fail(c, "send");
	else
		conn_watch(c, left ? WATCH_READ | WATCH_WRITE : WATCH_READ);
}

static void
conn_start(struct conn *c, struct request *q)
{
	int ok;

	c->req = q;
	q->conn = c;
	q->on = &c->pg->running;
	if (!q->stmt) {
		c->state = CONN_RUNNING;
		ok = PQsendQuery(c->c, q->script);
	} else if (is_prepared(c, q->stmt)) {
		c->state = CONN_RUNNING;
		ok = send_prepared(c, q);
	} else {
		c->state = CONN_PREPARING;
		ok = send_prepare(c, q);
	}
	if (!ok)
		conn_fail(c, "send");
	else
		conn_flush(c);
}

static void
pg_dispatch(struct pg *p)
{
	for (int i = 0; i < p->nconns && !TAILQ_EMPTY(&p->waiting); i++) {
		struct request *q = TAILQ_FIRST(&p->waiting);

		if (p->conns[i].state != CONN_IDLE)
			continue;
		TAILQ_REMOVE(&p->waiting, q, link);
		TAILQ_INSERT_TAIL(&p->running, q, link);
		conn_start(&p->conns[i], q);
	}
}

/* Errors after which this session is of no use: read-only, being shut down, lost prepared text. */
static bool
session_is_bad(const PGresult *res)
{
	const char *s = PQresultErrorField(res, PG_DIAG_SQLSTATE);

	return s && (!strcmp(s, "25006") || !strncmp(s, "57P0", 4) || !strcmp(s, "26000"));
}

/* The server has said all it has to say to the request on c. */
static void
conn_answered(struct conn *c)
{
	struct request *q = c->req;
	PGresult *res = c->res;
	ExecStatusType st = PQresultStatus(res);
	struct err e = { 0 };

	c->res = NULL;
	if (st != PGRES_COMMAND_OK && st != PGRES_TUPLES_OK) {
		error_of(res, &e);
		if (session_is_bad(res)) {
			e.kind = ERR_IO;
			PQclear(res);
			conn_drop(c, &e);
			return;
		}
		PQclear(res);
		c->state = CONN_IDLE;
		if (q)
			request_end(q, NULL, &e);
		return;
	}
	if (c->state == CONN_PREPARING && q) {
		PQclear(res);
		if (c->nprepared < PREPARED_MAX)
			c->prepared[c->nprepared++] = q->stmt;
		c->state = CONN_RUNNING;
		if (!send_prepared(c, q))
			conn_fail(c, "send");
		else
			conn_flush(c);
		return;
	}
	c->state = CONN_IDLE;
	if (q)
		request_end(q, res, NULL);
	else
		PQclear(res);
}

static void
take_notifications(struct conn *c)
{
	struct listener *l = c->pg->listener;
	PGnotify *n;

	while ((n = PQnotifies(c->c))) {
		if (l && c == &l->conn && l->fn)
			l->fn(n->extra, l->arg);
		PQfreemem(n);
	}
}

static void
conn_read(struct conn *c)
{
	struct pg *p = c->pg;

	if (!PQconsumeInput(c->c)) {
		conn_fail(c, "connection lost");
		pg_dispatch(p);
		return;
	}
	take_notifications(c);
	while (c->state >= CONN_IDLE && !PQisBusy(c->c)) {
		PGresult *res = PQgetResult(c->c);

		if (res) {
			/* of a script's several results the first error, else the last, counts */
			if (c->res && PQresultStatus(c->res) == PGRES_FATAL_ERROR) {
				PQclear(res);
				continue;
			}
			PQclear(c->res);
			c->res = res;
			continue;
		}
		if (!c->res)
			break; /* idle: nothing was asked */
		conn_answered(c);
	}
	pg_dispatch(p);
}

static void
conn_on_io(int fd, int what, void *arg)
{
	struct conn *c = arg;

	(void)fd;
	if (c->state == CONN_CONNECTING) {
		conn_poll(c);
		return;
	}
	if (c->state == CONN_DOWN)
		return;
	if (what & WATCH_WRITE)
		conn_flush(c);
	if (c->state != CONN_DOWN && (what & WATCH_READ))
		conn_read(c);
}

static void
on_deadline(void *arg)
{
	struct request *q = arg;
	struct pg *p = q->pg;
	struct err e = { 0 };

	if (q->conn) {
		err_set(&e, ERR_TIMEOUT, 0, "PostgreSQL gave no answer in time (%s)",
			q->stmt ? q->stmt->name : "script");
		conn_drop(q->conn, &e);
		return;
	}
	if (p->was_up)
		err_set(&e, ERR_TIMEOUT, 0, "no free PostgreSQL connection in time");
	else
		err_set(&e, ERR_IO, 0, "%s", p->why.text[0] ? p->why.text : "PostgreSQL is not reachable");
	request_end(q, NULL, &e);
}

static void
on_refused(void *arg)
{
	struct pg *p = arg;
	struct request *q;
	struct err e = { 0 };

	p->refusing = false;
	err_set(&e, ERR_NOMEM, 0, "too many or too large PostgreSQL statements at once");
	while ((q = TAILQ_FIRST(&p->refused)))
		request_end(q, NULL, &e);
}

static uint64_t
request_post(struct pg *p, struct request *q, int64_t timeout_ms, pg_fn *fn, void *arg)
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
	if (refuse && !p->refusing) {
		p->refusing = true;
		loop_defer(p->loop, on_refused, p);
	} else if (!refuse) {
		timer_arm(&q->deadline, timeout_ms ? timeout_ms : PG_TIMEOUT_MS);
		pg_dispatch(p);
	}
	return q->id;
}

static struct request *
request_new(void)
{
	struct request *q = calloc(1, sizeof(*q));

	if (!q)
		abort(); /* small and bounded by queue_max: a machine without that is lost */
	return q;
}

uint64_t
pg_run(struct pg *p, const struct pg_stmt *s, struct pg_args *a, int64_t timeout_ms, pg_fn *fn,
       void *arg)
{
	struct request *q = request_new();

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
	struct request *q = request_new();

	q->script = strdup(sql);
	pg_args_init(&q->args);
	q->args.failed = !q->script;
	return request_post(p, q, timeout_ms, fn, arg);
}

static struct request *
request_find(struct requests *on, uint64_t id)
{
	struct request *q;

	TAILQ_FOREACH(q, on, link)
		if (q->id == id)
			return q;
	return NULL;
}

void
pg_forget(struct pg *p, uint64_t id)
{
	struct request *q = request_find(&p->waiting, id);

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

static void
conn_init(struct conn *c, struct pg *p)
{
	c->pg = p;
	watch_init(&c->watch, p->loop, conn_on_io, c);
	timer_init(&c->timer, p->loop, conn_on_timer, c);
	timer_arm(&c->timer, 0);
}

static void
conn_done(struct conn *c)
{
	watch_done(&c->watch);
	timer_done(&c->timer);
	PQclear(c->res);
	PQfinish(c->c);
}

struct pg *
pg_new(struct loop *l, const struct pg_conf *conf, struct err *e)
{
	struct pg *p = calloc(1, sizeof(*p));

	if (!p || !(p->url = strdup(conf->url)) ||
	    !(p->conns = calloc((size_t)conf->conns, sizeof(*p->conns)))) {
		err_set(e, ERR_NOMEM, 0, "no memory for PostgreSQL connections");
		pg_free(p);
		return NULL;
	}
	p->loop = l;
	p->nconns = conf->conns;
	p->queue_max = conf->queue_max;
	snprintf(p->app_name, sizeof(p->app_name), "%s", conf->app_name);
	TAILQ_INIT(&p->waiting);
	TAILQ_INIT(&p->running);
	TAILQ_INIT(&p->refused);
	for (int i = 0; i < p->nconns; i++)
		conn_init(&p->conns[i], p);
	return p;
}

static void
requests_drop(struct requests *on)
{
	struct request *q;

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
	if (p->loop) {
		requests_drop(&p->waiting);
		requests_drop(&p->running);
		requests_drop(&p->refused);
		for (int i = 0; i < p->nconns; i++)
			conn_done(&p->conns[i]);
		if (p->listener)
			conn_done(&p->listener->conn);
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
	conn_init(&p->listener->conn, p);
}

/* --- results --------------------------------------------------------------------------------- */

int
pg_rows(const struct pg_result *r)
{
	return PQntuples(r->res);
}

const char *
pg_str(const struct pg_result *r, int row, int col)
{
	return PQgetisnull(r->res, row, col) ? NULL : PQgetvalue(r->res, row, col);
}

size_t
pg_strlen(const struct pg_result *r, int row, int col)
{
	return (size_t)PQgetlength(r->res, row, col);
}

int64_t
pg_num(const struct pg_result *r, int row, int col)
{
	const char *s = pg_str(r, row, col);

	return s ? strtoll(s, NULL, 10) : 0;
}

bool
pg_truth(const struct pg_result *r, int row, int col)
{
	const char *s = pg_str(r, row, col);

	return s && *s == 't';
}

const void *
pg_bytes(struct pg_result *r, int row, int col, size_t *ret_len)
{
	const char *s = pg_str(r, row, col);
	unsigned char *p;

	if (!s || r->nbytes == PG_BYTES_MAX)
		return NULL;
	p = PQunescapeBytea((const unsigned char *)s, ret_len);
	if (p)
		r->bytes[r->nbytes++] = p;
	return p;
}
