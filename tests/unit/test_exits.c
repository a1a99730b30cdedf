#include "common/exits.h"

#include <criterion/criterion.h>

Test(exits, numbers_rise_and_every_row_says_what_it_is)
{
	size_t n;
	const struct exits_row *rows = exits_all(&n);

	cr_assert_gt(n, 0);
	for (size_t i = 0; i < n; i++) {
		cr_assert(i == 0 || rows[i].number > rows[i - 1].number);
		cr_assert(rows[i].word[0] && rows[i].help[0]);
		cr_assert_eq(exits_find(rows[i].number), &rows[i]);
	}
	cr_assert_eq(exits_find(99)->number, EXITS_INTERNAL);
}

Test(exits, an_error_keeps_the_code_its_maker_chose)
{
	struct err e;

	err_set(&e, ERR_INPUT, EXITS_UNKNOWN, "no shop");
	cr_assert_eq(exits_of(&e), EXITS_UNKNOWN);
	err_set(&e, ERR_INPUT, 0, "bad words");
	cr_assert_eq(exits_of(&e), EXITS_USAGE);
	err_set(&e, ERR_INPUT, 12345, "a number that is none of ours");
	cr_assert_eq(exits_of(&e), EXITS_USAGE);
	err_set(&e, ERR_IO, 111, "refused");
	cr_assert_eq(exits_of(&e), EXITS_UNREACHABLE);
	err_set(&e, ERR_TIMEOUT, 0, "late");
	cr_assert(exits_find((int)exits_of(&e))->retryable);
}
