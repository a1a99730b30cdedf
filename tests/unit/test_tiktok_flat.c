#include "common/own.h"
#include "daemon/tiktok/buyer_code.h"
#include "daemon/tiktok/orders_fields.h"
#include "daemon/tiktok/orders_flat.h"
#include "daemon/tiktok/orders_scan.h"
#include "tests/unit/tiktok_samples.h"

#define MOST 100

static const struct buyer_key key = { "a key of buyers" };

static bool
same_text(const char *a, const char *b)
{
	return a && b ? !strcmp(a, b) : a == b;
}

static bool
same_member(const struct field *f, const void *a, const void *b)
{
	const void *x = (const char *)a + f->at, *y = (const char *)b + f->at;

	switch (f->type) {
	case TYPE_ID:
		return !strcmp(x, y);
	case TYPE_WORD:
	case TYPE_TEXT:
	case TYPE_AMOUNT:
	case TYPE_REF:
		return same_text(*(const char *const *)x, *(const char *const *)y);
	case TYPE_FLAG:
		return *(const bool *)x == *(const bool *)y;
	case TYPE_TIME:
	case TYPE_LEVEL:
		return *(const int64_t *)x == *(const int64_t *)y;
	case TYPE_NONE:
		break;
	}
	return true;
}

static void
same_members(const struct fields *list, const void *a, const void *b)
{
	for (size_t i = 0; i < list->n; i++)
		cr_assert(same_member(&list->rows[i], a, b), "%s", list->rows[i].name);
}

static void
same_order(const struct tt_order *a, const struct tt_order *b)
{
	same_members(&fields_order, a, b);
	same_members(&fields_payment, a, b);
	cr_assert_str_eq(a->packages, b->packages);
	cr_assert_eq(a->ship_by, b->ship_by);
	cr_assert_eq(a->buyer, b->buyer, "%d %d", a->buyer, b->buyer);
	cr_assert_eq(a->nlines, b->nlines);
	for (int i = 0; i < a->nlines; i++)
		same_members(&fields_line, &a->lines[i], &b->lines[i]);
}

/* Read the text both ways: false where the tree is needed; else the two must be one. */
static bool
read_both(const char *text, size_t len)
{
	CLEANUP(own_free) char *copy = malloc(len); /* nothing behind it: a step too far is seen */
	CLEANUP(json_freep) struct json *tree = json_parse(text, len, NULL);
	int64_t dropped[2][BUYER_FIELDS] = { { 0 } };
	struct tt_order flat, full;
	struct err e = { 0 };

	cr_assert_not_null(copy);
	memcpy(copy, text, len);
	if (orders_flat_one(copy, len, &key, &flat, dropped[0])) {
		cr_assert_arr_eq(copy, text, len, "a text that was not read is not changed");
		cr_assert_null(flat.lines);
		return false;
	}
	if (tree) { /* else something is wrong in what is stepped over */
		cr_assert_eq(orders_read_one(tree, &key, &full, dropped[1], &e), 0, "%s", e.text);
		same_order(&flat, &full);
		cr_assert_arr_eq(dropped[0], dropped[1], sizeof(dropped[0]));
		orders_free_lines(&full);
	}
	orders_free_lines(&flat);
	return true;
}

#define BASE                                                                                       \
	"\"id\":\"58\",\"status\":\"UNPAID\",\"create_time\":1780000000,\"update_time\":"          \
	"1780000001"

static bool
reads(const char *rest)
{
	char text[8192];

	cr_assert_lt(snprintf(text, sizeof(text), "{" BASE "%s}", rest), (int)sizeof(text));
	return read_both(text, strlen(text));
}

Test(flat, every_sample_is_read_as_by_the_tree)
{
	struct scan_row rows[MOST];
	struct buf body, frame;

	for (size_t i = 0; i < ARRAY_LEN(order_samples); i++) {
		int n;

		sample_text(order_samples[i], &body);
		buf_init(&frame, 1u << 20);
		n = orders_scan(body.data, body.len, rows, MOST, &frame);
		cr_assert_gt(n, 0);
		for (int k = 0; k < n; k++)
			cr_assert(read_both(body.data + rows[k].at, rows[k].len), "%s",
			          order_samples[i]);
		buf_done(&body);
		buf_done(&frame);
	}
}

Test(flat, what_reads_like_absent_is_absent)
{
	cr_assert(reads(""));
	cr_assert(
	    reads(",\"paid_time\":null,\"rts_time\":0,\"tracking_number\":\"\",\"is_cod\":null"));
	cr_assert(reads(",\"line_items\":null,\"packages\":[],\"payment\":null"));
	cr_assert(reads(",\"payment\":{\"total_amount\":\"\",\"sub_total\":null}"));
	cr_assert(reads(",\"fulfillment_priority_level\":null,\"is_cod\":false"));
}

Test(flat, texts_too_long_to_be_what_they_should_be_are_absent)
{
	char rest[4096], name[ORDERS_TEXT_MAX + 2];

	for (size_t n = ORDERS_TEXT_MAX; n <= ORDERS_TEXT_MAX + 1; n++) {
		memset(name, 'x', n);
		name[n] = '\0';
		snprintf(rest, sizeof(rest),
		         ",\"delivery_option_name\":\"%s\",\"order_type\":\"%s\"", name, name);
		cr_assert(reads(rest));
	}
}

