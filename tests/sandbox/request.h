/*
 * request: what came in, taken apart; and reply: what goes out. No sockets here.
 *
 * Errors: a target that is too long or has too many parameters is ERR_INPUT.
 * Owner:  strings of a request belong to it (storage); request_done frees them.
 */
#ifndef SANDBOX_REQUEST_H
#define SANDBOX_REQUEST_H

#include "common/buf.h"
#include "common/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define REQUEST_PARAMS_MAX 64
#define REQUEST_TARGET_MAX 16384

struct request_param {
	const char *name;
	const char *value; /* decoded */
};

struct request {
	const char *method;
	const char *path; /* raw, without query */
	struct request_param params[REQUEST_PARAMS_MAX];
	size_t n_params;
	const char *token;        /* header x-tts-access-token, or NULL */
	const char *content_type; /* or NULL */
	const char *body;
	size_t body_len;
	char *storage;
};

/* target is "/path?query"; method, headers and body are put in by the caller. */
int request_init(struct request *r, const char *method, const char *target, struct err *e);
void request_done(struct request *r);
/* NULL where it is absent; "" is returned as "". */
const char *request_param(const struct request *r, const char *name);
/* Take parameters of a form (application/x-www-form-urlencoded) out of the body. */
int request_form(struct request *r, struct err *e);

enum reply_end {
	REPLY_WHOLE = 0,
	REPLY_CUT,  /* half of the body, then the connection ends */
	REPLY_LOST, /* no byte, the connection ends */
	REPLY_HANG, /* no byte, the connection stays */
	REPLY_SLOW  /* the body in small pieces */
};

struct reply {
	int status;
	const char *type;
	struct buf body;
	char location[2048]; /* "" none */
	char retry_after[40];
	bool gzip;
	enum reply_end end;
	int64_t delay_ms;  /* before the first byte */
	int64_t spread_ms; /* of a slow answer: from first byte to last; of a hanging one: till its
	                      end */
	/* Called when the answer is out, or the connection gone. */
	void (*on_sent)(void *arg);
	void *arg;
};

void reply_init(struct reply *r);
void reply_done(struct reply *r);

#endif
