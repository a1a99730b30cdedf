#include "common/exits.h"
#include "common/json.h"
#include "common/str.h"
#include "daemon/control/cmd.h"
#include "daemon/control/control.h"
#include "daemon/control/req.h"

#include <stdio.h>
#include <string.h>

#define TEXT_MAX 65536

static const char environment[] =
    "TTCTL_SOCKET    the control socket, where -s does not name one\n"
    "NO_COLOR        set to anything: no colour, unless --color always\n"
    "CLICOLOR_FORCE  set to anything but 0: colour even where stdout is no terminal\n"
    "TERM            dumb: no colour\n"
    "COLUMNS         width of a table, where stdout is a terminal\n"
    "LC_ALL, LC_MESSAGES, LANG\n"
    "                beginning with th: Thai, where --lang does not say otherwise\n";

static const char formatting[] =
    "A table is for people: it fits the terminal and may change. For programs:\n\n"
    "--json     one JSON document, as it came; of a command that follows, one a line\n"
    "--jsonl    one JSON value a line: the items of a list, the events of a command that follows\n"
    "--plain    the table's columns with a tab between, nothing cut; --no-header leaves the first\n"
    "           line out\n\n"
    "Keys are only added, never changed; ids are strings, times RFC 3339 with their offset.\n"
    "A list is {\"schema_version\":1,\"items\":[...]}. stdout holds data alone. An error goes to\n"
    "stderr, with --json or --jsonl as "
    "{\"error\":{\"code\",\"message\",\"hint\",\"retryable\",\"exit\"}}.\n"
    "--watch asks again and again: in place on a terminal, else one JSON document a line.\n";

static const struct topic {
	const char *name;
	const char *text; /* NULL: made from the table of exit codes */
} topics[] = {
	{ "exit-codes", NULL },
	{ "environment", environment },
	{ "formatting", formatting },
};

static struct json *
arguments(const struct cmd *cmd)
{
	struct json *list = json_arr();

	for (const struct arg *a = cmd->args; a && a->key; a++) {
		struct json *j = json_obj();

		json_put_str(j, "name", a->name);
		json_put_str(j, "key", a->key);
		json_put_str(j, "value", a->type == ARG_SWITCH ? NULL : arg_placeholder(a));
		if (a->words)
			json_put_str(j, "words", a->words);
		json_put_bool(j, "required", a->required);
		json_put_str(j, "help", a->help);
		json_add(list, j);
	}
	return list;
}

static struct json *
describe(const struct cmd *cmd)
{
	struct json *j = json_obj(), *examples = json_arr();
	struct buf synopsis;

	buf_init(&synopsis, TEXT_MAX);
	cmd_synopsis(cmd, &synopsis);
	json_put_str(j, "verb", cmd->words);
	json_put_str(j, "synopsis", buf_text(&synopsis));
	json_put_str(j, "access", cmd_access_name(cmd->access));
	json_put_str(j, "help", cmd->help);
	json_put(j, "arguments", arguments(cmd));
	for (size_t i = 0; i < ARRAY_LEN(cmd->example); i++)
		json_add_str(examples, cmd->example[i]);
	json_put(j, "examples", examples);
	buf_done(&synopsis);
	return j;
}

/* Examples first: most readers look for one to begin with. */
static void
write_help(const struct cmd *cmd, struct buf *out)
{
	for (size_t i = 0; i < ARRAY_LEN(cmd->example); i++)
		buf_printf(out, "  %s\n", cmd->example[i]);
	buf_str(out, "\nusage: ttctl ");
	cmd_synopsis(cmd, out);
	buf_printf(out, "\n\n%s\n", cmd->help);
	if (cmd->more)
		buf_printf(out, "%s\n", cmd->more);
	if (cmd->args)
		buf_chr(out, '\n');
	for (const struct arg *a = cmd->args; a && a->key; a++) {
		char name[64];

		snprintf(name, sizeof(name), "%s%s%s", a->name,
		         a->name[0] == '-' && a->type != ARG_SWITCH ? " " : "",
		         a->name[0] == '-' && a->type != ARG_SWITCH ? arg_placeholder(a) : "");
		buf_printf(out, "  %-28s %s\n", name, a->help);
		if (a->words && a->value)
			buf_printf(out, "  %-28s one of %s\n", "", a->words);
	}
	if (cmd->access == CMD_ADMIN)
		buf_str(out, "\nFor root and members of the admin group.\n");
}

