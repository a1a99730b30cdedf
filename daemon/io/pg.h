/*
 * pg: PostgreSQL without waiting, over libpq's asynchronous calls (its header appears in pg*.c
 * alone).
 *
 * A struct pg is a thread's small pool of connections. One statement is one transaction: whatever
 * must be atomic is written as one statement or one SQL function. Statements are prepared on first
 * use on each connection and queue first-come first-served until a connection is free; pg_first
 * lets one go before the others.
 *
 * Conflicts: a statement that was in another's way (40001, 40P01) was given up whole by the
 *            server, and is run again, three times at most, within its deadline.
 * Deadlines: connect 5 s; a statement gets its own (0: PG_TIMEOUT_MS), counted from pg_run, waiting
 *            included; past it the caller hears ERR_TIMEOUT and the connection is closed and opened
 *            anew.
 * Reconnect: full jitter 0.1 to 5 s. While no connection is up, statements wait in line until their
 *            deadline. SQLSTATE 25006 (read-only), 57P0x and what makes prepared text useless
 *            (26000, 0A000) close the connection and are told as ERR_IO.
 * Errors:    ERR_IO (connection lost: the outcome is unknown, a repeat must be harmless),
 *            ERR_TIMEOUT (the same), ERR_REMOTE (the server said no; err.code is the SQLSTATE as
 *            PG_STATE(...)), ERR_INPUT for SQLSTATE 'TTnnn' raised by our own functions: code is
 *            nnn (an exit code); text, hint and tag are its MESSAGE, HINT and DETAIL.
 */
#ifndef TTSYNC_PG_H
#define TTSYNC_PG_H

#include "common/buf.h"
#include "common/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PG_CONNECT_MS 5000
#define PG_TIMEOUT_MS 10000
#define PG_PARAMS_MAX 64
#define PG_ARRAY_MAX  (32u << 20) /* bytes of one array parameter */

struct loop;
struct pg;
struct pg_result; /* libpq's PGresult, which is a name for it */

/* A five-character SQLSTATE as an int, for switch: PG_STATE('4','0','0','0','1'). */
#define PG_STATE(a, b, c, d, e)                                                                    \
	((((a) - '0') & 63) << 24 | (((b) - '0') & 63) << 18 | (((c) - '0') & 63) << 12 |          \
	 (((d) - '0') & 63) << 6 | (((e) - '0') & 63))

/*
 * Did the server refuse what the parameters hold (SQLSTATE classes 21, 22, 23, 54)? Then a row is
 * at fault, not the server.
 */
bool pg_refused_rows(const struct err *e);

/* A statement: static, with a name unique in the program. */
struct pg_stmt {
	const char *name;
	const char *sql;
};

/*
 * Parameters, in order. Add, then hand to pg_run, which takes them over (also when it fails);
 * pg_args_done for args that were never run. Legal to add NULL text: SQL null. A value that does
 * not fit (too many, too long, a time or int4 out of range) fails the statement as ERR_NOMEM.
 */
struct pg_args {
	int n;
	bool failed;
	struct buf vals; /* all values, one behind the other */
	struct {
		size_t at;
		int len; /* -1: null */
		uint32_t oid;
		int format; /* 0 text, 1 binary */
	} v[PG_PARAMS_MAX];
};

void pg_args_init(struct pg_args *a);
void pg_args_done(struct pg_args *a);
void pg_i64(struct pg_args *a, int64_t v);
void pg_bool(struct pg_args *a, bool v);
void pg_text(struct pg_args *a, const char *s);
void pg_bytea(struct pg_args *a, const void *p, size_t len);
/* Seconds since the epoch as timestamptz; INT64_MIN is null. */
void pg_time(struct pg_args *a, int64_t s);
void pg_null(struct pg_args *a);

/* One column of an array parameter, in PostgreSQL's binary format. */
enum pg_type { PG_INT8 = 0, PG_TEXT, PG_BOOL, PG_TIME, PG_INT4 };

struct pg_col {
	enum pg_type type;
	int32_t n;
	bool has_null;
	struct buf b;
};

void pg_col_init(struct pg_col *c, enum pg_type type);
void pg_col_done(struct pg_col *c);
void pg_col_reset(struct pg_col *c);
void pg_col_i64(struct pg_col *c, int64_t v); /* PG_INT8, PG_INT4 */
void pg_col_bool(struct pg_col *c, bool v);
void pg_col_text(struct pg_col *c, const char *s); /* NULL: null */
void pg_col_textn(struct pg_col *c, const char *s, size_t len);
void pg_col_time(struct pg_col *c, int64_t s); /* seconds; INT64_MIN or 0: null */
void pg_col_null(struct pg_col *c);
/* Append all elements of src, a column of the same type. */
void pg_col_cat(struct pg_col *c, const struct pg_col *src);
/* Add the column as a parameter (int8[], text[] ...); the column keeps its elements. */
void pg_array(struct pg_args *a, const struct pg_col *c);

struct pg_conf {
	const char *url; /* libpq URI or key=value string; hosts by socket path or address only */
	const char *app_name;
	int conns;     /* size of the pool */
	int spare;     /* of these, kept free for pg_first */
	int queue_max; /* statements waiting or running before pg_run answers ERR_NOMEM */
};

/* r is NULL when it failed; both live until the callback returns. */
typedef void pg_fn(struct pg_result *r, const struct err *e, void *arg);

struct pg *pg_new(struct loop *l, const struct pg_conf *conf, struct err *e);
/* Ends everything without callbacks. Not from inside one: a loop_defer away. */
void pg_free(struct pg *p);
/* Is at least one connection up? Why not, else. */
bool pg_up(const struct pg *p);
const struct err *pg_why(const struct pg *p);
/* Called when pg_up changes. May be NULL. */
void pg_on_change(struct pg *p, void (*fn)(bool up, void *arg), void *arg);

/* Returns an id, never 0; the callback always comes on a later turn, once, unless cancelled. */
uint64_t pg_run(struct pg *p, const struct pg_stmt *s, struct pg_args *a, int64_t timeout_ms,
                pg_fn *fn, void *arg);
/*
 * A person waits for this one: it stands in line behind its like alone, and may use the spare
 * connections.
 */
void pg_first(struct pg *p, uint64_t id);
/* A script of several statements by the simple protocol (migrations), in its own transaction. */
uint64_t pg_script(struct pg *p, const char *sql, int64_t timeout_ms, pg_fn *fn, void *arg);
/* No callback will come; the statement may still take effect. */
void pg_forget(struct pg *p, uint64_t id);
/* Statements waiting or running. */
int pg_pending(const struct pg *p);

/*
 * Notifications: LISTEN channel on a connection of its own, again after each reconnect. payload is
 * NULL when listening begins or began again: what was sent before may have been missed.
 */
void pg_listen(struct pg *p, const char *channel, void (*fn)(const char *payload, void *arg),
               void *arg);

/* Reading a result (text format). NULL for SQL null. */
int pg_rows(const struct pg_result *r);
const char *pg_str(const struct pg_result *r, int row, int col);
size_t pg_strlen(const struct pg_result *r, int row, int col);
int64_t pg_num(const struct pg_result *r, int row, int col); /* 0 for null */
bool pg_truth(const struct pg_result *r, int row, int col);
/* A bytea value, decoded; NULL for null, or without memory. Freed with the result. */
const void *pg_bytes(struct pg_result *r, int row, int col, size_t *ret_len);

#endif
