#include "daemon/sync/store_pages.h"

#include "daemon/store/orders.h"
#include "daemon/store/products.h"

#include <stddef.h>

/* Rows of one statement: more do not make it cheaper a row, and a retry costs more. */
#define PROBE_ROWS_MAX 4000
#define STORE_ROWS_MAX 1000

#define OF(type, member, i) ((struct type *)(void *)((char *)(i)-offsetof(struct type, member)))

/* --- probe ----------------------------------------------------------------------------------- */

static void
probe_fill(struct env *env, struct pg_args *a, struct group_item *const *items, int n)
{
	struct pg_col shop, id, time, hash;

	(void)env;
	pg_col_init(&shop, PG_INT8);
	pg_col_init(&id, PG_TEXT);
	pg_col_init(&time, PG_TIME);
	pg_col_init(&hash, PG_INT8);
	for (int k = 0; k < n; k++) {
		const struct probe_item *p = OF(probe_item, item, items[k]);

		for (int i = 0; i < p->n; i++) {
			pg_col_i64(&shop, p->shop);
			pg_col_text(&id, p->rows[i].id);
			pg_col_time(&time, p->rows[i].update_time);
			pg_col_i64(&hash, p->rows[i].hash);
		}
	}
	pg_args_init(a);
	pg_array(a, &shop);
	pg_array(a, &id);
	pg_array(a, &time);
	pg_array(a, &hash);
	pg_col_done(&shop);
	pg_col_done(&id);
	pg_col_done(&time);
	pg_col_done(&hash);
}

/* Positions count through all items as they were sent: an item keeps its weight when it leaves. */
static int
probe_read(struct pg_result *r, struct group_item *const *items, const int *weights, int n,
           struct err *e)
{
	(void)e;
	for (int row = 0; row < pg_rows(r); row++) {
		int64_t at = pg_num(r, row, 0) - 1;

		for (int k = 0; k < n && at >= 0; at -= weights[k], k++)
			if (at < weights[k] && items[k])
				OF(probe_item, item, items[k])->rows[at].differs = true;
	}
	return 0;
}

const struct group_ops probe_group = {
	.stmt = &orders_probe,
	.max_weight = PROBE_ROWS_MAX,
	.max_flights = 2,
	.fill = probe_fill,
	.read = probe_read,
};

/* --- pages ----------------------------------------------------------------------------------- */

/* Each row of the answer: a shop, whether it is still ours, how many rows were written. */
static int
stored_read(struct pg_result *r, struct group_item *const *items, const int *weights, int n,
            struct err *e)
{
	(void)weights;
	if (pg_rows(r) != n)
		return err_set(e, ERR_PARSE, 0, "%d answers to %d pages", pg_rows(r), n);
	for (int row = 0; row < n; row++) {
		for (int k = 0; k < n; k++) {
			struct stored *s = items[k] ? OF(stored, item, items[k]) : NULL;

			if (!s || s->shop != pg_num(r, row, 0))
				continue;
			s->owned = pg_truth(r, row, 1);
			s->written = pg_num(r, row, 2);
		}
	}
	return 0;
}

/* --- orders ---------------------------------------------------------------------------------- */

static void
orders_fill(struct env *env, struct pg_args *a, struct group_item *const *items, int n)
{
	struct orders_batch b;

	(void)env;
	orders_batch_init(&b);
	for (int k = 0; k < n; k++) {
		const struct orders_item *o = OF(orders_item, in.item, items[k]);

		orders_batch_shop(&b, o->in.shop, o->in.fence, o->seq, o->check);
		for (int i = 0; i < o->n; i++)
			orders_batch_add(&b, o->in.shop, &o->rows[i]);
	}
	orders_batch_args(a, &b);
	orders_batch_done(&b);
}

const struct group_ops orders_group = {
	.stmt = &orders_store,
	.max_weight = STORE_ROWS_MAX,
	.max_flights = 2,
	.fill = orders_fill,
	.read = stored_read,
};

/* --- products -------------------------------------------------------------------------------- */

static void
products_fill(struct env *env, struct pg_args *a, struct group_item *const *items, int n)
{
	struct products_batch b;

	(void)env;
	products_batch_init(&b);
	for (int k = 0; k < n; k++) {
		const struct products_item *p = OF(products_item, in.item, items[k]);

		products_batch_shop(&b, p->in.shop, p->in.fence);
		for (int i = 0; i < p->n; i++)
			products_batch_add(&b, p->in.shop, &p->rows[i]);
	}
	products_batch_args(a, &b);
	products_batch_done(&b);
}

const struct group_ops products_group = {
	.stmt = &products_store,
	.max_weight = STORE_ROWS_MAX,
	.max_flights = 1,
	.fill = products_fill,
	.read = stored_read,
};
