/*
 * redis: Redis without waiting, over hiredis' asynchronous calls (its header appears in redis*.c
 * alone).
 *
 * One connection, held by the control thread. Commands have a deadline of REDIS_TIMEOUT_MS by our
 * own timer (hiredis 0.14.1 has none); one that passes it closes the connection and fails every
 * command under way: their outcome is unknown. Reconnects with full jitter 0.1 to 5 s.
 *
 * Errors: error answers (OOM, MISCONF, LOADING, READONLY, BUSY, NOAUTH, a script's own) are
 *         ERR_REMOTE with their first word as tag; LOADING, READONLY, MISCONF, MASTERDOWN and
 *         NOAUTH also close the connection ("unavailable", reliability.md 2). A connection that
 *         ended is ERR_IO, a deadline ERR_TIMEOUT, redis_free ERR_CANCELLED.
 */
#ifndef TTSYNC_REDIS_H
#define TTSYNC_REDIS_H

#include "common/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define REDIS_TIMEOUT_MS 2000
/* Scripts with flags (#!lua) are from 7.0 on. */
#define REDIS_OLDEST     7
#define REDIS_CONNECT_MS 2000
#define REDIS_LISTENERS  4

struct loop;
struct redis;

struct redis_conf {
	const char *url;  /* unix:///path[?db=1] or redis://host:port[/db]; host is an address */
	const char *user; /* "" : default user */
	const char *password; /* "" : none */
};

/* A read-only view of an answer, valid until the callback returns. */
enum redis_type { REDIS_NIL = 0, REDIS_INT, REDIS_STR, REDIS_STATUS, REDIS_ARR, REDIS_ERROR };
struct redis_reply;
enum redis_type redis_type(const struct redis_reply *r);
int64_t redis_int(const struct redis_reply *r);     /* also of a string of digits; else 0 */
const char *redis_str(const struct redis_reply *r); /* NULL when not text */
size_t redis_len(const struct redis_reply *r);      /* elements, or bytes */
const struct redis_reply *redis_at(const struct redis_reply *r, size_t i); /* NULL past the end */

/*
 * Called exactly once a command. r is NULL when there is no answer or an error answer; then e says
 * why, and e is NULL otherwise.
 */
typedef void redis_fn(const struct redis_reply *r, const struct err *e, void *arg);

/*
 * A script, kept by the caller as long as the struct redis; name and text are filled in, the rest
 * is redis_eval's. Redis itself tells its SHA1 (SCRIPT LOAD, again after NOSCRIPT); EVAL until
 * then.
 */
struct redis_script {
	const char *name;
	const char *text;
	char sha[41];
	bool asked;
};

/* Begins to connect. NULL when the URL is not one of the two forms. */
struct redis *redis_new(struct loop *l, const struct redis_conf *conf, struct err *e);
/*
 * Commands under way hear ERR_CANCELLED at the end of this turn, or in loop_free. Memory is given
 * back then, so that this may be called from a callback.
 */
void redis_free(struct redis *r);
bool redis_up(const struct redis *r);
/* Why it is down, or was last. */
const struct err *redis_why(const struct redis *r);
/* run_id of the server connected to ("" while down): a change means its memory may be gone. */
const char *redis_run_id(const struct redis *r);
/*
 * fn hears when it comes up (after AUTH, SELECT, INFO server and PING) and when it goes down, at
 * the end of that turn. At most REDIS_LISTENERS; redis_off_change ends it.
 */
void redis_on_change(struct redis *r, void (*fn)(bool up, void *arg), void *arg);
void redis_off_change(struct redis *r, void *arg);

/* argv[i] of argl[i] bytes (argl NULL: strings). While down, the callback hears ERR_IO next turn.
 */
void redis_call(struct redis *r, int argc, const char *const *argv, const size_t *argl,
                redis_fn *fn, void *arg);
/* argv: nkeys keys, then the other arguments; argc counts both. */
void redis_eval(struct redis *r, struct redis_script *s, int nkeys, int argc,
                const char *const *argv, redis_fn *fn, void *arg);
/* Commands whose callback is still to come. */
int redis_pending(const struct redis *r);

#endif
