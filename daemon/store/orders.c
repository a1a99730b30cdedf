#include "daemon/store/orders.h"

const struct pg_stmt orders_probe = {
	"orders_probe",
	"SELECT * FROM ttsync.orders_probe($1, $2, $3, $4)",
};

const struct pg_stmt orders_problem = {
	"orders_problem",
	"SELECT ttsync.orders_problem($1, $2, $3, $4)",
};

const struct pg_stmt orders_store = {
	"orders_store",
	"SELECT r_shop, owned, inserted + changed FROM ttsync.orders_store("
	" $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16,"
	" $17, $18, $19, $20, $21, $22, $23, $24, $25, $26, $27, $28, $29, $30,"
	" $31, $32, $33, $34, $35, $36, $37, $38, $39, $40, $41, $42, $43, $44,"
	" $45, $46, $47, $48, $49, $50, $51, $52, $53, $54, $55, $56, $57, $58,"
	" $59, $60, $61"
	")",
};

/* The columns in the order of ttsync.orders_store's parameters. */
enum {
	SHOP,
	FENCE,
	SEQ,
	CHECK,
	O_SHOP,
	O_ORDER_ID,
	O_UPDATE_TIME,
	O_HASH,
	O_STATUS,
	O_CREATE_TIME,
	O_PAID_TIME,
	O_CURRENCY,
	O_TOTAL_AMOUNT,
	O_SUB_TOTAL,
	O_SHIPPING_FEE,
	O_SELLER_DISCOUNT,
	O_PLATFORM_DISCOUNT,
	O_IS_COD,
	O_IS_ON_HOLD,
	O_IS_SAMPLE,
	O_CANCEL_REQUESTED,
	O_CANCEL_INITIATOR,
	O_ORDER_TYPE,
	O_FULFILLMENT_TYPE,
	O_SHIPPING_TYPE,
	O_DELIVERY_OPTION_ID,
	O_DELIVERY_OPTION_NAME,
	O_WAREHOUSE_ID,
	O_SHIPPING_PROVIDER_ID,
	O_SHIPPING_PROVIDER,
	O_TRACKING_NUMBER,
	O_SPLIT_OR_COMBINE,
	O_PACKAGE_IDS,
	O_PRIORITY,
	O_SHIP_BY,
	O_RTS_TIME,
	O_RTS_SLA_TIME,
	O_TTS_SLA_TIME,
	O_SHIPPING_DUE_TIME,
	O_COLLECTION_DUE_TIME,
	O_DELIVERY_DUE_TIME,
	O_PICK_UP_CUT_OFF_TIME,
	O_BUYER,
	L_SHOP,
	L_ORDER_ID,
	L_LINE_ID,
	L_PRODUCT_ID,
	L_PRODUCT_NAME,
	L_SKU_ID,
	L_SKU_NAME,
	L_SELLER_SKU,
	L_STATUS,
	L_ORIGINAL_PRICE,
	L_SALE_PRICE,
	L_SELLER_DISCOUNT,
	L_PLATFORM_DISCOUNT,
	L_CURRENCY,
	L_PACKAGE_ID,
	L_PACKAGE_STATUS,
	L_IS_GIFT,
	L_CANCEL_USER,
	COLS
};

_Static_assert(COLS == ORDERS_BATCH_COLS, "a column without a place");
_Static_assert(COLS <= PG_PARAMS_MAX, "more columns than parameters");

