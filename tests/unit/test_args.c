#include "common/exits.h"
#include "common/json.h"
#include "common/str.h"
#include "daemon/control/args.h"
#include "daemon/control/cmd.h"

#include <criterion/criterion.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct wall now = { 1800000000 };
static struct err e;
static uint32_t missing;

static struct json *
of(const char *text)
{
	struct json *j = json_parse(text, strlen(text), &e);

	cr_assert(j, "%s: %s", text, e.text);
	return j;
}

/* What argv, as JSON, becomes; NULL and e. */
static char *
argv(const char *text)
{
	CLEANUP(json_freep) struct json *words = of(text), *args = NULL;
	const struct cmd *cmd;
	struct buf out;
	size_t used;

	err_clear(&e);
	cmd = cmd_find_argv(words, &used, &e);
	if (!cmd || !(args = args_from_argv(cmd, words, used, now, &missing, &e)))
		return NULL;
	buf_init(&out, 4096);
	json_write(args, &out);
	return out.data;
}

static char *
obj(const char *words, const char *text)
{
	CLEANUP(json_freep) struct json *given = of(text), *args = NULL;
	struct buf out;

	err_clear(&e);
	args = args_from_json(cmd_find(words, &e), given, now, &missing, &e);
	if (!args)
		return NULL;
	buf_init(&out, 4096);
	json_write(args, &out);
	return out.data;
}

#define IS(call, want)                                                                             \
	do {                                                                                       \
		CLEANUP(own_free) char *got_ = (call);                                             \
		cr_assert(got_, "%s", e.text);                                                     \
		cr_assert_str_eq(got_, want);                                                      \
	} while (0)

#define REFUSED(call, what)                                                                        \
	do {                                                                                       \
		CLEANUP(own_free) char *got_ = (call);                                             \
		cr_assert_null(got_);                                                              \
		cr_assert_eq(exits_of(&e), EXITS_USAGE);                                           \
		cr_assert(strstr(e.text, what) || strstr(e.hint, what), "%s (%s)", e.text,         \
		          e.hint);                                                                 \
	} while (0)

Test(args, words_and_json_become_the_same)
{
	IS(argv("[\"shops\",\"--store\",\"42\",\"--expiring-within=30d\"]"),
	   "{\"store\":\"42\",\"expiring_within_s\":2592000}");
	IS(obj("shops", "{\"store\":\"42\",\"expiring_within\":\"30d\",\"state\":null}"),
	   "{\"store\":\"42\",\"expiring_within_s\":2592000}");
	IS(argv("[\"confirm\",\"ร้านหลัก\",\"--shop\",\"74\",\"--warehouse\",\"9\"]"),
	   "{\"shop\":\"ร้านหลัก\",\"tiktok_shop_id\":\"74\",\"warehouse_id\":\"9\"}");
	IS(obj("confirm", "{\"shop\":\"ร้านหลัก\",\"tiktok_shop_id\":74,\"warehouse_id\":\"9\"}"),
	   "{\"shop\":\"ร้านหลัก\",\"tiktok_shop_id\":\"74\",\"warehouse_id\":\"9\"}");
	IS(argv("[\"history\",\"x\",\"--follow\"]"), "{\"shop\":\"x\",\"follow\":true}");
	IS(obj("history", "{\"shop\":\"x\",\"follow\":true,\"limit\":5}"),
	   "{\"shop\":\"x\",\"follow\":true,\"limit\":5}");
	IS(obj("history", "{\"shop\":\"x\",\"follow\":false}"), "{\"shop\":\"x\"}");
}

Test(args, times_are_dates_or_how_long_ago)
{
	IS(argv("[\"orders\",\"--since\",\"2h\"]"), "{\"since\":1799992800}");
	IS(argv("[\"orders\",\"--since\",\"1970-01-02\"]"), "{\"since\":61200}");
	REFUSED(argv("[\"orders\",\"--since\",\"yesterday\"]"), "--since is a time");
}

Test(args, a_country_is_two_letters)
{
	IS(argv("[\"reauthorize\",\"x\",\"--region\",\"th\"]"),
	   "{\"shop\":\"x\",\"region\":\"TH\"}");
	REFUSED(argv("[\"reauthorize\",\"x\",\"--region\",\"THA\"]"), "two letters, like TH");
	REFUSED(argv("[\"reauthorize\",\"x\",\"--region\",\"T\"]"), "two letters");
	REFUSED(argv("[\"reauthorize\",\"x\",\"--region\",\"ไท\"]"), "two letters");
}

