#include "common/own.h"
#include "daemon/tiktok/errors.h"
#include "tests/unit/tiktok_samples.h"

static struct err e;

static enum tt_class
class_of(int http_status, const char *body)
{
	struct json *root = parse_text(body);
	struct tt_verdict v;

	tt_judge(http_status, root, -1, &v);
	json_free(root);
	return v.class;
}

/* Every body of errors.json by its name there. */
static const struct {
	const char *name;
	enum tt_class class;
	enum err_kind kind;
} known[] = {
	{ "invalid sign", TT_CONFIG, ERR_REMOTE },
	{ "missing sign", TT_BUG, ERR_REMOTE },
	{ "invalid app_key", TT_CONFIG, ERR_REMOTE },
	{ "bad token string", TT_REFRESH, ERR_AUTH },
	{ "expired token", TT_REFRESH, ERR_AUTH },
	{ "missing scope", TT_SCOPE, ERR_AUTH },
	{ "token/shop mismatch", TT_TOKEN_MISMATCH, ERR_AUTH },
	{ "shop_cipher missing", TT_BUG, ERR_REMOTE },
	{ "shop_cipher not wanted", TT_BUG, ERR_REMOTE },
	{ "timestamp too old", TT_CLOCK, ERR_REMOTE },
	{ "timestamp in the future", TT_CLOCK, ERR_REMOTE },
	{ "missing body parameter", TT_BUG, ERR_REMOTE },
	{ "invalid path", TT_BUG, ERR_REMOTE },
	{ "invalid method", TT_BUG, ERR_REMOTE },
	{ "retired version", TT_BUG, ERR_REMOTE },
	{ "too many requests", TT_THROTTLED, ERR_THROTTLED },
	{ "sandbox hourly limit", TT_THROTTLED, ERR_THROTTLED },
	{ "gateway overload", TT_RETRY, ERR_REMOTE },
	{ "request timeout", TT_RETRY, ERR_REMOTE },
	{ "shop deactivated", TT_SHOP_INACTIVE, ERR_AUTH },
	{ "seller deactivated", TT_SHOP_INACTIVE, ERR_AUTH },
	{ "order on hold", TT_UNKNOWN, ERR_REMOTE },
	{ "already shipped", TT_UNKNOWN, ERR_REMOTE },
	{ "not this shop", TT_NOT_OURS, ERR_REMOTE },
	{ "wrong region for this API", TT_BUG, ERR_REMOTE },
};

Test(errors, every_known_answer_has_its_class_and_names_its_request)
{
	struct json *all = sample("errors.json");

	cr_assert_eq(json_len(all), ARRAY_LEN(known), "errors.json has other bodies");
	for (size_t i = 0; i < ARRAY_LEN(known); i++) {
		const struct json *one = json_at(all, i), *body = json_get(one, "body");
		struct tt_verdict v;
		int64_t status = 0;
		char code[32];

		cr_assert_str_eq(json_str(one, "name"), known[i].name);
		cr_assert_eq(json_i64(one, "http_status", &status), 0);
		tt_judge((int)status, body, -1, &v);
		cr_expect_eq(v.class, known[i].class, "%s is %s", known[i].name,
		             tt_class_name(v.class));
		cr_expect_eq(tt_error(&v, &e), -1);
		cr_expect_eq(e.kind, known[i].kind, "%s", known[i].name);
		cr_expect(strstr(e.text, json_str(body, "request_id")), "%s", e.text);
		snprintf(code, sizeof(code), "TikTok %lld ", (long long)v.code);
		cr_expect(strstr(e.text, code), "%s", e.text);
		/* the code decides, not the status (4.3) */
		tt_judge(200, body, -1, &v);
		cr_expect_eq(v.class, known[i].class, "%s", known[i].name);
	}
	json_free(all);
}

Test(errors, token_host_says_when_a_grant_is_dead)
{
	struct json *used = sample("token-error-invalid-code.json");
	struct json *gone = sample("token-error-refresh-unknown.json");
	struct tt_verdict v;

	tt_judge(200, used, -1, &v);
	cr_expect_eq(v.class, TT_CODE_REFUSED);
	tt_judge(200, gone, -1, &v);
	cr_expect_eq(v.class, TT_GRANT_DEAD);
	cr_expect_eq(class_of(200, "{\"code\":36004001,\"message\":\"rt has expired\"}"),
	             TT_GRANT_DEAD);
	cr_expect_eq(class_of(500, "{\"code\":0,\"message\":\"success\"}"), TT_OK);
	json_free(used);
	json_free(gone);
}

