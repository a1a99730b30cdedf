#include "tests/sandbox/gateway.h"

#include "common/clock.h"
#include "common/json.h"
#include "common/own.h"
#include "common/str.h"
#include "tests/sandbox/api.h"
#include "tests/sandbox/jw.h"
#include "tests/sandbox/param.h"
#include "tests/sandbox/scope.h"
#include "tests/sandbox/sign.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#define PAST_S      300
#define AHEAD_S     30
#define VERSION_LEN 6

static const struct endpoint endpoints[] = {
#define X(name, method, path, scope, cipher, run)                                                  \
	{ name, method, path, SCOPE_##scope, CIPHER_##cipher, run },
#include "tests/sandbox/endpoint.def"
#undef X
};
_Static_assert(ARRAY_LEN(endpoints) <= RATE_KINDS, "a bucket for each endpoint");

static const struct {
	const char *name;
	int http;
	int code;
	const char *message;
} fails[] = {
	[FAIL_NONE] = { "NONE", 200, 0, "Success" },
#define X(name, http, code, message) [FAIL_##name] = { #name, http, code, message },
#include "tests/sandbox/fail.def"
#undef X
};

enum gateway_fail
gateway_fail_named(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(fails); i++)
		if (!strcmp(fails[i].name, name))
			return (enum gateway_fail)i;
	return FAIL_NONE;
}

int
gateway_fail(struct call *c, enum gateway_fail why)
{
	c->http = fails[why].http;
	c->code = fails[why].code;
	snprintf(c->message, sizeof(c->message), "%s", fails[why].message);
	return -1;
}

int
gateway_bad_param(struct call *c, const char *name)
{
	c->http = 400;
	c->code = 36009004;
	snprintf(c->message, sizeof(c->message),
	         "Invalid parameter. The '%s' parameter is invalid.", name);
	return -1;
}

int
gateway_missing_param(struct call *c, const char *name)
{
	c->http = 400;
	c->code = 36009004;
	snprintf(c->message, sizeof(c->message), "param %s is missing", name);
	return -1;
}

/* What stands behind the data. */
static void
end_envelope(struct buf *out, const char *message, const char *request_id)
{
	jw_str(out, "message", message);
	jw_str(out, "request_id", request_id);
	jw_close(out, '}');
}

static void
write_refusal(struct buf *out, int code, const char *message, const char *request_id)
{
	buf_reset(out);
	jw_open(out, '{');
	jw_int(out, "code", code);
	jw_null(out, "data");
	end_envelope(out, message, request_id);
}

void
gateway_refuse(struct reply *reply, struct call_row *row, enum gateway_fail why)
{
	reply->status = fails[why].http;
	row->code = fails[why].code;
	write_refusal(&reply->body, row->code, fails[why].message, row->request_id);
}

/* The segment behind the slash at s, without it. */
static size_t
segment(const char *s)
{
	return strcspn(s + 1, "/");
}

static bool
is_version(const char *s, size_t len)
{
	return len == VERSION_LEN && strspn(s, "0123456789") >= VERSION_LEN;
}

/*
 * Does path fit pattern, segment by segment? A star fits an id, which goes into *ret_arg. Where
 * only the version differs, *ret_version becomes false.
 */
static bool
path_fits(const char *pattern, const char *path, uint64_t *ret_arg, bool *ret_version)
{
	char id[24];

	*ret_version = true;
	*ret_arg = 0;
	while (*pattern == '/' && *path == '/') {
		size_t n = segment(pattern), m = segment(path);

		if (n == 1 && pattern[1] == '*') {
			if (m >= sizeof(id))
				return false;
			memcpy(id, path + 1, m);
			id[m] = '\0';
			*ret_arg = param_id(id);
			if (!*ret_arg)
				return false;
		} else if (is_version(pattern + 1, n) && is_version(path + 1, m)) {
			*ret_version = *ret_version && !strncmp(pattern + 1, path + 1, n);
		} else if (n != m || strncmp(pattern + 1, path + 1, n) != 0) {
			return false;
		}
		pattern += n + 1;
		path += m + 1;
	}
	return !*pattern && !*path;
}

static int
find_endpoint(struct call *c)
{
	enum gateway_fail why = FAIL_PATH;

	for (unsigned i = 0; i < ARRAY_LEN(endpoints); i++) {
		const struct endpoint *ep = &endpoints[i];
		bool version;
		uint64_t arg;

		if (!path_fits(ep->path, c->rq->path, &arg, &version))
			continue;
		if (!version) {
			if (why == FAIL_PATH)
				why = FAIL_VERSION;
		} else if (strcmp(ep->method, c->rq->method) != 0) {
			why = FAIL_METHOD;
		} else {
			c->ep = ep;
			c->kind = i;
			c->arg = arg;
			return 0;
		}
	}
	return gateway_fail(c, why);
}

static int
check_timestamp(struct call *c)
{
	int64_t t;

	if (str_i64(request_param(c->rq, "timestamp"), &t))
		return gateway_fail(c, FAIL_TIMESTAMP);
	if (t < 0)
		return gateway_fail(c, FAIL_TIMESTAMP_NEGATIVE);
	if (t < c->now - PAST_S)
		return gateway_fail(c, FAIL_TIMESTAMP_OLD);
	if (t > c->now + AHEAD_S)
		return gateway_fail(c, FAIL_TIMESTAMP_AHEAD);
	return 0;
}

