#include "daemon/tiktok/call.h"

#include "common/str.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

void
call_init(struct tt_call *c, const char *method, const char *path, bool needs_cipher)
{
	memset(c, 0, sizeof(*c));
	c->method = method;
	c->needs_cipher = needs_cipher;
	assert(strlen(path) < sizeof(c->path));
	snprintf(c->path, sizeof(c->path), "%s", path);
	buf_init(&c->texts, CALL_TEXT_MAX);
	buf_init(&c->body, CALL_BODY_MAX);
}

void
call_done(struct tt_call *c)
{
	buf_done(&c->texts);
	buf_done(&c->body);
}

void
call_param(struct tt_call *c, const char *name, const char *value)
{
	size_t at = c->texts.len;

	assert(c->n < CALL_PARAMS_MAX);
	if (buf_add(&c->texts, value, strlen(value) + 1))
		return; /* stays failed: call_url refuses */
	c->params[c->n].name = name;
	c->params[c->n].at = at;
	c->n++;
}

void
call_param_i64(struct tt_call *c, const char *name, int64_t v)
{
	char text[24];

	snprintf(text, sizeof(text), "%" PRId64, v);
	call_param(c, name, text);
}

int
call_url(const struct tt_call *c, const struct tt_app *app, const char *cipher, struct wall api_now,
         struct buf *url, struct err *e)
{
	struct tt_param p[CALL_PARAMS_MAX + 3];
	char sign[CRYPTO_HMAC_HEX], timestamp[24];
	size_t n = 0;

	if (c->texts.failed || c->body.failed)
		return err_set(e, ERR_NOMEM, 0, "a call to TikTok is too long");
	if (c->needs_cipher && (!cipher || !*cipher))
		return err_set(e, ERR_INPUT, 0, "no shop cipher for %s", c->path);
	snprintf(timestamp, sizeof(timestamp), "%" PRId64, api_now.s);
	p[n++] = (struct tt_param){ "app_key", app->app_key };
	p[n++] = (struct tt_param){ "timestamp", timestamp };
	if (c->needs_cipher)
		p[n++] = (struct tt_param){ "shop_cipher", cipher };
	for (size_t i = 0; i < c->n; i++)
		p[n++] =
		    (struct tt_param){ c->params[i].name, buf_text(&c->texts) + c->params[i].at };
	if (sign_call(app->app_secret, c->path, p, n, buf_text(&c->body), c->body.len, false, sign))
		return err_set(e, ERR_INPUT, 0, "too many parameters for %s", c->path);
	buf_printf(url, "%s%s?", app->api_url, c->path);
	for (size_t i = 0; i < n; i++)
		str_query(url, p[i].name, p[i].value);
	str_query(url, "sign", sign);
	if (url->failed)
		return err_set(e, ERR_NOMEM, 0, "a call's URL is too long");
	return 0;
}
