#include "common/clock.h"

#include <criterion/criterion.h>

Test(clock, times_are_written_with_bangkoks_offset)
{
	char text[CLOCK_RFC3339_MAX];

	cr_assert_str_eq(clock_rfc3339((struct wall){ 0 }, text), "1970-01-01T07:00:00+07:00");
	cr_assert_str_eq(clock_rfc3339((struct wall){ 1780000000 }, text),
	                 "2026-05-29T03:26:40+07:00");
	/* an authorization of a hundred years */
	cr_assert_str_eq(clock_rfc3339((struct wall){ 4933600000 }, text),
	                 "2126-05-05T03:26:40+07:00");
}

Test(clock, an_http_date_is_read)
{
	struct wall t = { 0 };

	cr_assert_eq(clock_http_date("Thu, 28 May 2026 20:26:40 GMT", &t), 0);
	cr_assert_eq(t.s, 1780000000);
	cr_assert_eq(clock_http_date("yesterday", &t), -1);
	cr_assert_eq(clock_http_date("Thu, 28 Xxx 2026 20:26:40 GMT", &t), -1);
}

Test(clock, rfc3339_is_read_with_any_offset)
{
	struct wall t = { 0 };

	cr_assert_eq(clock_parse("2026-05-29T03:26:40+07:00", &t), 0);
	cr_assert_eq(t.s, 1780000000);
	cr_assert_eq(clock_parse("2026-05-28T20:26:40Z", &t), 0);
	cr_assert_eq(t.s, 1780000000);
	cr_assert_eq(clock_parse("2026-05-28T16:26:40-04:00", &t), 0);
	cr_assert_eq(t.s, 1780000000);
}

Test(clock, a_plain_date_is_bangkoks_midnight)
{
	struct wall t = { 0 };

	cr_assert_eq(clock_parse("2026-05-29", &t), 0);
	cr_assert_eq(t.s, 1779987600);
}

Test(clock, what_is_no_time_is_refused)
{
	static const char *const bad[] = { "",
		                           "2026",
		                           "2026-13-01",
		                           "2026-05-29T25:00:00Z",
		                           "2026-05-29T03:26:40+7",
		                           "2026-05-29x",
		                           "1969-01-01" };
	struct wall t = { 7 };

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		cr_assert_eq(clock_parse(bad[i], &t), -1, "%s", bad[i]);
	cr_assert_eq(t.s, 7);
}
