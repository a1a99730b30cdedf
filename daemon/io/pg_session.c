#include "daemon/io/pg_session.h"

#include "common/crypto.h"

#include <assert.h>
#include <libpq-fe.h>
#include <stdio.h>
#include <string.h>

#define BACKOFF_MIN_MS 100
#define BACKOFF_MAX_MS 5000
#define REPEATS_MAX    3

/*
 * What every session is told first. A statement's own deadline is ours: we close the connection,
 * and the server, which looks every 2 s, gives up what nobody waits for. Its own timeout is the
 * backstop. Nothing here runs long enough to be compiled.
 */
#define SESSION_OPTIONS                                                                            \
	"-c statement_timeout=60000 -c lock_timeout=3000 "                                         \
	"-c idle_in_transaction_session_timeout=15000 -c search_path=ttsync,pg_temp "              \
	"-c client_connection_check_interval=2000 -c client_min_messages=warning -c timezone=UTC " \
	"-c extra_float_digits=1 -c jit=off"

static void conn_open(struct pg_session *c);

void
pg_session_drop(struct pg_session *c, const struct err *why)
{
	struct pg_request *q = c->req;
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
		ceiling = BACKOFF_MAX_MS - BACKOFF_MIN_MS;
	timer_arm(&c->timer, BACKOFF_MIN_MS + (int64_t)crypto_uniform((uint32_t)ceiling));
	if (q)
		pg_request_end(q, NULL, why);
	pg_tell_change(c->pg);
}

static void
conn_fail(struct pg_session *c, const char *doing)
{
	struct err e = { 0 };
	char text[160];

	/* libpq's text may span lines; err_set flattens them */
	snprintf(text, sizeof(text), "%s", c->c ? PQerrorMessage(c->c) : "no memory");
	err_set(&e, ERR_IO, 0, "PostgreSQL %s: %s", doing, text);
	pg_session_drop(c, &e);
}

static void
conn_watch(struct pg_session *c, int what)
{
	watch_set(&c->watch, PQsocket(c->c), what);
}

/* Put what libpq still holds on the wire; watch for writing only while something is left. */
static void
conn_flush(struct pg_session *c)
{
	int left = PQflush(c->c);

	if (left < 0)
		conn_fail(c, "send");
	else
		conn_watch(c, left ? WATCH_READ | WATCH_WRITE : WATCH_READ);
}

