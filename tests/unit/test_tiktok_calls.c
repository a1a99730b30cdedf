#include "common/own.h"
#include "common/str.h"
#include "daemon/tiktok/call.h"
#include "daemon/tiktok/orders.h"
#include "daemon/tiktok/products.h"
#include "daemon/tiktok/shops.h"
#include "tests/unit/tiktok_samples.h"

static const struct tt_app app = { "https://api.example", "68xu9ks5p4i8", "e59af819cc" };
static const struct wall now = { 1717000000 };
static const char cipher[] = "GCP_XF90igAAAABh00qsWgtvOiGFNqyubMt3/a+b==";

static struct tt_call call;
static struct buf url;
static struct err e;

static void
setup(void)
{
	cr_assert_eq(crypto_start(), 0);
	buf_init(&url, 8192);
}

static void
teardown(void)
{
	call_done(&call);
	buf_done(&url);
}

TestSuite(calls, .init = setup, .fini = teardown);

/* --- signing -----------------------------------------------------------------------------------
 */

static size_t
params_of(const struct json *query, struct tt_param *ret)
{
	struct json *value = NULL;
	const char *name = NULL;
	size_t n = 0;

	for (void *it = NULL; (it = json_next(query, it, &name, &value)); n++)
		ret[n] = (struct tt_param){ name, json_text(value) };
	return n;
}

Test(calls, every_vector_is_signed_as_published)
{
	struct json *all = sample("signing-vectors.json");

	cr_assert_eq(json_len(all), 21);
	for (size_t i = 0; i < json_len(all); i++) {
		const struct json *v = json_at(all, i);
		const char *body = json_str(v, "body");
		const char *type = json_str(json_get(v, "headers"), "content-type");
		struct tt_param params[SIGN_PARAMS_MAX];
		char sign[CRYPTO_HMAC_HEX];
		size_t n = params_of(json_get(v, "query"), params);

		cr_assert_eq(sign_call(json_str(v, "secret"), json_str(v, "path"), params, n, body,
		                       strlen(body), !strncmp(type, "multipart/", 10), sign),
		             0);
		cr_expect_str_eq(sign, json_str(v, "sign"), "%s", json_str(v, "name"));
	}
	json_free(all);
}

Test(calls, more_parameters_than_there_is_room_for_are_refused)
{
	struct tt_param params[SIGN_PARAMS_MAX + 1];
	char sign[CRYPTO_HMAC_HEX];

	for (size_t i = 0; i < ARRAY_LEN(params); i++)
		params[i] = (struct tt_param){ "a", "1" };
	cr_expect_eq(sign_call("s", "/p", params, SIGN_PARAMS_MAX, "", 0, false, sign), 0);
	cr_expect_eq(sign_call("s", "/p", params, SIGN_PARAMS_MAX + 1, "", 0, false, sign), -1);
}

/* --- URLs --------------------------------------------------------------------------------------
 */

Test(calls, url_is_signed_decoded_and_sent_encoded)
{
	call_init(&call, "POST", "/order/202309/orders/search", true);
	call_param(&call, "page_token", "aDU2dHIrL3g9PQ+/== ~");
	buf_str(&call.body, "{\"a\":1}");
	cr_assert_eq(call_url(&call, &app, cipher, now, &url, &e), 0, "%s", e.text);
	cr_expect_str_eq(
	    buf_text(&url),
	    "https://api.example/order/202309/orders/search?app_key=68xu9ks5p4i8"
	    "&timestamp=1717000000&shop_cipher=GCP_XF90igAAAABh00qsWgtvOiGFNqyubMt3%2Fa%2Bb%3D%3D"
	    "&page_token=aDU2dHIrL3g9PQ%2B%2F%3D%3D%20~"
	    "&sign=2b3a66c83cd614135cff5bc547e0002d9be63a457511e5d4abcadb4c6bf3847e");
}

Test(calls, another_moment_is_another_signature)
{
	char first[8192];

	call_init(&call, "GET", "/authorization/202309/shops", false);
	cr_assert_eq(call_url(&call, &app, NULL, now, &url, &e), 0);
	cr_assert(str_copy(first, sizeof(first), buf_text(&url)));
	buf_reset(&url);
	cr_assert_eq(call_url(&call, &app, NULL, (struct wall){ now.s + 1 }, &url, &e), 0);
	cr_expect_str_neq(strstr(buf_text(&url), "sign="), strstr(first, "sign="));
}

