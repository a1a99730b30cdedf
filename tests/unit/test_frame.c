#include "common/frame.h"

#include <criterion/criterion.h>
#include <string.h>

static struct frame f;
static struct err e;
static size_t len;

static void
begin(void)
{
	frame_init(&f, 16);
}

static void
end(void)
{
	frame_done(&f);
}

TestSuite(frame, .init = begin, .fini = end);

static void
add(const char *s)
{
	cr_assert_eq(frame_add(&f, s, strlen(s), &e), 0);
}

Test(frame, pieces_become_one_line)
{
	add("ab");
	cr_assert_null(frame_next(&f, &len, &e));
	cr_assert(frame_half(&f));
	add("c\n");
	cr_assert_str_eq(frame_next(&f, &len, &e), "abc");
	cr_assert_eq(len, 3);
	cr_assert_null(frame_next(&f, &len, &e));
	cr_assert_not(frame_half(&f));
}

Test(frame, many_lines_in_one_piece)
{
	add("a\n\nb\r\nc");
	cr_assert_str_eq(frame_next(&f, &len, &e), "a");
	cr_assert_str_eq(frame_next(&f, &len, &e), "");
	cr_assert_str_eq(frame_next(&f, &len, &e), "b");
	cr_assert_null(frame_next(&f, &len, &e));
	cr_assert_eq(e.kind, ERR_NONE);
	cr_assert(frame_half(&f));
	add("\n");
	cr_assert_str_eq(frame_next(&f, &len, &e), "c");
}

Test(frame, a_line_of_the_cap_passes_and_one_byte_more_does_not)
{
	add("123456789012345\n");
	cr_assert_eq(strlen(frame_next(&f, &len, &e)), 15);
	add("1234567890123456");
	cr_assert_null(frame_next(&f, &len, &e));
	cr_assert_eq(e.kind, ERR_NONE, "sixteen bytes may still be refused or not by the next one");
	add("\n");
	cr_assert_null(frame_next(&f, &len, &e));
	cr_assert_eq(e.kind, ERR_INPUT);
}

Test(frame, a_refused_line_stays_refused)
{
	add("12345678901234567");
	cr_assert_null(frame_next(&f, &len, &e));
	cr_assert_eq(e.kind, ERR_INPUT);
	cr_assert_null(frame_next(&f, &len, &e));
	cr_assert_eq(e.kind, ERR_INPUT);
}

Test(frame, lines_without_end_take_no_more_room)
{
	for (int i = 0; i < 10000; i++) {
		add("1234567\n12345");
		cr_assert_str_eq(frame_next(&f, &len, &e), i ? "123451234567" : "1234567");
		cr_assert_null(frame_next(&f, &len, &e));
	}
	cr_assert_leq(f.in.room, 64);
}
