#include "tests/sandbox/order_json.h"

#include "tests/sandbox/buyer.h"
#include "tests/sandbox/jw.h"

#include <inttypes.h>
#include <stdio.h>

#define DAY 86400

/* Cancelled that long ago, an order has lost its address. (tiktok-shop-api.md 6.4, observed) */
#define OLD_CANCELLED_S (90 * DAY)

static const char *const carrier = "J&T Express";
static const char *const carrier_id = "6841743441349706241";
static const char *const own_carrier = "Flash Express";
static const char *const own_carrier_id = "7117858858072010002";
static const char *const actors[] = { "", "BUYER", "SELLER", "SYSTEM" };

static bool
shipped(const struct order *one)
{
	return one->rts_time != 0;
}

static void
tracking(const struct order *one, char dst[32])
{
	dst[0] = '\0';
	if (shipped(one))
		snprintf(dst, 32, "TH%014" PRIu64, one->package % 100000000000000u);
}

static const char *
package_status(const struct order *one)
{
	switch (one->status) {
	case ORDER_AWAITING_SHIPMENT:
		return "TO_FULFILL";
	case ORDER_PARTIALLY_SHIPPING:
	case ORDER_AWAITING_COLLECTION:
		return "PROCESSING";
	case ORDER_IN_TRANSIT:
		return "FULFILLING";
	case ORDER_DELIVERED:
	case ORDER_COMPLETED:
		return "COMPLETED";
	case ORDER_CANCELLED:
		return one->package ? "CANCELLED" : "";
	case ORDER_NONE:
	case ORDER_UNPAID:
	case ORDER_ON_HOLD:
		break;
	}
	return "";
}

static void
write_line(const struct orders *o, const struct order *one, const struct line *l, struct buf *out)
{
	const struct sku *s = &l->product->skus[l->sku];
	char track[32];

	tracking(one, track);
	jw_open(out, '{');
	if (l->cancelled) {
		jw_str(out, "cancel_reason", one->shop->region->cancel_text);
		jw_str(out, "cancel_user",
		       actors[one->cancelled_by ? one->cancelled_by : ORDER_SELLER]);
	}
	jw_str(out, "currency", one->shop->region->currency);
	jw_str(out, "display_status",
	       orders_status_name(l->cancelled ? ORDER_CANCELLED : one->status));
	jw_str(out, "gift_retail_price", "0");
	jw_id(out, "id", l->id);
	jw_bool(out, "is_gift", false);
	jw_money(out, "original_price", l->price);
	jw_id(out, "package_id", one->package);
	jw_str(out, "package_status", package_status(one));
	jw_str(out, "platform_discount", "0");
	jw_id(out, "product_id", l->product->id);
	jw_str(out, "product_name", l->product->title);
	if (shipped(one))
		jw_int(out, "rts_time", one->rts_time);
	jw_money(out, "sale_price", l->price - l->discount);
	jw_money(out, "seller_discount", l->discount);
	jw_str(out, "seller_sku", s->seller_sku);
	if (shipped(one)) {
		jw_str(out, "shipping_provider_id",
		       one->seller_ships ? own_carrier_id : carrier_id);
		jw_str(out, "shipping_provider_name", one->seller_ships ? own_carrier : carrier);
	}
	if (o->extra_keys && one->id % 3 == 0) {
		jw_str(out, "shipping_vat_amount", "0");
		jw_str(out, "shipping_vat_rate", "0.07");
	}
	jw_id(out, "sku_id", s->id);
	jw_str(out, "sku_image", "https://p16-oec-sg.ibyteimg.com/tos-alisg-i-sandbox/sku.jpeg");
	jw_str(out, "sku_name", s->name);
	jw_str(out, "sku_type", "NORMAL");
	jw_str(out, "tracking_number", track);
	jw_close(out, '}');
}

static void
write_payment(const struct order *one, struct buf *out)
{
	int64_t list = orders_products_total(one), off = orders_discount(one);

	jw_obj(out, "payment");
	jw_str(out, "currency", one->shop->region->currency);
	jw_str(out, "original_shipping_fee", "40");
	jw_money(out, "original_total_product_price", list);
	jw_str(out, "platform_discount", "0");
	jw_money(out, "seller_discount", off);
	jw_str(out, "shipping_fee", "15");
	jw_str(out, "shipping_fee_cofunded_discount", "0");
	jw_str(out, "shipping_fee_platform_discount", "25");
	jw_str(out, "shipping_fee_seller_discount", "0");
	jw_money(out, "sub_total", list - off);
	jw_str(out, "tax", "0");
	jw_money(out, "total_amount", orders_total(one));
	jw_close(out, '}');
}

