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

/* A page of one shop on its way; what the kinds have in common. */
struct stored {
	struct group_item item;
	int64_t shop;
	int64_t fence;
	bool owned;      /* out: false: another daemon has the shop now, nothing was written */
	int64_t written; /* out: rows that were new or differed */
};

struct orders_item {
	struct stored in;
	int seq;
	bool check;                  /* a comparison: what it writes was missing or differed */
	const struct tt_order *rows; /* each order once */
	int n;
};

struct products_item {
	struct stored in;
	const struct tt_product *rows; /* each product once */
	int n;
};

extern const struct group_ops probe_group;
extern const struct group_ops orders_group;
extern const struct group_ops products_group;

#endif
