/*
 * products: what a shop sells, and its rows in the product search.
 *
 * Units:  prices in satang (1/100 of the shop's currency), times in seconds of the sandbox's clock.
 * Owner:  struct products owns all of them; pointers stay good until products_done.
 * Source: tiktok-shop-api.md 5.8.
 */
#ifndef SANDBOX_PRODUCTS_H
#define SANDBOX_PRODUCTS_H

#include "tests/sandbox/idmap.h"
#include "tests/sandbox/shops.h"

#include <stdint.h>

#define PRODUCTS_SKUS_MAX 20

struct buf;

enum product_status {
	PRODUCT_NONE = 0,
	PRODUCT_DRAFT,
	PRODUCT_PENDING,
	PRODUCT_FAILED,
	PRODUCT_ACTIVATE,
	PRODUCT_SELLER_DEACTIVATED,
	PRODUCT_PLATFORM_DEACTIVATED,
	PRODUCT_FREEZE,
	PRODUCT_DELETED
};

struct sku {
	uint64_t id;
	int64_t price;
	int64_t quantity;
	int64_t committed;
	const char *name;
	char seller_sku[48];
};

struct product {
	uint64_t id;
	struct shop *shop;
	char *title;
	enum product_status status;
	int64_t create_time;
	int64_t update_time;
	size_t n_skus;
	struct sku skus[];
};

struct products {
	uint64_t seed;
	uint64_t made;
	uint64_t skus_made;
	struct product **all;
	struct idmap by_id;
};

void products_init(struct products *p, uint64_t seed);
void products_done(struct products *p);

/* A product with n_skus variants (1 .. PRODUCTS_SKUS_MAX); title NULL: one of the stock titles. */
struct product *products_create(struct products *p, struct shop *shop, const char *title,
                                size_t n_skus, int64_t now);
/* It changed: its update time is now (never earlier than it was). */
void products_touch(struct product *one, int64_t now);
void products_set_title(struct product *one, const char *title);
struct product *products_find(const struct products *p, uint64_t id);

const char *products_status_name(enum product_status s);
/* PRODUCT_NONE where the name is not known. */
enum product_status products_status(const char *name);

/* The row of the product search; detail: the answer of Get Product. As an element. */
void products_write(const struct product *one, struct buf *out);
void products_write_detail(const struct product *one, struct buf *out);
/* The row of the inventory search. */
void products_write_inventory(const struct product *one, struct buf *out);

#endif
