#include "common/own.h"
#include "daemon/tiktok/orders.h"
#include "daemon/tiktok/orders_scan.h"
#include "tests/unit/tiktok_samples.h"

#include <inttypes.h>
#include <stdlib.h>

#define MOST 100

/* An order that has every key the reader knows, and some that it must not. */
static const char full_order[] =
    "{\"id\":\"580112233445566701\",\"status\":\"AWAITING_SHIPMENT\",\"create_time\":1780000000,"
    "\"update_time\":1780000100,\"paid_time\":1780000010,\"is_cod\":true,\"is_on_hold_order\":true,"
    "\"is_sample_order\":true,\"is_buyer_request_cancel\":true,\"cancellation_initiator\":"
    "\"BUYER\","
    "\"order_type\":\"NORMAL\",\"fulfillment_type\":\"FULFILLMENT_BY_SELLER\",\"shipping_type\":"
    "\"TIKTOK\",\"delivery_option_id\":\"7091146663229650001\",\"delivery_option_name\":"
    "\"Standard\","
    "\"warehouse_id\":\"7301122334455667701\",\"shipping_provider_id\":\"6841743441349706241\","
    "\"shipping_provider\":\"Flash\",\"tracking_number\":\"TH0123456789A\",\"split_or_combine_"
    "tag\":"
    "\"SPLIT\",\"packages\":[{\"id\":\"1153901122334455671\"},{\"id\":\"1153901122334455672\"}],"
    "\"fulfillment_priority_level\":600,\"rts_time\":1780000020,\"rts_sla_time\":1780000030,"
    "\"tts_sla_time\":1780000040,\"shipping_due_time\":1780000050,\"collection_due_time\":"
    "1780000060,"
    "\"delivery_due_time\":1780000070,\"pick_up_cut_off_time\":1780000080,\"payment\":{"
    "\"currency\":"
    "\"THB\",\"total_amount\":\"358.50\",\"sub_total\":\"320\",\"shipping_fee\":\"38\","
    "\"seller_discount\":\"20\",\"platform_discount\":\"5\",\"tax\":\"1\"},\"line_items\":[{\"id\":"
    "\"580112233445569011\",\"product_id\":\"1730112233445566771\",\"product_name\":\"ครีม "
    "\\\"มะลิ\\\" "
    "{30\\u00a0ml}\",\"sku_id\":\"1730112233445566801\",\"sku_name\":\"Jasmine\",\"seller_sku\":"
    "\"HC]JAS\",\"display_status\":\"AWAITING_SHIPMENT\",\"original_price\":\"199\",\"sale_price\":"
    "\"179\",\"seller_discount\":\"15\",\"platform_discount\":\"5\",\"currency\":\"THB\","
    "\"package_id\":\"1153901122334455671\",\"package_status\":\"TO_FULFILL\",\"cancel_user\":"
    "\"BUYER\",\"is_gift\":true,\"sku_image\":\"https:\\/\\/images.example\\/a.jpeg\"},{\"id\":"
    "\"580112233445569014\",\"sale_price\":\"1\"}],\"buyer_email\":\"a@relay.example\",\"user_id\":"
    "\"7494560109732334801\",\"buyer_message\":\"leave it {at the door]\",\"cancel_reason\":\"x\","
    "\"recipient_address\":{\"name\":\"M***\",\"district_info\":[{\"address_level\":\"L0\"}]}}";

static struct buf text;
static struct err e;

static void
setup(void)
{
	buf_init(&text, 4u << 20);
}

static void
teardown(void)
{
	buf_done(&text);
}

TestSuite(scan, .init = setup, .fini = teardown);

static int64_t
hash_text(const char *s, size_t len)
{
	struct scan_row row;

	cr_assert_eq(orders_scan_one(s, len, &row), 0, "%.*s", (int)len, s);
	return row.hash;
}

static int64_t
hash_of(const struct json *order)
{
	buf_reset(&text);
	cr_assert_eq(json_write(order, &text), 0);
	return hash_text(text.data, text.len);
}

static int64_t
full_hash(void)
{
	return hash_text(full_order, strlen(full_order));
}

static int
scan_page(const char *body, size_t len, struct scan_row *rows, struct buf *frame)
{
	buf_reset(frame);
	return orders_scan(body, len, rows, MOST, frame);
}

/* --- what the reader makes of an order, as text ------------------------------------------------
 */