static void
write_exit_codes(struct buf *out)
{
	size_t n;
	const struct exits_row *rows = exits_all(&n);

	for (size_t i = 0; i < n; i++)
		buf_printf(out, "%3d  %-22s %s%s\n", rows[i].number, rows[i].word, rows[i].help,
		           rows[i].retryable ? " (trying again may do)" : "");
}

static void
done_text(struct req *r, struct json *doc, struct buf *text)
{
	json_put_i64(doc, "schema_version", 1);
	json_put_str(doc, "text", buf_text(text));
	buf_done(text);
	req_done(r, doc);
}

/* All of them, as data: what {"cmd":"help"} answers to a program. */
static void
help_list(struct req *r)
{
	struct json *doc = json_obj(), *items = json_arr();
	struct buf text;

	buf_init(&text, TEXT_MAX);
	for (size_t i = 0; i < CMD_COUNT; i++) {
		json_add(items, describe(cmd_at(i)));
		buf_printf(&text, "  %-12s  %s\n", cmd_at(i)->words, cmd_at(i)->help);
	}
	buf_str(&text, "\nMore about one: ttctl help VERB, or ttctl VERB --help\nTopics:");
	for (size_t i = 0; i < ARRAY_LEN(topics); i++)
		buf_printf(&text, "%s ttctl help %s", i ? "," : "", topics[i].name);
	buf_chr(&text, '\n');
	json_put(doc, "items", items);
	done_text(r, doc, &text);
}

static bool
help_topic(struct req *r, const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(topics); i++)
		if (!strcmp(topics[i].name, name)) {
			struct json *doc = json_obj();
			struct buf text;

			buf_init(&text, TEXT_MAX);
			if (topics[i].text)
				buf_str(&text, topics[i].text);
			else
				write_exit_codes(&text);
			json_put_str(doc, "topic", name);
			done_text(r, doc, &text);
			return true;
		}
	return false;
}

/* All verbs of a group ("store"), one behind the other. */
static bool
help_group(struct req *r, const char *group)
{
	struct json *doc = json_obj(), *items = json_arr();
	size_t len = strlen(group);
	struct buf text;

	buf_init(&text, TEXT_MAX);
	for (size_t i = 0; i < CMD_COUNT; i++) {
		const struct cmd *cmd = cmd_at(i);

		if (strncmp(cmd->words, group, len) || cmd->words[len] != ' ')
			continue;
		if (text.len)
			buf_str(&text, "\n\n");
		write_help(cmd, &text);
		json_add(items, describe(cmd));
	}
	json_put(doc, "items", items);
	if (!text.len) {
		json_free(doc);
		buf_done(&text);
		return false;
	}
	done_text(r, doc, &text);
	return true;
}

static void
help_run(struct req *r)
{
	const char *one = json_str(req_args(r), "topic"), *two = json_str(req_args(r), "second");
	char words[2 * ARG_TEXT_MAX + 2];
	const struct cmd *cmd;
	struct buf text;
	struct err e;

	if (!one) {
		help_list(r);
		return;
	}
	snprintf(words, sizeof(words), "%s%s%s", one, two ? " " : "", two ? two : "");
	if (help_topic(r, words) || help_group(r, words))
		return;
	cmd = cmd_find(words, &e);
	if (!cmd) {
		req_fail(r, &e);
		return;
	}
	buf_init(&text, TEXT_MAX);
	write_help(cmd, &text);
	done_text(r, describe(cmd), &text);
}

static const struct arg args[] = {
	{ .name = "VERB",
	  .key = "topic",
	  .type = ARG_TEXT,
	  .help = "a verb, exit-codes, environment or formatting" },
	{ .name = "SECOND",
	  .key = "second",
	  .type = ARG_TEXT,
	  .help = "the second word of a verb that has two" },
	{ 0 },
};

static const struct view view = { .text = "text" };

const struct cmd cmd_help = {
	.id = CMD_help,
	.words = "help",
	.args = args,
	.help = "what there is, and how one command is used",
	.example = { "ttctl help connect", "ttctl help exit-codes" },
	.access = CMD_MONITOR,
	.run = help_run,
	.view = &view,
};
