/*
 * orders: the SQL of orders: which are new, store pages of many shops in one statement.
 *
 * Owner: a batch is embedded in its holder; orders_batch_init, _done. Its columns are PostgreSQL's
 *        binary arrays; adding copies.
 */
#ifndef TTSYNC_STORE_ORDERS_H
#define TTSYNC_STORE_ORDERS_H

#include "daemon/io/pg.h"
#include "daemon/tiktok/orders.h"

extern const struct pg_stmt orders_probe; /* shops, ids, update times, hashes -> positions from 1 */
extern const struct pg_stmt orders_store; /* an orders_batch -> shop, still ours, written */
extern const struct pg_stmt orders_problem; /* shop, fence, ids, reasons */

#define ORDERS_BATCH_COLS 61

struct orders_batch {
	struct pg_col col[ORDERS_BATCH_COLS];
	int rows; /* orders in it */
};

void orders_batch_init(struct orders_batch *b);
void orders_batch_done(struct orders_batch *b);
/* One shop's share: its lease, the number of this page within the job, whether it is a comparison.
 */
void orders_batch_shop(struct orders_batch *b, int64_t shop, int64_t fence, int64_t seq,
                       bool check);
/* No order may be added twice. */
void orders_batch_add(struct orders_batch *b, int64_t shop, const struct tt_order *o);
void orders_batch_args(struct pg_args *a, const struct orders_batch *b);

#endif
