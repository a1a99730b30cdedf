#include "daemon/control/args.h"

#include "common/exits.h"
#include "common/json.h"
#include "common/str.h"
#include "daemon/control/cmd.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define KEY_MAX   64
#define NAMES_MAX 160

/* What is being filled. */
struct parse {
	const struct cmd *cmd;
	struct wall now;
	struct json *out;
	uint32_t *missing;
	struct err *e;
};

static int __attribute__((format(printf, 2, 3))) usage(const struct parse *p, const char *fmt, ...)
{
	struct buf synopsis;
	char text[200];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	err_set(p->e, ERR_INPUT, EXITS_USAGE, "%s", text);
	buf_init(&synopsis, sizeof(p->e->hint));
	cmd_synopsis(p->cmd, &synopsis);
	err_hint(p->e, "usage: ttctl %s", buf_text(&synopsis));
	buf_done(&synopsis);
	return err_tag(p->e, "usage");
}

static bool
is_flag(const struct arg *a)
{
	return a->name[0] == '-';
}

static int
put_text(const struct parse *p, const struct arg *a, const char *value)
{
	size_t len = strlen(value);

	if (len < 1 || len > ARG_TEXT_MAX)
		return usage(p, "%s is 1 to %d bytes long", a->name, ARG_TEXT_MAX);
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)value[i] < 0x20 || value[i] == 0x7f)
			return usage(p, "%s has a control character in it", a->name);
	json_put_str(p->out, a->key, value);
	return 0;
}

static int
put_int(const struct parse *p, const struct arg *a, const char *value)
{
	int64_t v;

	if (str_i64(value, &v) || v < a->min || v > a->max)
		return usage(p, "%s is a number from %" PRId64 " to %" PRId64 ", not '%.40s'",
		             a->name, a->min, a->max, value);
	json_put_i64(p->out, a->key, v);
	return 0;
}

static int
put_seconds(const struct parse *p, const struct arg *a, const char *value)
{
	char key[KEY_MAX];
	int64_t ms;

	if (str_duration_ms(value, &ms) || ms % 1000)
		return usage(p,
		             "%s is a duration with its unit (s, m, h, d), like 30d, not '%.40s'",
		             a->name, value);
	if (ms / 1000 < a->min || ms / 1000 > a->max)
		return usage(p, "%s is from %" PRId64 "s to %" PRId64 "s, not '%.40s'", a->name,
		             a->min, a->max, value);
	snprintf(key, sizeof(key), "%s_s", a->key);
	json_put_i64(p->out, key, ms / 1000);
	return 0;
}

static int
put_time(const struct parse *p, const struct arg *a, const char *value)
{
	struct wall t;
	int64_t ms;

	if (!str_duration_ms(value, &ms))
		t.s = p->now.s - ms / 1000;
	else if (clock_parse(value, &t))
		return usage(
		    p,
		    "%s is a time like 2026-11-23, 2026-11-23T09:00:00+07:00, or 2h (ago), "
		    "not '%.40s'",
		    a->name, value);
	json_put_i64(p->out, a->key, t.s);
	return 0;
}

static int
put_country(const struct parse *p, const struct arg *a, const char *value)
{
	char code[3] = "";

	for (size_t i = 0; i < 2 && isalpha((unsigned char)value[i]); i++)
		code[i] = (char)toupper((unsigned char)value[i]);
	if (!code[1] || value[2])
		return usage(p, "%s is a country in two letters, like TH, not '%.40s'", a->name,
		             value);
	json_put_str(p->out, a->key, code);
	return 0;
}

/* Is value one of the words of "orders|products"? */
static bool
one_of(const char *words, const char *value)
{
	size_t len = strlen(value);

	for (const char *w = words; w; w = strchr(w, '|') ? strchr(w, '|') + 1 : NULL)
		if (len && !strncmp(w, value, len) && (w[len] == '|' || w[len] == '\0'))
			return true;
	return false;
}

