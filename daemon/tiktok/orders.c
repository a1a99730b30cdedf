#include "daemon/tiktok/orders.h"

#include "common/json.h"
#include "common/str.h"
#include "daemon/tiktok/buyer_code.h"
#include "daemon/tiktok/orders_fields.h"
#include "daemon/tiktok/page.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

void
orders_search_request(struct tt_call *c, int64_t lo, int64_t hi, const char *page_token)
{
	call_init(c, "POST", "/order/202309/orders/search", true);
	call_param_i64(c, "page_size", ORDERS_PAGE_SIZE);
	call_param(c, "sort_field", "update_time");
	call_param(c, "sort_order", "ASC");
	if (page_token)
		call_param(c, "page_token", page_token);
	buf_printf(&c->body, "{\"update_time_ge\":%" PRId64 ",\"update_time_lt\":%" PRId64 "}", lo,
	           hi);
}

/* --- fields ---------------------------------------------------------------------------------- */

/* A word of TikTok's: NULL when absent, empty or longer than any enum. */
static const char *
word(const struct json *row, const char *key)
{
	const char *s = json_str(row, key);

	return s && *s && strlen(s) <= ORDERS_WORD_MAX ? s : NULL;
}

/* A text: NULL when absent or empty, or when too long to be what it should be. */
static const char *
text(const struct json *row, const char *key)
{
	const char *s = json_str(row, key);

	return s && *s && strlen(s) <= ORDERS_TEXT_MAX ? s : NULL;
}

static const char *
amount(const struct json *row, const char *key)
{
	const char *s = json_str(row, key);

	return s && str_is_amount(s) ? s : NULL;
}

static const char *
id_text(const struct json *row, const char *key)
{
	const char *s = json_str(row, key);

	return s && str_is_id(s) ? s : NULL;
}

static bool
is_there(const struct json *v)
{
	const char *s = json_text(v), *key;
	struct json *inside;

	if (json_is_obj(v))
		return json_next(v, NULL, &key, &inside);
	if (json_is_arr(v))
		return json_len(v);
	return v && (!s || *s);
}

static void
count_buyer(const struct json *row, int64_t dropped[BUYER_FIELDS])
{
	for (size_t i = 0; i < FIELDS_BUYER; i++)
		if (is_there(json_get(row, fields_buyer[i].name)))
			dropped[fields_buyer[i].field]++;
}

/* Of who bought, no more than this leaves the reader. */
static int
buyer_of(const struct json *row, const struct buyer_key *key)
{
	char id[21];

	return json_id(row, "user_id", id, sizeof(id)) ? buyer_code(key, id, strlen(id)) : 0;
}

/* --- one order ------------------------------------------------------------------------------- */

static int
read_line(const struct json *row, struct tt_line *l, struct err *e)
{
	if (!json_id(row, "id", l->id, sizeof(l->id)))
		return err_set(e, ERR_PARSE, 0, "a line without an id");
	l->product_id = id_text(row, "product_id");
	l->product_name = text(row, "product_name");
	l->sku_id = id_text(row, "sku_id");
	l->sku_name = text(row, "sku_name");
	l->seller_sku = text(row, "seller_sku");
	l->status = word(row, "display_status");
	l->original_price = amount(row, "original_price");
	l->sale_price = amount(row, "sale_price");
	l->seller_discount = amount(row, "seller_discount");
	l->platform_discount = amount(row, "platform_discount");
	l->currency = word(row, "currency");
	l->package_id = id_text(row, "package_id");
	l->package_status = word(row, "package_status");
	l->cancel_user = word(row, "cancel_user");
	l->is_gift = json_flag(row, "is_gift");
	return 0;
}

static bool
has_line(const struct tt_order *o, const char *id)
{
	for (int i = 0; i < o->nlines; i++)
		if (!strcmp(o->lines[i].id, id))
			return true;
	return false;
}

static int
read_lines(const struct json *row, struct tt_order *o, struct err *e)
{
	const struct json *list = json_get(row, "line_items");
	size_t n = json_len(list);

	if (list && !json_is_arr(list))
		return err_set(e, ERR_PARSE, 0, "line_items is no list");
	if (n > ORDERS_LINES_MAX)
		return err_set(e, ERR_PARSE, 0, "%zu lines, most is %d", n, ORDERS_LINES_MAX);
	if (!n)
		return 0;
	o->lines = calloc(n, sizeof(*o->lines));
	if (!o->lines)
		return err_set(e, ERR_NOMEM, 0, "no memory for %zu lines", n);
	for (size_t i = 0; i < n; i++) {
		if (read_line(json_at(list, i), &o->lines[o->nlines], e))
			return -1;
		if (!has_line(o, o->lines[o->nlines].id)) /* the same line twice is one line */
			o->nlines++;
	}
	return 0;
}

