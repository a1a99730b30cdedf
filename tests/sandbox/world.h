/*
 * world: everything the sandbox plays: the app, sellers, shops, goods, orders, and its own clock.
 *
 * All of it is in memory and follows from the seed, the time of the start and the calls that came.
 *
 * Units: seconds; world_now is the machine's clock moved by offset_s.
 * Owner: one thread. world_init fills a struct the caller holds; world_done empties it.
 */
#ifndef SANDBOX_WORLD_H
#define SANDBOX_WORLD_H

#include "tests/sandbox/calls.h"
#include "tests/sandbox/fault.h"
#include "tests/sandbox/grants.h"
#include "tests/sandbox/options.h"
#include "tests/sandbox/orders.h"
#include "tests/sandbox/products.h"
#include "tests/sandbox/rate.h"
#include "tests/sandbox/shops.h"
#include "tests/sandbox/traffic.h"

#define WORLD_REQUEST_ID_MAX 40

struct app {
	char key[64];
	char secret[128];
	char service_id[32];
	char redirect_url[1024]; /* "" none */
	uint32_t scopes;         /* what an authorization grants */
};

struct world {
	const struct options *opt;
	struct app app;
	uint64_t seed;
	int64_t offset_s;
	unsigned char page_key[32];
	uint64_t requests;
	struct grants_rules rules;
	struct shops shops;
	struct products products;
	struct orders orders;
	struct rate shop_rate;
	struct rate seller_rate;
	struct faults faults;
	struct calls calls;
	struct traffic traffic;
	uint64_t cycles; /* tokens given that look different for the same place */
};

int world_init(struct world *w, const struct options *opt, struct err *e);
void world_done(struct world *w);
/* Throw all away and begin again with another seed; the app and the clock stay. */
void world_reseed(struct world *w, uint64_t seed);

int64_t world_now(const struct world *w);
int64_t world_now_ms(const struct world *w);
/* Is it a comma list of known markets? 0, or -1 with ERR_INPUT. */
int world_check_regions(const char *list, struct err *e);
/* A seller with n shops, their warehouses and products. */
struct seller *world_add_seller(struct world *w, const char *regions, size_t n_shops,
                                size_t n_products, bool cross_border);
/* 34 characters: time at UTC+8 and 20 hex digits. */
void world_request_id(struct world *w, char dst[WORLD_REQUEST_ID_MAX]);

#endif
