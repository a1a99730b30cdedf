/*
 * orders_scan: one look over a page of orders before any tree is made of it.
 *
 * Most polls re-read an overlap: the scan tells for each order where it stands, when it was updated
 * and a hash of its allow-listed content, so that only what is new needs a tree. It is an
 * optimisation, never a verdict: whatever it does not expect is -1, and the full reader decides.
 * What it steps over is checked for brackets, commas and quotes, not for UTF-8 or numbers.
 *
 * Hash: 64 bits over the keys that orders.c reads (the lists in orders_scan.c; a test holds the two
 *       together): buyers' fields and unknown keys do not enter it. Neither do the order of keys,
 * of lines and of packages, white space, the way characters are escaped, and whether a value is
 *       absent, null, "", false, 0 or []: json_write of the same order has the same hash. It stands
 *       in the database: a change of it rewrites each order once.
 * Source: design.md 7; measured by tests/bench/bench_parse.c.
 */
#ifndef TTSYNC_ORDERS_SCAN_H
#define TTSYNC_ORDERS_SCAN_H

#include "common/buf.h"

#include <stddef.h>
#include <stdint.h>

struct scan_row {
	char id[21];
	int64_t create_time; /* within PAGE_TIME_MIN and PAGE_TIME_MAX */
	int64_t update_time; /* the same */
	int64_t hash;
	size_t at; /* span of the order object in the body */
	size_t len;
};

/*
 * Scan a search answer: rows of data.orders into rows (room for most), and the answer with the rows
 * cut out appended to frame, to be parsed for everything else. Rows found (0 also where there is no
 * list), or -1; frame is of no use then.
 */
int orders_scan(const char *body, size_t len, struct scan_row *rows, int most, struct buf *frame);

/* One order object by itself. 0 or -1. */
int orders_scan_one(const char *text, size_t len, struct scan_row *ret);

#endif