static void
read_packages(const struct json *row, struct tt_order *o)
{
	const struct json *list = json_get(row, "packages");
	size_t at = 0;

	for (size_t i = 0; i < json_len(list) && i < ORDERS_PACKAGES_MAX; i++) {
		char id[21];

		if (!json_id(json_at(list, i), "id", id, sizeof(id)))
			continue;
		if (at)
			o->packages[at++] = ',';
		memcpy(o->packages + at, id, strlen(id) + 1);
		at += strlen(id);
	}
}

static int
read_money(const struct json *row, struct tt_order *o, struct err *e)
{
	const struct json *pay = json_get(row, "payment");

	o->currency = word(pay, "currency");
	o->total_amount = amount(pay, "total_amount");
	o->sub_total = amount(pay, "sub_total");
	o->shipping_fee = amount(pay, "shipping_fee");
	o->seller_discount = amount(pay, "seller_discount");
	o->platform_discount = amount(pay, "platform_discount");
	if (is_there(json_get(pay, "total_amount")) && (!o->total_amount || !o->currency))
		return err_set(e, ERR_PARSE, 0, "total_amount is no amount with a currency");
	return 0;
}

static void
read_words(const struct json *row, struct tt_order *o)
{
	o->is_cod = json_flag(row, "is_cod");
	o->is_on_hold = json_flag(row, "is_on_hold_order");
	o->is_sample = json_flag(row, "is_sample_order");
	o->cancel_requested = json_flag(row, "is_buyer_request_cancel");
	o->cancel_initiator = word(row, "cancellation_initiator");
	o->order_type = word(row, "order_type");
	o->fulfillment_type = word(row, "fulfillment_type");
	o->shipping_type = word(row, "shipping_type");
	o->delivery_option_id = id_text(row, "delivery_option_id");
	o->delivery_option_name = text(row, "delivery_option_name");
	o->warehouse_id = id_text(row, "warehouse_id");
	o->shipping_provider_id = id_text(row, "shipping_provider_id");
	o->shipping_provider = text(row, "shipping_provider");
	o->tracking_number = word(row, "tracking_number");
	o->split_or_combine = word(row, "split_or_combine_tag");
}

static void
read_times(const struct json *row, struct tt_order *o)
{
	o->paid_time = page_time(row, "paid_time");
	o->rts_time = page_time(row, "rts_time");
	o->rts_sla_time = page_time(row, "rts_sla_time");
	o->tts_sla_time = page_time(row, "tts_sla_time");
	o->shipping_due_time = page_time(row, "shipping_due_time");
	o->collection_due_time = page_time(row, "collection_due_time");
	o->delivery_due_time = page_time(row, "delivery_due_time");
	o->pick_up_cut_off_time = page_time(row, "pick_up_cut_off_time");
	o->ship_by = o->rts_sla_time ? o->rts_sla_time : o->shipping_due_time;
	if (json_i64(row, "fulfillment_priority_level", &o->priority) || o->priority < 0 ||
	    o->priority > INT32_MAX)
		o->priority = 0;
}

int
orders_read_one(const struct json *row, const struct buyer_key *key, struct tt_order *ret,
                int64_t dropped[BUYER_FIELDS], struct err *e)
{
	memset(ret, 0, sizeof(*ret));
	if (!json_id(row, "id", ret->id, sizeof(ret->id))) {
		ret->id[0] = '\0';
		return err_set(e, ERR_PARSE, 0, "an order without an id");
	}
	count_buyer(row, dropped);
	ret->buyer = buyer_of(row, key);
	ret->status = word(row, "status");
	ret->create_time = page_time(row, "create_time");
	ret->update_time = page_time(row, "update_time");
	if (!ret->status || !ret->create_time || !ret->update_time)
		return err_set(e, ERR_PARSE, 0,
		               "status, create_time or update_time is missing or no time");
	read_words(row, ret);
	read_times(row, ret);
	read_packages(row, ret);
	if (read_money(row, ret, e) || read_lines(row, ret, e)) {
		orders_free_lines(ret);
		return -1;
	}
	return 0;
}

void
orders_free_lines(struct tt_order *o)
{
	free(o->lines);
	o->lines = NULL;
	o->nlines = 0;
}
