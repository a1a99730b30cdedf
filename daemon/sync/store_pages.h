/*
 * store_pages: probing and storing pages, many shops in one statement (group.h).
 */
#ifndef TTSYNC_STORE_PAGES_H
#define TTSYNC_STORE_PAGES_H

#include "daemon/sync/group.h"
#include "daemon/tiktok/orders.h"
#include "daemon/tiktok/products.h"

#include <stdbool.h>
#include <stdint.h>

/* What is asked about one order: is it new, or does it differ? */
struct probe_row {
	char id[21];
	int64_t update_time;
	int64_t hash;
	bool differs; /* out */
};

struct probe_item {
	struct group_item item;
	int64_t shop;
	struct probe_row *rows;
	int n;
};

struct orders_item {
	struct group_item item;
	int64_t shop;
	int64_t fence;
	int seq;
	const struct tt_order *rows; /* each order once */
	int n;
	bool owned; /* out: false: another daemon has the shop now, nothing was written */
	int64_t inserted;
	int64_t changed;
};

struct products_item {
	struct group_item item;
	int64_t shop;
	int64_t fence;
	const struct tt_product *rows; /* each product once */
	int n;
	bool owned; /* out */
	int64_t written;
};

extern const struct group_ops probe_group;
extern const struct group_ops orders_group;
extern const struct group_ops products_group;

#endif
