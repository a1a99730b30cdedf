/*
 * discover: what an authorization covers: its shops, and their warehouses.
 *
 * Reads Get Authorized Shops with a grant's access token and stores the list; with warehouses, also
 * the warehouses of each shop listed, one call a shop.
 */
#ifndef TTSYNC_DISCOVER_H
#define TTSYNC_DISCOVER_H

#include "common/err.h"
#include "daemon/tiktok/errors.h"

#include <stdbool.h>
#include <stdint.h>

struct env;
struct discover;

/* class TT_OK and e NULL when all is stored; date_s: the API's clock at the last answer, or -1. */
typedef void discover_fn(enum tt_class class, const struct err *e, int64_t date_s, void *arg);

/* What to read. */
enum discover_depth { DISCOVER_SHOPS = 0, DISCOVER_WAREHOUSES };

struct discover_ask {
	int64_t grant_id;
	const char *token; /* access token, copied */
	enum discover_depth depth;
	const char *only_shop; /* warehouses of this TikTok shop alone; NULL: of all */
	bool shops_suffice;    /* warehouses that cannot be read now are no failure */
};

/* The callback comes on a later turn, once. */
void discover_start(struct env *env, const struct discover_ask *ask, discover_fn *fn, void *arg);

#endif
