#include "daemon/tiktok/orders_fields.h"

#include "common/own.h"
#include "daemon/tiktok/page.h"

#include <string.h>

/* --- the lists ------------------------------------------------------------------------------- */

/* clang-format off */
#define NAME(name) #name, sizeof(#name) - 1
/* A member of struct tt_order, or of struct tt_line, under TikTok's name. */
#define ORDER(name, type, member) { NAME(name), FIELD_PLAIN, TYPE_##type, offsetof(struct tt_order, member) }
#define LINE(name, type, member) { NAME(name), FIELD_PLAIN, TYPE_##type, offsetof(struct tt_line, member) }
/* The same where the scan wants it as well. */
#define KEY(name, type, kind) { NAME(name), FIELD_##kind, TYPE_##type, offsetof(struct tt_order, name) }
#define INNER(name, kind) { NAME(name), FIELD_##kind, TYPE_NONE, 0 }

/* Each list is sorted by byte: find walks it in step with the keys of the wire. */
static const struct field order_rows[] = {
	ORDER(cancellation_initiator, WORD, cancel_initiator),
	ORDER(collection_due_time, TIME, collection_due_time),
	KEY(create_time, TIME, CREATED),
	ORDER(delivery_due_time, TIME, delivery_due_time),
	ORDER(delivery_option_id, REF, delivery_option_id),
	ORDER(delivery_option_name, TEXT, delivery_option_name),
	ORDER(fulfillment_priority_level, LEVEL, priority),
	ORDER(fulfillment_type, WORD, fulfillment_type),
	KEY(id, ID, ID),
	ORDER(is_buyer_request_cancel, FLAG, cancel_requested),
	ORDER(is_cod, FLAG, is_cod),
	ORDER(is_on_hold_order, FLAG, is_on_hold),
	ORDER(is_sample_order, FLAG, is_sample),
	INNER(line_items, LINES),
	ORDER(order_type, WORD, order_type),
	INNER(packages, PACKAGES),
	ORDER(paid_time, TIME, paid_time),
	INNER(payment, PAYMENT),
	ORDER(pick_up_cut_off_time, TIME, pick_up_cut_off_time),
	ORDER(rts_sla_time, TIME, rts_sla_time),
	ORDER(rts_time, TIME, rts_time),
	ORDER(shipping_due_time, TIME, shipping_due_time),
	ORDER(shipping_provider, TEXT, shipping_provider),
	ORDER(shipping_provider_id, REF, shipping_provider_id),
	ORDER(shipping_type, WORD, shipping_type),
	ORDER(split_or_combine_tag, WORD, split_or_combine),
	ORDER(status, WORD, status),
	ORDER(tracking_number, WORD, tracking_number),
	ORDER(tts_sla_time, TIME, tts_sla_time),
	KEY(update_time, TIME, UPDATED),
	ORDER(warehouse_id, REF, warehouse_id),
};

static const struct field payment_rows[] = {
	ORDER(currency, WORD, currency),
	ORDER(platform_discount, AMOUNT, platform_discount),
	ORDER(seller_discount, AMOUNT, seller_discount),
	ORDER(shipping_fee, AMOUNT, shipping_fee),
	ORDER(sub_total, AMOUNT, sub_total),
	ORDER(total_amount, AMOUNT, total_amount),
};

static const struct field line_rows[] = {
	LINE(cancel_user, WORD, cancel_user),
	LINE(currency, WORD, currency),
	LINE(display_status, WORD, status),
	LINE(id, ID, id),
	LINE(is_gift, FLAG, is_gift),
	LINE(original_price, AMOUNT, original_price),
	LINE(package_id, REF, package_id),
	LINE(package_status, WORD, package_status),
	LINE(platform_discount, AMOUNT, platform_discount),
	LINE(product_id, REF, product_id),
	LINE(product_name, TEXT, product_name),
	LINE(sale_price, AMOUNT, sale_price),
	LINE(seller_discount, AMOUNT, seller_discount),
	LINE(seller_sku, TEXT, seller_sku),
	LINE(sku_id, REF, sku_id),
	LINE(sku_name, TEXT, sku_name),
};

static const struct field package_rows[] = {
	{ NAME(id), FIELD_PLAIN, TYPE_ID, 0 },
};