Test(args, what_is_wrong_is_named)
{
	REFUSED(argv("[\"show\"]"), "SHOP is missing");
	REFUSED(argv("[\"show\"]"), "usage: ttctl show SHOP");
	REFUSED(argv("[\"show\",\"a\",\"b\"]"), "'b' is one word too many");
	REFUSED(argv("[\"show\",\"\"]"), "bytes long");
	REFUSED(argv("[\"show\",\"a\\nb\"]"), "control character");
	REFUSED(argv("[\"shops\",\"--stroe\",\"1\"]"), "did you mean --store");
	REFUSED(argv("[\"shops\",\"--store\"]"), "--store needs a value");
	REFUSED(argv("[\"shops\",\"--store\",\"1\",\"--store\",\"2\"]"), "given twice");
	REFUSED(argv("[\"shops\",\"--expiring-within\",\"30\"]"), "with its unit");
	REFUSED(argv("[\"shops\",\"--expiring-within\",\"30\"]"), "--expiring-within");
	REFUSED(argv("[\"shops\",\"--expiring-within\",\"99999d\"]"), "is from");
	REFUSED(argv("[\"shops\",\"--state\",\"connect\"]"), "is one of");
	REFUSED(argv("[\"orders\",\"--limit\",\"0\"]"), "1 to 1000");
	REFUSED(argv("[\"order\",\"abc\"]"), "id of 1 to 20 digits");
	REFUSED(argv("[\"sync\",\"x\",\"everything\"]"), "orders|products");
	REFUSED(argv("[\"history\",\"x\",\"--follow=yes\"]"), "takes no value");
	REFUSED(argv("[\"show\",7]"), "array of strings");
}

static void
prompts_are(const char *words, enum lang lang, const char *want)
{
	CLEANUP(own_free) char *none = argv(words);
	CLEANUP(json_freep) struct json *line = of(words), *ask = NULL;
	struct buf text;
	size_t used;

	cr_assert_null(none);
	ask = args_ask(cmd_find_argv(line, &used, &e), missing, lang);
	cr_assert(ask, "%s", words);
	buf_init(&text, 4096);
	json_write(ask, &text);
	cr_assert_str_eq(buf_text(&text), want);
	buf_done(&text);
}

Test(args, what_is_missing_can_be_asked_for)
{
	prompts_are("[\"show\"]", LANG_EN,
	            "[{\"flag\":\"SHOP\",\"key\":\"shop\",\"prompt\":\"" ARG_SHOP_HELP "\"}]");
	prompts_are("[\"show\"]", LANG_TH,
	            "[{\"flag\":\"SHOP\",\"key\":\"shop\",\"prompt\":\"" ARG_SHOP_HELP_TH "\"}]");
	prompts_are(
	    "[\"wait\",\"x\"]", LANG_TH,
	    "[{\"flag\":\"--for\",\"key\":\"for\",\"prompt\":\"connected: "
	    "อ่านรอบแรกเสร็จ synced: ไม่เหลืออะไรให้อ่าน\",\"words\":[\"connected\",\"synced\"]}]");
	REFUSED(argv("[\"connect\"]"), "--store, --alias are missing");
	cr_assert_eq(missing, 3);
	REFUSED(argv("[\"connect\",\"--stroe\",\"1\"]"), "did you mean");
	cr_assert_eq(missing, 0);
	cr_assert_null(args_ask(&cmd_connect, 0, LANG_EN));
}

Test(args, wrong_types_in_json_are_named)
{
	REFUSED(obj("show", "[]"), "args is an object");
	REFUSED(obj("show", "{\"shop\":17}"), "shop is a string");
	REFUSED(obj("show", "{\"shop\":{\"a\":[1]}}"), "shop is a string");
	REFUSED(obj("show", "{\"shop\":\"a\",\"colour\":1}"), "no argument 'colour'");
	REFUSED(obj("history", "{\"shop\":\"a\",\"follow\":\"yes\"}"), "true or false");
	REFUSED(obj("history", "{\"shop\":\"a\",\"limit\":1.5}"), "1 to 1000");
	REFUSED(obj("history", "{\"shop\":\"a\",\"limit\":true}"), "1 to 1000");
	REFUSED(obj("shops", "{\"expiring_within\":30}"), "is a string");
	REFUSED(obj("order", "{\"order\":-5}"), "1 to 20 digits");
}

