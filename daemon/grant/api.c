#include "daemon/grant/api.h"

#include "common/buf.h"
#include "common/json.h"
#include "daemon/base/conf.h"
#include "daemon/base/counter.h"
#include "daemon/base/env.h"
#include "daemon/base/log.h"
#include "daemon/base/loop.h"
#include "daemon/io/http.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define URL_MAX 8192

struct api {
	struct env *env;
	struct api_ask ask;
	char *cipher;
	char *token_header; /* "x-tts-access-token: ..."; NULL on the token host */
	struct buf url;     /* of the token host; business calls are signed when they are sent */
	int64_t timeout_ms;
	uint64_t take_id;
	uint64_t http_id;
	struct timer wait;
	struct mono waiting_since;
	bool clock_retried;
	api_fn *fn;
	void *arg;
};

static void api_send(struct api *a);
static void api_take(struct api *a);

static void
api_free(void *arg)
{
	struct api *a = arg;

	timer_done(&a->wait);
	call_done(&a->ask.call);
	buf_wipe(&a->url);
	buf_done(&a->url);
	if (a->token_header)
		explicit_bzero(a->token_header, strlen(a->token_header));
	free(a->token_header);
	free(a->cipher);
	free(a);
}

static void
api_end(struct api *a, const struct api_answer *answer)
{
	api_fn *fn = a->fn;
	void *arg = a->arg;

	loop_defer(a->env->loop, api_free, a);
	fn(answer, arg);
}

static void
api_end_err(struct api *a, enum tt_class class, const struct err *e)
{
	struct api_answer answer = { .err = e, .date_s = -1 };

	answer.verdict.class = class;
	answer.verdict.retry_after_s = -1;
	api_end(a, &answer);
}

static enum counter_id
counter_of(enum tt_class c)
{
	switch (c) {
	case TT_OK:
		return COUNT_API_OK;
	case TT_THROTTLED:
		return COUNT_API_LIMITED;
	case TT_REFRESH:
	case TT_TOKEN_MISMATCH:
	case TT_SCOPE:
	case TT_SHOP_INACTIVE:
	case TT_GRANT_DEAD:
	case TT_CODE_REFUSED:
	case TT_STATE_MISMATCH:
		return COUNT_API_AUTH;
	case TT_TRANSPORT:
	case TT_RETRY:
		return COUNT_API_TRANSPORT;
	case TT_UNKNOWN:
	case TT_CLOCK:
	case TT_CONFIG:
	case TT_BUG:
	case TT_PARAM:
	case TT_NOT_OURS:
	case TT_TOO_DEEP:
		return COUNT_API_REFUSED;
	}
	return COUNT_API_REFUSED;
}

/* One second of difference is the rounding of the header, not a wrong clock. */
static void
learn_clock(struct env *env, int64_t date_s)
{
	int64_t offset = date_s - wall_now().s;

	if (date_s >= 0 && llabs(offset - env->api_offset_s) > 1)
		env->api_offset_s = offset;
}

static void
count_verdict(struct api *a, const struct tt_verdict *v)
{
	count(a->env->counters, counter_of(v->class), 1);
	if (v->class == TT_UNKNOWN) {
		count(a->env->counters, COUNT_API_UNKNOWN, 1);
		log_event(LOG_ERROR, "api.unknown_code",
		          "code=%" PRId64 " http=%d path=%s request=%s text=%s", v->code,
		          v->http_status, a->ask.call.path, LOGQ(v->request_id), LOGQ(v->message));
	} else if (v->class == TT_CONFIG || v->class == TT_BUG) {
		log_event(LOG_ERROR, "api.refused",
		          "class=%s code=%" PRId64 " path=%s request=%s text=%s",
		          LOGQ(tt_class_name(v->class)), v->code, a->ask.call.path,
		          LOGQ(v->request_id), LOGQ(v->message));
	}
}

static void
on_answer(const struct http_resp *r, const struct err *e, void *arg)
{
	struct api *a = arg;
	struct api_answer answer = { .date_s = -1 };
	struct err why = { 0 }, parse_err = { 0 };
	CLEANUP(json_freep) struct json *root = NULL;

	a->http_id = 0;
	if (!r) {
		count(a->env->counters, COUNT_API_TRANSPORT, 1);
		api_end_err(a, TT_TRANSPORT, e);
		return;
	}
	learn_clock(a->env, r->date_s);
	observe(a->env->counters, HIST_API_DURATION, (double)r->took_us / 1e6);
	root = a->ask.parse ? a->ask.parse(r->body, r->body_len, a->arg, &parse_err)
	                    : json_parse(r->body, r->body_len, &parse_err);
	tt_judge(r->status, root, r->retry_after_s, &answer.verdict);
	count_verdict(a, &answer.verdict);
	if (answer.verdict.class == TT_CLOCK && r->date_s >= 0 && !a->clock_retried) {
		a->clock_retried = true;
		a->env->api_offset_s = r->date_s - wall_now().s;
		api_take(a);
		return;
	}
	if (answer.verdict.class != TT_OK) {
		tt_error(&answer.verdict, &why);
		answer.err = &why;
	}
	answer.root = root;
	answer.body = r->body;
	answer.body_len = r->body_len;
	answer.date_s = r->date_s;
	api_end(a, &answer);
}

