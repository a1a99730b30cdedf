#include "common/clock.h"
#include "common/crypto.h"
#include "common/json.h"
#include "common/str.h"
#include "tests/sandbox/front.h"
#include "tests/sandbox/life.h"
#include "tests/sandbox/sign.h"

#include <criterion/criterion.h>
#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SEARCH "/order/202309/orders/search"
#define SHOPS  "/authorization/202309/shops"

/* The sandbox without its sockets, and a client that signs. */
static struct options opt;
static struct world w;
static struct reply reply;
static char access_token[GRANTS_TOKEN_MAX];
static char refresh_token[GRANTS_TOKEN_MAX];

static struct json *
send(const char *method, const char *target, const char *token, const char *body)
{
	struct request rq;
	struct err e;

	reply_done(&reply);
	reply_init(&reply);
	cr_assert_eq(request_init(&rq, method, target, &e), 0);
	rq.token = token;
	rq.content_type = "application/json";
	rq.body = body ? body : "";
	rq.body_len = strlen(rq.body);
	front_handle(&w, &rq, &reply);
	request_done(&rq);
	if (reply.on_sent)
		reply.on_sent(reply.arg);
	reply.on_sent = NULL;
	return json_parse(buf_text(&reply.body), reply.body.len, &e);
}

/* query is "name=value&..." decoded; what is wrong can be put in by hand. */
static struct json *
call_at(const char *method, const char *path, const char *query, const char *body, int64_t when)
{
	char target[2048], hex[CRYPTO_HMAC_HEX];
	struct request rq;
	size_t n;

	n = (size_t)snprintf(target, sizeof(target), "%s?app_key=key&timestamp=%" PRId64 "%s%s",
	                     path, when, *query ? "&" : "", query);
	cr_assert_eq(request_init(&rq, method, target, NULL), 0);
	rq.body = body ? body : "";
	rq.body_len = strlen(rq.body);
	rq.content_type = "application/json";
	sign_compute(&rq, "secret", hex);
	request_done(&rq);
	snprintf(target + n, sizeof(target) - n, "&sign=%s", hex);
	return send(method, target, access_token, body);
}

static struct json *
call(const char *method, const char *path, const char *query, const char *body)
{
	return call_at(method, path, query, body, world_now(&w));
}

static int64_t
code_of(struct json *answer)
{
	int64_t code = -1;

	cr_assert_eq(json_i64(answer, "code", &code), 0, "%s", buf_text(&reply.body));
	json_free(answer);
	return code;
}

/* Encoded, as it stands in a query, behind shop_cipher=. */
static const char *
cipher(void)
{
	static char text[256];
	struct buf b;

	buf_init(&b, 256);
	str_query(&b, "shop_cipher", w.shops.all[0]->cipher);
	snprintf(text, sizeof(text), "%s", buf_text(&b));
	buf_done(&b);
	return text;
}

static struct json *
search(const char *query, const char *body)
{
	char all[1024];

	snprintf(all, sizeof(all), "%s&%s", cipher(), query);
	return call("POST", SEARCH, all, body);
}

static int64_t
token_call(const char *path, const char *name, const char *value, const char *grant_type)
{
	char target[512];
	struct json *j, *data;
	int64_t code;

	snprintf(target, sizeof(target), "%s?app_key=key&app_secret=secret&%s=%s&grant_type=%s",
	         path, name, value, grant_type);
	j = send("GET", target, NULL, NULL);
	data = json_get(j, "data");
	if (data) {
		snprintf(access_token, sizeof(access_token), "%s", json_str(data, "access_token"));
		snprintf(refresh_token, sizeof(refresh_token), "%s",
		         json_str(data, "refresh_token"));
	}
	cr_assert_eq(json_i64(j, "code", &code), 0);
	json_free(j);
	return code;
}

static int64_t
refresh(const char *token)
{
	return token_call("/api/v2/token/refresh", "refresh_token", token, "refresh_token");
}

