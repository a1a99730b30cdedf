#include "common/own.h"
#include "daemon/tiktok/buyer_code.h"
#include "daemon/tiktok/orders.h"
#include "daemon/tiktok/page.h"
#include "tests/unit/tiktok_samples.h"

#define BASE                                                                                       \
	"\"id\":\"1\",\"status\":\"UNPAID\",\"create_time\":1780000000,\"update_time\":1780000001"

static const struct buyer_key key = { "a key of buyers" };
static struct tt_order order;
static int64_t dropped[BUYER_FIELDS];
static struct json *root;
static struct err e;

static void
setup(void)
{
	memset(dropped, 0, sizeof(dropped));
}

static void
teardown(void)
{
	orders_free_lines(&order);
	json_free(root);
	root = NULL;
}

TestSuite(orders, .init = setup, .fini = teardown);

static int
read_text(const char *text)
{
	teardown();
	root = parse_text(text);
	return orders_read_one(root, &key, &order, dropped, &e);
}

static int
read_sample(const char *name, size_t at)
{
	teardown();
	root = sample(name);
	return orders_read_one(json_at(json_get(json_get(root, "data"), "orders"), at), &key,
	                       &order, dropped, &e);
}

/* --- pages -------------------------------------------------------------------------------------
 */

static int
page_of(const char *text, struct tt_page *page)
{
	teardown();
	root = parse_text(text);
	return page_read(root, "orders", page, &e);
}

Test(orders, page_knows_its_token_and_total)
{
	struct tt_page page;

	root = sample("orders-search.json");
	cr_assert_eq(page_read(root, "orders", &page, &e), 0, "%s", e.text);
	cr_expect_str_eq(page.token,
	                 "aDV5MXBtU1pha2hPU0dGSTh5NmVqSAMPLEcjR5eE5OUXh0YVFaMFlzRWtwZz09");
	cr_expect_eq(json_len(page.rows), 2);
	json_free(root);
	root = sample("orders-search-empty.json");
	cr_assert_eq(page_read(root, "orders", &page, &e), 0, "%s", e.text);
	cr_expect_null(page.token, "an empty token is none");
	cr_expect_null(page.rows);
	cr_expect_eq(page.total, 0);
}

Test(orders, page_that_is_no_page_is_refused)
{
	struct tt_page page;
	struct buf text;

	cr_expect_eq(page_of("{\"data\":{}}", &page), 0);
	cr_expect_eq(page.total, -1);
	cr_expect_eq(page_of("{\"data\":{\"orders\":null,\"total_count\":-4}}", &page), 0);
	cr_expect_eq(page.total, -1);
	cr_expect_eq(page_of("{}", &page), -1);
	cr_expect_eq(page_of("{\"data\":null}", &page), -1);
	cr_expect_eq(page_of("{\"data\":{\"orders\":{}}}", &page), -1);
	cr_expect_eq(e.kind, ERR_PARSE);
	buf_init(&text, 8192);
	buf_printf(&text, "{\"data\":{\"next_page_token\":\"%0*d\"}}", PAGE_TOKEN_MAX + 1, 0);
	cr_expect_eq(page_of(buf_text(&text), &page), -1, "a token too long to send back");
	buf_done(&text);
}

/* --- samples -----------------------------------------------------------------------------------
 */

