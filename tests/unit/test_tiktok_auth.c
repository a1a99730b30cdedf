#include "daemon/tiktok/auth.h"
#include "daemon/tiktok/shops.h"
#include "tests/unit/tiktok_samples.h"

static const struct wall now = { 1780000000 };
static struct tt_tokens tokens;
static struct err e;

static int
read_text(const char *text)
{
	struct json *root = parse_text(text);
	int rc = auth_read_tokens(root, now, &tokens, &e);

	json_free(root);
	return rc;
}

/* --- tokens ------------------------------------------------------------------------------------
 */

Test(auth, token_answers_are_read_whole)
{
	static const char *const samples[] = { "token-get.json", "token-refresh.json" };

	for (int i = 0; i < 2; i++) {
		struct json *root = sample(samples[i]);

		cr_assert_eq(auth_read_tokens(root, now, &tokens, &e), 0, "%s", e.text);
		cr_expect_str_eq(tokens.access, json_str(json_get(root, "data"), "access_token"));
		cr_expect_str_eq(tokens.refresh, json_str(json_get(root, "data"), "refresh_token"));
		cr_expect_str_eq(tokens.open_id, "sampleAAAABopenIdTh0001_0000000000000000");
		cr_expect_str_eq(tokens.seller_name, "Baan Mali Beauty");
		cr_expect_str_eq(tokens.region, "TH");
		cr_expect_eq(tokens.user_type, 0);
		cr_expect_eq(tokens.nscopes, 10);
		cr_expect(tokens.scopes_known);
		cr_expect_str_eq(tokens.scopes[2], "seller.order.info");
		cr_expect_eq(tokens.refresh_expires.s, INT64_C(4933600000), "beyond 32 bits");
		json_free(root);
	}
	cr_expect_eq(tokens.access_expires.s, 1781209600);
}

#define ANSWER(expiry, more)                                                                       \
	"{\"data\":{\"access_token\":\"a\",\"refresh_token\":\"r\",\"open_id\":\"o\","             \
	"\"access_token_expire_in\":" expiry ",\"refresh_token_expire_in\":4903858076" more "}}"

Test(auth, an_expiry_that_is_a_duration_counts_from_now)
{
	cr_assert_eq(read_text(ANSWER("604800", "")), 0, "%s", e.text);
	cr_expect_eq(tokens.access_expires.s, now.s + 604800);
	cr_expect_eq(tokens.refresh_expires.s, INT64_C(4903858076));
	cr_assert_eq(read_text(ANSWER("999999999", "")), 0);
	cr_expect_eq(tokens.access_expires.s, now.s + 999999999);
	cr_assert_eq(read_text(ANSWER("1000000000", "")), 0);
	cr_expect_eq(tokens.access_expires.s, 1000000000);
}

Test(auth, an_expiry_that_is_no_time_is_refused)
{
	static const char *const answers[] = { ANSWER("0", ""), ANSWER("-1", ""),
		                               ANSWER("null", ""), ANSWER("\"soon\"", ""),
		                               ANSWER("9223372036854775807", "") };

	for (int i = 0; i < 5; i++) {
		cr_expect_eq(read_text(answers[i]), -1, "%s", answers[i]);
		cr_expect_eq(e.kind, ERR_PARSE);
	}
}

Test(auth, an_answer_that_lacks_a_token_leaves_none_behind)
{
	static const char *const answers[] = {
		"{\"data\":null}",
		"{}",
		"{\"data\":{\"access_token\":\"secret\"}}",
		("{\"data\":{\"access_token\":\"secret\",\"refresh_token\":\"\",\"open_id\":\"o\","
		 "\"access_token_expire_in\":604800,\"refresh_token_expire_in\":4903858076}}"),
	};

	for (size_t i = 0; i < 4; i++) {
		cr_expect_eq(read_text(answers[i]), -1);
		cr_expect_str_empty(tokens.access);
		cr_expect_null(strstr(e.text, "secret"));
	}
}

Test(auth, a_token_too_long_to_keep_is_refused)
{
	struct buf text;

	buf_init(&text, 4096);
	buf_str(&text,
	        "{\"data\":{\"access_token_expire_in\":604800,\"refresh_token_expire_in\":604800,"
	        "\"open_id\":\"o\",\"refresh_token\":\"r\",\"access_token\":\"");
	for (int i = 0; i < TT_TOKEN_MAX; i++)
		buf_chr(&text, 'x');
	buf_str(&text, "\"}}");
	cr_expect_eq(read_text(buf_text(&text)), 0, "%s", e.text);
	text.len -= 3;
	buf_str(&text, "x\"}}");
	cr_expect_eq(read_text(buf_text(&text)), -1);
	buf_done(&text);
}