Test(args, behind_two_dashes_everything_is_a_value)
{
	IS(argv("[\"show\",\"--\",\"--odd\"]"), "{\"shop\":\"--odd\"}");
	IS(argv("[\"show\",\"-\"]"), "{\"shop\":\"-\"}");
}

Test(args, a_near_command_is_offered_and_not_run)
{
	REFUSED(argv("[\"shps\"]"), "did you mean: ttctl shops");
	REFUSED(argv("[\"store\"]"), "ttctl store set, ttctl store list");
	REFUSED(argv("[\"store\",\"lst\"]"), "did you mean: ttctl store list");
	REFUSED(argv("[\"frobnicate\"]"), "ttctl help");
	REFUSED(argv("[\"\"]"), "no command");
	REFUSED(argv("[5]"), "no command");
	REFUSED(argv("[\"sho\"]"), "did you mean: ttctl show");
}

/* Passwords are typed at TikTok alone: what takes one would have one of these in its name. */
static bool
sounds_secret(const char *name)
{
	static const char *const words[] = { "passw", "login", "e-mail", "email", "phone" };

	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (strcasestr(name, words[i]))
			return true;
	return false;
}

Test(args, no_argument_of_any_command_takes_a_password)
{
	struct buf synopsis;

	buf_init(&synopsis, 4096);
	for (size_t i = 0; i < CMD_COUNT; i++) {
		buf_reset(&synopsis);
		cmd_synopsis(cmd_at(i), &synopsis);
		cr_expect_not(sounds_secret(buf_text(&synopsis)), "%s", buf_text(&synopsis));
		for (const struct arg *a = cmd_at(i)->args; a && a->key; a++)
			cr_expect_not(sounds_secret(a->key) || sounds_secret(a->name), "%s",
			              a->name);
	}
	buf_done(&synopsis);
	cr_assert(strstr(cmd_connect.more, "log out of other TikTok accounts"));
	cr_assert(strstr(cmd_connect.more, "typed at TikTok only"));
}

/* How many lines of files, by a shell pattern, match an expression. */
static int64_t
lines_with(const char *expression, const char *files)
{
	char command[512], count[32] = "";
	int64_t n;
	FILE *f;

	snprintf(command, sizeof(command), "cd %s && cat %s | grep -ciE -- '%s'", SOURCE_DIR, files,
	         expression);
	f = popen(command, "r");
	cr_assert(f && fgets(count, sizeof(count), f), "%s", command);
	pclose(f);
	count[strcspn(count, "\n")] = '\0';
	cr_assert_eq(str_i64(count, &n), 0, "%s", command);
	return n;
}

Test(args, no_page_and_no_manual_offers_a_place_for_a_password)
{
	cr_expect_eq(lines_with("type=.?[\"\\x27]?(password|email|tel)", "daemon/web/*.[ch]"), 0);
	cr_expect_eq(lines_with("name=.?[\"\\x27]?[a-z_-]*(pass|user|login|email|phone)",
	                        "daemon/web/*.[ch]"),
	             0);
	cr_expect_eq(
	    lines_with("Fl -?-(pass|user|login|email|phone|pin|otp)", "ctl/*.1 daemon/*.8"), 0);
	cr_expect_eq(
	    lines_with("Ev [A-Z_]*(PASS|USER|LOGIN|EMAIL|PHONE|OTP)", "ctl/*.1 daemon/*.8"), 0);
	cr_expect_eq(lines_with("getenv\\(\"[A-Z_]*(PASS|USER|LOGIN|EMAIL|PHONE|OTP)",
	                        "common/*.c ctl/*.c daemon/*.c daemon/*/*.c"),
	             0);
	cr_expect_gt(lines_with("Fl -dry-run", "ctl/*.1"), 0, "the search finds what is there");
	cr_expect_gt(lines_with("Ev [A-Z_]*SOCKET", "ctl/*.1"), 0);
	cr_expect_gt(lines_with("getenv\\(\"[A-Z_]*SOCKET", "common/*.c ctl/*.c"), 0);
}