static void
describe_line(const struct tt_line *l, struct buf *to)
{
	buf_printf(to, "[%s %s %s %s %s %s %s %s %s %s %s %s %s %s %s %d]", l->id, l->product_id,
	           l->product_name, l->sku_id, l->sku_name, l->seller_sku, l->status,
	           l->original_price, l->sale_price, l->seller_discount, l->platform_discount,
	           l->currency, l->package_id, l->package_status, l->cancel_user, l->is_gift);
}

static void
describe_times(const struct tt_order *o, struct buf *to)
{
	const int64_t times[] = { o->create_time,       o->update_time,
		                  o->paid_time,         o->priority,
		                  o->ship_by,           o->rts_time,
		                  o->rts_sla_time,      o->tts_sla_time,
		                  o->shipping_due_time, o->collection_due_time,
		                  o->delivery_due_time, o->pick_up_cut_off_time };

	for (size_t i = 0; i < ARRAY_LEN(times); i++)
		buf_printf(to, " %" PRId64, times[i]);
}

static void
describe(const struct json *row, struct buf *to)
{
	int64_t dropped[BUYER_FIELDS] = { 0 };
	struct tt_order o;

	cr_assert_eq(orders_read_one(row, NULL, &o, dropped, &e), 0, "%s", e.text);
	buf_reset(to);
	buf_printf(to, "%s %s %s %s %s %s %s %s %d %d %d %d", o.id, o.status, o.currency,
	           o.total_amount, o.sub_total, o.shipping_fee, o.seller_discount,
	           o.platform_discount, o.is_cod, o.is_on_hold, o.is_sample, o.cancel_requested);
	buf_printf(to, " %s %s %s %s %s %s %s %s %s %s %s %s", o.cancel_initiator, o.order_type,
	           o.fulfillment_type, o.shipping_type, o.delivery_option_id,
	           o.delivery_option_name, o.warehouse_id, o.shipping_provider_id,
	           o.shipping_provider, o.tracking_number, o.split_or_combine, o.packages);
	describe_times(&o, to);
	for (int i = 0; i < o.nlines; i++)
		describe_line(&o.lines[i], to);
	orders_free_lines(&o);
}

/* --- changing one leaf -------------------------------------------------------------------------
 */

static struct json *
changed(const struct json *leaf)
{
	const char *s = json_text(leaf);
	struct json *box = json_obj(), *ret;
	char last[2] = "7";
	int64_t n;

	json_put(box, "x", json_copy(leaf));
	buf_reset(&text);
	if (s) {
		size_t len = strlen(s);
		bool digit = len && s[len - 1] >= '0' && s[len - 1] <= '9';

		if (digit)
			last[0] = s[len - 1] == '9' ? '8' : (char)(s[len - 1] + 1);
		buf_add(&text, s, digit ? len - 1 : len);
		buf_str(&text, last);
		json_put_str(box, "x", buf_text(&text));
	} else if (!json_i64(box, "x", &n)) {
		json_put_i64(box, "x", n + 1);
	} else {
		json_put_bool(box, "x", !json_flag(box, "x"));
	}
	ret = json_copy(json_get(box, "x"));
	json_free(box);
	return ret;
}

/* Change the leaf number *left (counted down) of an order; its key is *ret_key. False: no such
 * leaf. */
static bool
change_leaf(struct json *in, int *left, const char **ret_key)
{
	struct json *value = NULL;
	const char *key = NULL;

	for (size_t i = 0; i < json_len(in); i++)
		if (change_leaf(json_at(in, i), left, ret_key))
			return true;
	for (void *it = NULL; (it = json_next(in, it, &key, &value));) {
		if (json_is_obj(value) || json_is_arr(value)) {
			if (change_leaf(value, left, ret_key))
				return true;
		} else if ((*left)-- == 0) {
			*ret_key = key;
			json_put(in, key, changed(value));
			return true;
		}
	}
	return false;
}

static int
check_leaves(const struct json *order)
{
	struct buf before, after;
	int64_t hash = hash_of(order);
	int n = 0, read = 0;

	buf_init(&before, 1u << 20);
	buf_init(&after, 1u << 20);
	describe(order, &before);
	for (;; n++) {
		struct json *copy = json_copy(order);
		const char *key = NULL;
		int left = n;

		if (!change_leaf(copy, &left, &key)) {
			json_free(copy);
			break;
		}
		describe(copy, &after);
		cr_expect_eq(strcmp(buf_text(&before), buf_text(&after)) != 0,
		             hash_of(copy) != hash, "leaf %d, %s: %s", n, key, buf_text(&after));
		read += strcmp(buf_text(&before), buf_text(&after)) != 0;
		json_free(copy);
	}
	cr_assert_gt(n, 20);
	buf_done(&before);
	buf_done(&after);
	return read;
}