static void
code_from_page(const char *extra, char code[GRANTS_TOKEN_MAX])
{
	char target[256];
	const char *at;

	snprintf(target, sizeof(target), "/open/authorize?service_id=7000000000000000001&auto=1%s",
	         extra);
	json_free(send("GET", target, NULL, NULL));
	cr_assert_eq(reply.status, 302);
	at = strstr(reply.location, "code=");
	cr_assert(at);
	snprintf(code, GRANTS_TOKEN_MAX, "%.*s", (int)strcspn(at + 5, "&"), at + 5);
}

static void
authorize(void)
{
	char code[GRANTS_TOKEN_MAX];

	code_from_page("", code);
	cr_assert_eq(token_call("/api/v2/token/get", "auth_code", code, "authorized_code"), 0);
}

static void
control(const char *path, const char *body)
{
	char target[128];
	struct json *j;

	snprintf(target, sizeof(target), "/_sandbox/%s", path);
	j = send("POST", target, NULL, body);
	cr_assert_eq(reply.status, 200, "%s", buf_text(&reply.body));
	json_free(j);
}

static void
setup(void)
{
	struct err e;

	cr_assert_eq(crypto_start(), 0);
	options_preset(&opt);
	opt.app_key = "key";
	opt.app_secret = "secret";
	opt.redirect_url = "http://127.0.0.1/cb?x=1";
	opt.sellers = 2;
	cr_assert_eq(world_init(&w, &opt, &e), 0);
	authorize();
}

static void
teardown(void)
{
	reply_done(&reply);
	world_done(&w);
}

TestSuite(sandbox, .init = setup, .fini = teardown);

Test(sandbox, a_code_is_good_once)
{
	char code[GRANTS_TOKEN_MAX];

	code_from_page("&state=a%2Bb", code);
	cr_assert(strstr(reply.location, "cb?x=1&app_key=key&code=ROW_"));
	cr_assert(strstr(reply.location, "&state=a%2Bb"));
	cr_assert_eq(token_call("/api/v2/token/get", "auth_code", code, "authorized_code"), 0);
	cr_assert_eq(token_call("/api/v2/token/get", "auth_code", code, "authorized_code"),
	             36004004);
}

Test(sandbox, a_code_is_dead_after_half_an_hour)
{
	char code[GRANTS_TOKEN_MAX];

	code_from_page("", code);
	control("clock", "{\"advance_s\":1800}");
	cr_assert_eq(token_call("/api/v2/token/get", "auth_code", code, "authorized_code"),
	             36004004);
}

Test(sandbox, a_refusal_comes_back_as_code_null)
{
	char code[GRANTS_TOKEN_MAX];

	code_from_page("&deny=1", code);
	cr_assert_str_eq(code, "null");
	cr_assert(strstr(reply.location, "error=auth_denied"));
	cr_assert_null(strstr(reply.location, "state="), "none was given");
}

Test(sandbox, the_service_id_is_not_the_app_key)
{
	json_free(send("GET", "/open/authorize?service_id=key&auto=1", NULL, NULL));
	cr_assert_eq(reply.status, 404);
	cr_assert(strstr(buf_text(&reply.body), "This service does not exist"));
}

Test(sandbox, strict_rotation_kills_the_used_refresh_token)
{
	char old[GRANTS_TOKEN_MAX];

	snprintf(old, sizeof(old), "%s", refresh_token);
	cr_assert_eq(refresh(old), 0);
	cr_assert_str_neq(old, refresh_token);
	cr_assert_eq(refresh(old), 36004005);
	cr_assert_eq(refresh(refresh_token), 0);
}

Test(sandbox, an_altered_token_is_no_token)
{
	access_token[strlen(access_token) - 1] ^= 1;
	cr_assert_eq(code_of(call("GET", SHOPS, "", NULL)), 36009004);
	cr_assert_eq(reply.status, 401);
}

