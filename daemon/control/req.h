/*
 * req: one request while it runs, and what a command can do with it.
 *
 * A request ends with exactly one of req_done and req_fail, which may be called at once or on any
 * later turn; after that, and after the client left, none of its callbacks comes any more and its
 * memory is gone at the end of the turn: do not touch it after ending it.
 */
#ifndef TTSYNC_REQ_H
#define TTSYNC_REQ_H

#include "common/clock.h"
#include "common/err.h"
#include "common/text.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct cmd;
struct control_ops;
struct json;
struct loop;
struct req;
struct reqs;

/* Its arguments, as args.h makes them. */
const struct json *req_args(const struct req *r);
const struct control_ops *req_ops(const struct req *r);
/* The loop's time. */
struct mono req_now(const struct req *r);
/* size zeroed bytes that live as long as the request; the same ones at each call. */
void *req_state(struct req *r, size_t size);

/*
 * Ask a worker; one at a time. fn gets the parsed answer, which it owns, or NULL and why.
 */
void req_post(struct req *r, const char *op, const struct json *args,
              void (*fn)(struct req *r, struct json *data, const struct err *why));
/* Call fn after ms; a second call moves it. */
void req_after(struct req *r, int64_t ms, void (*fn)(struct req *r));
/* Send an event line; event is owned. progress: for a person who waits, no part of the answer. */
void req_event(struct req *r, struct json *event, bool progress);

/*
 * The answer; data is owned. Its integer "exit", if there, becomes the verdict of the answer, its
 * object "more" what answer.h says.
 */
void req_done(struct req *r, struct json *data);
void req_fail(struct req *r, const struct err *why);
/* What a worker said, one or the other; for req_post. */
void req_answer(struct req *r, struct json *data, const struct err *why);

/* The rest is for control.c: all running requests of a socket. */

struct reqs_conf {
	struct loop *loop;
	const struct control_ops *ops;
	/* A line for a connection. */
	void (*send)(uint64_t conn, const void *line, size_t len, void *arg);
	/* A request of a connection has been answered. */
	void (*ended)(uint64_t conn, bool ok, void *arg);
	void *arg;
};

struct req_ask {
	uint64_t conn;
	const char *id; /* JSON text */
	const struct cmd *cmd;
	struct json *args; /* owned by the request */
	const char *actor; /* lives as long as its connection */
	enum lang lang;
	bool view; /* send how it looks */
	bool bare; /* nothing was asked: name the commands used most */
};

struct reqs *reqs_new(const struct reqs_conf *conf);
void reqs_free(struct reqs *q);
void reqs_start(struct reqs *q, const struct req_ask *ask);
/* The client left: its requests end without an answer. */
void reqs_drop(struct reqs *q, uint64_t conn);

#endif