static void
write_district(struct buf *out, const char *level, const char *level_name, const char *name)
{
	jw_open(out, '{');
	jw_str(out, "address_level", level);
	jw_str(out, "address_level_name", level_name);
	jw_str(out, "address_name", name);
	jw_close(out, '}');
}

static void
write_recipient(const struct region *where, const struct buyer *b, bool empty, struct buf *out)
{
	jw_obj(out, "recipient_address");
	jw_str(out, "address_detail", b->street);
	jw_str(out, "address_line1", b->street);
	jw_str(out, "address_line2", "");
	jw_str(out, "address_line3", "");
	jw_str(out, "address_line4", "");
	jw_obj(out, "delivery_preferences");
	jw_str(out, "drop_off_location", "");
	jw_close(out, '}');
	if (!empty) {
		jw_arr(out, "district_info");
		write_district(out, "L0", "country", where->country);
		write_district(out, "L1", "province", where->province);
		write_district(out, "L2", "district", where->city);
		write_district(out, "L3", "sub-district", b->subdistrict);
		jw_close(out, ']');
	}
	jw_str(out, "first_name", b->name);
	jw_str(out, "full_address", b->full_address);
	jw_str(out, "last_name", "");
	jw_str(out, "name", b->name);
	jw_str(out, "phone_number", b->phone);
	jw_str(out, "postal_code", b->postal_code);
	jw_str(out, "region_code", empty ? "" : where->code);
	jw_close(out, '}');
}

/* Who the buyer is, as far as this order may show it. Returns whether the address is empty. */
static bool
shown_buyer(const struct orders *o, const struct order *one, int64_t now, struct buyer *b)
{
	bool old = one->status == ORDER_CANCELLED && now - one->cancel_time >= OLD_CANCELLED_S;
	bool empty = one->status == ORDER_UNPAID || one->status == ORDER_ON_HOLD || old;

	buyer_make(o->seed, one->buyer, one->shop->region, b);
	if (empty)
		buyer_empty(b);
	else if (o->mask && !one->seller_ships)
		buyer_mask(one->shop->region, b);
	return empty;
}

/* A whole number under a key that not every version has: note where it stands, comma included. */
static void
write_cut(struct buf *out, struct order_cut *cut, const char *key, int64_t v)
{
	cut->at = out->len;
	jw_int(out, key, v);
	cut->len = out->len - cut->at;
}

/* Keys a ... i */
static void
write_first(const struct order *one, const struct buyer *b, struct order_cut *cut, struct buf *out)
{
	const bool paid = one->status >= ORDER_AWAITING_SHIPMENT && one->package;
	const int64_t due = one->create_time + 5 * DAY;

	jw_str(out, "buyer_email", b->email);
	jw_str(out, "buyer_message", b->message);
	jw_str(out, "buyer_nickname", b->nickname);
	if (paid)
		jw_int(out, "cancel_order_sla_time", due);
	if (one->status == ORDER_CANCELLED) {
		jw_str(out, "cancel_reason", one->shop->region->cancel_text);
		jw_int(out, "cancel_time", one->cancel_time);
		jw_str(out, "cancellation_initiator", actors[one->cancelled_by]);
	}
	if (paid)
		jw_int(out, "collection_due_time", due + DAY);
	if (one->collection_time)
		jw_int(out, "collection_time", one->collection_time);
	jw_str(out, "commerce_platform", "TIKTOK_SHOP");
	jw_int(out, "create_time", one->create_time);
	if (paid)
		jw_int(out, "delivery_due_time", due + 15 * DAY);
	jw_str(out, "delivery_option_id",
	       one->seller_ships ? "7091146663229650009" : "7091146663229650001");
	jw_str(out, "delivery_option_name",
	       one->seller_ships ? "Shipped by seller" : "Standard shipping");
	if (one->delivery_time)
		jw_int(out, "delivery_time", one->delivery_time);
	jw_str(out, "delivery_type", "HOME_DELIVERY");
	write_cut(out, cut, "fulfillment_priority_level", 600);
	jw_str(out, "fulfillment_type", "FULFILLMENT_BY_SELLER");
	jw_bool(out, "has_updated_recipient_address", one->address_changed);
	jw_id(out, "id", one->id);
	if (one->cancel_asked)
		jw_bool(out, "is_buyer_request_cancel", true);
	jw_bool(out, "is_cod", one->cod);
	jw_bool(out, "is_on_hold_order", one->on_hold);
	jw_bool(out, "is_replacement_order", false);
	jw_bool(out, "is_sample_order", false);
}