static int
put(const struct parse *p, const struct arg *a, const char *value)
{
	switch (a->type) {
	case ARG_TEXT:
		return put_text(p, a, value);
	case ARG_ID:
		if (!str_is_id(value))
			return usage(p, "%s is an id of 1 to 20 digits, not '%.40s'", a->name,
			             value);
		json_put_str(p->out, a->key, value);
		return 0;
	case ARG_INT:
		return put_int(p, a, value);
	case ARG_SECONDS:
		return put_seconds(p, a, value);
	case ARG_TIME:
		return put_time(p, a, value);
	case ARG_WORD:
		if (!one_of(a->words, value))
			return usage(p, "%s is one of %s, not '%.40s'", a->name, a->words, value);
		json_put_str(p->out, a->key, value);
		return 0;
	case ARG_COUNTRY:
		return put_country(p, a, value);
	case ARG_SWITCH:
		json_put_bool(p->out, a->key, true);
		return 0;
	case ARG_NONE:
		break;
	}
	return usage(p, "%s takes no value", a->name);
}

/* Was it given already? Durations stand under another key. */
static bool
given(const struct parse *p, const struct arg *a)
{
	char key[KEY_MAX];

	snprintf(key, sizeof(key), "%s%s", a->key, a->type == ARG_SECONDS ? "_s" : "");
	return json_get(p->out, key) != NULL;
}

/* Names all that are missing: one round is enough to learn of them. */
static int
check_required(const struct parse *p)
{
	struct buf names;
	uint32_t bit = 1;
	int n = 0, rc = 0;

	buf_init(&names, NAMES_MAX);
	*p->missing = 0;
	for (const struct arg *a = p->cmd->args; a && a->key; a++, bit <<= 1)
		if (a->required && !given(p, a)) {
			buf_printf(&names, "%s%s", n++ ? ", " : "", a->name);
			*p->missing |= bit;
		}
	if (n)
		rc = usage(p, "%s %s missing", buf_text(&names), n > 1 ? "are" : "is");
	buf_done(&names);
	return rc;
}

static const struct arg *
find_flag(const struct parse *p, const char *name, size_t len)
{
	for (const struct arg *a = p->cmd->args; a && a->key; a++)
		if (is_flag(a) && strlen(a->name) == len && !strncmp(a->name, name, len))
			return a;
	return NULL;
}

static int
unknown_flag(const struct parse *p, const char *word)
{
	for (const struct arg *a = p->cmd->args; a && a->key; a++)
		if (is_flag(a) && str_distance(a->name, word, 2) <= 2)
			return usage(p, "no option '%.40s': did you mean %s?", word, a->name);
	return usage(p, "no option '%.40s'", word);
}

/* The flag at place *i, and its value, which may be the next word; *i is moved over it. */
static int
take_flag(const struct parse *p, const struct json *argv, size_t *i)
{
	const char *word = json_text(json_at(argv, *i)), *eq = strchr(word, '=');
	const struct arg *a = find_flag(p, word, eq ? (size_t)(eq - word) : strlen(word));
	const char *value = eq ? eq + 1 : NULL;

	if (!a)
		return unknown_flag(p, word);
	if (given(p, a))
		return usage(p, "%s is given twice", a->name);
	if (a->type == ARG_SWITCH)
		return value ? usage(p, "%s takes no value", a->name) : put(p, a, "");
	if (!value)
		value = json_text(json_at(argv, ++*i));
	if (!value)
		return usage(p, "%s needs a value", a->name);
	return put(p, a, value);
}

static int
take_place(const struct parse *p, const char *word)
{
	for (const struct arg *a = p->cmd->args; a && a->key; a++)
		if (!is_flag(a) && !given(p, a))
			return put(p, a, word);
	return usage(p, "'%.40s' is one word too many", word);
}

