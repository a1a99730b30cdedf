#include "common/buf.h"
#include "common/json.h"
#include "common/str.h"
#include "ctl/options.h"
#include "ctl/render.h"

#include <criterion/criterion.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>

static struct buf out, notes;

static void
begin(void)
{
	cr_assert(setlocale(LC_CTYPE, "C.UTF-8"));
	buf_init(&out, 1 << 20);
	buf_init(&notes, 1 << 20);
}

static void
end(void)
{
	buf_done(&out);
	buf_done(&notes);
}

TestSuite(render, .init = begin, .fini = end);

static struct json *
of(const char *text)
{
	struct err e;
	struct json *j = json_parse(text, strlen(text), &e);

	cr_assert(j, "%s", e.text);
	return j;
}

static void
answer(const struct render *r, const char *text)
{
	CLEANUP(json_freep) struct json *line = of(text);

	buf_reset(&out);
	buf_reset(&notes);
	render_answer(r, line, &out, &notes);
}

#define LIST                                                                                       \
	"{\"data\":{\"schema_version\":1,\"total\":9,\"items\":[{\"a\":\"x\",\"n\":{\"m\":12},"    \
	"\"s\":\"expired\",\"t\":\"2026-11-23T09:00:00+07:00\",\"b\":true,\"o\":[\"p\",\"q\"]},"   \
	"{\"a\":null}]},"                                                                          \
	"\"view\":{\"columns\":[{\"key\":\"a\",\"title\":\"A\",\"kind\":\"text\"},"                \
	"{\"key\":\"n.m\",\"title\":\"Num\",\"kind\":\"number\"},"                                 \
	"{\"key\":\"s\",\"title\":\"State\",\"kind\":\"word\"},"                                   \
	"{\"key\":\"t\",\"title\":\"At\",\"kind\":\"time\"},"                                      \
	"{\"key\":\"b\",\"title\":\"B\",\"kind\":\"word\"},"                                       \
	"{\"key\":\"o\",\"title\":\"O\",\"kind\":\"text\"}],\"note\":\"v{schema_version} "         \
	"{gone}.\"}}"

Test(render, a_list_is_a_table_for_people)
{
	answer(&(struct render){ .lang = LANG_EN, .header = true }, LIST);
	cr_assert_str_eq(buf_text(&out), "A  Num  State    At                B    O\n"
	                                 "x   12  expired  2026-11-23 09:00  yes  p, q\n"
	                                 "-    -  -        -                 -    -\n");
	cr_assert_str_eq(buf_text(&notes), "showing 2 of 9\nv1 .\n");
}

Test(render, words_are_thai_and_coloured_when_asked)
{
	answer(&(struct render){ .lang = LANG_TH, .colour = true }, LIST);
	cr_assert(strstr(buf_text(&out), "\033[31mหมดอายุแล้ว\033[0m"));
	cr_assert(strstr(buf_text(&out), "ใช่"));
	cr_assert(strstr(buf_text(&notes), "แสดง 2 จาก 9"));
}

Test(render, plain_has_keys_and_the_values_as_they_came)
{
	answer(
	    &(struct render){
		.format = FORMAT_PLAIN, .lang = LANG_TH, .header = true, .width = 10 },
	    LIST);
	cr_assert_str_eq(buf_text(&out), "a\tn.m\ts\tt\tb\to\n"
	                                 "x\t12\texpired\t2026-11-23T09:00:00+07:00\ttrue\tp, q\n"
	                                 "\t\t\t\t\t\n");
	cr_assert_str_eq(buf_text(&notes), "");
	answer(&(struct render){ .format = FORMAT_PLAIN, .lang = LANG_EN }, LIST);
	cr_assert(buf_text(&out) == strstr(buf_text(&out), "x\t12"));
}

Test(render, json_is_the_data_and_json_lines_are_its_items)
{
	answer(&(struct render){ .format = FORMAT_JSON },
	       "{\"data\":{\"items\":[{\"a\":1},{\"a\":2}]}}");
	cr_assert_str_eq(buf_text(&out), "{\"items\":[{\"a\":1},{\"a\":2}]}\n");
	answer(&(struct render){ .format = FORMAT_JSONL },
	       "{\"data\":{\"items\":[{\"a\":1},{\"a\":2}]}}");
	cr_assert_str_eq(buf_text(&out), "{\"a\":1}\n{\"a\":2}\n");
	answer(&(struct render){ .format = FORMAT_JSONL }, "{\"data\":{\"a\":1}}");
	cr_assert_str_eq(buf_text(&out), "{\"a\":1}\n");
}

