#include "common/buf.h"

#include <criterion/criterion.h>
#include <stdint.h>
#include <string.h>

Test(buf, what_is_added_stands_there_with_a_nul)
{
	struct buf b;

	buf_init(&b, 100);
	cr_assert_str_eq(buf_text(&b), "");
	cr_assert_eq(buf_str(&b, "ab"), 0);
	cr_assert_eq(buf_chr(&b, 'c'), 0);
	cr_assert_eq(buf_printf(&b, "%d-%s", 7, "x"), 0);
	cr_assert_str_eq(buf_text(&b), "abc7-x");
	cr_assert_eq(b.len, 6);
	buf_done(&b);
}

Test(buf, the_cap_is_kept_and_a_failure_stays)
{
	struct buf b;

	buf_init(&b, 4);
	cr_assert_eq(buf_str(&b, "abcd"), 0);
	cr_assert_eq(buf_chr(&b, 'e'), -1);
	cr_assert(b.failed);
	cr_assert_eq(buf_str(&b, ""), -1);
	cr_assert_str_eq(buf_text(&b), "abcd");
	buf_reset(&b);
	cr_assert_eq(buf_printf(&b, "%s", "wxyz"), 0);
	cr_assert_eq(buf_printf(&b, "%s", "a"), -1);
	buf_done(&b);
}

Test(buf, a_huge_length_does_not_wrap_around)
{
	struct buf b;

	buf_init(&b, SIZE_MAX);
	cr_assert_eq(buf_str(&b, "abc"), 0);
	cr_assert_null(buf_extend(&b, SIZE_MAX - 2));
	buf_done(&b);
}

Test(buf, dropping_moves_the_rest_to_the_front)
{
	struct buf b;

	buf_init(&b, 100);
	buf_str(&b, "hello world");
	buf_drop(&b, 6);
	cr_assert_str_eq(buf_text(&b), "world");
	buf_drop(&b, 0);
	buf_drop(&b, 5);
	cr_assert_eq(b.len, 0);
	buf_done(&b);
}

Test(buf, wiping_leaves_nothing_behind)
{
	struct buf b;

	buf_init(&b, 100);
	buf_str(&b, "secret");
	buf_wipe(&b);
	for (size_t i = 0; i < 7; i++)
		cr_assert_eq(b.data[i], 0);
	buf_done(&b);
}

Test(buf, bytes_with_nul_are_kept)
{
	struct buf b;

	buf_init(&b, 100);
	buf_add(&b, "a\0b", 3);
	cr_assert_eq(b.len, 3);
	cr_assert_eq(memcmp(b.data, "a\0b", 4), 0);
	buf_done(&b);
}
