#include "tests/sandbox/param.h"

#include "common/crypto.h"
#include "common/json.h"
#include "common/str.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

uint64_t
param_id(const char *s)
{
	return s && str_is_id(s) ? strtoull(s, NULL, 10) : 0;
}

int
param_page_size(struct call *c, int64_t most, size_t *ret)
{
	const char *text = request_param(c->rq, "page_size");
	int64_t v;

	if (!text)
		return gateway_missing_param(c, "page_size");
	if (str_i64(text, &v) || v < 1 || v > most)
		return gateway_bad_param(c, "page_size");
	*ret = (size_t)v;
	return 0;
}

int
param_word(struct call *c, const char *name, const char *const *words, int *ret)
{
	const char *text = request_param(c->rq, name);

	if (!text)
		return 0;
	for (int i = 0; words[i]; i++) {
		if (!strcmp(words[i], text)) {
			*ret = i;
			return 0;
		}
	}
	return gateway_bad_param(c, name);
}

/* A null counts as absent. */
static struct json *
member(const struct call *c, const char *name)
{
	return c->body ? json_get(c->body, name) : NULL;
}

int
param_body_int(struct call *c, const char *name, int64_t *ret)
{
	struct json *v = member(c, name);

	if (!v)
		return 0;
	if (json_text(v) || json_i64(c->body, name, ret))
		return gateway_bad_param(c, name);
	return 0;
}

int
param_body_bool(struct call *c, const char *name, int *ret)
{
	struct buf text;
	int rc = 0;

	if (!member(c, name))
		return 0;
	buf_init(&text, 4096);
	if (json_write(member(c, name), &text) == 0 && !strcmp(buf_text(&text), "true"))
		*ret = 1;
	else if (!text.failed && !strcmp(buf_text(&text), "false"))
		*ret = 0;
	else
		rc = gateway_bad_param(c, name);
	buf_done(&text);
	return rc;
}

int
param_body_str(struct call *c, const char *name, const char **ret)
{
	struct json *v = member(c, name);

	if (!v)
		return 0;
	if (!json_text(v))
		return gateway_bad_param(c, name);
	*ret = json_text(v);
	return 0;
}

int
param_body_ids(struct call *c, const char *name, uint64_t *ids, size_t most, size_t *ret_n)
{
	struct json *v = member(c, name);
	size_t n = json_len(v);

	if (!v)
		return 0;
	if (!json_is_arr(v) || n > most)
		return gateway_bad_param(c, name);
	for (size_t i = 0; i < n; i++) {
		ids[i] = param_id(json_text(json_at(v, i)));
		if (!ids[i])
			return gateway_bad_param(c, name);
	}
	*ret_n = n;
	return 0;
}

static bool
changes(const char *name)
{
	static const char *const names[] = { "page_token", "timestamp", "sign", "access_token",
		                             NULL };

	for (size_t i = 0; names[i]; i++)
		if (!strcmp(names[i], name))
			return true;
	return false;
}

/* Order does not count: each parameter is hashed by itself and the hashes are added. */
uint64_t
param_walk(const struct call *c)
{
	const struct request *rq = c->rq;
	unsigned char hash[CRYPTO_HASH_BYTES];
	uint64_t sum = c->shop->id, h;

	for (size_t i = 0; i < rq->n_params; i++) {
		char pair[512];

		if (changes(rq->params[i].name))
			continue;
		snprintf(pair, sizeof(pair), "%s=%s", rq->params[i].name, rq->params[i].value);
		crypto_sha256(pair, strlen(pair), hash);
		memcpy(&h, hash, sizeof(h));
		sum += h;
	}
	crypto_sha256(rq->body, rq->body_len, hash);
	memcpy(&h, hash, sizeof(h));
	return sum + h * 3;
}
