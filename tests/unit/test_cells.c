#include "common/cells.h"
#include "common/own.h"
#include "common/str.h"

#include <criterion/criterion.h>
#include <locale.h>
#include <string.h>

static void
begin(void)
{
	cr_assert(setlocale(LC_CTYPE, "C.UTF-8"));
}

TestSuite(cells, .init = begin);

static const struct {
	const char *text;
	size_t cells;
} widths[] = {
	{ "", 0 },
	{ "abc", 3 },
	{ "ร้าน", 3 }, /* a tone mark above */
	{ "ที่อยู่", 3 }, /* a vowel and a tone mark above, one below */
	{ "น้ำ", 2 },  /* SARA AM takes a cell of its own */
	{ "ร้านกำไลทอง", 10 },
	{ "ญี่ปุ่น", 3 },
	{ "a\u0301", 1 },
	{ "日本語", 6 },
	{ "Ａｂ", 4 },
	{ "ｶﾞ", 2 },
	{ "👩", 2 },
	{ "👩🏽", 2 },                  /* with a skin tone */
	{ "👩‍👩‍👧‍👦", 2 }, /* a family of four */
	{ "🏳️‍🌈", 2 },
	{ "❤️", 2 }, /* drawn as an emoji */
	{ "❤", 1 },      /* and as text */
	{ "1️⃣", 2 },
	{ "🇹🇭", 2 },
	{ "🇹🇭🇯🇵", 4 },
	{ "🇹🇹🇹🇹", 4 },
	{ "ร้าน🛍️กำไล", 9 },
	{ "\xff", 1 },
	{ "\xe0\xb8", 2 }, /* cut: two bytes that are no text */
	{ "\u200bก\u200b", 1 },
};

Test(cells, thai_emoji_and_wide_letters_take_the_cells_they_are_drawn_in)
{
	for (size_t i = 0; i < ARRAY_LEN(widths); i++)
		cr_expect_eq(cells_count(widths[i].text), widths[i].cells, "%s takes %zu, not %zu",
		             widths[i].text, cells_count(widths[i].text), widths[i].cells);
}

Test(cells, what_is_drawn_in_one_place_is_one_cluster)
{
	static const char *const whole[] = { "น้ำ",      "ที่",      "👩‍👩‍👧‍👦",
		                             "🇹🇭",      "❤️", "1️⃣",
		                             "👩🏽" };
	size_t cells;

	for (size_t i = 0; i < ARRAY_LEN(whole); i++)
		cr_expect_eq(cells_next(whole[i], &cells), strlen(whole[i]), "%s", whole[i]);
	cr_assert_eq(cells_next("กa", &cells), strlen("ก"));
}

Test(cells, nothing_that_steers_a_terminal_or_turns_a_line_stays)
{
	static const char hostile[] = "a\033[2J\r\n\tb\x7f\xc2\x9b"
				      "31mc\u202etxt\u2066x\u2069\u200f\u061c\u2028\ufeff";
	CLEANUP(own_free) char *tame = cells_tame(hostile, false);
	CLEANUP(own_free) char *lines = cells_tame("one\ntwo\r", true);

	cr_assert_str_eq(tame, "a [2J   b  31mc txt x     ");
	cr_assert_str_eq(lines, "one\ntwo ");
}

Test(cells, joiners_marks_and_letters_of_every_script_stay)
{
	static const char kept[] =
	    "ร้านน้ำ🛍️ 👩‍👩‍👧 क्‍ष \u200b日本";
	CLEANUP(own_free) char *tame = cells_tame(kept, false);

	cr_assert_str_eq(tame, kept);
	cr_assert(str_utf8(tame, strlen(tame)));
}