Test(orders, order_to_be_shipped_is_read_whole)
{
	cr_assert_eq(read_sample("order-detail-awaiting-shipment.json", 0), 0, "%s", e.text);
	cr_expect_str_eq(order.id, "580112233445566701");
	cr_expect_str_eq(order.status, "AWAITING_SHIPMENT");
	cr_expect_eq(order.create_time, 1780000000);
	cr_expect_eq(order.update_time, 1780000060);
	cr_expect_eq(order.paid_time, 1780000045);
	cr_expect_str_eq(order.currency, "THB");
	cr_expect_str_eq(order.total_amount, "562");
	cr_expect_str_eq(order.warehouse_id, "7301122334455667701");
	cr_expect_str_eq(order.shipping_provider, "J&T Express");
	cr_expect_null(order.tracking_number, "an empty string is absent");
	cr_expect_str_eq(order.packages, "1153901122334455671");
	cr_expect_eq(order.nlines, 3);
	cr_expect_str_eq(order.lines[2].id, "580112233445569013");
	cr_expect_str_eq(order.lines[2].seller_sku, "HC-FRA-30");
	cr_expect_str_eq(order.lines[2].sale_price, "189");
	cr_expect_eq(order.hash, 0);
}

Test(orders, ship_by_is_the_latest_shipping_time)
{
	cr_assert_eq(read_sample("order-detail-awaiting-shipment.json", 0), 0);
	cr_expect_eq(order.ship_by, 1780086400, "rts_sla_time, not the moment of cancellation");
	cr_assert_eq(read_text("{" BASE ",\"shipping_due_time\":1780000900}"), 0);
	cr_expect_eq(order.ship_by, 1780000900);
	cr_assert_eq(read_text("{" BASE "}"), 0);
	cr_expect_eq(order.ship_by, 0);
}

Test(orders, other_states_are_read)
{
	cr_assert_eq(read_sample("order-detail-cancelled.json", 0), 0, "%s", e.text);
	cr_expect_str_eq(order.status, "CANCELLED");
	cr_expect_str_eq(order.cancel_initiator, "SELLER");
	cr_assert_eq(read_sample("order-detail-on-hold.json", 0), 0, "%s", e.text);
	cr_expect(order.is_on_hold);
	cr_expect_str_empty(order.packages);
	cr_assert_eq(read_sample("order-detail-seller-shipping.json", 0), 0, "%s", e.text);
	cr_expect(order.is_cod);
	cr_expect_eq(order.paid_time, 0);
	cr_expect_str_eq(order.tracking_number, "TH01SAMPLE0004A");
	cr_assert_eq(read_sample("order-detail-unpaid.json", 0), 0, "%s", e.text);
	cr_expect_str_eq(order.status, "UNPAID");
}

/* --- forms -------------------------------------------------------------------------------------
 */

Test(orders, absent_null_and_empty_are_the_same)
{
	static const char *const forms[] = {
		"", ",\"order_type\":null,\"payment\":null,\"line_items\":null",
		",\"order_type\":\"\",\"payment\":{},\"line_items\":[]",
		",\"order_type\":7,\"payment\":{\"total_amount\":\"\"},\"packages\":null"
	};

	for (size_t i = 0; i < ARRAY_LEN(forms); i++) {
		char text[256];

		snprintf(text, sizeof(text), "{" BASE "%s}", forms[i]);
		cr_assert_eq(read_text(text), 0, "%s: %s", text, e.text);
		cr_expect_null(order.order_type);
		cr_expect_null(order.total_amount);
		cr_expect_eq(order.nlines, 0);
		cr_expect_str_empty(order.packages);
	}
}

Test(orders, words_nobody_knows_are_kept)
{
	cr_assert_eq(read_text("{\"id\":\"1\",\"status\":\"TELEPORTED\",\"create_time\":1780000000,"
	                       "\"update_time\":1780000001,\"shipping_type\":\"DRONE\"}"),
	             0);
	cr_expect_str_eq(order.status, "TELEPORTED");
	cr_expect_str_eq(order.shipping_type, "DRONE");
}

Test(orders, times_that_are_none_are_absent)
{
	static const char *const times[] = {
		"0", "-5", "1780000000000", "\"soon\"", "1.5", "null"
	};

	for (size_t i = 0; i < ARRAY_LEN(times); i++) {
		char text[256];

		snprintf(text, sizeof(text), "{" BASE ",\"paid_time\":%s}", times[i]);
		cr_assert_eq(read_text(text), 0, "%s", e.text);
		cr_expect_eq(order.paid_time, 0, "%s", times[i]);
	}
	cr_assert_eq(read_text("{" BASE ",\"paid_time\":\"1780000002\"}"), 0);
	cr_expect_eq(order.paid_time, 1780000002, "digits in a string are a time");
}

