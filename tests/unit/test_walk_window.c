#include "common/buf.h"
#include "common/own.h"
#include "daemon/base/counter.h"
#include "daemon/base/env.h"
#include "daemon/sync/walk.h"
#include "daemon/sync/walk_window.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#define BEGIN 1700000000 /* the claim's cursor */
#define SPAN  3600
#define UNTIL (BEGIN + 10 * SPAN)

static int64_t
floor_of(const struct claim *c)
{
	return c->connected_s;
}

static const struct walk_ops sorted = {
	.name = "orders",
	.by_key = true,
	.span_max_s = SPAN,
	.window_pages = 5,
	.floor = floor_of,
};
static const struct walk_ops unsorted = {
	.name = "products",
	.span_max_s = SPAN,
	.window_pages = 5,
	.floor = floor_of,
};

static struct counters counters;
static struct env env = { .counters = &counters };
static struct walk w;
static struct err e;

static void
begin(const struct walk_ops *ops)
{
	memset(&w, 0, sizeof(w));
	w.env = &env;
	w.ops = ops;
	w.claim.connected_s = w.claim.cursor_s = BEGIN;
	w.claim.span_s = SPAN;
	w.claim.until_s = UNTIL;
	w.began = loop_now(env.loop);
	cr_assert_eq(walk_window_begin(&w), WALK_NEXT_CALL);
}

static void
setup(void)
{
	memset(&counters, 0, sizeof(counters));
	env.loop = loop_new(&e);
}

static void
teardown(void)
{
	loop_free(env.loop);
}

TestSuite(walk_window, .init = setup, .fini = teardown);

/* A page of 10 rows was stored; token: of the page behind it. */
static enum walk_next
stored(const char *token, int64_t total)
{
	w.now = (struct walk_page){ .page.total = total, .rows = 10 };
	snprintf(w.next_token, sizeof(w.next_token), "%s", token);
	walk_window_count(&w);
	return walk_window_next(&w, &e);
}

/* The same, sorted by update time up to last_time; 4 of its rows are of that second. */
static enum walk_next
stored_up_to(int64_t last_time, const char *token)
{
	w.now = (struct walk_page){ .page.total = -1,
		                    .rows = 10,
		                    .ascending = true,
		                    .last_time = last_time,
		                    .before_last = 6 };
	snprintf(w.next_token, sizeof(w.next_token), "%s", token);
	walk_window_count(&w);
	return walk_window_next(&w, &e);
}

Test(walk_window, behind_a_sorted_page_the_window_begins_at_its_last_second)
{
	begin(&sorted);
	cr_assert_eq(stored_up_to(BEGIN + 100, "t1"), WALK_NEXT_CALL);
	cr_assert_eq(w.win.lo, BEGIN + 100);
	cr_assert_eq(w.win.hi, BEGIN + SPAN);
	cr_assert_eq(w.cursor, BEGIN + 100);
	cr_assert_eq(w.done, 6, "the rows of the last second come again");
	cr_assert_str_empty(w.page_token);
}

Test(walk_window, a_page_of_one_second_is_gone_on_with_by_its_token)
{
	begin(&sorted);
	cr_assert_eq(stored_up_to(BEGIN, "t1"), WALK_NEXT_CALL);
	cr_assert_eq(w.win.lo, BEGIN);
	cr_assert_eq(w.cursor, BEGIN);
	cr_assert_str_eq(w.page_token, "t1");
	/* inside the window a token counts, though the page is sorted */
	cr_assert_eq(stored_up_to(BEGIN + 50, "t2"), WALK_NEXT_CALL);
	cr_assert_eq(w.cursor, BEGIN);
	cr_assert_str_eq(w.page_token, "t2");
}

Test(walk_window, the_last_page_closes_its_window_and_the_last_window_the_walk)
{
	begin(&unsorted);
	for (int i = 1; i < 10; i++) {
		cr_assert_eq(stored("", 10), WALK_NEXT_CALL);
		cr_assert_eq(w.cursor, BEGIN + i * SPAN);
		cr_assert_eq(w.win.lo, w.cursor);
	}
	cr_assert_eq(stored("", 10), WALK_NEXT_END);
	cr_assert_eq(w.cursor, UNTIL);
	cr_assert_eq(w.done, 100);
}

Test(walk_window, a_full_slice_ends_behind_a_window)
{
	begin(&unsorted);
	w.seq = POLICY_SLICE_PAGES - 1;
	cr_assert_eq(stored("", 10), WALK_NEXT_LATER);
	cr_assert_eq(w.cursor, BEGIN + SPAN);
}

Test(walk_window, tokens_in_a_circle_begin_the_window_anew)
{
	begin(&unsorted);
	cr_assert_eq(stored("t1", 30), WALK_NEXT_CALL);
	cr_assert_eq(stored("t2", 30), WALK_NEXT_CALL);
	cr_assert_eq(stored("t1", 30), WALK_NEXT_CALL);
	cr_assert_str_empty(w.page_token);
	cr_assert_eq(w.window_pages, 0);
	cr_assert_eq(w.cursor, BEGIN);
	cr_assert_eq(w.span, SPAN);
	cr_assert_eq(counters.v[COUNT_WINDOW_RESTARTS], 1);
}

Test(walk_window, rows_that_left_while_it_was_read_begin_it_anew)
{
	begin(&unsorted);
	cr_assert_eq(stored("t1", 20), WALK_NEXT_CALL);
	cr_assert_eq(stored("", 19), WALK_NEXT_CALL);
	cr_assert_eq(w.cursor, BEGIN);
	cr_assert_eq(w.done, 0);
	cr_assert_eq(counters.v[COUNT_WINDOW_RESTARTS], 1);
}

