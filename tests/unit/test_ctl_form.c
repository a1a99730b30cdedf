#include "common/buf.h"
#include "common/json.h"
#include "ctl/form.h"
#include "ctl/qr.h"

#include <criterion/criterion.h>
#include <locale.h>
#include <string.h>

static struct buf out;

static void
begin(void)
{
	cr_assert(setlocale(LC_CTYPE, "C.UTF-8"));
	buf_init(&out, 1 << 20);
}

static void
end(void)
{
	buf_done(&out);
}

TestSuite(form, .init = begin, .fini = end);

static const char *
formed(const char *form, enum lang lang, const char *doc)
{
	CLEANUP(json_freep) struct json *j = json_parse(doc, strlen(doc), NULL);

	cr_assert(j, "%s", doc);
	buf_reset(&out);
	form_write(form, j, lang, &out);
	return buf_text(&out);
}

#define IS(form, doc, want) cr_assert_str_eq(formed(form, LANG_EN, doc), want)

Test(form, what_a_value_is_missing_for_goes)
{
	IS("{a.b}[ of {a.c}][, {d}]", "{\"a\":{\"b\":48,\"c\":120}}", "48 of 120");
	IS("{a.b}[ of {a.c}][, {d}]", "{\"a\":{\"b\":48},\"d\":\"x\"}", "48, x");
	IS("[{x}]", "{\"x\":\"\"}", "");
	IS("[--region CC] {x}", "{\"x\":1}", "[--region CC] 1");
	IS("[page {p|some}][ at {at|time}]", "{\"p\":0}", "");
	IS("[page {p|some}][ at {at|time}]", "{\"p\":3,\"at\":\"2026-11-23T09:00:00+07:00\"}",
	   "page 3 at 2026-11-23 09:00");
	IS("[go on{yes|if}][ stop{no|if}]", "{\"yes\":true,\"no\":false}", "go on");
	IS("[missing {m}]", "{\"m\":0}", "missing 0");
}

Test(form, odd_forms_are_text)
{
	IS("{", "{}", "{");
	IS("[{", "{}", "[{");
	IS("a] {b", "{}", "a] {b");
	IS("[{a]}", "{\"a\":1}", "[");
}

Test(form, spans_and_words_are_in_the_language)
{
	IS("{s|span}", "{\"s\":45}", "45 s");
	IS("{s|span}", "{\"s\":3600}", "1 h");
	IS("{s|span}", "{\"s\":7502}", "2 h 5 min");
	IS("{s|span}", "{\"s\":262805}", "3 d 1 h");
	IS("[{s|span} left]", "{\"s\":0}", "");
	cr_assert_str_eq(formed("{s|span}", LANG_TH, "{\"s\":61}"), "1 นาที 1 วินาที");
	cr_assert_str_eq(formed("{s|word}", LANG_TH, "{\"s\":[\"orders\",\"products\"]}"),
	                 "คำสั่งซื้อ, สินค้า");
	cr_assert_str_eq(formed("{s|word}", LANG_TH, "{\"s\":{\"orders\":3,\"history\":null}}"),
	                 "คำสั่งซื้อ: 3");
}

Test(form, states_reasons_outcomes_and_causes_are_told_in_thai)
{
	static const char *const words[] = {
		"pending",
		"choosing",
		"connecting",
		"connected",
		"expiring",
		"expired",
		"disconnected",
		"paused",
		"plan_suspended",
		"authorization_expired",
		"authorization_ended",
		"permission_missing",
		"shop_deactivated",
		"shop_removed",
		"disconnected_by_hand",
		"purging",
		"plan_too_low",
		"token_refused",
		"refresh_refused",
		"held",
		"authorized",
		"renewed",
		"denied",
		"reused",
		"in_progress",
		"other_session",
		"code_refused",
		"no_shop",
		"region_mismatch",
		"other_shop",
		"wrong_account",
		"returns_only",
		"switched_off",
		"connected_here",
		"connected_elsewhere",
		"the pause is over",
		"the plan allows it again",
		"the seller authorized again",
		"its authorization was renewed",
		"TikTok answers for this shop again",
		"waiting for TikTok",
		"waiting for its turn",
		"orders",
		"products",
		"history",
		"token_refresh",
		"wiped",
		"the app stays authorized until the seller removes it in Seller Center",
	};

	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		cr_expect_str_neq(text_word(words[i], LANG_TH), words[i]);
}

Test(form, an_object_is_read_as_its_members)
{
	IS("{d}", "{\"d\":{\"was\":\"pending\",\"reason\":null,\"missing\":[\"a\",\"b\"]}}",
	   "was: pending, missing: a, b");
}

Test(form, no_value_steers_a_terminal)
{
	IS("{a}[ {b}]",
	   "{\"a\":\"x\\u001b[2J\\n\\u009b31m\\u202e\",\"b\":{\"k\":\"\\u001b]0;t\\u0007\"}}",
	   "x [2J  31m  k:  ]0;t ");
}

/* Modules of a code drawn without colour, as 1 (dark) and 0, row by row. */
static size_t
modules(const char *drawn, char *dst, size_t room)
{
	size_t width = strcspn(drawn, "\n"), cells = 0, at = 0;
	const char *s = drawn;

	for (size_t i = 0; i < width;) {
		i += drawn[i] == ' ' ? 1 : 3;
		cells++;
	}
	for (; *s; s++) {
		const char *line = s;

		for (int half = 0; half < 2; half++)
			for (s = line; *s && *s != '\n';) {
				bool full = !strncmp(s, "█", 3), top = !strncmp(s, "▀", 3);
				bool low = !strncmp(s, "▄", 3);

				cr_assert_lt(at, room);
				dst[at++] = full || (half ? low : top) ? '0' : '1';
				s += full || top || low ? 3 : 1;
			}
	}
	return cells;
}

/* The dark ring, light ring and dark middle that a camera looks for. */
static void
has_eye(const char *m, size_t width, size_t x, size_t y)
{
	static const char *const eye[] = { "1111111", "1000001", "1011101", "1011101",
		                           "1011101", "1000001", "1111111" };

	for (size_t i = 0; i < 7; i++)
		cr_assert_eq(strncmp(m + (y + i) * width + x, eye[i], 7), 0, "row %zu", y + i);
}

Test(form, a_code_has_its_eyes_and_its_quiet_zone)
{
	static char m[128 * 128];
	size_t width;

	cr_assert_eq(qr_write("https://example.com/connect?state=0123456789", 80, false, &out), 0);
	width = modules(buf_text(&out), m, sizeof(m));
	cr_assert_eq(strspn(m, "0"), 4 * width + 4, "four rows and four columns of light");
	has_eye(m, width, 4, 4);
	has_eye(m, width, width - 11, 4);
	has_eye(m, width, 4, width - 11);
}

Test(form, a_code_that_does_not_fit_is_not_begun)
{
	static char longest[8000];

	cr_assert_eq(qr_write("https://example.com/", 20, true, &out), -1);
	memset(longest, 'x', sizeof(longest) - 1);
	cr_assert_eq(qr_write(longest, 1000, true, &out), -1);
	cr_assert_eq(out.len, 0);
}
