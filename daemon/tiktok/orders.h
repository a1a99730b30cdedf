/*
 * orders: the order search, and orders read by allow-list.
 *
 * A field that is not named here does not enter. Buyers' fields are only counted; a buyer's id
 * becomes, on the spot, a code that many buyers share (buyer_code.h). A row that cannot be read is
 * reported with its id and the page goes on; a page that is no page is an error.
 *
 * Owner:  rows' strings point into the parsed answer and live as long as it (orders_flat.h: into
 * the text of it). Source: tiktok-shop-api.md 5.3 to 5.5, 6.1.
 */
#ifndef TTSYNC_TIKTOK_ORDERS_H
#define TTSYNC_TIKTOK_ORDERS_H

#include "common/err.h"
#include "daemon/tiktok/call.h"

#include <stdbool.h>
#include <stdint.h>

#define ORDERS_PAGE_SIZE    100
#define ORDERS_LINES_MAX    500 /* of one order */
#define ORDERS_PACKAGES_MAX 50
#define ORDERS_WORD_MAX     64   /* enums: kept as they come, but not longer */
#define ORDERS_TEXT_MAX     1024 /* product, sku, carrier names, in bytes: longer ones are left out */

struct buyer_key;
struct json;

enum buyer_field {
	BUYER_RECIPIENT = 0,
	BUYER_EMAIL,
	BUYER_NOTE,
	BUYER_ID,
	BUYER_OTHER,
	BUYER_FIELDS
};

struct tt_line {
	char id[21];
	const char *product_id;
	const char *product_name;
	const char *sku_id;
	const char *sku_name;
	const char *seller_sku;
	const char *status;
	const char *original_price;
	const char *sale_price;
	const char *seller_discount;
	const char *platform_discount;
	const char *currency;
	const char *package_id;
	const char *package_status;
	const char *cancel_user;
	bool is_gift;
};

/* NULL where TikTok sent nothing; times are seconds, 0 where absent. */
struct tt_order {
	char id[21];
	const char *status;
	int64_t create_time;
	int64_t update_time;
	int64_t hash; /* of the allow-listed content: orders_scan.h */
	int64_t paid_time;
	const char *currency;
	const char *total_amount;
	const char *sub_total;
	const char *shipping_fee;
	const char *seller_discount;
	const char *platform_discount;
	bool is_cod;
	bool is_on_hold;
	bool is_sample;
	bool cancel_requested;
	const char *cancel_initiator;
	const char *order_type;
	const char *fulfillment_type;
	const char *shipping_type;
	const char *delivery_option_id;
	const char *delivery_option_name;
	const char *warehouse_id;
	const char *shipping_provider_id;
	const char *shipping_provider;
	const char *tracking_number;
	const char *split_or_combine;
	char packages[ORDERS_PACKAGES_MAX * 21 + 1]; /* ids, comma between */
	int64_t priority;
	int64_t ship_by; /* latest time to make it ready: rts_sla_time, else shipping_due_time */
	int64_t rts_time;
	int64_t rts_sla_time;
	int64_t tts_sla_time;
	int64_t shipping_due_time;
	int64_t collection_due_time;
	int64_t delivery_due_time;
	int64_t pick_up_cut_off_time;
	int buyer; /* the code of who bought: buyer_code.h; 0: unknown */
	int nlines;
	struct tt_line *lines; /* orders_free_lines */
};

/* The search for one page of a window [lo, hi), by update time ascending. token NULL: first page.
 */
void orders_search_request(struct tt_call *c, int64_t lo, int64_t hi, const char *page_token);

/*
 * Read one order object. 0; or -1 with ERR_PARSE and the id, where there was one, in ret->id. The
 * hash is left 0. Buyer fields seen are added to dropped[BUYER_FIELDS].
 */
int orders_read_one(const struct json *row, const struct buyer_key *key, struct tt_order *ret,
                    int64_t dropped[BUYER_FIELDS], struct err *e);
void orders_free_lines(struct tt_order *o);

#endif
