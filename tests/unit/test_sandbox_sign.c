#include "common/crypto.h"
#include "common/json.h"
#include "common/str.h"
#include "tests/sandbox/sign.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>

static struct json *
read_vectors(void)
{
	FILE *f = fopen(SAMPLES "/signing-vectors.json", "r");
	static char text[1 << 17];
	struct json *all;
	size_t n;

	cr_assert(f);
	n = fread(text, 1, sizeof(text), f);
	fclose(f);
	all = json_parse(text, n, NULL);
	cr_assert(all);
	return all;
}

/* The vector's request as it stands on the wire: decoded values go into the URL encoded. */
static void
build(const struct json *v, struct request *ret)
{
	struct json *query = json_get(v, "query"), *value;
	const struct json *headers = json_get(v, "headers");
	struct buf pairs, target;
	const char *key;
	void *it = NULL;

	buf_init(&pairs, 1 << 16);
	buf_init(&target, 1 << 16);
	while ((it = json_next(query, it, &key, &value)))
		str_query(&pairs, key, json_text(value));
	buf_printf(&target, "%s?%s", json_str(v, "path"), buf_text(&pairs));
	cr_assert_eq(request_init(ret, json_str(v, "method"), buf_text(&target), NULL), 0);
	ret->content_type = json_str(headers, "content-type");
	ret->body = json_str(v, "body");
	ret->body_len = strlen(ret->body);
	buf_done(&pairs);
	buf_done(&target);
}

Test(sandbox_sign, agrees_with_every_vector)
{
	struct json *all = read_vectors();

	cr_assert_eq(crypto_start(), 0);
	cr_assert_geq(json_len(all), 21);
	for (size_t i = 0; i < json_len(all); i++) {
		const struct json *v = json_at(all, i);
		char hex[CRYPTO_HMAC_HEX];
		struct request rq;

		build(v, &rq);
		sign_compute(&rq, json_str(v, "secret"), hex);
		cr_expect_str_eq(hex, json_str(v, "sign"), "%s", json_str(v, "name"));
		request_done(&rq);
	}
	json_free(all);
}