/* Exactly: an upper-case digest is refused. */
static int
check_sign(struct call *c)
{
	const char *sign = request_param(c->rq, "sign");
	char hex[CRYPTO_HMAC_HEX];

	if (!sign || !*sign)
		return gateway_fail(c, FAIL_NO_SIGN);
	sign_compute(c->rq, c->w->app.secret, hex);
	if (strlen(sign) != strlen(hex) || !str_equal_secret(sign, hex, strlen(hex)))
		return gateway_fail(c, FAIL_SIGN);
	return 0;
}

static int
check_token(struct call *c)
{
	struct grants_name name;

	if (!c->rq->token || grants_parse(&c->w->rules, c->rq->token, &name) || name.kind != 'A')
		return gateway_fail(c, FAIL_TOKEN);
	c->seller = shops_find_seller(&c->w->shops, name.seller);
	if (!c->seller)
		return gateway_fail(c, FAIL_TOKEN);
	c->token = name.n;
	switch (grants_access(&c->seller->grant, name.n, c->now)) {
	case GRANTS_GOOD:
		return 0;
	case GRANTS_EXPIRED:
		return gateway_fail(c, FAIL_TOKEN_EXPIRED);
	case GRANTS_DEAD:
		if (c->seller->grant.revoked_code == 105005)
			return gateway_fail(c, FAIL_SCOPE);
		if (c->seller->grant.revoked_code == 101000)
			return gateway_fail(c, FAIL_MISMATCH);
		if (c->seller->grant.revoked_code == 36009004)
			return gateway_fail(c, FAIL_TOKEN);
		return gateway_fail(c, FAIL_TOKEN_EXPIRED);
	case GRANTS_UNKNOWN:
		break;
	}
	return gateway_fail(c, FAIL_TOKEN);
}

static int
check_cipher(struct call *c)
{
	const char *cipher = request_param(c->rq, "shop_cipher");

	if (!c->seller->active)
		return gateway_fail(c, FAIL_SELLER_INACTIVE);
	if (c->ep->cipher == CIPHER_REFUSED)
		return cipher ? gateway_fail(c, FAIL_CIPHER_NOT_WANTED) : 0;
	if (!cipher || !*cipher)
		return gateway_fail(c, FAIL_NO_CIPHER);
	c->shop = shops_by_cipher(c->seller, cipher);
	if (!c->shop)
		return gateway_fail(c, FAIL_MISMATCH);
	return c->shop->active ? 0 : gateway_fail(c, FAIL_SHOP_INACTIVE);
}

static int
check_rate(struct call *c)
{
	struct rate *r = c->shop ? &c->w->shop_rate : &c->w->seller_rate;
	int64_t wait = rate_take(r, c->shop ? c->shop->no : c->seller->no, c->kind, mono_us());

	if (!wait)
		return 0;
	snprintf(c->retry_after, sizeof(c->retry_after), "%" PRId64, wait / 1000000 + 1);
	return gateway_fail(c, FAIL_RATE);
}

static bool
is_json(const char *type)
{
	static const char want[] = "application/json";
	size_t n = sizeof(want) - 1;

	return type && !strncasecmp(type, want, n) &&
	       (!type[n] || type[n] == ';' || type[n] == ' ');
}

static int
read_body(struct call *c)
{
	struct err e;

	if (!c->rq->body_len)
		return 0;
	if (!is_json(c->rq->content_type))
		return gateway_fail(c, FAIL_BODY);
	c->body = json_parse(c->rq->body, c->rq->body_len, &e);
	if (!c->body || !json_is_obj(c->body))
		return gateway_fail(c, FAIL_BODY);
	return 0;
}

static int
check_app(struct call *c)
{
	const char *key = request_param(c->rq, "app_key");

	return key && !strcmp(key, c->w->app.key) ? 0 : gateway_fail(c, FAIL_APP_KEY);
}

static int
run(struct call *c)
{
	if (find_endpoint(c) || check_app(c) || check_timestamp(c) || check_sign(c) ||
	    check_token(c))
		return -1;
	if (c->fault.kind == FAULT_REFUSE_TOKEN)
		return gateway_fail(c, FAIL_TOKEN);
	if ((c->seller->grant.scopes & c->ep->scope) != c->ep->scope)
		return gateway_fail(c, FAIL_SCOPE);
	if (check_cipher(c) || check_rate(c) || read_body(c))
		return -1;
	return c->ep->run(c);
}

void
gateway_handle(struct world *w, const struct request *rq, const struct fault *fault,
               struct reply *reply, struct call_row *row)
{
	struct call c = { .w = w, .rq = rq, .now = world_now(w), .data = &reply->body };
	size_t before;

	if (fault)
		c.fault = *fault;
	gateway_fail(&c, FAIL_NONE);
	jw_open(c.data, '{');
	jw_int(c.data, "code", 0);
	jw_key(c.data, "data");
	before = c.data->len;
	if (!run(&c) && c.data->failed)
		gateway_fail(&c, FAIL_INTERNAL);
	if (c.code)
		write_refusal(c.data, c.code, c.message, row->request_id);
	else if (c.data->len == before)
		buf_str(c.data, "{}");
	if (!c.code)
		end_envelope(c.data, c.message, row->request_id);
	reply->status = c.http;
	snprintf(reply->retry_after, sizeof(reply->retry_after), "%s", c.retry_after);
	row->endpoint = c.ep ? c.ep->name : "unknown";
	row->shop = c.shop ? c.shop->id : 0;
	row->seller = c.seller ? c.seller->no : 0;
	row->code = c.code;
	row->token_in = c.token;
	row->rows = c.rows;
	json_free(c.body);
}
