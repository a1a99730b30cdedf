/*
 * search: pages of a shop's orders.
 *
 * With bounds on the field that is sorted by and nothing else, a page costs the page; any other
 * filter costs a walk over the rows between the bounds, for the total.
 *
 * Units:  seconds; lower bounds included, upper bounds excluded; INT64_MIN and INT64_MAX are none.
 * Source: tiktok-shop-api.md 5.3.
 */
#ifndef SANDBOX_SEARCH_H
#define SANDBOX_SEARCH_H

#include "tests/sandbox/orders.h"

#define SEARCH_PAGE_MAX  100
#define SEARCH_PLACE_MAX 100

struct search {
	bool by_update; /* else by create time */
	bool descending;
	int64_t create_ge, create_lt;
	int64_t update_ge, update_lt;
	enum order_status status; /* ORDER_NONE: any */
	int shipping;             /* -1 any, 0 TIKTOK, 1 SELLER */
	int cancel_asked;         /* -1 any */
	uint64_t buyer;           /* user id, 0 any */
	uint64_t warehouses[SEARCH_PLACE_MAX];
	size_t n_warehouses; /* 0 any */
	int64_t now;         /* orders not visible yet are left out */
	bool delayed;        /* there may be such orders */
	/* After which row: */
	bool started;
	int64_t after_time;
	uint64_t after_id;
	size_t page_size;
};

struct search_page {
	struct order *rows[SEARCH_PAGE_MAX];
	size_t n;
	size_t total;
	bool more;
};

/* No filter at all, by create time, ascending. */
void search_init(struct search *s);
void search_run(const struct search *s, const struct shop *shop, uint64_t seed,
                struct search_page *ret);

#endif
