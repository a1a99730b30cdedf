/*
 * gateway: what stands before every business call, and the envelope around every answer.
 *
 * The checks run in the order of tiktok-shop-api.md 12.1: path and method, app_key, timestamp,
 * sign, token, scope, cipher, rate; then the handler checks its parameters and does the work.
 *
 * Errors: a handler returns 0 after it appended its data to c->data (one JSON value; nothing is
 *         `{}`), or -1 after gateway_fail or gateway_bad_param.
 * Source: tiktok-shop-api.md 1.3-1.6, 4.1, 4.2, 12.
 */
#ifndef SANDBOX_GATEWAY_H
#define SANDBOX_GATEWAY_H

#include "common/buf.h"
#include "tests/sandbox/request.h"
#include "tests/sandbox/world.h"

#include <stdint.h>

struct json;
struct call;

enum gateway_fail {
	FAIL_NONE = 0,
#define X(name, http, code, message) FAIL_##name,
#include "tests/sandbox/fail.def"
#undef X
};

enum gateway_cipher { CIPHER_REFUSED = 0, CIPHER_NEEDED };

struct endpoint {
	const char *name;
	const char *method;
	const char *path;
	uint32_t scope;
	enum gateway_cipher cipher;
	int (*run)(struct call *c);
};

struct call {
	struct world *w;
	const struct request *rq;
	const struct endpoint *ep;
	unsigned kind; /* number of the endpoint */
	struct seller *seller;
	struct shop *shop;
	uint64_t arg;       /* the id in the path, 0 none */
	struct json *body;  /* an object; NULL where none was sent */
	struct fault fault; /* of stage PAGING, else FAULT_NONE */
	int64_t now;
	struct buf *data; /* the answer: the envelope's beginning stands in it already */
	int http;
	int code;
	char message[512];
	char retry_after[40];
	unsigned token; /* number of the access token */
	int64_t rows;
};

/* Answer one call: fills *reply, and *row for the log (endpoint, shop, seller, code, ...). */
void gateway_handle(struct world *w, const struct request *rq, const struct fault *fault,
                    struct reply *reply, struct call_row *row);

/* For handlers: refuse. All return -1. */
int gateway_fail(struct call *c, enum gateway_fail why);
int gateway_bad_param(struct call *c, const char *name);
int gateway_missing_param(struct call *c, const char *name);

/* By its name in fail.def; FAIL_NONE where there is none. */
enum gateway_fail gateway_fail_named(const char *name);
/* A refusal from outside a call, such as an injected fault. */
void gateway_refuse(struct reply *reply, struct call_row *row, enum gateway_fail why);

#endif
