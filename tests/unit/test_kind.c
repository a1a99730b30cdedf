#include "daemon/queue/kind.h"
#include "daemon/sync/job.h"
#include "daemon/sync/walk.h"

#include <criterion/criterion.h>

Test(kind, every_row_has_a_name_and_a_walk_of_that_name)
{
	for (int k = KIND_NONE + 1; k < KIND_END; k++) {
		const struct walk_ops *w = job_walk((enum kind)k);

		cr_assert_eq((int)kind_parse(kind_name((enum kind)k)), k);
		cr_assert_not_null(w);
		cr_assert_str_eq(w->name, kind_name((enum kind)k));
		cr_assert_gt(w->span_max_s, 0);
		cr_assert_gt(w->window_pages, 0);
	}
}

Test(kind, what_is_no_kind_is_none)
{
	cr_assert_eq(kind_parse("none"), KIND_NONE);
	cr_assert_eq(kind_parse(""), KIND_NONE);
	cr_assert_str_eq(kind_name(KIND_END), "none");
	cr_assert_eq(kind_bonus_ms(KIND_NONE), 0);
	cr_assert_null(job_walk(KIND_END));
}

Test(kind, orders_begin_at_the_connection_products_at_the_start)
{
	cr_assert_eq(kind_begins(KIND_ORDERS), KIND_AT_CONNECTION);
	cr_assert_eq(kind_begins(KIND_PRODUCTS), KIND_AT_START);
	cr_assert_eq(kind_begins(KIND_RECONCILE), KIND_LATER);
	cr_assert_gt(kind_bonus_ms(KIND_ORDERS), kind_bonus_ms(KIND_PRODUCTS));
}
