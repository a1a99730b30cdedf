#include "common/err.h"

#include <criterion/criterion.h>
#include <string.h>

Test(err, setting_fills_and_fails)
{
	struct err e = { 0 };

	cr_assert_eq(err_set(&e, ERR_REMOTE, 36009002, "too %s", "many"), -1);
	cr_assert_eq(e.kind, ERR_REMOTE);
	cr_assert_eq(e.code, 36009002);
	cr_assert_str_eq(e.text, "too many");
}

Test(err, a_new_error_takes_hint_and_tag_of_the_old_one_away)
{
	struct err e = { 0 };

	err_set(&e, ERR_INPUT, 65, "a");
	err_hint(&e, "do %d", 1);
	err_tag(&e, "unknown_shop");
	cr_assert_str_eq(e.hint, "do 1");
	cr_assert_str_eq(e.tag, "unknown_shop");
	err_set(&e, ERR_IO, 5, "b");
	cr_assert_str_eq(e.hint, "");
	cr_assert_str_eq(e.tag, "");
}

Test(err, a_text_is_one_line_and_is_cut)
{
	struct err e = { 0 };
	char big[2000];

	memset(big, 'x', sizeof(big) - 1);
	big[sizeof(big) - 1] = '\0';
	big[3] = '\n';
	big[4] = '\r';
	err_set(&e, ERR_IO, 0, "%s", big);
	cr_assert_eq(strlen(e.text), sizeof(e.text) - 1);
	cr_assert_null(strpbrk(e.text, "\r\n"));
}

Test(err, nobody_has_to_listen)
{
	cr_assert_eq(err_set(NULL, ERR_IO, 0, "x"), -1);
	cr_assert_eq(err_hint(NULL, "x"), -1);
	cr_assert_eq(err_tag(NULL, "x"), -1);
}

Test(err, every_kind_has_a_name)
{
	for (int k = ERR_NONE; k <= ERR_CANCELLED; k++)
		cr_assert_str_neq(err_name((enum err_kind)k), "unknown");
	cr_assert_str_eq(err_name((enum err_kind)99), "unknown");
}
