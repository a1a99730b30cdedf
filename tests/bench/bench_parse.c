/*
 * bench_parse: what a page of 100 orders costs to scan, to parse, and to parse and read.
 *
 * The yardstick is json-c's parse alone. Each figure is the best of several rounds of one thread's
 * CPU time, in microseconds an order.
 */
#include "common/buf.h"
#include "common/json.h"
#include "daemon/tiktok/buyer_code.h"
#include "daemon/tiktok/orders.h"
#include "daemon/tiktok/orders_flat.h"
#include "daemon/tiktok/orders_scan.h"
#include "tests/bench/figure.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define ROUNDS 40
#define REPEAT 5 /* pages a round */

static struct buf body, frame, copy;
static struct scan_row rows[ORDERS_PAGE_SIZE];
static struct buyer_key buyers;

static void
must(int ok, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "bench_parse: %s failed\n", what);
	exit(1);
}

static void
add_line(int64_t id, int place)
{
	buf_printf(
	    &body,
	    "%s{\"currency\":\"THB\",\"display_status\":\"AWAITING_SHIPMENT\","
	    "\"gift_retail_price\":\"0\",\"id\":\"%" PRId64 "\",\"is_dangerous_good\":false,"
	    "\"is_gift\":false,\"original_price\":\"199\",\"package_id\":\"1153901122334455671\","
	    "\"package_status\":\"TO_FULFILL\",\"platform_discount\":\"0\","
	    "\"product_id\":\"1730112233445566771\","
	    "\"product_name\":\"ครีมทามือมะลิ Mali jasmine hand cream 30 ml\","
	    "\"sale_price\":\"179\",\"seller_discount\":\"20\",\"seller_sku\":\"HC-JAS-30\","
	    "\"sku_id\":\"1730112233445566801\",\"sku_image\":\"https://images.example/mali/"
	    "hand-cream-jasmine-30-ml-front.jpeg\",\"sku_name\":\"Jasmine\","
	    "\"sku_type\":\"NORMAL\",\"tracking_number\":\"\"}",
	    place ? "," : "", id * 10 + place);
}

/* An order as the search sends it: keys in order, one or two lines, everything of a buyer. */
static void
add_order(int64_t id, int64_t time)
{
	buf_printf(
	    &body,
	    "{\"buyer_email\":\"v4bAAAA0000000000000000%" PRId64 "@relay.example\","
	    "\"buyer_message\":\"\",\"commerce_platform\":\"TIKTOK_SHOP\",\"create_time\":%" PRId64
	    ",\"delivery_option_id\":\"7091146663229650001\",\"delivery_option_name\":"
	    "\"Standard shipping\",\"delivery_type\":\"HOME_DELIVERY\",\"fulfillment_type\":"
	    "\"FULFILLMENT_BY_SELLER\",\"has_updated_recipient_address\":false,\"id\":\"%" PRId64
	    "\",\"is_cod\":false,\"is_on_hold_order\":false,\"is_replacement_order\":false,"
	    "\"is_sample_order\":false,\"line_items\":[",
	    id, time - 3600, id);
	for (int i = 0; i < 1 + (int)(id % 2); i++)
		add_line(id, i);
	buf_printf(
	    &body,
	    "],\"order_type\":\"NORMAL\",\"packages\":[{\"id\":\"1153901122334455671\"}],"
	    "\"paid_time\":%" PRId64 ",\"payment\":{\"currency\":\"THB\",\"original_shipping_fee\":"
	    "\"38\",\"original_total_product_price\":\"398\",\"platform_discount\":\"0\","
	    "\"seller_discount\":\"40\",\"shipping_fee\":\"0\",\"shipping_fee_platform_discount\":"
	    "\"38\",\"shipping_fee_seller_discount\":\"0\",\"sub_total\":\"358\",\"tax\":\"0\","
	    "\"total_amount\":\"358\"},\"payment_method_name\":\"PromptPay\",\"recipient_address\":"
	    "{\"address_detail\":\"88/*** ซอย***\",\"district_info\":[{\"address_level\":\"L0\","
	    "\"address_level_name\":\"country\",\"address_name\":\"Thailand\"},{\"address_level\":"
	    "\"L1\",\"address_level_name\":\"province\",\"address_name\":\"Bangkok\"}],"
	    "\"full_address\":\"Thailand, Bangkok, ***\",\"name\":\"ม***\",\"phone_number\":"
	    "\"(+66)8******12\",\"postal_code\":\"10110\",\"region_code\":\"TH\"},"
	    "\"rts_sla_time\":%" PRId64 ",\"shipping_provider\":\"\",\"shipping_provider_id\":\"\","
	    "\"shipping_type\":\"TIKTOK\",\"status\":\"AWAITING_SHIPMENT\",\"tracking_number\":"
	    "\"\","
	    "\"tts_sla_time\":%" PRId64 ",\"update_time\":%" PRId64
	    ",\"user_id\":\"7494560109732334801\",\"warehouse_id\":\"7301122334455667701\"}",
	    time - 3000, time + 86400, time + 172800, time);
}

