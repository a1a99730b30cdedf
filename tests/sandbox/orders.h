/*
 * orders: what buyers bought, shop by shop.
 *
 * Every change goes through orders_changed: it moves the row in the shop's timeline and forgets
 * the text that was kept of it. The text of an order is made when first asked for and kept, up to
 * cache_cap bytes over all shops; the one asked for longest ago goes first.
 *
 * Units:  money in satang, times in seconds of the sandbox's clock, 0 for "did not happen".
 * Owner:  struct orders owns all of them; pointers stay good until orders_done.
 * Source: tiktok-shop-api.md 5.5, 6.1.
 */
#ifndef SANDBOX_ORDERS_H
#define SANDBOX_ORDERS_H

#include "tests/sandbox/idmap.h"
#include "tests/sandbox/products.h"
#include "tests/sandbox/rng.h"
#include "tests/sandbox/shops.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

#define ORDERS_LINES_MAX 40

enum order_status {
	ORDER_NONE = 0,
	ORDER_UNPAID,
	ORDER_ON_HOLD,
	ORDER_AWAITING_SHIPMENT,
	ORDER_PARTIALLY_SHIPPING,
	ORDER_AWAITING_COLLECTION,
	ORDER_IN_TRANSIT,
	ORDER_DELIVERED,
	ORDER_COMPLETED,
	ORDER_CANCELLED
};

enum order_actor { ORDER_NOBODY = 0, ORDER_BUYER, ORDER_SELLER, ORDER_SYSTEM };

struct line {
	uint64_t id;
	const struct product *product;
	size_t sku; /* which of the product's */
	int64_t price;
	int64_t discount; /* of the seller */
	bool cancelled;
};

/* Where in an order's text a key stands that one version of the detail does not have. */
struct order_cut {
	size_t at;
	size_t len;
};

struct order {
	uint64_t id;
	struct shop *shop;
	uint64_t buyer;   /* number of the buyer: decides name, address, ... */
	uint64_t package; /* 0 before there is one */
	uint64_t warehouse_id;
	enum order_status status;
	enum order_actor cancelled_by;
	bool cod;
	bool seller_ships; /* shipping_type SELLER */
	bool on_hold;      /* has been or will be ON_HOLD */
	bool cancel_asked; /* a buyer's request is pending */
	bool address_changed;
	int64_t create_time;
	int64_t update_time;
	int64_t visible_at; /* in the search from here on */
	int64_t paid_time;
	int64_t rts_time;
	int64_t collection_time;
	int64_t delivery_time;
	int64_t cancel_time;
	char *text; /* kept JSON, NULL when there is none */
	size_t text_len;
	struct order_cut cuts[2];
	TAILQ_ENTRY(order) kept;
	size_t n_lines;
	struct line lines[];
};
TAILQ_HEAD(order_list, order);

struct orders {
	uint64_t seed;
	uint64_t made;
	uint64_t lines_made;
	uint64_t packages_made;
	struct rng rng;
	struct order **all;
	struct idmap by_id;
	struct order_list kept; /* the one asked for last stands last */
	size_t cache_bytes;
	size_t cache_cap;
	bool mask;           /* personal data as the platform masks it */
	bool extra_keys;     /* some orders have keys nobody documented */
	int64_t index_delay; /* seconds until the search shows a new order */
};

/* What a new order shall be; a zeroed one is a plain unpaid order of now. */
struct order_wish {
	int64_t create_time; /* 0: now */
	int64_t update_time; /* 0: the create time */
	enum order_status status;
	size_t lines; /* 0: 1 to 3, as it falls */
	bool cod;
	bool seller_ships;
	bool on_hold;
};

void orders_init(struct orders *o, uint64_t seed);
void orders_done(struct orders *o);

/* NULL where the shop has no product to sell. */
struct order *orders_create(struct orders *o, struct shop *shop, const struct order_wish *wish,
                            int64_t now);
struct order *orders_find(const struct orders *o, uint64_t id);
/* A package number nobody has yet. */
uint64_t orders_new_package(struct orders *o);
/* The order was changed at now: its update time moves there, never back. */
void orders_changed(struct orders *o, struct order *one, int64_t now);
int64_t orders_total(const struct order *one); /* payment.total_amount */
int64_t orders_products_total(const struct order *one);
int64_t orders_discount(const struct order *one);

/* The JSON of the search row, which is that of the detail 202309. Good until the next change. */
const char *orders_text(struct orders *o, struct order *one, int64_t now, size_t *ret_len);
/* Make all texts anew when they are next asked for: the clock was moved. */
void orders_forget_texts(struct orders *o);

const char *orders_status_name(enum order_status s);
/* ORDER_NONE where the name is not known. */
enum order_status orders_status(const char *name);

#endif
