#include "daemon/io/pg.h"

#include "common/clock.h"
#include "common/crypto.h"
#include "common/exits.h"
#include "daemon/base/loop.h"

#include <arpa/inet.h>
#include <assert.h>
#include <inttypes.h>
#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#define BACKOFF_MIN_MS 100
#define BACKOFF_MAX_MS 5000
#define PREPARED_MAX   128 /* statements one connection remembers as prepared */

/*
 * What every session is told first. A statement's own deadline is ours: we close the connection,
 * and the server, which looks every 2 s, gives up what nobody waits for. Its own timeout is the
 * backstop.
 */
#define SESSION_OPTIONS                                                                            \
	"-c statement_timeout=60000 -c lock_timeout=3000 "                                         \
	"-c idle_in_transaction_session_timeout=15000 -c search_path=ttsync,pg_temp "              \
	"-c client_connection_check_interval=2000 -c client_min_messages=warning -c timezone=UTC " \
	"-c extra_float_digits=1"

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
	struct requests refused;
	struct timer
	    soon;    /* pg_run's answer is for a later turn: tell the refused, start the waiting */
	int calling; /* callbacks that run: none of them may free us */
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
	struct pg *p = q->pg;
	pg_fn *fn = q->fn;
	void *arg = q->arg;

	request_unlink(q);
	request_free(q);
	if (fn) {
		p->calling++;
		fn(res ? &r : NULL, e, arg);
		p->calling--;
	}
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
		err_set(e, ERR_INPUT, (int)strtol(state + 2, NULL, 10), "%s",
		        text ? text : "refused");
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
	if (!p->on_change)
		return;
	p->calling++;
	p->on_change(up, p->change_arg);
	p->calling--;
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
		ceiling = BACKOFF_MAX_MS - BACKOFF_MIN_MS;
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
		if (PQsendQuery(c->c, sql))
			conn_flush(c);
		else
			conn_fail(c, "listen");
		return;
	}
	tell_change(c->pg);
	pg_dispatch(c->pg);
}

static void
conn_poll(struct conn *c)
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
notify(struct conn *c, const char *payload)
{
	struct listener *l = c->pg->listener;

	if (!l || c != &l->conn)
		return;
	c->pg->calling++;
	l->fn(payload, l->arg);
	c->pg->calling--;
}

/* The server has said all it has to say to the request on c (of the listener: to LISTEN). */
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
		if (session_is_bad(res) || !q)
			e.kind = ERR_IO;
		PQclear(res);
		if (e.kind == ERR_IO) {
			conn_drop(c, &e);
			return;
		}
		c->state = CONN_IDLE;
		request_end(q, NULL, &e);
		return;
	}
	if (c->state == CONN_PREPARING && q) {
		PQclear(res);
		assert(c->nprepared < PREPARED_MAX);
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
		request_end(q, res, NULL);
		return;
	}
	PQclear(res);
	notify(c, NULL);
}

static void
take_notifications(struct conn *c)
{
	PGnotify *n;

	while ((n = PQnotifies(c->c))) {
		notify(c, n->extra);
		PQfreemem(n);
	}
}

/* Of a script's several results the first error, else the last, counts. */
static void
keep_result(struct conn *c, PGresult *res)
{
	if (c->res && PQresultStatus(c->res) == PGRES_FATAL_ERROR) {
		PQclear(res);
		return;
	}
	PQclear(c->res);
	c->res = res;
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
		err_set(&e, ERR_IO, 0, "%s",
		        p->why.text[0] ? p->why.text : "PostgreSQL is not reachable");
	request_end(q, NULL, &e);
}

static void
on_soon(void *arg)
{
	struct pg *p = arg;
	uint64_t last = p->next_id;
	struct request *q;
	struct err e = { 0 };

	err_set(&e, ERR_NOMEM, 0, "a PostgreSQL statement is too large, or too many wait");
	/* what a callback asks anew is for the next turn */
	while ((q = TAILQ_FIRST(&p->refused)) && q->id <= last)
		request_end(q, NULL, &e);
	pg_dispatch(p);
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
	if (!refuse)
		timer_arm(&q->deadline, timeout_ms ? timeout_ms : PG_TIMEOUT_MS);
	timer_arm(&p->soon, 0);
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

	TAILQ_FOREACH (q, on, link)
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

/* Is each of a list "a,b" a socket's directory or an address? libpq would wait for a name server.
 */
static bool
hosts_need_no_lookup(const char *list)
{
	unsigned char addr[sizeof(struct in6_addr)];
	char host[64];

	for (const char *s = list;; s++) {
		size_t len = strcspn(s, ",");

		if (len >= sizeof(host) && *s != '/')
			return false;
		if (*s != '/' && *s != '@' && len) {
			memcpy(host, s, len);
			host[len] = '\0';
			if (inet_pton(AF_INET, host, addr) != 1 &&
			    inet_pton(AF_INET6, host, addr) != 1)
				return false;
		}
		s += len;
		if (!*s)
			return true;
	}
}

static int
check_url(const char *url, struct err *e)
{
	PQconninfoOption *all = PQconninfoParse(url, NULL);
	const char *host = NULL, *hostaddr = NULL;
	bool ok;

	if (!all)
		return err_set(e, ERR_INPUT, EXITS_CONFIG, "the PostgreSQL URL cannot be read");
	for (PQconninfoOption *o = all; o->keyword; o++) {
		if (!strcmp(o->keyword, "host"))
			host = o->val;
		if (!strcmp(o->keyword, "hostaddr"))
			hostaddr = o->val;
	}
	ok = hostaddr || !host || hosts_need_no_lookup(host);
	PQconninfoFree(all);
	if (ok)
		return 0;
	err_set(e, ERR_INPUT, EXITS_CONFIG, "the PostgreSQL URL names its host");
	return err_hint(e, "give a socket's directory or an address, or hostaddr beside host");
}

struct pg *
pg_new(struct loop *l, const struct pg_conf *conf, struct err *e)
{
	struct pg *p;

	if (check_url(conf->url, e))
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
	p->queue_max = conf->queue_max;
	snprintf(p->app_name, sizeof(p->app_name), "%s", conf->app_name);
	TAILQ_INIT(&p->waiting);
	TAILQ_INIT(&p->running);
	TAILQ_INIT(&p->refused);
	timer_init(&p->soon, l, on_soon, p);
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
	assert(!p->calling);
	if (p->loop) {
		timer_done(&p->soon);
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
