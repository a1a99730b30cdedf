/*
 * pg_session: one connection to PostgreSQL as a state machine, and what pg.c shares with it. Only
 * pg*.c includes this.
 *
 * A connection runs at most one request, tells pg_request_end how it went, and when it is idle
 * again asks pg_dispatch for the next. It opens itself, and again after each loss.
 *
 * Errors: told to the request, and kept in struct pg's why.
 * Owner:  struct pg owns connections and requests; a request is on one of its three lists.
 */
#ifndef TTSYNC_PG_SESSION_H
#define TTSYNC_PG_SESSION_H

#include "common/err.h"
#include "daemon/base/loop.h"
#include "daemon/io/pg.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

#define PG_PREPARED_MAX 128 /* statements one connection remembers as prepared */

struct pg_conn;

TAILQ_HEAD(pg_requests, pg_request);

struct pg_request {
	TAILQ_ENTRY(pg_request) link;
	bool first; /* it was let before the others */
	int repeats;
	uint64_t id;
	const struct pg_stmt *stmt; /* NULL: script */
	char *script;
	struct pg_args args;
	pg_fn *fn;
	void *arg;
	struct pg *pg;
	struct pg_session *conn; /* NULL while it does not run */
	struct pg_requests *on;
	struct timer deadline;
};

enum pg_session_state { CONN_DOWN = 0, CONN_CONNECTING, CONN_IDLE, CONN_PREPARING, CONN_RUNNING };

struct pg_session {
	struct pg *pg;
	struct pg_conn *c; /* libpq's PGconn */
	enum pg_session_state state;
	struct watch watch;
	struct timer timer; /* reconnect while down, deadline while connecting */
	struct pg_request *req;
	struct pg_result *res; /* the last result of the request that runs */
	const struct pg_stmt *prepared[PG_PREPARED_MAX];
	int nprepared;
	int failures;
};

struct pg_listener {
	struct pg_session conn;
	char channel[64];
	void (*fn)(const char *payload, void *arg);
	void *arg;
};

struct pg {
	struct loop *loop;
	char *url;
	char app_name[64];
	struct pg_session *conns;
	int nconns;
	int spare;
	int queue_max;
	int pending;
	uint64_t next_id;
	struct pg_requests waiting;
	struct pg_requests running;
	struct pg_requests refused;
	/* pg_run's answer is for a later turn: tell the refused, start the waiting */
	struct timer soon;
	int calling; /* callbacks that run: none of them may free us */
	struct err why;
	bool was_up;
	void (*on_change)(bool up, void *arg);
	void *change_arg;
	struct pg_listener *listener;
};

/* --- pg_session.c --- */

/* Opens on a later turn. */
void pg_session_init(struct pg_session *c, struct pg *p);
void pg_session_done(struct pg_session *c);
/* Run q, which is on the running list, on an idle connection. */
void pg_session_start(struct pg_session *c, struct pg_request *q);
/* Close, fail what ran on it, and try again after a while. */
void pg_session_drop(struct pg_session *c, const struct err *why);

/* --- pg_url.c --- */

/* 0, or -1 where libpq could not read the URL or would have to look up a host's name. */
int pg_url_check(const char *url, struct err *e);

/* --- pg_result.c --- */

/* What the server said no with. */
void pg_result_error(const struct pg_result *r, struct err *e);

/* --- pg.c --- */

/* Tell the caller and let go of q; r or e is NULL. The caller may ask anew at once. */
void pg_request_end(struct pg_request *q, struct pg_result *r, const struct err *e);
/* It is run again, before all that waits. */
void pg_request_repeat(struct pg_request *q);
/* Give waiting requests to idle connections. */
void pg_dispatch(struct pg *p);
/* Tell pg_on_change if it changed whether any connection is up. */
void pg_tell_change(struct pg *p);

#endif