#define DOC                                                                                        \
	"{\"data\":{\"id\":\"17\",\"none\":null,\"lines\":[{\"p\":\"pen\"}],\"empty\":[],"         \
	"\"shops\":{\"expired\":2}},"                                                              \
	"\"view\":{\"columns\":[{\"key\":\"id\",\"title\":\"Id\",\"kind\":\"text\"},"              \
	"{\"key\":\"none\",\"title\":\"None\",\"kind\":\"text\"}],\"parts\":["                     \
	"{\"key\":\"lines\",\"title\":\"Lines\",\"columns\":[{\"key\":\"p\",\"title\":"            \
	"\"Product\","                                                                             \
	"\"kind\":\"text\"}]},"                                                                    \
	"{\"key\":\"empty\",\"title\":\"Empty\",\"columns\":[]},"                                  \
	"{\"key\":\"shops\",\"title\":\"Shops\",\"columns\":[{\"key\":\"key\",\"title\":\"K\","    \
	"\"kind\":\"word\"},{\"key\":\"value\",\"title\":\"V\",\"kind\":\"number\"}]}]}}"

Test(render, a_document_is_lines_and_tables_of_its_parts)
{
	answer(&(struct render){ .lang = LANG_TH, .header = true }, DOC);
	cr_assert_str_eq(buf_text(&out), "Id  17\n\nLines\nProduct\npen\n\nShops\nหมดอายุแล้ว  2\n");
	answer(&(struct render){ .format = FORMAT_PLAIN, .lang = LANG_TH }, DOC);
	cr_assert_str_eq(buf_text(&out), "id\t17\nnone\t\nlines\tpen\nshops\texpired\t2\n");
}

Test(render, nothing_is_said_in_words)
{
	answer(&(struct render){ .header = true },
	       "{\"data\":{\"items\":[]},\"view\":{\"columns\":[{\"key\":\"a\",\"title\":\"A\"}],"
	       "\"empty\":\"No shop.\"}}");
	cr_assert_str_eq(buf_text(&out), "");
	cr_assert_str_eq(buf_text(&notes), "No shop.\n");
}

Test(render, a_text_is_printed_as_it_is)
{
	answer(&(struct render){ .header = true },
	       "{\"data\":{\"text\":\"a\\n  b\"},\"view\":{\"text\":\"text\",\"columns\":[]}}");
	cr_assert_str_eq(buf_text(&out), "a\n  b\n");
}

#define HOSTILE "x\\u001b[2J\\n\\u009b2J\\u202egnp\\u2028y"

Test(render, a_hostile_alias_steers_no_terminal_in_any_format)
{
	static const char line[] = "{\"data\":{\"a\":\"" HOSTILE
				   "\"},\"view\":{\"columns\":[{\"key\":\"a\",\"title\":\"A\","
				   "\"kind\":\"text\"}],\"note\":\"see {a}\"}}";
	CLEANUP(json_freep)
	struct json *e = of("{\"message\":\"no " HOSTILE "\",\"hint\":\"" HOSTILE "\"}");

	answer(&(struct render){ .lang = LANG_EN, .pretty = true, .width = 80 }, line);
	cr_assert_str_eq(buf_text(&out), "A  x [2J  2J gnp y\n");
	cr_assert_str_eq(buf_text(&notes), "see x [2J  2J gnp y\n");
	answer(&(struct render){ .format = FORMAT_JSON, .pretty = true }, line);
	cr_assert_str_eq(buf_text(&out),
	                 "{\n  \"a\": \"x\\u001b[2J\\n\\u009b2J\\u202egnp\\u2028y\"\n}\n");
	answer(&(struct render){ .format = FORMAT_PLAIN, .header = true }, line);
	cr_assert_str_eq(buf_text(&out), "a\tx [2J  2J gnp y\n");
	buf_reset(&notes);
	render_error(&(struct render){ 0 }, e, &notes);
	cr_assert_str_eq(buf_text(&notes), "ttctl: no x [2J  2J gnp y\n  x [2J  2J gnp y\n");
}

Test(render, a_row_without_a_value_is_not_shown_and_a_form_is_read)
{
	answer(
	    &(struct render){ .lang = LANG_EN },
	    "{\"data\":{\"a\":[],\"b\":{},\"c\":\"\",\"d\":0,\"e\":{\"x\":1}},\"view\":{"
	    "\"columns\":["
	    "{\"key\":\"a\",\"title\":\"A\"},{\"key\":\"b\",\"title\":\"B\"},{\"key\":\"c\","
	    "\"title\":"
	    "\"C\"},{\"key\":\"d\",\"title\":\"D\"},{\"key\":\"e\",\"title\":\"E\",\"form\":\"x is "
	    "{e.x}[ and {e.y}]\"}]}}");
	cr_assert_str_eq(buf_text(&out), "D  0\nE  x is 1\n");
}