Test(auth, only_user_type_zero_is_a_seller)
{
	cr_assert_eq(read_text(ANSWER("604800", ",\"user_type\":1")), 0);
	cr_expect_eq(tokens.user_type, 1);
	cr_assert_eq(read_text(ANSWER("604800", ",\"user_type\":4294967296")), 0);
	cr_expect_eq(tokens.user_type, -1);
	cr_assert_eq(read_text(ANSWER("604800", "")), 0);
	cr_expect_eq(tokens.user_type, 0, "old answers say nothing");
}

Test(auth, missing_scopes_are_named_unless_tiktok_said_nothing)
{
	char missing[256], cut[40];

	cr_assert_eq(read_text(ANSWER("604800", "")), 0);
	auth_missing_scopes(&tokens, missing, sizeof(missing));
	cr_expect_str_empty(missing);
	cr_assert_eq(read_text(ANSWER("604800", ",\"granted_scopes\":[\"seller.order.info\",7]")),
	             0);
	auth_missing_scopes(&tokens, missing, sizeof(missing));
	cr_expect_str_eq(missing,
	                 "seller.authorization.info, seller.product.basic, seller.logistics");
	auth_missing_scopes(&tokens, cut, sizeof(cut));
	cr_expect_lt(strlen(cut), sizeof(cut));
	cr_assert_eq(read_text(ANSWER("604800", ",\"granted_scopes\":[]")), 0);
	auth_missing_scopes(&tokens, missing, sizeof(missing));
	cr_expect(strstr(missing, "seller.order.info"));
	cr_assert_eq(read_text(ANSWER("604800", ",\"granted_permissions\":[\"seller.order.info\","
	                                        "\"seller.product.basic\",\"seller.logistics\","
	                                        "\"seller.authorization.info\"]")),
	             0);
	auth_missing_scopes(&tokens, missing, sizeof(missing));
	cr_expect_str_empty(missing);
}

Test(auth, wiped_tokens_are_gone)
{
	static const struct tt_tokens none;

	cr_assert_eq(read_text(ANSWER("604800", "")), 0);
	tt_tokens_wipe(&tokens);
	cr_expect_eq(memcmp(&tokens, &none, sizeof(none)), 0);
}

/* --- links and callbacks ------------------------------------------------------------------------
 */

Test(auth, urls_are_as_documented_and_encoded)
{
	struct buf url;

	buf_init(&url, 1024);
	cr_assert_eq(
	    auth_page_url(&url, "https://services.tiktokshop.com/open/authorize", "7000001", "a+b"),
	    0);
	cr_expect_str_eq(
	    buf_text(&url),
	    "https://services.tiktokshop.com/open/authorize?service_id=7000001&state=a%2Bb");
	buf_reset(&url);
	cr_assert_eq(auth_get_url(&url, "https://auth.example", "key", "s/1", "TTP_x+y="), 0);
	cr_expect_str_eq(buf_text(&url),
	                 "https://auth.example/api/v2/token/get?app_key=key&app_secret=s%2F1"
	                 "&auth_code=TTP_x%2By%3D&grant_type=authorized_code");
	buf_reset(&url);
	cr_assert_eq(auth_refresh_url(&url, "https://auth.example", "key", "s", "r/t"), 0);
	cr_expect_str_eq(buf_text(&url),
	                 "https://auth.example/api/v2/token/refresh?app_key=key&app_secret=s"
	                 "&refresh_token=r%2Ft&grant_type=refresh_token");
	buf_done(&url);
	buf_init(&url, 30);
	cr_expect_eq(auth_get_url(&url, "https://auth.example", "key", "s", "c"), -1, "the cap");
	buf_done(&url);
}

