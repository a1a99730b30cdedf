/*
 * fuzz_orders: the scan and the readers of a page of orders against any bytes.
 *
 * What it holds: the scan stays inside the body; where it finds rows and the body is JSON, the tree
 * has the same rows with the same hashes; the readers read or refuse each row. A finding aborts.
 */
#include "common/buf.h"
#include "common/json.h"
#include "daemon/tiktok/errors.h"
#include "daemon/tiktok/orders.h"
#include "daemon/tiktok/orders_scan.h"
#include "daemon/tiktok/page.h"
#include "daemon/tiktok/products.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
must(bool ok)
{
	if (!ok)
		abort();
}

static void
check_row(const struct json *order, const struct scan_row *row)
{
	struct scan_row again;
	struct buf text;

	buf_init(&text, 1u << 20);
	must(json_write(order, &text) == 0);
	must(orders_scan_one(text.data, text.len, &again) == 0);
	must(!strcmp(again.id, row->id) && again.hash == row->hash);
	must(again.create_time == row->create_time && again.update_time == row->update_time);
	buf_done(&text);
}

static void
read_row(const struct json *row, int64_t dropped[BUYER_FIELDS])
{
	struct err e = { 0 };
	struct tt_product product;
	struct tt_order order;

	if (orders_read_one(row, NULL, &order, dropped, &e) == 0)
		must(order.id[0] && order.status && order.create_time && order.update_time);
	else
		must(e.kind != ERR_NONE && e.text[0] && !order.lines);
	orders_free_lines(&order);
	if (products_read_one(row, &product, &e) == 0)
		must(product.id[0] && product.status);
	products_free_one(&product);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *body = (const char *)data;
	int64_t dropped[BUYER_FIELDS] = { 0 };
	struct scan_row rows[ORDERS_PAGE_SIZE];
	struct tt_verdict verdict;
	struct tt_page page;
	struct err e = { 0 };
	struct json *root, *list;
	struct buf frame;
	int n;

	buf_init(&frame, 1u << 20);
	n = orders_scan(body, size, rows, ORDERS_PAGE_SIZE, &frame);
	for (int i = 0; i < n; i++)
		must(rows[i].at < size && rows[i].len <= size - rows[i].at &&
		     body[rows[i].at] == '{');
	root = json_parse(body, size, NULL);
	list = json_get(json_get(root, "data"), "orders");
	if (root && n >= 0) {
		must((size_t)n == json_len(list));
		for (int i = 0; i < n; i++)
			check_row(json_at(list, (size_t)i), &rows[i]);
	}
	tt_judge(200, root, -1, &verdict);
	if (page_read(root, "orders", &page, &e) == 0)
		for (size_t i = 0; i < json_len(page.rows) && i < ORDERS_PAGE_SIZE; i++)
			read_row(json_at(page.rows, i), dropped);
	json_free(root);
	buf_done(&frame);
	return 0;
}