static void
conn_on_timer(void *arg)
{
	struct pg_session *c = arg;
	struct err e = { 0 };

	if (c->state == CONN_DOWN) {
		conn_open(c);
	} else if (c->state == CONN_CONNECTING) {
		err_set(&e, ERR_TIMEOUT, 0, "PostgreSQL did not take the connection within %d s",
		        PG_CONNECT_MS / 1000);
		pg_session_drop(c, &e);
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
conn_open(struct pg_session *c)
{
	/* what stands before dbname the URL may change, what stands behind it not */
	static const char *const keys[] = { "gssencmode",
		                            "keepalives_idle",
		                            "keepalives_interval",
		                            "keepalives_count",
		                            "tcp_user_timeout",
		                            "dbname",
		                            "application_name",
		                            "target_session_attrs",
		                            "options",
		                            NULL };
	const char *vals[] = {
		"disable",       "30", "5", "3", "15000", c->pg->url, c->pg->app_name, "read-write",
		SESSION_OPTIONS, NULL
	};

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
conn_ready(struct pg_session *c)
{
	timer_disarm(&c->timer);
	PQsetnonblocking(c->c, 1);
	c->state = CONN_IDLE;
	c->failures = 0;
	conn_watch(c, WATCH_READ);
	if (c->pg->listener && c == &c->pg->listener->conn) {
		char sql[96];

		snprintf(sql, sizeof(sql), "LISTEN \"%s\"", c->pg->listener->channel);
		if (PQsendQuery(c->c, sql))
			conn_flush(c);
		else
			conn_fail(c, "listen");
		return;
	}
	pg_tell_change(c->pg);
	pg_dispatch(c->pg);
}

static void
conn_poll(struct pg_session *c)
{
	PostgresPollingStatusType st;

	/* libpq may close this socket and open the next host's under the same number */
	watch_set(&c->watch, -1, 0);
	st = PQconnectPoll(c->c);
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
is_prepared(const struct pg_session *c, const struct pg_stmt *s)
{
	for (int i = 0; i < c->nprepared; i++)
		if (c->prepared[i] == s)
			return true;
	return false;
}

static int
send_prepared(struct pg_session *c, struct pg_request *q)
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
send_prepare(struct pg_session *c, struct pg_request *q)
{
	Oid oids[PG_PARAMS_MAX];

	for (int i = 0; i < q->args.n; i++)
		oids[i] = q->args.v[i].oid;
	return PQsendPrepare(c->c, q->stmt->name, q->stmt->sql, q->args.n, oids);
}

void
pg_session_start(struct pg_session *c, struct pg_request *q)
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

/*
 * Errors after which this session is of no use: the server ends it, is read-only or shuts down;
 * prepared text is lost or, after a change of the schema, returns other columns than it did
 * (0A000).
 */
static bool
session_is_bad(const PGresult *res)
{
	const char *s = PQresultErrorField(res, PG_DIAG_SQLSTATE);
	const char *severity = PQresultErrorField(res, PG_DIAG_SEVERITY_NONLOCALIZED);

	if (severity && (!strcmp(severity, "FATAL") || !strcmp(severity, "PANIC")))
		return true;
	return s && (!strcmp(s, "25006") || !strncmp(s, "57P0", 4) || !strcmp(s, "26000") ||
	             !strcmp(s, "0A000"));
}

static void
notify(struct pg_session *c, const char *payload)
{
	struct pg_listener *l = c->pg->listener;

	if (!l || c != &l->conn)
		return;
	c->pg->calling++;
	l->fn(payload, l->arg);
	c->pg->calling--;
}

/*
 * Two statements were in each other's way, and this one was given up whole: it may as well be run
 * again. No jitter: the other has what both wanted, and is waited for by its locks.
 */
static bool
is_conflict(const struct err *e)
{
	return e->kind == ERR_REMOTE && (e->code == PG_STATE('4', '0', '0', '0', '1') ||
	                                 e->code == PG_STATE('4', '0', 'P', '0', '1'));
}

/* The server has said all it has to say to the request on c (of the listener: to LISTEN). */
static void
conn_answered(struct pg_session *c)
{
	struct pg_request *q = c->req;
	PGresult *res = c->res;
	ExecStatusType st = PQresultStatus(res);
	struct err e = { 0 };

	c->res = NULL;
	if (st != PGRES_COMMAND_OK && st != PGRES_TUPLES_OK) {
		pg_result_error(res, &e);
		if (session_is_bad(res) || !q)
			e.kind = ERR_IO;
		PQclear(res);
		if (e.kind == ERR_IO) {
			pg_session_drop(c, &e);
			return;
		}
		c->state = CONN_IDLE;
		if (q->stmt && is_conflict(&e) && q->repeats < REPEATS_MAX)
			pg_request_repeat(q);
		else
			pg_request_end(q, NULL, &e);
		return;
	}
	if (c->state == CONN_PREPARING && q) {
		PQclear(res);
		assert(c->nprepared < PG_PREPARED_MAX);
		c->prepared[c->nprepared++] = q->stmt;
		c->state = CONN_RUNNING;
		if (!send_prepared(c, q))
			conn_fail(c, "send");
		else
			conn_flush(c);
		return;
	}
	c->state = CONN_IDLE;
	if (q) {
		pg_request_end(q, res, NULL);
	} else {
		notify(c, NULL);
	}
	PQclear(res);
}

static void
take_notifications(struct pg_session *c)
{
	PGnotify *n;

	while ((n = PQnotifies(c->c))) {
		notify(c, n->extra);
		PQfreemem(n);
	}
}

/* Of a script's several results the first error, else the last, counts. */
static void
keep_result(struct pg_session *c, PGresult *res)
{
	if (c->res && PQresultStatus(c->res) == PGRES_FATAL_ERROR) {
		PQclear(res);
		return;
	}
	PQclear(c->res);
	c->res = res;
}

static void
conn_read(struct pg_session *c)
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

		if (res && PQresultStatus(res) >= PGRES_COPY_OUT &&
		    PQresultStatus(res) <= PGRES_COPY_IN) {
			PQclear(res); /* it would be returned for ever */
			conn_fail(c, "COPY is not spoken here");
		} else if (res) {
			keep_result(c, res);
		} else if (c->res) {
			conn_answered(c);
		} else {
			break; /* idle: nothing was asked */
		}
	}
	pg_dispatch(p);
}

static void
conn_on_io(int fd, int what, void *arg)
{
	struct pg_session *c = arg;

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

void
pg_session_init(struct pg_session *c, struct pg *p)
{
	c->pg = p;
	watch_init(&c->watch, p->loop, conn_on_io, c);
	timer_init(&c->timer, p->loop, conn_on_timer, c);
	timer_arm(&c->timer, 0);
}

void
pg_session_done(struct pg_session *c)
{
	watch_done(&c->watch);
	timer_done(&c->timer);
	PQclear(c->res);
	PQfinish(c->c);
}