Test(orders, an_order_that_cannot_be_read_is_an_error_that_names_it)
{
	static const char *const bad[] = {
		"{\"id\":\"580\",\"status\":\"\",\"create_time\":1780000000,\"update_time\":"
		"1780000001}",
		"{\"id\":\"580\",\"status\":\"X\",\"create_time\":0,\"update_time\":1780000001}",
		"{\"id\":\"580\",\"status\":\"X\",\"create_time\":1780000000}",
		"{\"id\":\"580\",\"status\":\"X\",\"create_time\":1780000000,\"update_time\":"
		"1099511627777}",
		"{\"id\":\"580\",\"status\":\"X\",\"create_time\":1780000000,\"update_time\":"
		"1780000001,"
		"\"payment\":{\"total_amount\":\"1,000\",\"currency\":\"THB\"}}",
		"{\"id\":\"580\",\"status\":\"X\",\"create_time\":1780000000,\"update_time\":"
		"1780000001,"
		"\"payment\":{\"total_amount\":\"10\"}}",
		"{\"id\":\"580\",\"status\":\"X\",\"create_time\":1780000000,\"update_time\":"
		"1780000001,"
		"\"line_items\":{}}",
		"{\"id\":\"580\",\"status\":\"X\",\"create_time\":1780000000,\"update_time\":"
		"1780000001,"
		"\"line_items\":[{\"id\":\"1\"},{\"sku_id\":\"2\"}]}",
	};

	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		cr_expect_eq(read_text(bad[i]), -1, "%s", bad[i]);
		cr_expect_eq(e.kind, ERR_PARSE);
		cr_expect_str_eq(order.id, "580");
		cr_expect_null(order.lines);
	}
}

Test(orders, an_order_without_an_id_has_none_in_the_error)
{
	static const char *const bad[] = { "{}",
		                           "[]",
		                           "7",
		                           "{\"id\":\"\"}",
		                           "{\"id\":\"12x\"}",
		                           "{\"id\":-5}",
		                           "{\"id\":\"123456789012345678901\"}" };

	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		cr_expect_eq(read_text(bad[i]), -1, "%s", bad[i]);
		cr_expect_str_empty(order.id);
	}
}

Test(orders, amounts_and_ids_of_lines_are_checked)
{
	cr_assert_eq(
	    read_text("{" BASE ",\"line_items\":[{\"id\":\"1\",\"sale_price\":\"free\","
	              "\"original_price\":\"-1.50\",\"sku_id\":\"12 \",\"product_id\":\"77\"}]}"),
	    0);
	cr_expect_null(order.lines[0].sale_price);
	cr_expect_str_eq(order.lines[0].original_price, "-1.50");
	cr_expect_null(order.lines[0].sku_id);
	cr_expect_str_eq(order.lines[0].product_id, "77");
}

Test(orders, the_same_line_twice_is_one_line)
{
	cr_assert_eq(
	    read_text("{" BASE ",\"line_items\":[{\"id\":\"1\"},{\"id\":\"2\"},{\"id\":\"1\"}]}"),
	    0);
	cr_expect_eq(order.nlines, 2);
	cr_expect_str_eq(order.lines[1].id, "2");
}

static int
read_many(const char *list, int n)
{
	struct buf text;
	int rc;

	buf_init(&text, 1u << 20);
	buf_printf(&text, "{" BASE ",\"%s\":[", list);
	for (int i = 0; i < n; i++)
		buf_printf(&text, "%s{\"id\":\"1153901122334455%04d\"}", i ? "," : "", i);
	buf_str(&text, "]}");
	rc = read_text(buf_text(&text));
	buf_done(&text);
	return rc;
}