Test(scan, hash_changes_exactly_when_what_the_reader_reads_changes)
{
	struct json *order = parse_text(full_order);
	struct buf all;

	buf_init(&all, 1u << 20);
	describe(order, &all);
	*strchr(buf_text(&all), ']') = '\0'; /* the second line lacks most keys */
	cr_expect_null(strstr(buf_text(&all), "(null)"), "the order lacks a key: %s",
	               buf_text(&all));
	cr_expect_null(strstr(buf_text(&all), " 0"), "the order lacks a key: %s", buf_text(&all));
	cr_expect_eq(check_leaves(order), 28 + 2 + 6 + 16 + 2,
	             "of order, packages, payment, lines");
	buf_done(&all);
	json_free(order);
	for (size_t i = 0; i < ARRAY_LEN(order_samples); i++) {
		struct json *root = sample(order_samples[i]);
		const struct json *rows = json_get(json_get(root, "data"), "orders");

		for (size_t k = 0; k < json_len(rows); k++)
			check_leaves(json_at(rows, k));
		json_free(root);
	}
}

/* --- what must not change the hash -------------------------------------------------------------
 */

static uint32_t seed;

static uint32_t
below(uint32_t n)
{
	seed = seed * 1664525u + 1013904223u;
	return (seed >> 8) % n;
}

/* Write a value with the keys of its objects, and the elements of its lists, in any order. */
static void
write_shuffled(const struct json *j, struct buf *to)
{
	struct {
		const char *key;
		struct json *value;
	} part[128];
	bool list = json_is_arr(j);
	size_t n = 0;

	if (!list && !json_is_obj(j)) {
		cr_assert_eq(json_write(j, to), 0);
		return;
	}
	for (size_t i = 0; i < json_len(j); i++)
		part[n++].value = json_at(j, i);
	for (void *it = NULL; (it = json_next(j, it, &part[n].key, &part[n].value));)
		cr_assert_lt(++n, ARRAY_LEN(part));
	buf_chr(to, list ? '[' : '{');
	for (bool first = true; n; first = false) {
		uint32_t at = below((uint32_t)n);

		buf_str(to, first ? " " : "\t,\r\n");
		if (!list)
			buf_printf(to, "\"%s\" : ", part[at].key);
		write_shuffled(part[at].value, to);
		part[at] = part[--n];
	}
	buf_chr(to, list ? ']' : '}');
}

Test(scan, order_of_keys_lines_and_packages_does_not_matter)
{
	for (size_t i = 0; i < ARRAY_LEN(order_samples); i++) {
		struct json *root = sample(order_samples[i]);
		struct json *order = json_at(json_get(json_get(root, "data"), "orders"), 0);
		int64_t hash = hash_of(order);

		for (seed = 1; seed < 200; seed++) {
			buf_reset(&text);
			write_shuffled(order, &text);
			cr_assert_eq(hash_text(text.data, text.len), hash, "%s", buf_text(&text));
		}
		json_free(root);
	}
}

Test(scan, white_space_and_escapes_do_not_matter)
{
	struct json *order = parse_text(full_order);

	cr_expect_eq(hash_of(order), full_hash());
	buf_reset(&text);
	cr_assert_eq(json_write_pretty(order, &text), 0);
	cr_expect_eq(hash_text(text.data, text.len), full_hash());
	json_free(order);
}

static const char *
replaced(const char *what, const char *with)
{
	const char *at = strstr(full_order, what);

	cr_assert_not_null(at, "%s", what);
	buf_reset(&text);
	buf_add(&text, full_order, (size_t)(at - full_order));
	buf_str(&text, with);
	buf_str(&text, at + strlen(what));
	return buf_text(&text);
}