Test(flat, what_a_buyer_left_is_counted_and_stays_where_it_is)
{
	cr_assert(reads(",\"recipient_address\":{\"name\":\"M\\u00e9\"},\"buyer_email\":\"a@b\","
	                "\"seller_note\":\"\",\"cpf\":[],\"user_id\":7,\"buyer_message\":null,"
	                "\"cpf_name\":false,\"consultation_id\":{}"));
}

/* The code of who bought, as both readers have it. */
static int
buyer_in(const char *value)
{
	static const char order[] =
	    "{\"id\":\"1\",\"status\":\"UNPAID\",\"create_time\":1780000000,"
	    "\"update_time\":1780000000,\"user_id\":%s}";
	int64_t dropped[BUYER_FIELDS] = { 0 };
	struct tt_order o;
	char text[300];
	int len = snprintf(text, sizeof(text), order, value);

	cr_assert(read_both(text, (size_t)len), "%s", value);
	cr_assert_eq(orders_flat_one(text, (size_t)len, &key, &o, dropped), 0);
	orders_free_lines(&o);
	return o.buyer;
}

Test(flat, a_buyer_s_id_becomes_a_code_and_what_is_no_id_becomes_none)
{
	static const char *const none[] = {
		"null", "\"\"", "\"7x\"", "true", "{}", "[7]", "\"749456010973233480112\""
	};

	cr_assert_eq(buyer_in("\"7494560109732334801\""),
	             buyer_code(&key, "7494560109732334801", 19));
	cr_assert_eq(buyer_in("12"), buyer_code(&key, "12", 2));
	cr_assert_neq(buyer_in("\"12\""), buyer_in("\"13\""));
	for (size_t i = 0; i < ARRAY_LEN(none); i++)
		cr_assert_eq(buyer_in(none[i]), 0, "%s", none[i]);
}

Test(flat, the_same_line_twice_is_one_line)
{
	cr_assert(reads(",\"line_items\":[{\"id\":\"1\",\"sku_name\":\"a\"},{\"id\":\"2\"},"
	                "{\"id\":\"1\",\"sku_name\":\"b\"}]"));
}

Test(flat, what_is_unusual_is_left_to_the_tree)
{
	static const char *const rests[] = {
		",\"tracking_number\":\"a\\u0026b\"",
		",\"order_type\":\"\xff\"",
		",\"paid_time\":\"1780000000\"",
		",\"paid_time\":17",
		",\"is_cod\":\"true\"",
		",\"is_cod\":1",
		",\"status\":\"PAID\"",
		",\"warehouse_id\":\"no id\"",
		",\"payment\":{\"total_amount\":\"5\"}",
		",\"payment\":{\"total_amount\":5,\"currency\":\"THB\"}",
		",\"payment\":[]",
		",\"line_items\":{}",
		",\"line_items\":[{}]",
		",\"line_items\":[null]",
		",\"packages\":[{\"id\":7}]",
		",\"fulfillment_priority_level\":-1",
		",\"fulfillment_priority_level\":9999999999",
		",\"user_id\":\"1\",\"user_id\":\"2\"",
		",\"user_id\":\"1\\u0032\"",
		",\"user_id\":7494560109732334801",
		",\"user_id\":1.5",
		",",
	};

	for (size_t i = 0; i < ARRAY_LEN(rests); i++)
		cr_expect_not(reads(rests[i]), "%s", rests[i]);
}

Test(flat, more_lines_than_there_is_room_for_are_left_to_the_tree)
{
	struct buf text;

	for (int n = ORDERS_FLAT_TEXTS - 1; n <= ORDERS_FLAT_TEXTS; n++) {
		buf_init(&text, 1u << 20);
		buf_str(&text, "{" BASE ",\"line_items\":[");
		for (int i = 0; i < n / 2; i++)
			buf_printf(&text,
			           "%s{\"id\":\"%d\",\"sku_name\":\"a\",\"currency\":\"THB\"}",
			           i ? "," : "", i + 1);
		buf_printf(&text, "]%s}", n % 2 ? "" : ",\"order_type\":\"NORMAL\"");
		cr_expect_eq(read_both(text.data, text.len), n < ORDERS_FLAT_TEXTS);
		buf_done(&text);
	}
}

Test(flat, agrees_with_the_tree_whatever_byte_is_another)
{
	static const char others[] = "\"\\{}[],: 0e-tn\x01\x80";
	struct scan_row rows[MOST];
	struct buf body, frame;
	int understood = 0;

	sample_text("orders-search.json", &body);
	buf_init(&frame, 1u << 20);
	cr_assert_gt(orders_scan(body.data, body.len, rows, MOST, &frame), 0);
	for (size_t i = rows[0].at; i < rows[0].at + rows[0].len; i++) {
		char was = body.data[i];

		for (size_t k = 0; k < strlen(others); k++) {
			body.data[i] = others[k];
			understood += read_both(body.data + rows[0].at, rows[0].len);
		}
		body.data[i] = was;
	}
	cr_expect_gt(understood, 1000);
	buf_done(&body);
	buf_done(&frame);
}