/* Keys l ... q */
static void
write_middle(const struct orders *o, const struct order *one, struct buf *out)
{
	jw_arr(out, "line_items");
	for (size_t i = 0; i < one->n_lines; i++)
		write_line(o, one, &one->lines[i], out);
	jw_close(out, ']');
	jw_str(out, "order_type", "NORMAL");
	jw_arr(out, "packages");
	if (one->package) {
		jw_open(out, '{');
		jw_id(out, "id", one->package);
		jw_close(out, '}');
	}
	jw_close(out, ']');
	if (one->paid_time)
		jw_int(out, "paid_time", one->paid_time);
	write_payment(one, out);
	jw_str(out, "payment_method_name", one->cod ? "Cash on delivery" : "PromptPay");
}

/* Keys r ... z, behind the address */
static void
write_last(const struct order *one, const struct buyer *b, struct buf *out)
{
	const bool paid = one->status >= ORDER_AWAITING_SHIPMENT && one->package;
	char track[32];

	tracking(one, track);
	if (paid)
		jw_int(out, "rts_sla_time", one->create_time + 2 * DAY);
	if (one->rts_time)
		jw_int(out, "rts_time", one->rts_time);
	jw_str(out, "seller_note", "");
	if (paid) {
		jw_int(out, "shipping_due_time", one->create_time + 5 * DAY);
		jw_str(out, "shipping_provider", one->seller_ships ? own_carrier : carrier);
		jw_str(out, "shipping_provider_id",
		       one->seller_ships ? own_carrier_id : carrier_id);
	}
	jw_str(out, "shipping_type", one->seller_ships ? "SELLER" : "TIKTOK");
	jw_str(out, "status", orders_status_name(one->status));
	jw_str(out, "tracking_number", track);
	if (paid)
		jw_int(out, "tts_sla_time", one->create_time + 3 * DAY);
	jw_int(out, "update_time", one->update_time);
	jw_id(out, "user_id", b->user_id);
	jw_id(out, "warehouse_id", one->warehouse_id);
}

/* Keys nobody documented: a client must not mind them. (tiktok-shop-api.md 1.5) */
static void
write_unknown(struct buf *out)
{
	jw_obj(out, "zz_sandbox_unknown");
	jw_arr(out, "a");
	jw_item(out, "b");
	jw_close(out, ']');
	jw_int(out, "n", 1);
	jw_close(out, '}');
}

void
order_json_write(const struct orders *o, struct order *one, int64_t now, struct buf *out)
{
	struct buyer b;
	bool empty = shown_buyer(o, one, now, &b);

	jw_open(out, '{');
	write_first(one, &b, &one->cuts[0], out);
	write_middle(o, one, out);
	write_recipient(one->shop->region, &b, empty, out);
	write_cut(out, &one->cuts[1], "recommended_shipping_time", one->create_time + DAY);
	write_last(one, &b, out);
	if (o->extra_keys && one->id % 2)
		write_unknown(out);
	jw_close(out, '}');
}

static void
write_price_line(const struct order *one, const struct line *l, struct buf *out)
{
	jw_open(out, '{');
	jw_str(out, "currency", one->shop->region->currency);
	jw_id(out, "id", l->id);
	jw_money(out, "payment", l->price - l->discount);
	jw_money(out, "sku_list_price", l->price);
	jw_money(out, "sku_sale_price", l->price - l->discount);
	jw_money(out, "subtotal", l->price - l->discount);
	jw_str(out, "subtotal_deduction_platform", "0");
	jw_money(out, "subtotal_deduction_seller", l->discount);
	jw_str(out, "subtotal_tax_amount", "0");
	jw_money(out, "total", l->price);
	jw_close(out, '}');
}

void
order_json_write_price(const struct order *one, struct buf *out)
{
	int64_t list = orders_products_total(one), off = orders_discount(one);

	jw_open(out, '{');
	jw_str(out, "currency", one->shop->region->currency);
	jw_arr(out, "line_items");
	for (size_t i = 0; i < one->n_lines; i++)
		write_price_line(one, &one->lines[i], out);
	jw_close(out, ']');
	jw_money(out, "payment", orders_total(one));
	jw_str(out, "shipping_fee_deduction_platform", "25");
	jw_str(out, "shipping_fee_deduction_seller", "0");
	jw_str(out, "shipping_list_price", "40");
	jw_str(out, "shipping_sale_price", "15");
	jw_money(out, "sku_list_price", list);
	jw_money(out, "sku_sale_price", list - off);
	jw_money(out, "subtotal", list - off);
	jw_str(out, "subtotal_deduction_platform", "0");
	jw_money(out, "subtotal_deduction_seller", off);
	jw_str(out, "tax_amount", "0");
	jw_money(out, "total", list + 4000);
	jw_close(out, '}');
}