#define FIELDS(rows) { rows, ARRAY_LEN(rows) }
const struct fields fields_order = FIELDS(order_rows);
const struct fields fields_payment = FIELDS(payment_rows);
const struct fields fields_line = FIELDS(line_rows);
const struct fields fields_package = FIELDS(package_rows);

const struct field_buyer fields_buyer[FIELDS_BUYER] = {
	{ NAME(recipient_address), BUYER_RECIPIENT },
	{ NAME(buyer_email), BUYER_EMAIL },
	{ NAME(buyer_message), BUYER_NOTE },
	{ NAME(seller_note), BUYER_NOTE },
	{ NAME(user_id), BUYER_ID },
	{ NAME(buyer_nickname), BUYER_OTHER },
	{ NAME(buyer_avatar), BUYER_OTHER },
	{ NAME(cpf), BUYER_OTHER },
	{ NAME(cpf_name), BUYER_OTHER },
	{ NAME(payment_card_type), BUYER_OTHER },
	{ NAME(payment_auth_code), BUYER_OTHER },
	{ NAME(channel_entity_national_registry_id), BUYER_OTHER },
	{ NAME(consultation_id), BUYER_OTHER },
};
/* clang-format on */

/* --- values ---------------------------------------------------------------------------------- */

bool
fields_scalar(struct peek *c, struct fields_value *ret)
{
	ret->quoted = peek_is(c, '"');
	return ret->quoted ? peek_string(c, &ret->text) : peek_bare(c, &ret->text);
}

bool
fields_is(const struct fields_value *v, const char *word)
{
	return !v->quoted && strlen(word) == v->text.len && !memcmp(word, v->text.p, v->text.len);
}

bool
fields_is_nothing(const struct fields_value *v)
{
	return (v->quoted && !v->text.len) || fields_is(v, "null") || fields_is(v, "false") ||
	       fields_is(v, "0");
}

bool
fields_time(const struct fields_value *v, int64_t *ret)
{
	int64_t n = 0;

	if (v->quoted || v->text.len > 15)
		return false;
	for (size_t i = 0; i < v->text.len; i++) {
		if (v->text.p[i] < '0' || v->text.p[i] > '9')
			return false;
		n = n * 10 + (v->text.p[i] - '0');
	}
	*ret = n;
	return n >= PAGE_TIME_MIN && n <= PAGE_TIME_MAX;
}

bool
fields_id(const struct fields_value *v, char dst[21])
{
	if (!v->quoted || v->text.len < 1 || v->text.len > 20)
		return false;
	for (size_t i = 0; i < v->text.len; i++)
		if (v->text.p[i] < '0' || v->text.p[i] > '9')
			return false;
	memcpy(dst, v->text.p, v->text.len);
	dst[v->text.len] = '\0';
	return true;
}

/* --- keys ------------------------------------------------------------------------------------ */

/* Below, at or above the key: as strcmp. */
static int
compare(const struct field *f, struct peek_span key)
{
	int d = key.len ? (unsigned char)f->name[0] - (unsigned char)key.p[0] : 1;

	if (!d)
		d = memcmp(f->name, key.p, f->len < key.len ? f->len : key.len);
	return d ? d : (f->len > key.len) - (f->len < key.len);
}

/*
 * The key's row, or NULL. Live answers list keys in alphabetical order (tiktok-shop-api.md 1.5), so
 * the search goes on at *at, where the last one ended, and starts anew where that order breaks.
 */
static const struct field *
find(const struct fields *list, size_t *at, struct peek_span key)
{
	size_t i = *at && compare(&list->rows[*at - 1], key) >= 0 ? 0 : *at;
	int d = 1;

	while (i < list->n && (d = compare(&list->rows[i], key)) < 0)
		i++;
	*at = i;
	return i < list->n && d == 0 ? &list->rows[i] : NULL;
}

int
fields_next(struct peek *c, struct fields_visit *v, const struct field **ret)
{
	struct peek_span key;
	int more;

	while ((more = peek_key(c, &v->begun, &key)) == 1) {
		uint64_t bit;

		*ret = find(v->list, &v->at, key);
		if (!*ret && (v->other ? v->other(c, &key, v->arg) : peek_skip(c)))
			continue;
		if (!*ret)
			return -1;
		bit = UINT64_C(1) << (*ret - v->list->rows);
		if (v->seen & bit)
			return -1;
		v->seen |= bit;
		return 1;
	}
	return more;
}
