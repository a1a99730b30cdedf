/*
 * redis: Redis without waiting, over hiredis' asynchronous calls (its header appears in redis.c
 * alone).
 *
 * One connection, held by the control thread. Commands have a deadline of REDIS_TIMEOUT_MS by our
 * own timer (hiredis 0.14.1 has none); one that passes it closes the connection and fails every
 * command under way: their outcome is unknown. Reconnects with full jitter 0.1 to 5 s. Contexts are
 * freed only from a loop timer, never inside a callback.
 *
 * OOM, MISCONF, LOADING, READONLY, BUSY and NOAUTH answers are ERR_REMOTE; LOADING, READONLY and
 * MISCONF also close the connection ("unavailable", reliability.md 2).
 */
#ifndef TTSYNC_REDIS_H
#define TTSYNC_REDIS_H

#include "common/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define REDIS_TIMEOUT_MS 2000
#define REDIS_CONNECT_MS 2000

struct loop;
struct redis;

struct redis_conf {
	const char *url;      /* unix:///path, unix:///path?db=1, redis://host:port[/db]; host is an address */
	const char *user;     /* "" : default user */
	const char *password; /* "" : none */
};

/* A read-only view of an answer, valid until the callback returns. */
enum redis_type { REDIS_NIL = 0, REDIS_INT, REDIS_STR, REDIS_STATUS, REDIS_ARR, REDIS_ERR };
struct redis_reply;
enum redis_type redis_type(const struct redis_reply *r);
int64_t redis_int(const struct redis_reply *r);        /* also of a string of digits; else 0 */
const char *redis_str(const struct redis_reply *r);    /* NULL when not text */
size_t redis_len(const struct redis_reply *r);         /* elements, or bytes */
const struct redis_reply *redis_at(const struct redis_reply *r, size_t i);

/* r is NULL when there is no answer or an error answer; then e says why. */
typedef void redis_fn(const struct redis_reply *r, const struct err *e, void *arg);

/* A script: text static; its SHA1 is computed once by redis.c. EVALSHA, and EVAL after NOSCRIPT. */
struct redis_script {
	const char *name;
	const char *text;
	char sha[41];
};

struct redis *redis_new(struct loop *l, const struct redis_conf *conf, struct err *e);
void redis_free(struct redis *r);
bool redis_up(const struct redis *r);
const struct err *redis_why(const struct redis *r);
/* run_id of the server connected to ("" while down): a change means its memory may be gone. */
const char *redis_run_id(const struct redis *r);
/* Called when it comes up (after AUTH, SELECT and INFO server) and when it goes down. */
void redis_on_change(struct redis *r, void (*fn)(bool up, void *arg), void *arg);

/* argv[i] of argl[i] bytes (argl NULL: strings). While down, the callback hears ERR_IO next turn. */
void redis_call(struct redis *r, int argc, const char *const *argv, const size_t *argl, redis_fn *fn,
		void *arg);
void redis_eval(struct redis *r, struct redis_script *s, int nkeys, int argc,
		const char *const *argv, redis_fn *fn, void *arg);
int redis_pending(const struct redis *r);

#endif
