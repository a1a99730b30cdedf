/*
 * control: the calls under /_sandbox/, for tests and trainers. JSON in and out, no signature.
 *
 * Errors: 404 for an unknown call, 400 {"error": "..."} for words it does not understand.
 */
#ifndef SANDBOX_CONTROL_H
#define SANDBOX_CONTROL_H

#include "common/buf.h"
#include "common/err.h"
#include "tests/sandbox/request.h"
#include "tests/sandbox/world.h"

struct json;

struct control {
	struct world *w;
	const struct request *rq;
	struct json *in; /* an object; {} where none was sent */
	struct buf *out; /* the handler writes one JSON object */
	struct err *e;
};

void control_handle(struct world *w, const struct request *rq, struct reply *reply);

/* A handler returns 0, or -1 and *c->e. */
#define X(method, path, handler, words, help) int control_##handler(struct control *c);
#include "tests/sandbox/control.def"
#undef X

/* For handlers: {"ok":true}. Returns 0. */
int control_ok(struct control *c);
/* A whole number between least and most, preset where it is absent. */
int control_num(struct control *c, const char *name, int64_t preset, int64_t least, int64_t most,
                int64_t *ret);
/* The shop meant by shop_id (id) or shop (number); "all" gives NULL where that is allowed. */
int control_shop(struct control *c, bool all_allowed, struct shop **ret);
int control_seller_of(struct control *c, struct seller **ret);
int control_order_of(struct control *c, struct order **ret);

#endif
