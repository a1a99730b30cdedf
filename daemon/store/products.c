#include "daemon/store/products.h"

const struct pg_stmt products_store = {
	"products_store",
	"SELECT r_shop, owned, written FROM ttsync.products_store($1, $2, $3, $4, $5, $6, $7, $8, "
	"$9, $10,"
	" $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21)",
};

/* The columns in the order of ttsync.products_store's parameters. */
enum {
	SHOP,
	FENCE,
	P_SHOP,
	P_ID,
	P_TITLE,
	P_STATUS,
	P_CREATE,
	P_UPDATE,
	P_HASH,
	K_SHOP,
	K_PRODUCT,
	K_ID,
	K_SELLER_SKU,
	K_PRICE,
	K_CURRENCY,
	K_QUANTITY,
	T_SHOP,
	T_PRODUCT,
	T_SKU,
	T_WAREHOUSE,
	T_QUANTITY,
	COLS
};

_Static_assert(COLS == PRODUCTS_BATCH_COLS, "a column without a place");

static const enum pg_type types[COLS] = {
	[SHOP] = PG_INT8,         [FENCE] = PG_INT8,       [P_SHOP] = PG_INT8,
	[P_ID] = PG_TEXT,         [P_TITLE] = PG_TEXT,     [P_STATUS] = PG_TEXT,
	[P_CREATE] = PG_TIME,     [P_UPDATE] = PG_TIME,    [P_HASH] = PG_INT8,
	[K_SHOP] = PG_INT8,       [K_PRODUCT] = PG_TEXT,   [K_ID] = PG_TEXT,
	[K_SELLER_SKU] = PG_TEXT, [K_PRICE] = PG_TEXT,     [K_CURRENCY] = PG_TEXT,
	[K_QUANTITY] = PG_INT8,   [T_SHOP] = PG_INT8,      [T_PRODUCT] = PG_TEXT,
	[T_SKU] = PG_TEXT,        [T_WAREHOUSE] = PG_TEXT, [T_QUANTITY] = PG_INT8,
};

void
products_batch_init(struct products_batch *b)
{
	for (int i = 0; i < COLS; i++)
		pg_col_init(&b->col[i], types[i]);
	b->rows = 0;
}

void
products_batch_done(struct products_batch *b)
{
	for (int i = 0; i < COLS; i++)
		pg_col_done(&b->col[i]);
}

void
products_batch_shop(struct products_batch *b, int64_t shop, int64_t fence)
{
	pg_col_i64(&b->col[SHOP], shop);
	pg_col_i64(&b->col[FENCE], fence);
}

static void
add_sku(struct products_batch *b, int64_t shop, const char *product_id, const struct tt_sku *k)
{
	struct pg_col *c = b->col;

	pg_col_i64(&c[K_SHOP], shop);
	pg_col_text(&c[K_PRODUCT], product_id);
	pg_col_text(&c[K_ID], k->id);
	pg_col_text(&c[K_SELLER_SKU], k->seller_sku);
	pg_col_text(&c[K_PRICE], k->price);
	pg_col_text(&c[K_CURRENCY], k->currency);
	pg_col_i64(&c[K_QUANTITY], k->quantity);
	for (int i = 0; i < k->nstock; i++) {
		pg_col_i64(&c[T_SHOP], shop);
		pg_col_text(&c[T_PRODUCT], product_id);
		pg_col_text(&c[T_SKU], k->id);
		pg_col_text(&c[T_WAREHOUSE], k->stock[i].warehouse_id);
		pg_col_i64(&c[T_QUANTITY], k->stock[i].quantity);
	}
}

void
products_batch_add(struct products_batch *b, int64_t shop, const struct tt_product *p)
{
	struct pg_col *c = b->col;

	b->rows++;
	pg_col_i64(&c[P_SHOP], shop);
	pg_col_text(&c[P_ID], p->id);
	pg_col_text(&c[P_TITLE], p->title);
	pg_col_text(&c[P_STATUS], p->status);
	pg_col_time(&c[P_CREATE], p->create_time);
	pg_col_time(&c[P_UPDATE], p->update_time);
	pg_col_i64(&c[P_HASH], p->hash);
	for (int i = 0; i < p->nskus; i++)
		add_sku(b, shop, p->id, &p->skus[i]);
}

void
products_batch_args(struct pg_args *a, const struct products_batch *b)
{
	pg_args_init(a);
	for (int i = 0; i < COLS; i++)
		pg_array(a, &b->col[i]);
}
