/*
 * shops: sellers, their shops, and the warehouses of these.
 *
 * Seller and shop numbers count from 1 and are what control calls speak of; ids and ciphers are
 * made from the seed and the number, so the same seed gives the same shops.
 *
 * Owner:  struct shops owns sellers, shops and warehouses; pointers stay good until shops_done.
 * Source: tiktok-shop-api.md 2.1, 5.1, 5.2.
 */
#ifndef SANDBOX_SHOPS_H
#define SANDBOX_SHOPS_H

#include "tests/sandbox/grants.h"
#include "tests/sandbox/idmap.h"
#include "tests/sandbox/region.h"
#include "tests/sandbox/timeline.h"

#include <stdbool.h>
#include <stdint.h>

#define SHOPS_CIPHER_MAX 64

struct buf;

enum shops_wh_state { SHOPS_WH_DISABLED = 0, SHOPS_WH_ENABLED, SHOPS_WH_RESTRICTED };

struct warehouse {
	uint64_t id;
	uint64_t entity_id;
	char name[64];
	enum shops_wh_state state;
	bool returns; /* RETURN_WAREHOUSE */
	bool is_default;
};

struct shop {
	unsigned no;
	uint64_t id;
	struct seller *seller;
	const struct region *region;
	char cipher[SHOPS_CIPHER_MAX];
	char code[16];
	char name[256];
	bool active;
	bool left;                    /* the seller took it out of the authorization */
	struct warehouse *warehouses; /* in the order the API lists them: returns first */
	size_t n_warehouses;
	struct timeline by_create; /* struct order */
	struct timeline by_update;
	struct timeline products; /* struct product, by update time */
};

struct seller {
	unsigned no;
	char name[200];
	char open_id[64];
	const struct region *region;
	bool cross_border;
	bool active;
	struct shop **shops;
	size_t n_shops;
	struct grant grant;
};

struct shops {
	uint64_t seed;
	struct seller **sellers;
	size_t n_sellers;
	struct shop **all;
	size_t n_all;
	struct idmap by_id;
	uint64_t warehouses; /* made so far: numbers for ids */
};

/* How the warehouses of a shop look. */
enum shops_variant { SHOPS_PLAIN = 0, SHOPS_WITH_DISABLED, SHOPS_WITH_RESTRICTED, SHOPS_NO_SALES };

void shops_init(struct shops *s, uint64_t seed);
void shops_done(struct shops *s);

/* A seller without shops, at home in a region. */
struct seller *shops_seller(struct shops *s, const struct region *home, bool cross_border);
struct shop *shops_open(struct shops *s, struct seller *owner, const struct region *where,
                        enum shops_variant variant);
/* Replace the warehouses of a shop. */
void shops_warehouses(struct shops *s, struct shop *shop, enum shops_variant variant);
struct warehouse *shops_add_warehouse(struct shops *s, struct shop *shop, const char *name,
                                      enum shops_wh_state state, bool returns);

struct seller *shops_find_seller(const struct shops *s, int64_t no);
struct shop *shops_find(const struct shops *s, uint64_t id);
/* The shop of this seller with the cipher, where it is still in the authorization, or NULL. */
struct shop *shops_by_cipher(const struct seller *who, const char *cipher);
/* Where orders leave from: the default sales warehouse; 0 where there is none. */
uint64_t shops_sales_warehouse(const struct shop *shop);

/* Rows of Get Authorized Shops and Get Warehouse List, as elements. */
void shops_write(const struct shop *shop, struct buf *out);
void shops_write_warehouse(const struct shop *shop, const struct warehouse *w, struct buf *out);

#endif