static void
api_send(struct api *a)
{
	const struct conf *c = a->env->conf;
	const char *headers[] = { "content-type: application/json", a->token_header, NULL };
	struct http_req q = { .method = "GET", .timeout_ms = a->timeout_ms };
	struct buf url;
	struct err e = { 0 };

	buf_init(&url, URL_MAX);
	if (a->token_header) {
		struct tt_app app = { c->tiktok_api_url, c->tiktok_app_key,
			              c->tiktok_app_secret.text };

		if (call_url(&a->ask.call, &app, a->cipher, env_api_now(a->env), &url, &e)) {
			buf_done(&url);
			api_end_err(a, TT_BUG, &e);
			return;
		}
		q.method = a->ask.call.method;
		q.headers = headers;
		q.body = a->ask.call.body.len ? buf_text(&a->ask.call.body) : NULL;
		q.body_len = a->ask.call.body.len;
	} else {
		buf_add(&url, buf_text(&a->url), a->url.len);
		q.once = true; /* a code or refresh token may die with its first use */
	}
	q.url = buf_text(&url);
	a->http_id = http_send(a->env->http, &q, on_answer, a);
	buf_wipe(&url);
	buf_done(&url);
}

static void
on_take(int64_t wait_ms, const struct err *e, void *arg)
{
	struct api *a = arg;
	int64_t waited = loop_now(a->env->loop).ms - a->waiting_since.ms;
	struct err why = { 0 };

	a->take_id = 0;
	if (e) {
		api_end_err(a, TT_THROTTLED, e);
	} else if (wait_ms == 0) {
		api_send(a);
	} else if (waited + wait_ms > API_RATE_WAIT_MS) {
		err_set(&why, ERR_THROTTLED, (int)(wait_ms / 1000),
		        "our own rate limit is full for %d s and more", API_RATE_WAIT_MS / 1000);
		api_end_err(a, TT_THROTTLED, &why);
	} else {
		count(a->env->counters, COUNT_API_THROTTLE_MS, wait_ms);
		timer_arm(&a->wait, wait_ms);
	}
}

static void
api_take(struct api *a)
{
	if (!a->token_header) { /* the token host has a rate of its own: refresh_gate */
		api_send(a);
		return;
	}
	a->take_id = a->env->ops->take(a->env, a->ask.shop, a->ask.interactive, on_take, a);
}

static void
on_wait(void *arg)
{
	api_take(arg);
}

static struct api *
api_new(struct env *env, api_fn *fn, void *arg)
{
	struct api *a = calloc(1, sizeof(*a));

	if (!a)
		abort(); /* small, bounded by the slots */
	a->env = env;
	a->fn = fn;
	a->arg = arg;
	buf_init(&a->url, URL_MAX);
	timer_init(&a->wait, env->loop, on_wait, a);
	a->waiting_since = loop_now(env->loop);
	return a;
}

struct api *
api_start(struct env *env, struct api_ask *ask, api_fn *fn, void *arg)
{
	struct api *a = api_new(env, fn, arg);

	a->ask = *ask;
	memset(&ask->call, 0, sizeof(ask->call));
	a->ask.token = NULL;
	a->ask.cipher = NULL;
	a->cipher = ask->cipher ? strdup(ask->cipher) : NULL;
	if (asprintf(&a->token_header, "x-tts-access-token: %s", ask->token) < 0)
		abort();
	api_take(a);
	return a;
}

struct api *
api_token_start(struct env *env, struct buf *url, int64_t timeout_ms, api_fn *fn, void *arg)
{
	struct api *a = api_new(env, fn, arg);

	snprintf(a->ask.call.path, sizeof(a->ask.call.path), "(token host)");
	a->timeout_ms = timeout_ms;
	buf_add(&a->url, buf_text(url), url->len);
	buf_wipe(url);
	api_send(a);
	return a;
}

void
api_cancel(struct api *a)
{
	if (!a)
		return;
	if (a->take_id)
		a->env->ops->take_drop(a->env, a->take_id);
	if (a->http_id)
		http_cancel(a->env->http, a->http_id);
	timer_disarm(&a->wait);
	loop_defer(a->env->loop, api_free, a);
}
