/*
 * products: the product search and its rows.
 *
 * Owner:  rows' strings point into the parsed answer and live as long as it.
 * Source: tiktok-shop-api.md 5.8. The price of a local seller's search row is tax_exclusive_price,
 *         of a global seller's sale_price; stock is per warehouse and summed up.
 */
#ifndef TTSYNC_TIKTOK_PRODUCTS_H
#define TTSYNC_TIKTOK_PRODUCTS_H

#include "common/err.h"
#include "daemon/tiktok/call.h"

#include <stdint.h>

#define PRODUCTS_PAGE_SIZE      100
#define PRODUCTS_SKUS_MAX       1000  /* of one product */
#define PRODUCTS_STOCK_MAX      200   /* warehouses of one SKU */
#define PRODUCTS_TITLE_MAX      1024  /* bytes; a longer one is cut */
#define PRODUCTS_SELLER_SKU_MAX 512   /* bytes; a longer one is left out */
#define PRODUCTS_DEEPEST        10000 /* results the search gives at most */

struct json;

struct tt_stock {
	char warehouse_id[21];
	int64_t quantity;
};

struct tt_sku {
	char id[21];
	const char *seller_sku;
	const char *price;
	const char *currency;
	int64_t quantity;
	int nstock;
	struct tt_stock *stock;
};

struct tt_product {
	char id[21];
	char title[PRODUCTS_TITLE_MAX + 1];
	const char *status;
	int64_t create_time;
	int64_t update_time;
	int64_t hash; /* of what is stored */
	int nskus;
	struct tt_sku *skus;
};

/* One page of products updated in [lo, hi): the API's upper bound is inclusive. */
void products_search_request(struct tt_call *c, int64_t lo, int64_t hi, const char *page_token);

/* Read one row. 0, or -1 with ERR_PARSE and the id, where there was one, in ret->id. */
int products_read_one(const struct json *row, struct tt_product *ret, struct err *e);
void products_free_one(struct tt_product *p);

#endif
