#include "ctl/options.h"

#include "common/exits.h"
#include "common/str.h"

#include <stdlib.h>
#include <string.h>

/* A word of argv, and where the next one is. */
struct reader {
	struct options *o;
	int argc;
	char **argv;
	int at;
	struct err *e;
};

static enum lang
lang_of_locale(void)
{
	static const char *const names[] = { "LC_ALL", "LC_MESSAGES", "LANG" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		const char *v = getenv(names[i]);

		if (v && *v)
			return strncmp(v, "th", 2) ? LANG_EN : LANG_TH;
	}
	return LANG_EN;
}

static int
usage(struct err *e, const char *what, const char *word)
{
	err_set(e, ERR_INPUT, EXITS_USAGE, "%s: %.60s", what, word);
	err_hint(e, "ttctl --help");
	return err_tag(e, "usage");
}

static int
set_format(struct options *o, enum format f, struct err *e)
{
	if (o->format != FORMAT_TABLE && o->format != f)
		return usage(e, "one of these is enough", "--json, --jsonl, --plain");
	o->format = f;
	return 0;
}

static int
set_lang(struct options *o, const char *value, struct err *e)
{
	enum lang lang = lang_parse(value);

	if (lang == LANG_NONE)
		return usage(e, "--lang is th or en, not", value);
	o->lang = lang;
	return 0;
}

static int
set_colour(struct options *o, const char *value, struct err *e)
{
	static const char *const words[] = {
		[WHEN_AUTO] = "auto", [WHEN_ALWAYS] = "always", [WHEN_NEVER] = "never"
	};

	for (int i = 0; i < 3; i++)
		if (!strcmp(words[i], value)) {
			o->colour = (enum when)i;
			return 0;
		}
	return usage(e, "--color is auto, always or never, not", value);
}

static int
set_watch(struct options *o, const char *value, struct err *e)
{
	if (!value)
		o->watch_ms = OPTIONS_WATCH_MS;
	else if (str_duration_ms(value, &o->watch_ms) || o->watch_ms < OPTIONS_WATCH_LEAST ||
	         o->watch_ms > OPTIONS_WATCH_MOST)
		return usage(e, "--watch is a duration of 200ms to 1d, like 2s, not", value);
	return 0;
}

/* Is word the option, alone or with "=value"? The value then, or the next word, or NULL. */
static bool
with_value(struct reader *r, const char *name, const char **ret_value)
{
	const char *word = r->argv[r->at];
	size_t len = strlen(name);

	if (strncmp(word, name, len) || (word[len] != '\0' && word[len] != '='))
		return false;
	if (word[len] == '=')
		*ret_value = word + len + 1;
	else
		*ret_value = r->at + 1 < r->argc ? r->argv[++r->at] : NULL;
	return true;
}

/* 1: it was one of ours, 0: it was not, -1. */
static int
take_long(struct reader *r)
{
	const char *word = r->argv[r->at], *value = NULL;
	struct options *o = r->o;
	int rc;

	if (!strcmp(word, "--json"))
		rc = set_format(o, FORMAT_JSON, r->e);
	else if (!strcmp(word, "--jsonl"))
		rc = set_format(o, FORMAT_JSONL, r->e);
	else if (!strcmp(word, "--plain"))
		rc = set_format(o, FORMAT_PLAIN, r->e);
	else if (!strcmp(word, "--no-header"))
		rc = 0, o->no_header = true;
	else if (!strcmp(word, "--no-input"))
		rc = 0, o->no_input = true;
	else if (!strcmp(word, "--watch") || !strncmp(word, "--watch=", 8))
		rc = set_watch(o, word[7] ? word + 8 : NULL, r->e);
	else if (with_value(r, "--lang", &value))
		rc = value ? set_lang(o, value, r->e) : usage(r->e, "a value is missing", word);
	else if (with_value(r, "--color", &value))
		rc = value ? set_colour(o, value, r->e) : usage(r->e, "a value is missing", word);
	else
		return 0;
	return rc ? -1 : 1;
}

/* Before the verb: short options too, and nothing that is not ours. */
static int
take_first(struct reader *r)
{
	const char *word = r->argv[r->at], *value = NULL;
	int rc = take_long(r);

	if (rc)
		return rc;
	if (!strcmp(word, "-h") || !strcmp(word, "--help")) {
		r->o->help = true;
	} else if (!strcmp(word, "-V") || !strcmp(word, "--version")) {
		r->o->version = true;
	} else if (with_value(r, "-s", &value) || with_value(r, "--socket", &value)) {
		if (!value || !*value)
			return usage(r->e, "a value is missing", word);
		r->o->socket = value;
	} else {
		return usage(r->e, "no such option", word);
	}
	return 1;
}

int
options_read(struct options *o, int argc, char **argv, struct err *e)
{
	const char *env = getenv("TTCTL_SOCKET");
	struct reader r = { o, argc, argv, 1, e };
	bool ours = true;

	*o = (struct options){ .socket = env && *env ? env : OPTIONS_SOCKET,
		               .lang = lang_of_locale(),
		               .words = argv + 1 };
	for (; r.at < argc; r.at++) {
		char *word = argv[r.at];
		int rc = 0;

		if (ours && !strcmp(word, "--"))
			ours = false;
		else if (ours && word[0] == '-' && word[1])
			rc = o->n_words ? take_long(&r) : take_first(&r);
		if (rc < 0)
			return -1;
		if (!rc)
			o->words[o->n_words++] = word;
	}
	return 0;
}