static const enum pg_type types[COLS] = {
	[SHOP] = PG_INT8,
	[FENCE] = PG_INT8,
	[SEQ] = PG_INT4,
	[CHECK] = PG_BOOL,
	[O_SHOP] = PG_INT8,
	[O_ORDER_ID] = PG_TEXT,
	[O_UPDATE_TIME] = PG_TIME,
	[O_HASH] = PG_INT8,
	[O_STATUS] = PG_TEXT,
	[O_CREATE_TIME] = PG_TIME,
	[O_PAID_TIME] = PG_TIME,
	[O_CURRENCY] = PG_TEXT,
	[O_TOTAL_AMOUNT] = PG_TEXT,
	[O_SUB_TOTAL] = PG_TEXT,
	[O_SHIPPING_FEE] = PG_TEXT,
	[O_SELLER_DISCOUNT] = PG_TEXT,
	[O_PLATFORM_DISCOUNT] = PG_TEXT,
	[O_IS_COD] = PG_BOOL,
	[O_IS_ON_HOLD] = PG_BOOL,
	[O_IS_SAMPLE] = PG_BOOL,
	[O_CANCEL_REQUESTED] = PG_BOOL,
	[O_CANCEL_INITIATOR] = PG_TEXT,
	[O_ORDER_TYPE] = PG_TEXT,
	[O_FULFILLMENT_TYPE] = PG_TEXT,
	[O_SHIPPING_TYPE] = PG_TEXT,
	[O_DELIVERY_OPTION_ID] = PG_TEXT,
	[O_DELIVERY_OPTION_NAME] = PG_TEXT,
	[O_WAREHOUSE_ID] = PG_TEXT,
	[O_SHIPPING_PROVIDER_ID] = PG_TEXT,
	[O_SHIPPING_PROVIDER] = PG_TEXT,
	[O_TRACKING_NUMBER] = PG_TEXT,
	[O_SPLIT_OR_COMBINE] = PG_TEXT,
	[O_PACKAGE_IDS] = PG_TEXT,
	[O_PRIORITY] = PG_INT4,
	[O_SHIP_BY] = PG_TIME,
	[O_RTS_TIME] = PG_TIME,
	[O_RTS_SLA_TIME] = PG_TIME,
	[O_TTS_SLA_TIME] = PG_TIME,
	[O_SHIPPING_DUE_TIME] = PG_TIME,
	[O_COLLECTION_DUE_TIME] = PG_TIME,
	[O_DELIVERY_DUE_TIME] = PG_TIME,
	[O_PICK_UP_CUT_OFF_TIME] = PG_TIME,
	[O_BUYER] = PG_INT4,
	[L_SHOP] = PG_INT8,
	[L_ORDER_ID] = PG_TEXT,
	[L_LINE_ID] = PG_TEXT,
	[L_PRODUCT_ID] = PG_TEXT,
	[L_PRODUCT_NAME] = PG_TEXT,
	[L_SKU_ID] = PG_TEXT,
	[L_SKU_NAME] = PG_TEXT,
	[L_SELLER_SKU] = PG_TEXT,
	[L_STATUS] = PG_TEXT,
	[L_ORIGINAL_PRICE] = PG_TEXT,
	[L_SALE_PRICE] = PG_TEXT,
	[L_SELLER_DISCOUNT] = PG_TEXT,
	[L_PLATFORM_DISCOUNT] = PG_TEXT,
	[L_CURRENCY] = PG_TEXT,
	[L_PACKAGE_ID] = PG_TEXT,
	[L_PACKAGE_STATUS] = PG_TEXT,
	[L_IS_GIFT] = PG_BOOL,
	[L_CANCEL_USER] = PG_TEXT,
};

void
orders_batch_init(struct orders_batch *b)
{
	for (int i = 0; i < COLS; i++)
		pg_col_init(&b->col[i], types[i]);
	b->rows = 0;
}

void
orders_batch_done(struct orders_batch *b)
{
	for (int i = 0; i < COLS; i++)
		pg_col_done(&b->col[i]);
}

void
orders_batch_shop(struct orders_batch *b, int64_t shop, int64_t fence, int64_t seq, bool check)
{
	pg_col_i64(&b->col[SHOP], shop);
	pg_col_i64(&b->col[FENCE], fence);
	pg_col_i64(&b->col[SEQ], seq);
	pg_col_bool(&b->col[CHECK], check);
}

static void
add_line(struct orders_batch *b, int64_t shop, const char *order_id, const struct tt_line *l)
{
	struct pg_col *c = b->col;

	pg_col_i64(&c[L_SHOP], shop);
	pg_col_text(&c[L_ORDER_ID], order_id);
	pg_col_text(&c[L_LINE_ID], l->id);
	pg_col_text(&c[L_PRODUCT_ID], l->product_id);
	pg_col_text(&c[L_PRODUCT_NAME], l->product_name);
	pg_col_text(&c[L_SKU_ID], l->sku_id);
	pg_col_text(&c[L_SKU_NAME], l->sku_name);
	pg_col_text(&c[L_SELLER_SKU], l->seller_sku);
	pg_col_text(&c[L_STATUS], l->status);
	pg_col_text(&c[L_ORIGINAL_PRICE], l->original_price);
	pg_col_text(&c[L_SALE_PRICE], l->sale_price);
	pg_col_text(&c[L_SELLER_DISCOUNT], l->seller_discount);
	pg_col_text(&c[L_PLATFORM_DISCOUNT], l->platform_discount);
	pg_col_text(&c[L_CURRENCY], l->currency);
	pg_col_text(&c[L_PACKAGE_ID], l->package_id);
	pg_col_text(&c[L_PACKAGE_STATUS], l->package_status);
	pg_col_bool(&c[L_IS_GIFT], l->is_gift);
	pg_col_text(&c[L_CANCEL_USER], l->cancel_user);
}

