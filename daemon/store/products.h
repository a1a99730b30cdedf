/*
 * products: the SQL of products, SKUs and stock: pages of many shops in one statement.
 *
 * Owner: as orders.h.
 */
#ifndef TTSYNC_STORE_PRODUCTS_H
#define TTSYNC_STORE_PRODUCTS_H

#include "daemon/io/pg.h"
#include "daemon/tiktok/products.h"

extern const struct pg_stmt products_store; /* a products_batch -> shop, still ours, written */

#define PRODUCTS_BATCH_COLS 21

struct products_batch {
	struct pg_col col[PRODUCTS_BATCH_COLS];
	int rows;
};

void products_batch_init(struct products_batch *b);
void products_batch_done(struct products_batch *b);
void products_batch_shop(struct products_batch *b, int64_t shop, int64_t fence);
/* No product may be added twice. */
void products_batch_add(struct products_batch *b, int64_t shop, const struct tt_product *p);
void products_batch_args(struct pg_args *a, const struct products_batch *b);

#endif
