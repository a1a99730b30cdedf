#include "common/cells.h"
#include "common/table.h"

#include <criterion/criterion.h>
#include <locale.h>
#include <string.h>

static struct table *t;
static struct buf out;

static void
begin(void)
{
	cr_assert(setlocale(LC_CTYPE, "C.UTF-8"));
	t = table_new();
	buf_init(&out, 1 << 16);
	table_column(t, "Alias", TABLE_LEFT);
	table_column(t, "Orders", TABLE_RIGHT);
	table_column(t, "State", TABLE_LEFT);
}

static void
end(void)
{
	table_free(t);
	buf_done(&out);
}

TestSuite(table, .init = begin, .fini = end);

static void
row(const char *alias, const char *orders, const char *state)
{
	table_cell(t, alias, TONE_NONE);
	table_cell(t, orders, TONE_NONE);
	table_cell(t, text_word(state, LANG_TH), text_tone(state));
}

Test(table, thai_is_as_wide_as_it_looks)
{
	row("ร้านหลัก", "48", "connected");
	row("b", "1234567", "expired");
	cr_assert_eq(table_write(t, &(struct table_style){ .header = true }, &out), 0);
	cr_assert_str_eq(buf_text(&out), "Alias    Orders  State\n"
	                                 "ร้านหลัก       48  เชื่อมต่อแล้ว\n"
	                                 "b       1234567  หมดอายุแล้ว\n");
}

Test(table, plain_is_never_padded_cut_or_coloured)
{
	row("a name that is long\tand has\na tab", "1", "connected");
	cr_assert_eq(
	    table_write(t, &(struct table_style){ .plain = true, .width = 10, .colour = true },
	                &out),
	    0);
	cr_assert_str_eq(buf_text(&out), "a name that is long and has a tab\t1\tเชื่อมต่อแล้ว\n");
}

Test(table, a_narrow_terminal_cuts_text_and_not_numbers)
{
	row("a name that is rather long", "12345678901234567890", "connected");
	cr_assert_eq(table_write(t, &(struct table_style){ .width = 44 }, &out), 0);
	cr_assert_str_eq(buf_text(&out), "a name tha…  12345678901234567890  เชื่อมต่อแล้ว\n");
}

Test(table, what_is_to_stay_whole_is_cut_last)
{
	struct table *two = table_new();

	table_column(two, "", TABLE_LEFT);
	table_column(two, "", TABLE_WHOLE);
	table_cell(two, "some longer text", TONE_NONE);
	table_cell(two, "disconnected", TONE_NONE);
	table_write(two, &(struct table_style){ .width = 23 }, &out);
	table_write(two, &(struct table_style){ .width = 20 }, &out);
	cr_assert_str_eq(buf_text(&out), "some lon…  disconnected\nsome lo…  disconnec…\n");
	table_free(two);
}

Test(table, a_cut_keeps_a_letter_with_its_vowels)
{
	struct table *one = table_new();

	table_column(one, "", TABLE_LEFT);
	table_cell(one, "ที่นี่ที่นี่ที่นี่ที่นี่ที่นี่ที่นี่", TONE_NONE);
	cr_assert_eq(table_write(one, &(struct table_style){ .width = 8 }, &out), 0);
	cr_assert_str_eq(buf_text(&out), "ที่นี่ที่นี่ที่นี่ที่…\n");
	table_free(one);
}

Test(table, colour_surrounds_the_word_alone)
{
	row("a", "1", "expired");
	table_write(t, &(struct table_style){ .colour = true }, &out);
	cr_assert_str_eq(buf_text(&out), "a  1  \033[31mหมดอายุแล้ว\033[0m\n");
}

Test(table, control_bytes_do_not_reach_the_terminal)
{
	row("a\033[2Jb\r", "1", "x");
	table_write(t, &(struct table_style){ .width = 0 }, &out);
	cr_assert_null(strpbrk(buf_text(&out), "\033\r"));
}

Test(table, columns_stand_under_each_other_whatever_an_alias_is_written_in)
{
	static const char *const aliases[] = { "ร้านน้ำผึ้ง", "👩‍👩‍👧 shop",
		                               "日本語ショップ", "❤️ กำไล" };
	size_t cells[ARRAY_LEN(aliases)];
	const char *line;

	for (size_t i = 0; i < ARRAY_LEN(aliases); i++)
		row(aliases[i], "1", "x");
	table_write(t, &(struct table_style){ .width = 0 }, &out);
	line = buf_text(&out);
	for (size_t i = 0; i < ARRAY_LEN(aliases); i++) {
		CLEANUP(own_free) char *one = strndup(line, strcspn(line, "\n"));

		cells[i] = cells_count(one);
		cr_expect_eq(cells[i], cells[0], "%s", one);
		line += strlen(one) + 1;
	}
}

Test(table, a_hostile_alias_is_one_row_and_no_escape)
{
	row("x\n\033]0;evil\007\xc2\x9b"
	    "2J\u202egnp.exe\u2028y",
	    "1", "x");
	row("b", "2", "x");
	table_write(t, &(struct table_style){ .width = 60 }, &out);
	cr_assert_str_eq(buf_text(&out),
	                 "x  ]0;evil  2J gnp.exe y  1  x\nb                         2  x\n");
}

#define FAMILY "👩‍👩‍👧"

Test(table, a_cut_does_not_part_an_emoji)
{
	struct table *one = table_new();

	table_column(one, "", TABLE_LEFT);
	table_cell(one, FAMILY FAMILY FAMILY FAMILY FAMILY FAMILY, TONE_NONE);
	table_write(one, &(struct table_style){ .width = 8 }, &out);
	cr_assert_str_eq(buf_text(&out), FAMILY FAMILY FAMILY "…\n");
	table_free(one);
}