void
orders_batch_add(struct orders_batch *b, int64_t shop, const struct tt_order *o)
{
	struct pg_col *c = b->col;

	b->rows++;
	pg_col_i64(&c[O_SHOP], shop);
	pg_col_text(&c[O_ORDER_ID], o->id);
	pg_col_time(&c[O_UPDATE_TIME], o->update_time);
	pg_col_i64(&c[O_HASH], o->hash);
	pg_col_text(&c[O_STATUS], o->status);
	pg_col_time(&c[O_CREATE_TIME], o->create_time);
	pg_col_time(&c[O_PAID_TIME], o->paid_time);
	pg_col_text(&c[O_CURRENCY], o->currency);
	pg_col_text(&c[O_TOTAL_AMOUNT], o->total_amount);
	pg_col_text(&c[O_SUB_TOTAL], o->sub_total);
	pg_col_text(&c[O_SHIPPING_FEE], o->shipping_fee);
	pg_col_text(&c[O_SELLER_DISCOUNT], o->seller_discount);
	pg_col_text(&c[O_PLATFORM_DISCOUNT], o->platform_discount);
	pg_col_bool(&c[O_IS_COD], o->is_cod);
	pg_col_bool(&c[O_IS_ON_HOLD], o->is_on_hold);
	pg_col_bool(&c[O_IS_SAMPLE], o->is_sample);
	pg_col_bool(&c[O_CANCEL_REQUESTED], o->cancel_requested);
	pg_col_text(&c[O_CANCEL_INITIATOR], o->cancel_initiator);
	pg_col_text(&c[O_ORDER_TYPE], o->order_type);
	pg_col_text(&c[O_FULFILLMENT_TYPE], o->fulfillment_type);
	pg_col_text(&c[O_SHIPPING_TYPE], o->shipping_type);
	pg_col_text(&c[O_DELIVERY_OPTION_ID], o->delivery_option_id);
	pg_col_text(&c[O_DELIVERY_OPTION_NAME], o->delivery_option_name);
	pg_col_text(&c[O_WAREHOUSE_ID], o->warehouse_id);
	pg_col_text(&c[O_SHIPPING_PROVIDER_ID], o->shipping_provider_id);
	pg_col_text(&c[O_SHIPPING_PROVIDER], o->shipping_provider);
	pg_col_text(&c[O_TRACKING_NUMBER], o->tracking_number);
	pg_col_text(&c[O_SPLIT_OR_COMBINE], o->split_or_combine);
	pg_col_text(&c[O_PACKAGE_IDS], o->packages[0] ? o->packages : NULL);
	pg_col_i64(&c[O_PRIORITY], o->priority);
	pg_col_time(&c[O_SHIP_BY], o->ship_by);
	pg_col_time(&c[O_RTS_TIME], o->rts_time);
	pg_col_time(&c[O_RTS_SLA_TIME], o->rts_sla_time);
	pg_col_time(&c[O_TTS_SLA_TIME], o->tts_sla_time);
	pg_col_time(&c[O_SHIPPING_DUE_TIME], o->shipping_due_time);
	pg_col_time(&c[O_COLLECTION_DUE_TIME], o->collection_due_time);
	pg_col_time(&c[O_DELIVERY_DUE_TIME], o->delivery_due_time);
	pg_col_time(&c[O_PICK_UP_CUT_OFF_TIME], o->pick_up_cut_off_time);
	pg_col_i64(&c[O_BUYER], o->buyer);
	for (int i = 0; i < o->nlines; i++)
		add_line(b, shop, o->id, &o->lines[i]);
}

void
orders_batch_args(struct pg_args *a, const struct orders_batch *b)
{
	pg_args_init(a);
	for (int i = 0; i < COLS; i++)
		pg_array(a, &b->col[i]);
}