Test(scan, buyers_fields_and_unknown_keys_do_not_matter)
{
	static const char *const pairs[][2] = {
		{ "\"name\":\"M***\"", "\"name\":\"Mali \\\"}]\",\"phone\":[1,{\"a\":null}]" },
		{ "a@relay.example", "b@relay.example" },
		{ "\"buyer_message\":\"leave it {at the door]\",", "" },
		{ "\"tax\":\"1\"", "\"tax\":\"2\",\"new_fee\":3.5e-7" },
		{ "\"is_gift\":true", "\"is_gift\":true,\"tags\":[[],{},[{}]],\"\":-0.0" },
		{ "{\"id\":\"1153901122334455671\"}",
		  "{\"weight\":{\"v\":1},\"id\":\"1153901122334455671\"}" },
		{ "\"paid_time\"", "\"paid_times\":7,\"paid_tim\":[\"\\\\\"],\"paid_time\"" },
	};

	for (size_t i = 0; i < ARRAY_LEN(pairs); i++) {
		const char *s = replaced(pairs[i][0], pairs[i][1]);

		cr_expect_eq(hash_text(s, strlen(s)), full_hash(), "%s", pairs[i][1]);
	}
}

Test(scan, absent_null_empty_false_and_zero_are_the_same)
{
	static const char *const keys[] = { "\"tracking_number\":\"TH0123456789A\",",
		                            "\"is_cod\":true,", "\"rts_time\":1780000020,",
		                            "\"cancel_user\":\"BUYER\"," };
	static const char *const forms[] = { "null", "\"\"", "false", "0" };

	for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
		const char *s = replaced(keys[i], "");
		int64_t absent = hash_text(s, strlen(s));
		char name[64];

		cr_expect_neq(absent, full_hash());
		snprintf(name, sizeof(name), "%.*s", (int)(strchr(keys[i], ':') + 1 - keys[i]),
		         keys[i]);
		for (size_t k = 0; k < ARRAY_LEN(forms); k++) {
			char with[96];

			snprintf(with, sizeof(with), "%s%s,", name, forms[k]);
			s = replaced(keys[i], with);
			cr_expect_eq(hash_text(s, strlen(s)), absent, "%s", with);
		}
	}
}

Test(scan, a_list_that_is_null_is_empty)
{
	static const char base[] =
	    "{\"id\":\"1\",\"create_time\":1780000000,\"update_time\":1780000000";
	static const char *const tails[] = {
		",\"packages\":null}",   ",\"packages\":[]}",  ",\"line_items\":[ ]}",
		",\"line_items\":null}", ",\"payment\":null}", ",\"payment\":{\"currency\":\"\"}}"
	};
	char s[256];
	int64_t none;

	snprintf(s, sizeof(s), "%s}", base);
	none = hash_text(s, strlen(s));
	for (size_t i = 0; i < ARRAY_LEN(tails); i++) {
		snprintf(s, sizeof(s), "%s%s", base, tails[i]);
		cr_expect_eq(hash_text(s, strlen(s)), none, "%s", s);
	}
}

Test(scan, a_value_moved_to_another_key_line_or_package_changes_the_hash)
{
	static const char *const pairs[][2] = {
		{ "\"rts_time\":1780000020,\"rts_sla_time\":1780000030",
		  "\"rts_time\":1780000030,\"rts_sla_time\":1780000020" },
		{ "\"sub_total\":\"320\",\"shipping_fee\":\"38\"",
		  "\"sub_total\":\"38\",\"shipping_fee\":\"320\"" },
		{ "\"id\":\"580112233445569014\",\"sale_price\":\"1\"}",
		  "\"id\":\"580112233445569014\"},{\"id\":\"580112233445569015\",\"sale_price\":"
		  "\"1\"}" },
		{ "\"tracking_number\":\"TH0123456789A\"",
		  "\"tracking_number\":\"TH0123456789A \"" },
		{ "\"is_cod\":true", "\"is_cod\":\"true\"" },
	};

	for (size_t i = 0; i < ARRAY_LEN(pairs); i++) {
		const char *s = replaced(pairs[i][0], pairs[i][1]);

		cr_expect_neq(hash_text(s, strlen(s)), full_hash(), "%s", pairs[i][1]);
	}
}

/* --- pages -------------------------------------------------------------------------------------
 */

