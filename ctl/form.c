#include "ctl/form.h"

#include "common/cells.h"
#include "common/json.h"
#include "common/str.h"

#include <inttypes.h>
#include <string.h>

#define KEY_MAX    64
#define TEXT_MAX   (1u << 20)
#define MINUTE_LEN 16 /* "2026-11-23T09:00" */
#define DATE_LEN   10

const struct json *
form_dig(const struct json *doc, const char *key)
{
	char part[KEY_MAX];
	const char *dot;

	while ((dot = strchr(key, '.'))) {
		if ((size_t)(dot - key) >= sizeof(part))
			return NULL;
		memcpy(part, key, (size_t)(dot - key));
		part[dot - key] = '\0';
		doc = json_get(doc, part);
		key = dot + 1;
	}
	return json_get(doc, key);
}

bool
form_has(const struct json *v)
{
	struct json *value;
	const char *key;

	if (json_text(v))
		return json_text(v)[0] != '\0';
	if (json_is_arr(v))
		return json_len(v) > 0;
	return v && (!json_is_obj(v) || json_next(v, NULL, &key, &value));
}

void
form_value(const struct json *v, struct buf *out)
{
	bool all_text = json_is_arr(v);

	for (size_t i = 0; all_text && i < json_len(v); i++)
		all_text = json_text(json_at(v, i)) != NULL;
	if (!v)
		return;
	if (json_text(v))
		buf_str(out, json_text(v));
	else if (!all_text)
		json_write(v, out);
	for (size_t i = 0; all_text && i < json_len(v); i++)
		buf_printf(out, "%s%s", i ? ", " : "", json_text(json_at(v, i)));
}

/* "was: pending, reason: by hand": members that are there; lang: in words of that language. */
static void
members(const struct json *obj, enum lang lang, struct buf *out)
{
	struct json *value;
	const char *key;
	void *it = NULL;
	bool any = false;

	while ((it = json_next(obj, it, &key, &value))) {
		if (!form_has(value))
			continue;
		buf_printf(out, "%s%s: ", any ? ", " : "", lang ? text_word(key, lang) : key);
		form_value(value, out);
		any = true;
	}
}

const char *
form_word(const char *text)
{
	if (!strcmp(text, "true"))
		return "yes";
	return strcmp(text, "false") ? text : "no";
}

/* A list of words in a language. */
static void
word_list(const struct json *list, enum lang lang, struct buf *out)
{
	for (size_t i = 0; i < json_len(list); i++) {
		const char *word = json_text(json_at(list, i));

		buf_printf(out, "%s%s", i ? ", " : "", word ? text_word(word, lang) : "");
	}
}

static void
span(int64_t s, enum lang lang, struct buf *out)
{
	static const struct {
		int64_t s;
		const char *en;
		const char *th;
	} units[] = { { 86400, "d", "วัน" },
		      { 3600, "h", "ชั่วโมง" },
		      { 60, "min", "นาที" },
		      { 1, "s", "วินาที" } };
	size_t i = 0;

	while (i + 1 < ARRAY_LEN(units) && s < units[i].s)
		i++;
	for (size_t k = i; k < ARRAY_LEN(units) && k < i + 2; k++) {
		if (k > i && !(s / units[k].s))
			break;
		buf_printf(out, "%s%" PRId64 " %s", k > i ? " " : "", s / units[k].s,
		           lang == LANG_TH ? units[k].th : units[k].en);
		s %= units[k].s;
	}
}

void
form_read(const struct json *v, const char *kind, enum lang lang, struct buf *out)
{
	CLEANUP(own_free) char *tame = NULL;
	bool word = kind && !strcmp(kind, "word");
	struct buf text;
	int64_t s;

	buf_init(&text, TEXT_MAX);
	if (json_is_obj(v))
		members(v, word ? lang : LANG_NONE, &text);
	else if (word && json_is_arr(v))
		word_list(v, lang, &text);
	else
		form_value(v, &text);
	tame = cells_tame(buf_text(&text), false);
	if (word) {
		buf_str(out, text_word(form_word(tame), lang));
	} else if (kind && !strcmp(kind, "time") && text.len > MINUTE_LEN) {
		tame[MINUTE_LEN] = '\0';
		tame[DATE_LEN] = ' ';
		buf_str(out, tame);
	} else if (kind && !strcmp(kind, "span") && !str_i64(tame, &s)) {
		span(s, lang, out);
	} else {
		buf_str(out, tame);
	}
	buf_done(&text);
}

/* Neither 0 nor false? */
static bool
counts(const struct json *v)
{
	struct buf text;
	bool zero;

	buf_init(&text, TEXT_MAX);
	json_write(v, &text);
	zero = !strcmp(buf_text(&text), "0") || !strcmp(buf_text(&text), "false");
	buf_done(&text);
	return !zero;
}

/* The value that "{key|kind}" at *form stands for, appended; *form is moved behind it. */
static bool
put_value(const char **form, const struct json *doc, enum lang lang, struct buf *out)
{
	const char *open = *form + 1, *close = strchr(open, '}');
	size_t len = close ? (size_t)(close - open) : KEY_MAX;
	char key[KEY_MAX], *kind;
	const struct json *v;

	if (len >= sizeof(key)) {
		buf_chr(out, *(*form)++);
		return true;
	}
	memcpy(key, open, len);
	key[len] = '\0';
	*form = close + 1;
	kind = strchr(key, '|');
	if (kind)
		*kind++ = '\0';
	v = form_dig(doc, key);
	if (!kind || strcmp(kind, "if"))
		form_read(v, kind, lang, out);
	return form_has(v) &&
	       (!kind || !strcmp(kind, "word") || !strcmp(kind, "time") || counts(v));
}

/* What stands in [], if it is all there; *form is moved behind it. */
static void
put_group(const char **form, const struct json *doc, enum lang lang, struct buf *out)
{
	const char *end = strchr(*form, ']'), *value = strchr(*form, '{');
	struct buf text;
	bool whole = true;

	if (!end || !value || value > end || !memchr(value, '}', (size_t)(end - value))) {
		buf_chr(out, *(*form)++);
		return;
	}
	buf_init(&text, TEXT_MAX);
	for (++*form; *form < end;) {
		if (**form == '{')
			whole = put_value(form, doc, lang, &text) && whole;
		else
			buf_chr(&text, *(*form)++);
	}
	*form = end + 1;
	if (whole)
		buf_str(out, buf_text(&text));
	buf_done(&text);
}

void
form_write(const char *form, const struct json *doc, enum lang lang, struct buf *out)
{
	while (*form) {
		if (*form == '{')
			put_value(&form, doc, lang, out);
		else if (*form == '[')
			put_group(&form, doc, lang, out);
		else
			buf_chr(out, *form++);
	}
}