/* The words of an example up to the first that the shell takes for itself, as JSON. */
static struct json *
shell_words(const char *line, bool *ret_more)
{
	struct json *out = json_arr();
	struct buf word;

	buf_init(&word, 512);
	*ret_more = false;
	while (*line && !*ret_more) {
		char quote = 0;

		buf_reset(&word);
		for (; *line && (quote || *line != ' '); line++) {
			if (*line == '\'')
				quote = quote ? 0 : *line;
			else
				buf_chr(&word, *line);
		}
		while (*line == ' ')
			line++;
		*ret_more = !strcmp(buf_text(&word), "|") || !strcmp(buf_text(&word), "&&") ||
		            !strcmp(buf_text(&word), "||");
		if (!*ret_more)
			json_add_str(out, buf_text(&word));
	}
	buf_done(&word);
	return out;
}

/* ttctl's own options in front of the verb, as examples use them. */
static struct json *
without_options(const struct json *words)
{
	struct json *out = json_arr();
	size_t i = 1;

	cr_assert_str_eq(json_text(json_at(words, 0)), "ttctl");
	while (i < json_len(words) && json_text(json_at(words, i))[0] == '-')
		i++;
	for (; i < json_len(words); i++)
		json_add_str(out, json_text(json_at(words, i)));
	return out;
}

static void
check_example(const struct cmd *cmd, const char *line)
{
	bool more;
	CLEANUP(json_freep) struct json *words = shell_words(line, &more);
	CLEANUP(json_freep) struct json *rest = without_options(words), *args = NULL;
	size_t used;

	cr_assert_eq(cmd_find_argv(rest, &used, &e), cmd, "%s", line);
	args = args_from_argv(cmd, rest, used, now, &missing, &e);
	cr_assert(args, "%s: %s", line, e.text);
}

static void
check_args(const struct cmd *cmd)
{
	bool optional = false;

	for (const struct arg *a = cmd->args; a && a->key; a++) {
		bool flag = a->name[0] == '-';

		cr_assert_neq(a->type, ARG_NONE, "%s %s", cmd->words, a->name);
		cr_assert(a->help && a->help[0], "%s %s", cmd->words, a->name);
		cr_assert(!a->required || a->help_th, "%s %s: asked for in Thai too", cmd->words,
		          a->name);
		cr_assert_eq(a->type == ARG_WORD, a->words != NULL, "%s %s", cmd->words, a->name);
		cr_assert(a->type != ARG_INT || a->max > a->min, "%s %s", cmd->words, a->name);
		cr_assert(flag || isupper((unsigned char)a->name[0]), "%s", a->name);
		cr_assert(flag || !(a->required && optional), "%s: a place behind one left out",
		          cmd->words);
		optional = optional || (!flag && !a->required);
		for (const struct arg *b = a + 1; b->key; b++)
			cr_assert(strcmp(a->key, b->key) && strcmp(a->name, b->name));
	}
}

Test(args, every_command_has_all_that_a_row_needs)
{
	for (size_t i = 0; i < CMD_COUNT; i++) {
		const struct cmd *cmd = cmd_at(i);

		cr_assert_eq(cmd->id, i);
		cr_assert_eq(cmd_find(cmd->words, &e), cmd);
		cr_assert_neq(cmd->access, CMD_NOBODY, "%s", cmd->words);
		cr_assert(cmd->help && cmd->help[0], "%s", cmd->words);
		cr_assert_neq(!cmd->op, !cmd->run, "%s has an op, or a function", cmd->words);
		cr_assert(cmd->view, "%s", cmd->words);
		check_args(cmd);
		for (size_t k = 0; k < 2; k++) {
			cr_assert(cmd->example[k], "%s", cmd->words);
			check_example(cmd, cmd->example[k]);
		}
	}
}

Test(args, nothing_typed_is_status)
{
	CLEANUP(json_freep) struct json *none = json_arr();
	size_t used;

	cr_assert_eq(cmd_find_argv(none, &used, &e), &cmd_status);
	cr_assert_eq(used, 0);
}

Test(args, the_synopsis_names_everything)
{
	struct buf out;

	buf_init(&out, 512);
	cmd_synopsis(&cmd_wait, &out);
	cr_assert_str_eq(buf_text(&out), "wait SHOP --for connected|synced [--timeout DURATION]");
	buf_reset(&out);
	cmd_synopsis(&cmd_sync, &out);
	cr_assert_str_eq(buf_text(&out), "sync SHOP [orders|products]");
	buf_done(&out);
}
