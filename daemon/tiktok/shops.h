/*
 * shops: the shops of an authorization, and a shop's warehouses.
 *
 * Only what is named here is read: never a warehouse's address, contact or phone.
 * Owner:  the rows' strings point into the parsed answer and live as long as it.
 * Source: tiktok-shop-api.md 5.1, 5.2.
 */
#ifndef TTSYNC_TIKTOK_SHOPS_H
#define TTSYNC_TIKTOK_SHOPS_H

#include "common/err.h"
#include "daemon/tiktok/call.h"

#include <stdbool.h>

#define SHOPS_MAX      100
#define WAREHOUSES_MAX 500

struct json;

struct tt_shop {
	char id[21];
	const char *name;
	const char *region;
	const char *seller_type;
	const char *cipher;
};

struct tt_warehouse {
	char id[21];
	const char *name;
	const char *entity_id; /* or NULL */
	const char *effect_status;
	const char *type;
	const char *sub_type; /* or NULL */
	bool is_default;
};

void shops_request(struct tt_call *c);
/* Rows read into ret (SHOPS_MAX of room), or -1 (ERR_PARSE). Rows without id or cipher are left
 * out. */
int shops_read(const struct json *root, struct tt_shop *ret, struct err *e);

void warehouses_request(struct tt_call *c);
/* The same for warehouses (WAREHOUSES_MAX of room). */
int warehouses_read(const struct json *root, struct tt_warehouse *ret, struct err *e);

#endif