Test(auth, callbacks_are_told_apart)
{
	static const struct {
		const char *code, *state, *error;
		enum auth_outcome outcome;
	} rows[] = {
		{ "TTP_code", "st", NULL, AUTH_CODE },
		{ "TTP_code", "st", "", AUTH_CODE },
		{ "TTP_code", NULL, NULL, AUTH_NO_STATE },
		{ "TTP_code", "", NULL, AUTH_NO_STATE },
		{ "null", "st", "auth_denied", AUTH_DENIED },
		{ "null", "st", NULL, AUTH_DENIED },
		{ NULL, "st", "access_denied", AUTH_DENIED },
		{ "TTP_code", "st", "anything", AUTH_DENIED },
		{ "", "st", NULL, AUTH_DENIED },
		{ NULL, "st", NULL, AUTH_DENIED },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		cr_expect_eq(auth_read_callback(rows[i].code, rows[i].state, rows[i].error),
		             rows[i].outcome, "row %zu", i);
}

/* --- shops and warehouses ------------------------------------------------------------------------
 */

Test(auth, every_shop_of_an_authorization_is_read)
{
	struct json *one = sample("authorized-shops.json");
	struct json *many = sample("authorized-shops-cross-border.json");
	struct tt_shop shops[SHOPS_MAX];

	cr_assert_eq(shops_read(one, shops, &e), 1, "%s", e.text);
	cr_expect_str_eq(shops[0].id, "7495511223344556677");
	cr_expect_str_eq(shops[0].name, "Baan Mali Beauty");
	cr_expect_str_eq(shops[0].seller_type, "LOCAL");
	cr_assert_eq(shops_read(many, shops, &e), 3);
	cr_expect_str_eq(shops[2].region, "GB");
	cr_expect_str_eq(shops[2].cipher, "GCP_sampleCipherCbGb");
	json_free(one);
	json_free(many);
}

Test(auth, shops_without_id_or_cipher_are_left_out)
{
	struct json *root =
	    parse_text("{\"data\":{\"shops\":[{\"id\":\"1\"},{\"cipher\":\"c\"},null,7,"
	               "{\"id\":\"2\",\"cipher\":\"\"},{\"id\":3,\"cipher\":\"c3\"}]}}");
	struct tt_shop shops[SHOPS_MAX];

	cr_assert_eq(shops_read(root, shops, &e), 1);
	cr_expect_str_eq(shops[0].id, "3");
	cr_expect_str_empty(shops[0].name);
	json_free(root);
}

Test(auth, no_shops_in_any_form_are_none_and_nonsense_is_an_error)
{
	static const char *const none[] = { "{\"data\":{}}", "{\"data\":{\"shops\":null}}",
		                            "{\"data\":{\"shops\":[]}}" };
	static const char *const bad[] = { "{}", "{\"data\":null}", "{\"data\":{\"shops\":{}}}" };
	struct tt_shop shops[SHOPS_MAX];

	for (int i = 0; i < 3; i++) {
		struct json *good_root = parse_text(none[i]), *bad_root = parse_text(bad[i]);

		cr_expect_eq(shops_read(good_root, shops, &e), 0, "%s", none[i]);
		cr_expect_eq(shops_read(bad_root, shops, &e), -1, "%s", bad[i]);
		cr_expect_eq(e.kind, ERR_PARSE);
		json_free(good_root);
		json_free(bad_root);
	}
}

Test(auth, more_shops_than_there_is_room_for_are_refused)
{
	struct tt_shop shops[SHOPS_MAX];
	struct json *root;
	struct buf text;

	buf_init(&text, 1u << 16);
	buf_str(&text, "{\"data\":{\"shops\":[");
	for (int i = 0; i <= SHOPS_MAX; i++)
		buf_printf(&text, "%s{\"id\":\"%d\",\"cipher\":\"c\"}", i ? "," : "", i);
	buf_str(&text, "]}}");
	root = parse_text(buf_text(&text));
	cr_expect_eq(shops_read(root, shops, &e), -1);
	json_free(root);
	buf_done(&text);
}

Test(auth, warehouses_are_read_without_their_addresses)
{
	struct json *root = sample("warehouses.json");
	static struct tt_warehouse w[WAREHOUSES_MAX];

	cr_assert_eq(warehouses_read(root, w, &e), 3, "%s", e.text);
	cr_expect_str_eq(w[0].type, "RETURN_WAREHOUSE", "the first may be the one for returns");
	cr_expect_str_eq(w[1].id, "7301122334455667701");
	cr_expect_str_eq(w[1].name, "Baan Mali main");
	cr_expect_str_eq(w[1].entity_id, "7395366865142490001");
	cr_expect_str_eq(w[1].sub_type, "DOMESTIC_WAREHOUSE");
	cr_expect(w[1].is_default && !w[2].is_default);
	cr_expect_str_eq(w[2].effect_status, "RESTRICTED");
	json_free(root);
}