/* Whatever the scan says of a page that is JSON, the tree says as well. False: the scan said -1. */
static bool
check_page(const char *body, size_t len)
{
	CLEANUP(json_freep) struct json *root = json_parse(body, len, NULL);
	const struct json *list = json_get(json_get(root, "data"), "orders");
	struct scan_row rows[MOST], again;
	struct buf frame, one;
	int n;

	buf_init(&frame, 1u << 20);
	buf_init(&one, 1u << 20);
	n = scan_page(body, len, rows, &frame);
	if (n >= 0 && root)
		cr_assert_eq((size_t)n, json_len(list), "%.*s", (int)len, body);
	for (int i = 0; i < n; i++) {
		cr_assert_leq(rows[i].at + rows[i].len, len);
		if (!root)
			continue;
		buf_reset(&one);
		cr_assert_eq(json_write(json_at(list, (size_t)i), &one), 0);
		cr_assert_eq(orders_scan_one(one.data, one.len, &again), 0, "%s", buf_text(&one));
		cr_assert_str_eq(again.id, rows[i].id);
		cr_assert_eq(again.create_time, rows[i].create_time);
		cr_assert_eq(again.update_time, rows[i].update_time);
		cr_assert_eq(again.hash, rows[i].hash, "%s", buf_text(&one));
	}
	buf_done(&frame);
	buf_done(&one);
	return n >= 0;
}

Test(scan, rows_of_every_sample_are_found_as_the_tree_has_them)
{
	for (size_t i = 0; i < ARRAY_LEN(order_samples); i++) {
		struct buf body;

		sample_text(order_samples[i], &body);
		cr_expect(check_page(body.data, body.len), "%s", order_samples[i]);
		buf_done(&body);
	}
}

Test(scan, frame_is_the_answer_without_its_rows)
{
	struct scan_row rows[MOST];
	struct json *whole, *rest;
	struct buf body, frame;

	buf_init(&frame, 1u << 20);
	sample_text("orders-search.json", &body);
	cr_assert_gt(scan_page(body.data, body.len, rows, &frame), 0);
	whole = sample("orders-search.json");
	rest = json_parse(frame.data, frame.len, &e);
	cr_assert_not_null(rest, "%s", e.text);
	json_put(json_get(whole, "data"), "orders", json_arr());
	buf_reset(&text);
	buf_reset(&body);
	cr_assert_eq(json_write(whole, &text), 0);
	cr_assert_eq(json_write(rest, &body), 0);
	cr_expect_str_eq(buf_text(&body), buf_text(&text));
	json_free(whole);
	json_free(rest);
	buf_done(&body);
	buf_done(&frame);
}

Test(scan, an_answer_without_a_list_has_no_rows_and_is_its_own_frame)
{
	static const char *const answers[] = {
		"{\"code\":0,\"data\":{}}",
		"{\"data\":{\"orders\":null,\"total_count\":0},\"code\":0} ",
		" {\"data\":{\"orders\":[ ]}}", "{\"code\":105002}"
	};
	struct scan_row rows[MOST];
	struct buf frame;

	buf_init(&frame, 1u << 20);
	for (size_t i = 0; i < ARRAY_LEN(answers); i++) {
		cr_expect_eq(scan_page(answers[i], strlen(answers[i]), rows, &frame), 0, "%s",
		             answers[i]);
		cr_expect_eq(strncmp(buf_text(&frame), answers[i], 10), 0);
	}
	buf_done(&frame);
}

#define ROW "{\"id\":\"1\",\"create_time\":1780000000,\"update_time\":1780000000}"
#define WITH(x)                                                                                    \
	"{\"data\":{\"orders\":[{\"id\":\"1\",\"create_time\":1780000000,\"update_time\":"         \
	"1780000000," x "}]}}"