static void
make_page(void)
{
	buf_init(&body, 8u << 20);
	buf_init(&frame, 8u << 20);
	buf_init(&copy, 8u << 20);
	buf_str(
	    &body,
	    "{\"code\":0,\"data\":{\"next_page_token\":\"aDV5MXBtU1pha2hPU0dGSTh5\",\"orders\":[");
	for (int i = 0; i < ORDERS_PAGE_SIZE; i++) {
		if (i)
			buf_chr(&body, ',');
		add_order(INT64_C(580112233445566000) + i, 1780000000 + i);
	}
	buf_str(&body,
	        "],\"total_count\":4211},\"message\":\"Success\",\"request_id\":\"2026A11CE\"}");
	must(!body.failed, "making a page");
}

static void
scan(void)
{
	buf_reset(&frame);
	must(orders_scan(body.data, body.len, rows, ORDERS_PAGE_SIZE, &frame) == ORDERS_PAGE_SIZE,
	     "scan");
}

/* What a poll does with a page it knows. */
static void
scan_and_frame(void)
{
	struct json *root;

	scan();
	root = json_parse(frame.data, frame.len, NULL);
	must(root != NULL, "the frame's parse");
	json_free(root);
}

static void
parse(void)
{
	struct json *root = json_parse(body.data, body.len, NULL);

	must(root != NULL, "parse");
	json_free(root);
}

static void
read_order(const struct json *row)
{
	int64_t dropped[BUYER_FIELDS] = { 0 };
	struct tt_order order;

	must(orders_read_one(row, &buyers, &order, dropped, NULL) == 0, "read");
	orders_free_lines(&order);
}

static void
parse_and_read(void)
{
	struct json *root = json_parse(body.data, body.len, NULL);
	const struct json *list = json_get(json_get(root, "data"), "orders");

	must(json_len(list) == ORDERS_PAGE_SIZE, "parse");
	for (size_t i = 0; i < json_len(list); i++)
		read_order(json_at(list, i));
	json_free(root);
}

/* What a poll does with a page of new orders. */
static void
scan_and_read_flat(void)
{
	int64_t dropped[BUYER_FIELDS] = { 0 };
	struct tt_order order;

	scan();
	buf_reset(&copy);
	buf_add(&copy, body.data, body.len);
	for (int i = 0; i < ORDERS_PAGE_SIZE; i++) {
		must(orders_flat_one(copy.data + rows[i].at, rows[i].len, &buyers, &order,
		                     dropped) == 0,
		     "reading without a tree");
		orders_free_lines(&order);
	}
}

/* The same where each needs its tree. */
static void
scan_and_read(void)
{
	scan();
	for (int i = 0; i < ORDERS_PAGE_SIZE; i++) {
		struct json *row = json_parse(body.data + rows[i].at, rows[i].len, NULL);

		read_order(row);
		json_free(row);
	}
}

static double
now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static double
best_us_an_order(void (*run)(void))
{
	double best = 0;

	for (int i = 0; i < ROUNDS; i++) {
		double from = now_us(), took;

		for (int k = 0; k < REPEAT; k++)
			run();
		took = (now_us() - from) / REPEAT / ORDERS_PAGE_SIZE;
		if (i == 0 || took < best)
			best = took;
	}
	return best;
}

int
main(int argc, char **argv)
{
	static const struct {
		const char *name;
		void (*run)(void);
	} runs[] = {
		{ "parse.tree", parse },
		{ "parse.tree_read", parse_and_read },
		{ "parse.scan", scan },
		{ "parse.scan_frame", scan_and_frame },
		{ "parse.scan_flat_read", scan_and_read_flat },
		{ "parse.scan_tree_read", scan_and_read },
	};
	bool json = figure_options(argc, argv);
	double yardstick = 0;

	make_page();
	for (size_t i = 0; i < sizeof(runs) / sizeof(runs[0]); i++) {
		double us = best_us_an_order(runs[i].run);
		struct figure f = { runs[i].name, us, "us/order", "json-c's parse alone", 0 };

		yardstick = i == 0 ? us : yardstick;
		f.yard_value = yardstick;
		figure_print(&f, json);
	}
	buf_done(&body);
	buf_done(&frame);
	buf_done(&copy);
	return 0;
}
