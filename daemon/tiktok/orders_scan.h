/*
 * orders_scan: one look over a page of orders before any tree is made of it.
 *
 * Most polls re-read an overlap: the scan tells for each order where it stands, when it was updated
 * and a hash of its allow-listed content, so that only what is new needs a tree. It is an
 * optimisation, never a verdict: any structural surprise is -1, and the full reader decides.
 *
 * Hash: 64 bits over the allow-listed keys alone (the lists in orders_scan.c name what orders.c
 *       reads): buyers' fields and unknown keys do not enter it, and the order of keys does not
 *       matter. Values count as they stand on the wire.
 * Source: design.md 7: 1 us an order where json-c takes 21.
 */
#ifndef TTSYNC_ORDERS_SCAN_H
#define TTSYNC_ORDERS_SCAN_H

#include "common/buf.h"

#include <stddef.h>
#include <stdint.h>

struct scan_row {
	char id[21];
	int64_t create_time;
	int64_t update_time;
	int64_t hash;
	size_t at; /* span of the order object in the body */
	size_t len;
};

/*
 * Scan a search answer: rows of data.orders into rows (most of them), and the answer with the rows
 * cut out into frame. Rows found, or -1.
 */
int orders_scan(const char *body, size_t len, struct scan_row *rows, int most, struct buf *frame);

/* One order object by itself. 0 or -1. */
int orders_scan_one(const char *text, size_t len, struct scan_row *ret);

#endif