Test(walk_window, too_many_pages_halve_it)
{
	begin(&unsorted);
	for (int i = 1; i < unsorted.window_pages; i++)
		cr_assert_eq(stored((char[]){ 't', (char)('0' + i), '\0' }, 90), WALK_NEXT_CALL);
	cr_assert_eq(w.span, SPAN);
	cr_assert_eq(stored("t9", 90), WALK_NEXT_CALL);
	cr_assert_eq(w.span, SPAN / 2);
	cr_assert_eq(w.win.hi, BEGIN + SPAN / 2);
}

Test(walk_window, restarts_halve_it_until_it_is_stuck)
{
	enum walk_next next = WALK_NEXT_CALL;
	int n = 0;

	begin(&unsorted);
	for (int i = 0; i < POLICY_RESTARTS; i++)
		cr_assert_eq(walk_window_again(&w, "a reason", false, &e), WALK_NEXT_CALL);
	cr_assert_eq(w.span, SPAN);
	cr_assert_eq(walk_window_again(&w, "a reason", false, &e), WALK_NEXT_CALL);
	cr_assert_eq(w.span, SPAN / 2);
	while (next == WALK_NEXT_CALL && ++n < 100)
		next = walk_window_again(&w, "a reason", true, &e);
	cr_assert_eq(next, WALK_NEXT_STUCK);
	cr_assert_geq(w.span, POLICY_SPAN_MIN_S);
	cr_assert_lt(w.span / 2, POLICY_SPAN_MIN_S);
	cr_assert_eq(e.kind, ERR_REMOTE);
	cr_assert_str_eq(e.text, "a reason, also in the smallest window");
}

Test(walk_window, a_window_of_one_page_widens_the_next)
{
	begin(&unsorted);
	walk_window_again(&w, "a reason", true, &e);
	walk_window_again(&w, "a reason", true, &e);
	cr_assert_eq(w.span, SPAN / 4);
	cr_assert_eq(stored("", 10), WALK_NEXT_CALL);
	cr_assert_eq(w.span, SPAN / 2);
	cr_assert_eq(stored("t1", 20), WALK_NEXT_CALL);
	cr_assert_eq(stored("", 20), WALK_NEXT_CALL);
	cr_assert_eq(w.span, SPAN / 2, "two pages do not");
}

/* Stored, and then killed: the claim after it, with the mark that stands in the database. */
static enum walk_next
killed(void)
{
	struct claim c = w.claim;
	struct buf mark;

	buf_init(&mark, sizeof(c.mark) - 1);
	walk_window_mark(&w, &mark);
	snprintf(c.mark, sizeof(c.mark), "%s", buf_text(&mark));
	buf_done(&mark);
	c.cursor_s = w.cursor;
	memset(&w, 0, sizeof(w));
	w.env = &env;
	w.ops = &unsorted;
	w.claim = c;
	w.began = loop_now(env.loop);
	return walk_window_begin(&w);
}

Test(walk_window, one_that_was_killed_goes_on_at_its_page)
{
	begin(&unsorted);
	cr_assert_eq(stored("t1", 25), WALK_NEXT_CALL);
	cr_assert_eq(stored("t\"2", 25), WALK_NEXT_CALL);
	cr_assert_eq(killed(), WALK_NEXT_CALL);
	cr_assert_str_eq(w.page_token, "t\"2");
	cr_assert_eq(w.win.lo, BEGIN);
	cr_assert_eq(w.win.hi, BEGIN + SPAN);
	cr_assert_eq(w.back, 0);
	cr_assert_eq(stored("", 25), WALK_NEXT_CALL);
	cr_assert_eq(w.cursor, BEGIN + SPAN);
	cr_assert_eq(w.done, 30);
	/* behind the window there is none */
	cr_assert_eq(killed(), WALK_NEXT_CALL);
	cr_assert_str_empty(w.page_token);
	cr_assert_eq(w.win.lo, BEGIN + SPAN);
}

Test(walk_window, a_token_that_leads_past_rows_after_a_kill_begins_the_window_anew)
{
	begin(&unsorted);
	cr_assert_eq(stored("t1", 40), WALK_NEXT_CALL);
	cr_assert_eq(killed(), WALK_NEXT_CALL);
	cr_assert_str_eq(w.page_token, "t1");
	cr_assert_eq(stored("", 40), WALK_NEXT_CALL);
	cr_assert_str_empty(w.page_token);
	cr_assert_eq(w.cursor, BEGIN);
	cr_assert_eq(w.done, 0);
}

Test(walk_window, a_mark_of_a_closed_window_or_of_nonsense_counts_for_nothing)
{
	static const char *const marks[] = {
		"{\"lo\":1700000000,\"hi\":1700003600,\"last\":false,\"token\":\"t\",\"pages\":1,"
		"\"rows\":10,\"total\":20}",
		"{\"lo\":1700003600,\"hi\":1700007200,\"token\":\"t\",\"pages\":200,\"rows\":10,"
		"\"total\":20}",
		"{\"token\":\"t\"}",
		"nonsense",
	};

	for (size_t i = 0; i < ARRAY_LEN(marks); i++) {
		begin(&unsorted);
		w.cursor = BEGIN + SPAN;
		snprintf(w.claim.mark, sizeof(w.claim.mark), "%s", marks[i]);
		w.claim.cursor_s = BEGIN + SPAN;
		cr_assert_eq(walk_window_begin(&w), WALK_NEXT_CALL);
		cr_assert_str_empty(w.page_token);
		cr_assert_eq(w.win.lo, BEGIN + SPAN);
		cr_assert_eq(w.window_total, -1);
	}
}