Test(orders, too_many_lines_are_refused_and_many_packages_fit)
{
	cr_expect_eq(read_many("line_items", ORDERS_LINES_MAX), 0, "%s", e.text);
	cr_expect_eq(read_many("line_items", ORDERS_LINES_MAX + 1), -1);
	cr_expect_eq(read_many("packages", ORDERS_PACKAGES_MAX + 9), 0, "%s", e.text);
	cr_expect_eq(strlen(order.packages), ORDERS_PACKAGES_MAX * 21 - 1);
}

Test(orders, a_thai_name_of_255_characters_is_kept)
{
	struct buf text;

	buf_init(&text, 8192);
	buf_str(&text, "{" BASE ",\"line_items\":[{\"id\":\"1\",\"product_name\":\"");
	for (int i = 0; i < 255; i++)
		buf_str(&text, "ก");
	buf_str(&text, "\"}]}");
	cr_assert_eq(read_text(buf_text(&text)), 0);
	cr_assert_not_null(order.lines[0].product_name);
	cr_expect_eq(strlen(order.lines[0].product_name), 3 * 255);
	buf_done(&text);
}

/* --- buyers ------------------------------------------------------------------------------------
 */

Test(orders, what_a_buyer_left_is_counted_where_there_is_something)
{
	static const int64_t want[BUYER_FIELDS] = {
		[BUYER_RECIPIENT] = 1, [BUYER_EMAIL] = 1, [BUYER_NOTE] = 2,
		[BUYER_ID] = 1,        [BUYER_OTHER] = 3,
	};

	cr_assert_eq(
	    read_text(
		"{" BASE ",\"recipient_address\":{\"name\":\"M\"},\"buyer_email\":\"a@b\","
		"\"buyer_message\":\"hi\",\"seller_note\":\"vip\",\"user_id\":\"7\",\"cpf\":\"1\","
		"\"cpf_name\":\"x\",\"buyer_nickname\":\"m\"}"),
	    0);
	cr_expect_arr_eq(dropped, want, sizeof(want));
	cr_assert_eq(
	    read_text("{" BASE
	              ",\"recipient_address\":{},\"buyer_email\":\"\",\"buyer_message\":null,"
	              "\"seller_note\":\"\",\"cpf\":[]}"),
	    0);
	cr_expect_arr_eq(dropped, want, sizeof(want), "nothing there, nothing counted");
}

/* Does any byte of the read order, or of what it points to, say the word? */
static bool
says(const char *word)
{
	const char *texts[] = { order.status,
		                order.currency,
		                order.total_amount,
		                order.sub_total,
		                order.shipping_fee,
		                order.seller_discount,
		                order.platform_discount,
		                order.cancel_initiator,
		                order.order_type,
		                order.fulfillment_type,
		                order.shipping_type,
		                order.delivery_option_id,
		                order.delivery_option_name,
		                order.warehouse_id,
		                order.shipping_provider_id,
		                order.shipping_provider,
		                order.tracking_number,
		                order.split_or_combine,
		                order.packages };

	for (size_t i = 0; i < ARRAY_LEN(texts); i++)
		if (texts[i] && strstr(texts[i], word))
			return true;
	return false;
}

Test(orders, no_field_of_a_buyer_enters)
{
	for (size_t i = 0; i < ARRAY_LEN(order_samples); i++) {
		cr_assert_eq(read_sample(order_samples[i], 0), 0, "%s: %s", order_samples[i],
		             e.text);
		cr_expect_not(says("scs2.tiktok.com"));
		cr_expect_not(says("7494037984113400001"), "the buyer's id");
		cr_expect_not(says("***"), "a masked address");
		cr_expect_gt(dropped[BUYER_RECIPIENT], 0);
		cr_expect_gt(dropped[BUYER_EMAIL], 0);
		cr_expect_gt(dropped[BUYER_ID], 0);
	}
}
