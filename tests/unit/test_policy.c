#include "daemon/sync/policy.h"

#include <criterion/criterion.h>

#define NOW 1780000000

static struct window
window_at(int64_t cursor, int64_t floor, int64_t back, int64_t span)
{
	struct window w = { 0 };

	cr_assert(policy_window(cursor, floor, back, 0, span, (struct wall){ NOW }, &w));
	return w;
}

Test(policy, a_walk_begins_the_overlap_before_the_cursor)
{
	struct window w = window_at(NOW - 3600, 0, 600, 86400);

	cr_assert_eq(w.lo, NOW - 3600 - 600);
	cr_assert_eq(w.hi, NOW - POLICY_SETTLE_S);
	cr_assert(w.last);
}

Test(policy, its_next_window_begins_at_the_cursor)
{
	cr_assert_eq(window_at(NOW - 3600, 0, 0, 86400).lo, NOW - 3600);
}

Test(policy, nothing_before_the_floor_is_read)
{
	cr_assert_eq(window_at(NOW - 100, NOW - 200, 600, 86400).lo, NOW - 200);
}

Test(policy, a_long_outage_is_read_in_windows_of_a_span)
{
	struct window w = window_at(NOW - 10 * 86400, 0, 600, 86400);

	cr_assert_eq(w.hi, NOW - 9 * 86400);
	cr_assert_not(w.last);
}

Test(policy, the_present_is_left_alone)
{
	struct window w;

	cr_assert_not(policy_window(NOW, NOW, 600, 0, 86400, (struct wall){ NOW }, &w));
	cr_assert_not(
	    policy_window(NOW - POLICY_SETTLE_S, 0, 0, 0, 86400, (struct wall){ NOW }, &w));
}

Test(policy, windows_of_a_walk_leave_no_gap)
{
	int64_t cursor = NOW - 5 * 86400;
	struct window w, before = { cursor, cursor, false };

	for (int i = 0; policy_window(cursor, 0, 0, 0, 7000, (struct wall){ NOW }, &w); i++) {
		cr_assert_lt(i, 100);
		cr_assert_eq(w.lo, before.hi);
		before = w;
		cursor = w.hi;
	}
	cr_assert(before.last);
}

Test(policy, a_span_is_halved_to_its_smallest_and_no_further)
{
	int64_t span = POLICY_SPAN_MAX_S, next;
	int steps = 0;

	while ((next = policy_halve(span)) != span) {
		cr_assert_eq(next, span / 2);
		span = next;
		steps++;
	}
	cr_assert_geq(span, POLICY_SPAN_MIN_S);
	cr_assert_lt(span, 2 * POLICY_SPAN_MIN_S);
	cr_assert_eq(steps, 10);
}

Test(policy, back_off_doubles_and_is_capped)
{
	cr_assert_eq(policy_backoff_ms(1, -1, UINT32_MAX), 3999);
	cr_assert_eq(policy_backoff_ms(2, -1, UINT32_MAX), 7999);
	cr_assert_eq(policy_backoff_ms(60, -1, UINT32_MAX), POLICY_BACKOFF_MAX_MS - 1);
}

Test(policy, back_off_waits_a_second_at_least)
{
	for (int n = -1; n < 20; n++)
		cr_assert_eq(policy_backoff_ms(n, -1, 0), 1000);
}

Test(policy, no_call_comes_before_retry_after)
{
	cr_assert_eq(policy_backoff_ms(1, 30, 0), 30000);
	cr_assert_leq(policy_backoff_ms(1, 30, UINT32_MAX), 37500);
	cr_assert_geq(policy_backoff_ms(9, 0, 0), 1000);
}

Test(policy, polls_drift_apart_and_none_comes_late)
{
	cr_assert_eq(policy_interval_ms(60000, 0), 60000);
	cr_assert_eq(policy_interval_ms(60000, UINT32_MAX / 2), 57001);
	cr_assert_eq(policy_interval_ms(60000, UINT32_MAX), 54001);
	cr_assert_eq(policy_interval_ms(86400000, UINT32_MAX), 77760001);
	cr_assert_eq(policy_interval_ms(0, UINT32_MAX), 0);
}

Test(policy, a_walk_with_an_end_stops_there)
{
	struct window w;

	cr_assert(policy_window(NOW - 5000, 0, 600, NOW - 4000, 86400, (struct wall){ NOW }, &w));
	cr_assert_eq(w.lo, NOW - 5600);
	cr_assert_eq(w.hi, NOW - 4000);
	cr_assert(w.last);
	cr_assert_not(policy_window(NOW - 4000, 0, 0, NOW - 4000, 86400, (struct wall){ NOW }, &w));
}
