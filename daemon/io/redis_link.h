/*
 * redis_link: the connection to Redis as a state machine, and what redis.c shares with it. Only
 * redis*.c includes this.
 *
 * It connects, says who it is (AUTH, SELECT), asks whom it speaks with (INFO server), and is up
 * when PING is answered; after a loss it connects anew. Commands are sent while it is up, and those
 * of a turn go out together at its end. hiredis' context is freed at the end of a turn too, never
 * inside a callback: redis.c calls redis_link_settle where redis_settle_later was asked for.
 *
 * Errors: what ended the connection is kept in why, and told to redis_lost.
 * Owner:  embedded in struct redis, which owns the requests.
 */
#ifndef TTSYNC_REDIS_LINK_H
#define TTSYNC_REDIS_LINK_H

#include "common/err.h"
#include "daemon/base/loop.h"
#include "daemon/io/redis.h"
#include "daemon/io/redis_url.h"

#include <stdbool.h>
#include <stddef.h>

struct redisAsyncContext;
struct redis_request;

/* STARTING: connected; AUTH, SELECT, INFO and PING are under way. */
enum redis_link_state { LINK_DOWN = 0, LINK_CONNECTING, LINK_STARTING, LINK_UP };

struct redis_link {
	struct redis *redis;
	struct redisAsyncContext *ctx;
	enum redis_link_state state;
	struct watch watch;
	int want;           /* what hiredis wants watched */
	bool writing;       /* inside redisAsyncHandleWrite */
	bool unsent;        /* commands are to be written at the end of this turn */
	struct timer timer; /* connects anew while down, deadline until it is up */
	int failures;       /* connections that failed in a row */
	struct err why;     /* it is down, or was last */
	char run_id[48];
	struct redis_url url;
	char *user;
	char *password;
};

/* --- redis_link.c --- */

/* Connects on a later turn. -1: to be given to redis_link_done all the same. */
int redis_link_init(struct redis_link *k, struct redis *r, struct loop *l,
                    const struct redis_conf *conf, struct err *e);
/* For one that is closed and settled, or never was connected. */
void redis_link_done(struct redis_link *k);
/* Give a formatted command to a link that is up. -1: hiredis refuses, no answer will come. */
int redis_link_send(struct redis_link *k, const char *cmd, size_t len, struct redis_request *q);
/* Nothing sent will be answered; try again after a while. Legal at any moment, twice too. */
void redis_link_drop(struct redis_link *k, const struct err *why);
/* As redis_link_drop, for good. */
void redis_link_close(struct redis_link *k, const struct err *why);
/* At the end of a turn: what must not be done inside a callback. */
void redis_link_settle(struct redis_link *k);

/* --- redis_reply.c --- */

/* An error answer as a value; its first word is the tag. True: this connection is of no use. */
bool redis_reply_error(const struct redis_reply *reply, struct err *e);

/* --- redis.c --- */

/* The answer to q, which is over by this. */
void redis_answered(struct redis *r, struct redis_request *q, const struct redis_reply *reply);
/* The link went down: whatever waits for an answer has failed. */
void redis_lost(struct redis *r, const struct err *why);
/* The link came up, or has something for redis_link_settle. */
void redis_settle_later(struct redis *r);

#endif