Test(sandbox, an_expired_access_token_is_105002_and_a_refresh_helps)
{
	control("grant/expire", "{\"seller\":1,\"what\":\"access\"}");
	cr_assert_eq(code_of(call("GET", SHOPS, "", NULL)), 105002);
	cr_assert_eq(refresh(refresh_token), 0);
	cr_assert_eq(code_of(call("GET", SHOPS, "", NULL)), 0);
}

Test(sandbox, a_revoked_grant_is_gone_for_calls_and_refresh)
{
	control("grant/revoke", "{\"seller\":1}");
	cr_assert_eq(code_of(call("GET", SHOPS, "", NULL)), 105002);
	cr_assert_eq(refresh(refresh_token), 36004005);
	authorize();
	cr_assert_eq(code_of(call("GET", SHOPS, "", NULL)), 0);
}

Test(sandbox, the_timestamp_window_is_300_back_and_30_ahead)
{
	const int64_t now = world_now(&w);

	cr_assert_eq(code_of(call_at("GET", SHOPS, "", NULL, now - 299)), 0);
	cr_assert_eq(code_of(call_at("GET", SHOPS, "", NULL, now - 302)), 36009004);
	cr_assert_eq(code_of(call_at("GET", SHOPS, "", NULL, now + 29)), 0);
	cr_assert_eq(code_of(call_at("GET", SHOPS, "", NULL, now + 33)), 36009004);
	control("clock", "{\"offset_s\":-1000}");
	cr_assert_eq(code_of(call_at("GET", SHOPS, "", NULL, now)), 36009004, "the clock is moved");
}

/* app_key before timestamp before sign before token: each call is wrong in all that follows. */
Test(sandbox, checks_run_in_the_documented_order)
{
	char target[256];

	cr_assert_eq(code_of(send("GET", "/nope?app_key=x", "x", NULL)), 36009009);
	cr_assert_eq(code_of(send("GET", "/order/199901/orders?x=1", "x", NULL)), 36009014);
	cr_assert_eq(code_of(send("POST", SHOPS "?app_key=x", "x", NULL)), 36009010);
	json_free(send("GET", SHOPS "?app_key=x&timestamp=1&sign=x", "x", NULL));
	cr_assert(strstr(buf_text(&reply.body), "'app_key'"));
	json_free(send("GET", SHOPS "?app_key=key&timestamp=1&sign=x", "x", NULL));
	cr_assert(strstr(buf_text(&reply.body), "earlier than 5 minutes"));
	snprintf(target, sizeof(target), SHOPS "?app_key=key&timestamp=%" PRId64, world_now(&w));
	json_free(send("GET", target, "x", NULL));
	cr_assert(strstr(buf_text(&reply.body), "signature in the query"));
	snprintf(target, sizeof(target), SHOPS "?app_key=key&timestamp=%" PRId64 "&sign=x",
	         world_now(&w));
	cr_assert_eq(code_of(send("GET", target, "x", NULL)), 106001);
}

Test(sandbox, an_upper_case_digest_is_refused)
{
	char target[512], hex[CRYPTO_HMAC_HEX];
	struct request rq;

	snprintf(target, sizeof(target), SHOPS "?app_key=key&timestamp=%" PRId64, world_now(&w));
	cr_assert_eq(request_init(&rq, "GET", target, NULL), 0);
	sign_compute(&rq, "secret", hex);
	request_done(&rq);
	for (char *c = hex; *c; c++)
		*c = (char)toupper((unsigned char)*c);
	snprintf(target + strlen(target), 100, "&sign=%s", hex);
	cr_assert_eq(code_of(send("GET", target, access_token, NULL)), 106001);
}

Test(sandbox, the_cipher_is_needed_refused_or_of_another_seller)
{
	char foreign[256];

	cr_assert_eq(code_of(call("GET", "/logistics/202309/warehouses", "", NULL)), 106013);
	cr_assert_eq(code_of(call("GET", SHOPS, cipher(), NULL)), 36009004);
	snprintf(foreign, sizeof(foreign), "shop_cipher=%s", w.shops.all[1]->cipher);
	cr_assert_eq(code_of(call("GET", "/logistics/202309/warehouses", foreign, NULL)), 101000);
	cr_assert_eq(code_of(call("GET", "/logistics/202309/warehouses", cipher(), NULL)), 0);
}

