#include "daemon/store/jobs.h"
#include "daemon/store/orders.h"
#include "daemon/store/products.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

/* How many $n a statement names. */
static int
params_of(const struct pg_stmt *s)
{
	int most = 0;

	for (const char *p = strchr(s->sql, '$'); p; p = strchr(p + 1, '$')) {
		int n = 0;

		if (sscanf(p, "$%d", &n) == 1 && n > most)
			most = n;
	}
	return most;
}

static struct tt_order
an_order(void)
{
	static struct tt_line line = { .id = "580112233445569011",
		                       .product_name = "ครีม",
		                       .is_gift = true };

	return (struct tt_order){ .id = "580112233445566701",
		                  .status = "UNPAID",
		                  .create_time = 1780000000,
		                  .update_time = 1780000060,
		                  .total_amount = "562",
		                  .nlines = 1,
		                  .lines = &line };
}

Test(store, an_orders_batch_fills_every_parameter_of_its_statement)
{
	struct tt_order o = an_order();
	struct orders_batch b;
	struct pg_args a;

	orders_batch_init(&b);
	orders_batch_shop(&b, 17, 3, 1, false);
	orders_batch_add(&b, 17, &o);
	orders_batch_args(&a, &b);
	cr_assert_not(a.failed);
	cr_assert_eq(a.n, params_of(&orders_store));
	cr_assert_eq(b.rows, 1);
	/* all columns of a row stand side by side: one order, one line */
	for (int i = 0; i < ORDERS_BATCH_COLS; i++)
		cr_assert_eq(b.col[i].n, 1, "column %d", i);
	pg_args_done(&a);
	orders_batch_done(&b);
}

Test(store, a_products_batch_fills_every_parameter_of_its_statement)
{
	struct tt_stock stock = { "7301122334455667701", 43 };
	struct tt_sku sku = {
		.id = "1730112233445566801", .quantity = 43, .nstock = 1, .stock = &stock
	};
	struct tt_product p = { .id = "1730112233445566771",
		                .status = "ACTIVATE",
		                .update_time = 1779999000,
		                .nskus = 1,
		                .skus = &sku };
	struct products_batch b;
	struct pg_args a;

	products_batch_init(&b);
	products_batch_shop(&b, 17, 3);
	products_batch_add(&b, 17, &p);
	products_batch_args(&a, &b);
	cr_assert_eq(a.n, params_of(&products_store));
	for (int i = 0; i < PRODUCTS_BATCH_COLS; i++)
		cr_assert_eq(b.col[i].n, 1, "column %d", i);
	pg_args_done(&a);
	products_batch_done(&b);
}

Test(store, a_closed_job_fills_every_parameter_of_its_statement)
{
	struct job_end ends[2] = { { .shop = 1, .kind = "orders", .done = -1 },
		                   { .shop = 2, .kind = "products", .done = 5, .total = 5 } };
	struct pg_args a;

	jobs_close_args(&a, ends, 2);
	cr_assert_eq(a.n, params_of(&jobs_close));
	cr_assert_not(a.failed);
	pg_args_done(&a);
}

Test(store, a_failed_job_fills_every_parameter_of_its_statement)
{
	struct job_failure f = { .why = "TikTok 36009003", .retry_s = 4 };
	struct pg_args a;

	jobs_fail_args(&a, 1, "orders", 7, &f);
	cr_assert_eq(a.n, params_of(&jobs_fail));
	cr_assert_eq(a.v[5].len, -1); /* no reason that ends the shop: null */
	pg_args_done(&a);
}
