#include "daemon/control/cmd.h"

#include "common/exits.h"
#include "common/json.h"
#include "common/own.h"
#include "common/str.h"

#include <stdio.h>
#include <string.h>

#define NEAR      2 /* edits between what was typed and what is offered */
#define WORDS_MAX 64

static const struct cmd *const table[CMD_COUNT] = {
#define CMD(name) [CMD_##name] = &cmd_##name,
#include "daemon/control/cmd.def"
#undef CMD
};

const struct cmd *
cmd_at(size_t i)
{
	return table[i];
}

/* The verbs of a group ("store"); false where words begin none. */
static bool
hint_group(const char *words, struct err *e)
{
	size_t len = strlen(words);
	struct buf group;
	bool any;

	buf_init(&group, sizeof(e->hint));
	for (size_t i = 0; i < CMD_COUNT; i++)
		if (!strncmp(table[i]->words, words, len) && table[i]->words[len] == ' ')
			buf_printf(&group, "%sttctl %s", group.len ? ", " : "", table[i]->words);
	any = group.len > 0;
	if (any)
		err_hint(e, "did you mean one of: %s", buf_text(&group));
	buf_done(&group);
	return any;
}

/* A verb a slip away; false where there is none. */
static bool
hint_near(const char *words, struct err *e)
{
	for (int most = 1; most <= NEAR; most++)
		for (size_t i = 0; i < CMD_COUNT; i++)
			if (str_distance(table[i]->words, words, most) <= most) {
				err_hint(e, "did you mean: ttctl %s", table[i]->words);
				return true;
			}
	return false;
}

/* two: the first words of an argv, "" where there was one; for a slip in the second. */
static const struct cmd *
unknown(const char *one, const char *two, struct err *e)
{
	err_set(e, ERR_INPUT, EXITS_USAGE, "no command '%.40s'", one);
	err_tag(e, "unknown_command");
	if (!(two[0] && hint_near(two, e)) && !hint_group(one, e) && !hint_near(one, e))
		err_hint(e, "see them all: ttctl help");
	return NULL;
}

const struct cmd *
cmd_find(const char *words, struct err *e)
{
	for (size_t i = 0; i < CMD_COUNT; i++)
		if (!strcmp(table[i]->words, words))
			return table[i];
	return unknown(words, "", e);
}

/* How many elements of argv are the words of cmd, all of them; 0: they are not. */
static size_t
words_used(const struct cmd *cmd, const struct json *argv)
{
	const char *at = cmd->words;

	for (size_t n = 0;; n++) {
		const char *word = json_text(json_at(argv, n));
		size_t len = word ? strlen(word) : 0;

		if (!len || strncmp(at, word, len) || (at[len] != ' ' && at[len] != '\0'))
			return 0;
		at += len;
		if (!*at)
			return n + 1;
		at++;
	}
}

const struct cmd *
cmd_find_argv(const struct json *argv, size_t *ret_used, struct err *e)
{
	const char *one = json_text(json_at(argv, 0)), *two = json_text(json_at(argv, 1));
	char words[WORDS_MAX];

	if (!json_len(argv)) {
		*ret_used = 0;
		return &cmd_status;
	}
	for (size_t i = 0; i < CMD_COUNT; i++) {
		size_t n = words_used(table[i], argv);

		if (n) {
			*ret_used = n;
			return table[i];
		}
	}
	if (!one || !two || snprintf(words, sizeof(words), "%s %s", one, two) >= WORDS_MAX)
		words[0] = '\0';
	return unknown(one ? one : "", words, e);
}

const char *
arg_placeholder(const struct arg *a)
{
	if (a->value)
		return a->value;
	switch (a->type) {
	case ARG_ID:
		return "ID";
	case ARG_INT:
		return "N";
	case ARG_SECONDS:
		return "DURATION";
	case ARG_TIME:
		return "TIME";
	case ARG_WORD:
		return a->words;
	case ARG_COUNTRY:
		return "CC";
	case ARG_NONE:
	case ARG_TEXT:
	case ARG_SWITCH:
		break;
	}
	return "TEXT";
}

void
cmd_synopsis(const struct cmd *cmd, struct buf *out)
{
	buf_str(out, cmd->words);
	for (const struct arg *a = cmd->args; a && a->key; a++) {
		bool flag = a->name[0] == '-';

		buf_str(out, a->required ? " " : " [");
		buf_str(out, !flag && a->type == ARG_WORD ? a->words : a->name);
		if (flag && a->type != ARG_SWITCH)
			buf_printf(out, " %s", arg_placeholder(a));
		buf_str(out, a->required ? "" : "]");
	}
}

const char *
cmd_access_name(enum cmd_access access)
{
	switch (access) {
	case CMD_MONITOR:
		return "read";
	case CMD_ADMIN:
		return "change";
	case CMD_NOBODY:
		break;
	}
	return "nobody";
}
