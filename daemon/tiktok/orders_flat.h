/*
 * orders_flat: an order read where it stands, without a tree of it.
 *
 * The same order as orders_read_one makes of the same text, for a tenth of the cost. It is an
 * optimisation, never a verdict: whatever it does not expect (escapes in a text, ids that are
 * numbers, anything an order is refused for) is -1, and the tree's reader decides.
 *
 * Owner:  the row's strings point into the text, which is changed: each gets its NUL in the place
 * of the quote behind it. Only on success; else the text is as it was. Source: design.md 7;
 * measured by tests/bench/bench_parse.c.
 */
#ifndef TTSYNC_TIKTOK_ORDERS_FLAT_H
#define TTSYNC_TIKTOK_ORDERS_FLAT_H

#include "daemon/tiktok/orders.h"

#include <stddef.h>

#define ORDERS_FLAT_TEXTS 512 /* strings of one order: some 30 lines; more are left to the tree */

/*
 * Read one order object. 0, and buyers' fields are added to dropped; or -1, and *ret and dropped
 * are of no use. The hash is left 0; orders_free_lines frees the lines.
 */
int orders_flat_one(char *text, size_t len, const struct buyer_key *key, struct tt_order *ret,
                    int64_t dropped[BUYER_FIELDS]);

#endif
