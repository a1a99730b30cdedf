#include "common/buf.h"
#include "common/str.h"

#include <criterion/criterion.h>
#include <string.h>

Test(str, numbers_are_read_whole_or_not_at_all)
{
	static const char *const bad[] = {
		"", " 1", "1 ", "1a", "+1", "--1", "-", "0x10", "9223372036854775808", "1.0"
	};
	int64_t v = 42;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		cr_assert_eq(str_i64(bad[i], &v), -1, "%s", bad[i]);
	cr_assert_eq(str_i64(NULL, &v), -1);
	cr_assert_eq(v, 42);
	cr_assert_eq(str_i64("-9223372036854775808", &v), 0);
	cr_assert_eq(v, INT64_MIN);
}

Test(str, a_duration_needs_its_unit)
{
	int64_t v = 7;

	cr_assert_eq(str_duration_ms("250ms", &v), 0);
	cr_assert_eq(v, 250);
	cr_assert_eq(str_duration_ms("2h", &v), 0);
	cr_assert_eq(v, 7200000);
	cr_assert_eq(str_duration_ms("0", &v), 0);
	cr_assert_eq(v, 0);
	cr_assert_eq(str_duration_ms("60", &v), -1);
	cr_assert_eq(str_duration_ms("-1s", &v), -1);
	cr_assert_eq(str_duration_ms("1w", &v), -1);
	cr_assert_eq(str_duration_ms("9223372036854775807d", &v), -1);
}

Test(str, an_id_is_one_to_twenty_digits)
{
	cr_assert(str_is_id("7495511223344556677"));
	cr_assert(str_is_id("1"));
	cr_assert_not(str_is_id(""));
	cr_assert_not(str_is_id("12a"));
	cr_assert_not(str_is_id("123456789012345678901"));
}

Test(str, amounts_are_plain_decimals)
{
	cr_assert(str_is_amount("0"));
	cr_assert(str_is_amount("-35.97"));
	cr_assert(str_is_amount("168000"));
	cr_assert_not(str_is_amount("1e5"));
	cr_assert_not(str_is_amount("1."));
	cr_assert_not(str_is_amount(".5"));
	cr_assert_not(str_is_amount("1,000"));
	cr_assert_not(str_is_amount("NaN"));
	cr_assert_not(str_is_amount("1234567890123456"));
}

static bool
utf8(const char *s)
{
	return str_utf8(s, strlen(s));
}

Test(str, utf8_is_checked_strictly)
{
	cr_assert(utf8("ร้านหลัก 🛍"));
	cr_assert_not(utf8("\xc0\xaf"));         /* overlong */
	cr_assert_not(utf8("\xe0\x80\x80"));     /* overlong */
	cr_assert_not(utf8("\xed\xa0\x80"));     /* surrogate */
	cr_assert_not(utf8("\xf4\x90\x80\x80")); /* above U+10FFFF */
	cr_assert_not(utf8("\xe0\xb8"));         /* cut */
	cr_assert_not(utf8("\x80"));
}

Test(str, a_copy_fits_or_is_empty)
{
	char dst[4] = "zzz";

	cr_assert(str_copy(dst, sizeof(dst), "abc"));
	cr_assert_str_eq(dst, "abc");
	cr_assert_not(str_copy(dst, sizeof(dst), "abcd"));
	cr_assert_str_eq(dst, "");
}

Test(str, distance_counts_edits_up_to_a_bound)
{
	cr_assert_eq(str_distance("shops", "shops", 2), 0);
	cr_assert_eq(str_distance("shosp", "shops", 2), 2);
	cr_assert_eq(str_distance("shop", "shops", 2), 1);
	cr_assert_eq(str_distance("orders", "shops", 2), 3);
}

Test(str, queries_are_percent_encoded)
{
	struct buf b;

	buf_init(&b, 200);
	buf_str(&b, "https://h/p?");
	str_query(&b, "a", "x y+/=&");
	str_query(&b, "ชื่อ", "~-._");
	cr_assert_str_eq(
	    buf_text(&b),
	    "https://h/p?a=x%20y%2B%2F%3D%26&%E0%B8%8A%E0%B8%B7%E0%B9%88%E0%B8%AD=~-._");
	buf_done(&b);
}

Test(str, secrets_are_compared_whole)
{
	cr_assert(str_equal_secret("abcd", "abcd", 4));
	cr_assert_not(str_equal_secret("abcd", "abce", 4));
	cr_assert(str_equal_secret("", "", 0));
}