Test(sandbox, a_missing_scope_is_105005_until_the_seller_authorizes_again)
{
	control("scope", "{\"seller\":1,\"remove\":[\"seller.order.info\"]}");
	cr_assert_eq(code_of(search("page_size=1", NULL)), 105005);
	authorize();
	cr_assert_eq(code_of(search("page_size=1", NULL)), 0);
}

Test(sandbox, calls_beyond_the_rate_are_429_with_retry_after)
{
	int refused = 0;

	rate_init(&w.shop_rate, 5, 5);
	for (int i = 0; i < 6; i++)
		refused += code_of(search("page_size=1", NULL)) == 36009002;
	cr_assert_eq(refused, 1);
	cr_assert_eq(reply.status, 429);
	cr_assert_str_eq(reply.retry_after, "1");
}

Test(sandbox, an_empty_search_has_no_orders_key)
{
	struct json *j = search("page_size=10", "{}");

	cr_assert_null(json_get(json_get(j, "data"), "orders"));
	cr_assert_str_eq(json_str(json_get(j, "data"), "next_page_token"), "");
	json_free(j);
}

Test(sandbox, parameters_out_of_range_are_named)
{
	cr_assert_eq(code_of(search("page_size=101", NULL)), 36009004);
	cr_assert(strstr(buf_text(&reply.body), "'page_size'"));
	cr_assert_eq(code_of(search("sort_field=id&page_size=1", NULL)), 36009004);
	cr_assert_eq(code_of(search("sort_order=asc&page_size=1", NULL)), 36009004);
	cr_assert_eq(code_of(search("page_size=1", "{\"order_status\":\"TO_SHIP\"}")), 36009004);
	cr_assert_eq(code_of(search("page_size=1", "{\"update_time_ge\":\"1\"}")), 36009004);
	cr_assert_eq(code_of(search("page_size=1", "[1]")), 36009022);
	cr_assert_eq(code_of(search("sort_field=create_time", NULL)), 36009004);
	cr_assert(strstr(buf_text(&reply.body), "page_size is missing"));
}

/* Page after page; each id once. Returns how many there were. */
static size_t
walk(const char *query, const char *body, size_t *ret_pages)
{
	char token[512] = "", all[1024];
	size_t rows = 0;

	*ret_pages = 0;
	do {
		struct buf b;
		struct json *j, *data;

		buf_init(&b, 1024);
		if (*token)
			str_query(&b, "page_token", token);
		snprintf(all, sizeof(all), "%s%s%s", query, *token ? "&" : "", buf_text(&b));
		buf_done(&b);
		j = search(all, body);
		data = json_get(j, "data");
		cr_assert(data, "%s", buf_text(&reply.body));
		rows += json_len(json_get(data, "orders"));
		snprintf(token, sizeof(token), "%s", json_str(data, "next_page_token"));
		cr_assert(!*token ||
		          (strchr(token, '+') && strchr(token, '/') && strchr(token, '=')));
		json_free(j);
		++*ret_pages;
	} while (*token && *ret_pages < 30);
	return rows;
}

Test(sandbox, a_walk_gives_every_order_once)
{
	size_t pages;

	control("order", "{\"count\":25}");
	cr_assert_eq(walk("page_size=10&sort_field=update_time&sort_order=DESC", "{}", &pages), 25);
	cr_assert_eq(pages, 3);
	cr_assert_eq(walk("page_size=25", NULL, &pages), 25);
	cr_assert_eq(pages, 1, "a full last page has no next one");
}