Test(calls, a_call_without_the_cipher_it_needs_is_not_sent)
{
	call_init(&call, "GET", "/logistics/202309/warehouses", true);
	cr_expect_eq(call_url(&call, &app, NULL, now, &url, &e), -1);
	cr_expect_eq(e.kind, ERR_INPUT);
	cr_expect_eq(call_url(&call, &app, "", now, &url, &e), -1);
	cr_expect_str_empty(buf_text(&url));
}

Test(calls, a_cipher_is_not_sent_where_it_is_refused)
{
	call_init(&call, "GET", "/authorization/202309/shops", false);
	cr_assert_eq(call_url(&call, &app, cipher, now, &url, &e), 0);
	cr_expect_null(strstr(buf_text(&url), "shop_cipher"));
}

Test(calls, what_does_not_fit_is_an_error_without_secrets)
{
	char token[CALL_TEXT_MAX + 1];
	struct buf small;

	memset(token, 'x', sizeof(token) - 1);
	token[sizeof(token) - 1] = '\0';
	call_init(&call, "GET", "/p", false);
	call_param(&call, "page_token", token);
	cr_expect_eq(call_url(&call, &app, NULL, now, &url, &e), -1);
	cr_expect_eq(e.kind, ERR_NOMEM);
	call_done(&call);

	call_init(&call, "GET", "/p", false);
	buf_init(&small, 40);
	cr_expect_eq(call_url(&call, &app, NULL, now, &small, &e), -1);
	cr_expect_eq(e.kind, ERR_NOMEM);
	cr_expect_null(strstr(e.text, app.app_secret));
	buf_done(&small);
}

/* --- requests ----------------------------------------------------------------------------------
 */

/* The request's sample: method, path, names and values of the query, body. */
static void
expect_request(const char *name, const char *page_token)
{
	struct json *all = sample("requests.json"), *body, *value = NULL;
	const struct json *want = NULL;
	const char *key = NULL;
	size_t params = 0;

	for (size_t i = 0; i < json_len(all); i++)
		if (!strcmp(json_str(json_at(all, i), "name"), name))
			want = json_at(all, i);
	cr_assert_not_null(want, "%s", name);
	cr_expect_str_eq(call.method, json_str(want, "method"));
	cr_expect_str_eq(call.path, json_str(want, "path"));
	cr_expect_eq(call.needs_cipher, json_get(json_get(want, "query"), "shop_cipher") != NULL);
	for (void *it = NULL; (it = json_next(json_get(want, "query"), it, &key, &value));) {
		const char *text = json_text(value);

		for (size_t i = 0; i < call.n; i++) {
			if (strcmp(call.params[i].name, key) != 0)
				continue;
			cr_expect_str_eq(buf_text(&call.texts) + call.params[i].at,
			                 *text == '<' ? page_token : text);
			params++;
		}
	}
	cr_expect_eq(params, call.n, "%s has other parameters", name);
	cr_expect_eq(call.body.len > 0, json_is_obj(json_get(want, "body")));
	if (call.body.len) {
		body = json_parse(call.body.data, call.body.len, &e);
		cr_assert_not_null(body, "%s", e.text);
		json_write(body, &url);
		buf_chr(&url, '\n');
		json_write(json_get(want, "body"), &url);
		cr_expect_eq(strncmp(url.data, strchr(url.data, '\n') + 1, url.len / 2), 0, "%s",
		             url.data);
		json_free(body);
	}
	json_free(all);
}

Test(calls, order_search_is_as_documented)
{
	orders_search_request(&call, 1779996400, 1780000000, "tok+en/==");
	expect_request("Get Order List", "tok+en/==");
}

Test(calls, first_page_has_no_token)
{
	orders_search_request(&call, 1779996400, 1780000000, NULL);
	for (size_t i = 0; i < call.n; i++)
		cr_expect_str_neq(call.params[i].name, "page_token");
}

Test(calls, product_search_names_its_last_second_since_the_bound_is_inclusive)
{
	products_search_request(&call, 1779996400, 1780000001, NULL);
	expect_request("Search Products", NULL);
}

Test(calls, shops_and_warehouses_are_asked_as_documented)
{
	shops_request(&call);
	expect_request("Get Authorized Shops", NULL);
	call_done(&call);
	warehouses_request(&call);
	expect_request("Get Warehouse List", NULL);
}