static const char *const surprises[] = {
	"",
	"null",
	"[]",
	"{\"data\":null}",
	"{\"data\":{\"orders\":{}}}",
	"{\"data\":{\"orders\":[1]}}",
	"{\"data\":{\"orders\":[" ROW "]}}x",
	"{\"data\":{\"orders\":[" ROW ",]}}",
	"{\"data\":{\"orders\":[" ROW " " ROW "]}}",
	"{\"data\":{\"orders\":[" ROW "],\"orders\":[]}}",
	"{\"data\":{\"orders\":[" ROW "]},\"data\":{}}",
	"{\"d\\u0061ta\":{},\"data\":{\"orders\":[" ROW "]}}",
	"{\"data\":{\"orders\":[{\"create_time\":1780000000,\"update_time\":1780000000}]}}",
	"{\"data\":{\"orders\":[{\"id\":\"1\",\"update_time\":1780000000}]}}",
	"{\"data\":{\"orders\":[{\"id\":\"1\",\"create_time\":5,\"update_time\":1780000000}"
	"]}}",
	"{\"data\":{\"orders\":[{\"id\":1,\"create_time\":1780000000,\"update_time\":"
	"1780000000}]}}",
	"{\"data\":{\"orders\":[{\"id\":\"1\",\"create_time\":\"1780000000\",\"update_"
	"time\":1780000000}]}}",
	"{\"data\":{\"orders\":[{\"id\":\"123456789012345678901\",\"create_time\":"
	"1780000000,"
	"\"update_time\":1780000000}]}}",
	WITH("\"id\":\"1\""),
	WITH("\"stat\\u0075s\":\"X\""),
	WITH("\"status\":{}"),
	WITH("\"status\":[]"),
	WITH("\"paid_time\":1.5"),
	WITH("\"paid_time\":01780000000"),
	WITH("\"status\":\"\\x\""),
	WITH("\"status\":\"\\u0000\""),
	WITH("\"line_items\":{}"),
	WITH("\"line_items\":[1]"),
	WITH("\"line_items\":\"\""),
	WITH("\"line_items\":[{\"id\":\"1\",\"id\":\"2\"}]"),
	WITH("\"packages\":[\"1\"]"),
	WITH("\"payment\":[]"),
	WITH("\"payment\":7"),
	WITH("\"other\":{]"),
	WITH("\"other\":[}"),
	WITH("\"other\":[1,]"),
	WITH("\"other\":[1 2]"),
	WITH("\"other\":{\"a\"}"),
	WITH("\"other\":{\"a\":1,}"),
	WITH("\"other\":{1:1}"),
	WITH("\"other\":nul"),
	WITH("\"other\":,\"more\":1"),
	WITH("\"other\":"),
	WITH("other:1"),
	WITH("\"other\":[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]"),
};

Test(scan, what_is_not_expected_is_left_to_the_full_reader)
{
	struct scan_row rows[MOST];
	struct buf frame;

	buf_init(&frame, 1u << 20);
	cr_expect_eq(scan_page(WITH("\"other\":1"), strlen(WITH("\"other\":1")), rows, &frame), 1);
	for (size_t i = 0; i < ARRAY_LEN(surprises); i++)
		cr_expect_eq(scan_page(surprises[i], strlen(surprises[i]), rows, &frame), -1, "%s",
		             surprises[i]);
	buf_done(&frame);
}

Test(scan, more_rows_than_there_is_room_for_are_left_to_the_full_reader)
{
	static const char two[] = "{\"data\":{\"orders\":[" ROW "," ROW "]}}";
	struct scan_row rows[2];
	struct buf frame;

	buf_init(&frame, 1u << 20);
	cr_expect_eq(orders_scan(two, strlen(two), rows, 2, &frame), 2);
	cr_expect_eq(orders_scan(two, strlen(two), rows, 1, &frame), -1);
	buf_done(&frame);
	buf_init(&frame, 8);
	cr_expect_eq(orders_scan(two, strlen(two), rows, 2, &frame), -1, "the frame's cap");
	buf_done(&frame);
}

Test(scan, an_answer_cut_anywhere_is_no_page)
{
	struct scan_row rows[MOST];
	struct buf body, frame;

	buf_init(&frame, 1u << 20);
	sample_text("orders-search.json", &body);
	while (body.data[body.len - 1] != '}')
		body.len--;
	for (size_t n = 0; n < body.len; n++) {
		char *cut = malloc(n + !n); /* its end is the end of the memory */

		cr_assert_not_null(cut);
		memcpy(cut, body.data, n);
		cr_assert_eq(scan_page(cut, n, rows, &frame), -1, "cut at %zu", n);
		free(cut);
	}
	buf_done(&body);
	buf_done(&frame);
}

Test(scan, agrees_with_the_tree_whatever_byte_is_another)
{
	static const char others[] = "\"\\{}[],: 0e-tn\x01\x80";
	struct buf body;
	int understood = 0;

	sample_text("orders-search.json", &body);
	for (size_t i = 0; i < body.len; i++) {
		char was = body.data[i];

		for (size_t k = i % 3; k < strlen(others); k += 3) {
			body.data[i] = others[k];
			understood += check_page(body.data, body.len);
		}
		body.data[i] = was;
	}
	cr_expect_gt(understood, 1000);
	buf_done(&body);
}