Test(sandbox, a_page_token_belongs_to_its_parameters)
{
	char query[512];
	struct buf b;
	struct json *j;

	control("order", "{\"count\":5}");
	j = search("page_size=2", "{}");
	buf_init(&b, 1024);
	str_query(&b, "page_token", json_str(json_get(j, "data"), "next_page_token"));
	json_free(j);
	snprintf(query, sizeof(query), "page_size=2&%s", buf_text(&b));
	cr_assert_eq(code_of(search(query, "{}")), 0);
	cr_assert_eq(code_of(search(query, NULL)), 36009004, "another body");
	snprintf(query, sizeof(query), "page_size=3&%s", buf_text(&b));
	cr_assert_eq(code_of(search(query, "{}")), 36009004, "another page size");
	buf_done(&b);
}

Test(sandbox, a_duplicated_page_comes_twice_and_the_walk_still_ends)
{
	size_t pages;

	control("order", "{\"count\":25}");
	control("fault", "{\"kind\":\"duplicate-page\",\"match\":\"orders/search\"}");
	cr_assert_eq(walk("page_size=10", NULL, &pages), 35);
	cr_assert_eq(pages, 4);
}

Test(sandbox, a_lost_refresh_has_rotated_all_the_same)
{
	char old[GRANTS_TOKEN_MAX];

	snprintf(old, sizeof(old), "%s", refresh_token);
	control("fault", "{\"kind\":\"lost\",\"match\":\"token/refresh\"}");
	refresh(old);
	cr_assert_eq(reply.end, REPLY_LOST);
	cr_assert_eq(refresh(old), 36004005);
}

Test(sandbox, detail_202507_lacks_what_202309_has)
{
	char query[256], id[24];
	struct json *j, *row;

	control("order", "{\"status\":\"AWAITING_SHIPMENT\"}");
	snprintf(id, sizeof(id), "%" PRIu64, w.orders.all[0]->id);
	snprintf(query, sizeof(query), "%s&ids=%s", cipher(), id);
	j = call("GET", "/order/202309/orders", query, NULL);
	row = json_at(json_get(json_get(j, "data"), "orders"), 0);
	cr_assert(json_get(row, "fulfillment_priority_level"));
	cr_assert(json_get(row, "recommended_shipping_time"));
	json_free(j);
	j = call("GET", "/order/202507/orders", query, NULL);
	row = json_at(json_get(json_get(j, "data"), "orders"), 0);
	cr_assert_str_eq(json_str(row, "id"), id);
	cr_assert_null(json_get(row, "fulfillment_priority_level"));
	cr_assert_null(json_get(row, "recommended_shipping_time"));
	json_free(j);
}

Test(sandbox, an_order_of_another_shop_fails_the_whole_detail)
{
	char query[256];

	control("order", "{\"shop\":1}");
	control("order", "{\"shop\":2}");
	snprintf(query, sizeof(query), "%s&ids=%" PRIu64 ",%" PRIu64, cipher(), w.orders.all[0]->id,
	         w.orders.all[1]->id);
	cr_assert_eq(code_of(call("GET", "/order/202507/orders", query, NULL)), 21008111);
}

/* Every member of every object stands behind one that sorts before it. */
static void
assert_sorted(const struct json *j, int depth)
{
	const char *key, *before = "";
	struct json *value;
	void *it = NULL;

	cr_assert_lt(depth, 10);
	for (size_t i = 0; json_is_arr(j) && i < json_len(j); i++)
		assert_sorted(json_at(j, i), depth + 1);
	if (!json_is_obj(j))
		return;
	while ((it = json_next(j, it, &key, &value))) {
		cr_assert_lt(strcmp(before, key), 0, "%s stands before %s", before, key);
		before = key;
		assert_sorted(value, depth + 1);
	}
}