Test(render, a_narrow_terminal_goes_without_the_minor_columns_first)
{
	static const char line[] = "{\"data\":{\"items\":[{\"a\":\"main\",\"b\":\"TikTok\",\"c\":"
				   "\"connected\",\"d\":\"long "
				   "ago\"}]},\"view\":{\"columns\":[{\"key\":\"a\",\"title\":\"A\"}"
				   ",{\"key\":\"b\",\"title\":"
				   "\"B\",\"minor\":true},{\"key\":\"c\",\"title\":\"C\",\"kind\":"
				   "\"word\"},{\"key\":\"d\","
				   "\"title\":\"D\",\"minor\":true}]}}";

	answer(&(struct render){ .lang = LANG_EN, .width = 33 }, line);
	cr_assert_str_eq(buf_text(&out), "main  TikTok  connected  long ago\n");
	answer(&(struct render){ .lang = LANG_EN, .width = 32 }, line);
	cr_assert_str_eq(buf_text(&out), "main  TikTok  connected\n");
	answer(&(struct render){ .lang = LANG_EN, .width = 15 }, line);
	cr_assert_str_eq(buf_text(&out), "main  connected\n");
	answer(&(struct render){ .lang = LANG_EN }, line);
	cr_assert_str_eq(buf_text(&out), "main  TikTok  connected  long ago\n");
	answer(&(struct render){ .format = FORMAT_PLAIN, .width = 15 }, line);
	cr_assert_str_eq(buf_text(&out), "main\tTikTok\tconnected\tlong ago\n");
}

static void
event(struct render *r, const char *text)
{
	CLEANUP(json_freep) struct json *line = of(text);

	render_event(r, line, &out, &notes);
}

Test(render, events_keep_their_columns_and_one_header)
{
	struct render r = { .lang = LANG_EN, .header = true };

	event(&r, "{\"event\":{\"a\":\"long word\",\"b\":\"1\"},\"view\":{\"columns\":["
	          "{\"key\":\"a\",\"title\":\"A\"},{\"key\":\"b\",\"title\":\"B\"}]}}");
	event(&r, "{\"event\":{\"a\":\"x\",\"b\":\"2\"}}");
	cr_assert_str_eq(buf_text(&out), "A          B\nlong word  1\nx          2\n");
	event(&r, "{\"progress\":true,\"event\":{\"text\":\"half\"}}");
	cr_assert_str_eq(buf_text(&notes), "half\n");
	render_done(&r);
}

Test(render, an_error_is_for_people_or_json)
{
	CLEANUP(json_freep)
	struct json *e = of("{\"code\":\"x\",\"message\":\"no\",\"hint\":\"do\"}");

	render_error(&(struct render){ 0 }, e, &notes);
	cr_assert_str_eq(buf_text(&notes), "ttctl: no\n  do\n");
	buf_reset(&notes);
	render_error(&(struct render){ .format = FORMAT_JSONL }, e, &notes);
	cr_assert_str_eq(buf_text(&notes),
	                 "{\"error\":{\"code\":\"x\",\"message\":\"no\",\"hint\":\"do\"}}\n");
}

static int
read_options(struct options *o, const char *line)
{
	static char copy[512];
	static char *argv[32];
	struct err e;
	int argc = 0;

	cr_assert(str_copy(copy, sizeof(copy), line));
	for (char *p = copy, *word; (word = strsep(&p, " "));)
		argv[argc++] = word;
	argv[argc] = NULL;
	unsetenv("TTCTL_SOCKET");
	return options_read(o, argc, argv, &e);
}

Test(render, own_options_stand_on_both_sides_of_the_verb)
{
	struct options o;

	cr_assert_eq(read_options(&o, "ttctl --json shops --lang th --store 42 --watch=1s"), 0);
	cr_assert_eq(o.format, FORMAT_JSON);
	cr_assert_eq(o.lang, LANG_TH);
	cr_assert_eq(o.watch_ms, 1000);
	cr_assert_eq(o.n_words, 3);
	cr_assert_str_eq(o.words[0], "shops");
	cr_assert_str_eq(o.words[1], "--store");
	cr_assert_str_eq(o.words[2], "42");
	cr_assert_eq(read_options(&o, "ttctl -s /x show -- --json"), 0);
	cr_assert_str_eq(o.socket, "/x");
	cr_assert_eq(o.format, FORMAT_TABLE);
	cr_assert_eq(o.n_words, 3, "the dashes and what is behind them go to the daemon");
	cr_assert_eq(read_options(&o, "ttctl store set --help"), 0);
	cr_assert_eq(o.n_words, 3);
	cr_assert_not(o.help);
	cr_assert_eq(read_options(&o, "ttctl"), 0);
	cr_assert_eq(o.n_words, 0);
	cr_assert_str_eq(o.socket, OPTIONS_SOCKET);
}

Test(render, wrong_options_are_refused)
{
	static const char *const bad[] = { "ttctl --jsn shops", "ttctl --json --plain x",
		                           "ttctl --lang de",   "ttctl --lang",
		                           "ttctl --watch=1",   "ttctl --watch=10ms",
		                           "ttctl --watch=2d",  "ttctl --color red",
		                           "ttctl -s" };
	struct options o;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		cr_assert_eq(read_options(&o, bad[i]), -1, "%s", bad[i]);
}