static int
take_argv(const struct parse *p, const struct json *argv, size_t used)
{
	bool places_only = false;

	for (size_t i = used; i < json_len(argv); i++) {
		const char *word = json_text(json_at(argv, i));
		bool flag = !places_only && word && word[0] == '-' && word[1];

		if (!word)
			return usage(p, "argv is an array of strings");
		if (flag && !strcmp(word, "--"))
			places_only = true;
		else if (flag ? take_flag(p, argv, &i) : take_place(p, word))
			return -1;
	}
	return check_required(p);
}

struct json *
args_from_argv(const struct cmd *cmd, const struct json *argv, size_t used, struct wall now,
               uint32_t *ret_missing, struct err *e)
{
	CLEANUP(json_freep) struct json *out = json_obj();
	struct parse p = { cmd, now, out, ret_missing, e };

	*ret_missing = 0;
	return take_argv(&p, argv, used) ? NULL : STEAL(out);
}

/* JSON's own number or boolean, as it would be written on the command line. */
static int
take_bare(const struct parse *p, const struct arg *a, const char *written)
{
	if (a->type == ARG_INT || a->type == ARG_ID)
		return put(p, a, written);
	if (a->type != ARG_SWITCH)
		return usage(p, "%s is a string", a->key);
	if (!strcmp(written, "true"))
		return put(p, a, "");
	return strcmp(written, "false") ? usage(p, "%s is true or false", a->key) : 0;
}

static int
take_member(const struct parse *p, const char *key, const struct json *value)
{
	const struct arg *a = p->cmd->args;
	const char *text = json_text(value);
	struct buf written;
	int rc;

	while (a && a->key && strcmp(a->key, key))
		a++;
	if (!a || !a->key)
		return usage(p, "no argument '%.40s'", key);
	if (text && a->type != ARG_SWITCH)
		return put(p, a, text);
	buf_init(&written, 64); /* longer ones are neither numbers nor booleans */
	json_write(value, &written);
	rc = take_bare(p, a, written.failed ? "a value" : buf_text(&written));
	buf_done(&written);
	return rc;
}

struct json *
args_from_json(const struct cmd *cmd, const struct json *args, struct wall now,
               uint32_t *ret_missing, struct err *e)
{
	CLEANUP(json_freep) struct json *out = json_obj();
	struct parse p = { cmd, now, out, ret_missing, e };
	struct json *value;
	const char *key;
	void *it = NULL;

	*ret_missing = 0;
	if (args && !json_is_obj(args)) {
		usage(&p, "args is an object");
		return NULL;
	}
	while (args && (it = json_next(args, it, &key, &value)))
		if (value && take_member(&p, key, value)) /* null: as if it were not there */
			return NULL;
	return check_required(&p) ? NULL : STEAL(out);
}

/* "orders|products" as a list. */
static struct json *
word_list(const char *words)
{
	struct json *list = json_arr();
	char word[KEY_MAX];

	while (*words) {
		size_t len = strcspn(words, "|");

		snprintf(word, sizeof(word), "%.*s", (int)len, words);
		json_add_str(list, word);
		words += len + (words[len] == '|');
	}
	return list;
}

struct json *
args_ask(const struct cmd *cmd, uint32_t missing, enum lang lang)
{
	struct json *list = missing ? json_arr() : NULL;

	for (const struct arg *a = cmd->args; missing && a->key; a++, missing >>= 1) {
		struct json *one;

		if (!(missing & 1))
			continue;
		one = json_obj();
		json_put_str(one, "flag", a->name);
		json_put_str(one, "key", a->key);
		json_put_str(one, "prompt", lang == LANG_TH && a->help_th ? a->help_th : a->help);
		if (a->words)
			json_put(one, "words", word_list(a->words));
		json_add(list, one);
	}
	return list;
}

uint32_t
args_bit(const struct cmd *cmd, const char *key)
{
	uint32_t bit = 1;

	for (const struct arg *a = cmd->args; a && a->key; a++, bit <<= 1)
		if (!strcmp(a->key, key))
			return bit;
	return 0;
}