Test(sandbox, keys_are_alphabetical_in_every_state)
{
	struct json *j;

	w.orders.extra_keys = true;
	for (enum order_status s = ORDER_UNPAID; s <= ORDER_CANCELLED; s++) {
		struct order_wish wish = { .status = s, .cod = s % 2, .seller_ships = s % 3 == 0 };

		cr_assert(orders_create(&w.orders, w.shops.all[0], &wish, world_now(&w)));
		cr_assert(orders_create(&w.orders, w.shops.all[0], &wish, world_now(&w)));
	}
	j = search("page_size=100", NULL);
	cr_assert_eq(json_len(json_get(json_get(j, "data"), "orders")), 18);
	assert_sorted(j, 0);
	json_free(j);
	j = call("GET", "/logistics/202309/warehouses", cipher(), NULL);
	assert_sorted(j, 0);
	json_free(j);
}

Test(sandbox, an_address_is_there_only_once_paid)
{
	struct order_wish wish = { .status = ORDER_UNPAID };
	struct order *one = orders_create(&w.orders, w.shops.all[0], &wish, world_now(&w));
	size_t len;

	cr_assert_null(strstr(orders_text(&w.orders, one, 0, &len), "CANARY-NAME"));
	life_move(&w.orders, one, ORDER_AWAITING_SHIPMENT, world_now(&w));
	cr_assert(strstr(orders_text(&w.orders, one, 0, &len), "CANARY-NAME"));
	w.orders.mask = true;
	orders_forget_texts(&w.orders);
	cr_assert_null(strstr(orders_text(&w.orders, one, 0, &len), "CANARY-NAME"));
}

Test(sandbox, the_same_seed_gives_the_same_shops_and_tokens)
{
	uint64_t shop = w.shops.all[0]->id;
	char before[GRANTS_TOKEN_MAX];

	snprintf(before, sizeof(before), "%s", access_token);
	control("seed", "{\"seed\":2}");
	cr_assert_neq(w.shops.all[0]->id, shop);
	cr_assert_eq(code_of(call("GET", SHOPS, "", NULL)), 36009004);
	control("seed", "{\"seed\":1}");
	cr_assert_eq(w.shops.all[0]->id, shop);
	authorize();
	cr_assert_str_eq(before, access_token);
}

Test(sandbox, the_call_log_names_the_token_and_holds_no_secret)
{
	struct json *j, *row;
	int64_t n;

	cr_assert_eq(refresh(refresh_token), 0);
	j = send("GET", "/_sandbox/calls", NULL, NULL);
	row = json_at(json_get(j, "calls"), json_len(json_get(j, "calls")) - 1);
	cr_assert_str_eq(json_str(row, "endpoint"), "token_refresh");
	cr_assert(json_i64(row, "token_in", &n) == 0 && n == 1);
	cr_assert(json_i64(row, "token_out", &n) == 0 && n == 2);
	cr_assert_null(strstr(buf_text(&reply.body), "CANARY"));
	cr_assert_null(strstr(buf_text(&reply.body), "secret"));
	json_free(j);
}

Test(sandbox, another_name_is_told_as_it_is_and_is_no_markup_on_the_page)
{
	static const char hostile[] = "<script>alert(1)</script>\\n\"'& ร้าน 🛒";
	struct json *j, *shop;
	char body[256];

	snprintf(body, sizeof(body),
	         "{\"shop\":1,\"name\":\"<script>alert(1)</script>\\\\n\\\"'& "
	         "ร้าน 🛒\"}");
	control("shop/rename", body);
	j = call("GET", SHOPS, "", NULL);
	shop = json_at(json_get(json_get(j, "data"), "shops"), 0);
	cr_assert_str_eq(json_str(shop, "name"), hostile);
	json_free(j);
	control("seller/rename", "{\"seller\":1,\"name\":\"<script>alert(2)</script>\"}");
	json_free(send("GET", "/open/authorize?service_id=7000000000000000001", NULL, NULL));
	cr_assert_eq(reply.status, 200);
	cr_assert(strstr(buf_text(&reply.body), "alert(2)"));
	cr_assert_null(strstr(buf_text(&reply.body), "<script>"));
	json_free(send("POST", "/_sandbox/shop/rename", NULL, "{\"shop\":1,\"name\":\"\"}"));
	cr_assert_eq(reply.status, 400, "no name is no name");
}