Test(errors, collective_code_is_told_apart_by_its_message)
{
	static const struct {
		const char *message;
		enum tt_class class;
	} rows[] = {
		{ "Invalid credentials. The `access_token` header is invalid.", TT_REFRESH },
		{ "INVALID CREDENTIALS. THE 'X-TTS-ACCESS-TOKEN' HEADER IS INVALID.", TT_REFRESH },
		{ "Invalid timestamp. 'timestamp' must not be lesser than 0", TT_CLOCK },
		{ "'category_asset_cipher' query parameter is not required", TT_BUG },
		{ "The 'shop_id' query parameter is invalid.", TT_BUG },
		{ "The 'version' query parameter is invalid.", TT_BUG },
		{ "page_token is invalid", TT_PARAM },
		{ "page_size must be at most 100", TT_PARAM },
		{ "update_time_ge is too early", TT_PARAM },
		{ "something nobody has seen", TT_UNKNOWN },
		{ "", TT_UNKNOWN },
		{ "A sentence that is a good deal longer than what is kept of a message, so that "
		  "the word "
		  "that counts stands behind its end: 'app_key' is invalid",
		  TT_CONFIG },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		char body[512];

		snprintf(body, sizeof(body), "{\"code\":36009004,\"message\":\"%s\"}",
		         rows[i].message);
		cr_expect_eq(class_of(400, body), rows[i].class, "%s", rows[i].message);
	}
	cr_expect_eq(class_of(400, "{\"code\":36009004,\"message\":null}"), TT_UNKNOWN);
	cr_expect_eq(class_of(400, "{\"code\":36009004}"), TT_UNKNOWN);
}

Test(errors, a_code_nobody_knows_is_not_destructive)
{
	cr_expect_eq(class_of(200, "{\"code\":99999999}"), TT_UNKNOWN);
	cr_expect_eq(class_of(401, "{\"code\":99999999}"), TT_UNKNOWN);
	cr_expect_eq(class_of(429, "{\"code\":99999999}"), TT_THROTTLED);
	cr_expect_eq(class_of(200, "{\"code\":\"105002\"}"), TT_REFRESH, "a code as text");
}

Test(errors, without_the_envelope_the_status_decides)
{
	struct tt_verdict v;

	tt_judge(200, NULL, -1, &v);
	cr_expect_eq(v.class, TT_TRANSPORT);
	cr_expect_eq(tt_error(&v, &e), -1);
	cr_expect_eq(e.kind, ERR_IO);
	tt_judge(404, NULL, -1, &v);
	cr_expect_eq(v.class, TT_TRANSPORT);
	tt_error(&v, &e);
	cr_expect_eq(e.code, 404);
	tt_judge(429, NULL, 7, &v);
	cr_expect_eq(v.class, TT_THROTTLED);
	tt_error(&v, &e);
	cr_expect_eq(e.kind, ERR_THROTTLED);
	cr_expect_eq(e.code, 7, "the seconds to wait");
	cr_expect(strstr(e.text, "HTTP 429"));
	cr_expect_eq(class_of(502, "{\"error\":\"bad gateway\"}"), TT_TRANSPORT);
	cr_expect_eq(class_of(200, "[0]"), TT_TRANSPORT);
}

Test(errors, message_is_cut_between_characters_and_stays_one_line)
{
	struct tt_verdict v;
	struct json *root;
	struct buf body;

	buf_init(&body, 4096);
	buf_str(&body, "{\"code\":1,\"request_id\":\"r\\nx\",\"message\":\"a\\r\\n");
	for (int i = 0; i < 100; i++)
		buf_str(&body, "ครี");
	buf_str(&body, "\"}");
	root = parse_text(buf_text(&body));
	tt_judge(200, root, -1, &v);
	cr_expect_eq(strlen(v.message), 117, "a, two blanks, 38 characters of 3 bytes");
	cr_expect_eq(strncmp(v.message, "a  ค", 6), 0);
	cr_expect_str_eq(v.request_id, "r x");
	json_free(root);
	buf_done(&body);
}

Test(errors, every_class_has_a_name_of_its_own)
{
	for (int a = TT_UNKNOWN; a <= TT_TOO_DEEP; a++)
		for (int b = TT_UNKNOWN; b < a; b++)
			cr_expect_str_neq(tt_class_name((enum tt_class)a),
			                  tt_class_name((enum tt_class)b));
}
