#include "daemon/control/view.h"

#include "common/json.h"

#include <stdbool.h>
#include <string.h>

static const char *
kind_name(enum view_kind kind)
{
	switch (kind) {
	case VIEW_TEXT:
		break;
	case VIEW_NUMBER:
		return "number";
	case VIEW_WORD:
		return "word";
	case VIEW_TIME:
		return "time";
	case VIEW_SPAN:
		return "span";
	case VIEW_LINK:
		return "link";
	}
	return "text";
}

static const char *
in_lang(const char *en, const char *th, enum lang lang)
{
	return lang == LANG_TH && th ? th : en;
}

static const struct view_form *
form_of(const struct view_form *forms, const char *key)
{
	for (; forms && forms->key; forms++)
		if (!strcmp(forms->key, key))
			return forms;
	return NULL;
}

static bool
is_minor(const char *const *minor, const char *key)
{
	for (; minor && *minor; minor++)
		if (!strcmp(*minor, key))
			return true;
	return false;
}

static struct json *
columns(const struct view_col *cols, const struct view *v, enum lang lang)
{
	struct json *list = json_arr();

	for (; cols && cols->key; cols++) {
		const struct view_form *form = v ? form_of(v->forms, cols->key) : NULL;
		struct json *col = json_obj();

		json_put_str(col, "key", cols->key);
		json_put_str(col, "title", in_lang(cols->en, cols->th, lang));
		json_put_str(col, "kind", kind_name(cols->kind));
		if (form)
			json_put_str(col, "form", in_lang(form->en, form->th, lang));
		if (v && is_minor(v->minor, cols->key))
			json_put_bool(col, "minor", true);
		json_add(list, col);
	}
	return list;
}

static struct json *
parts(const struct view_part *p, enum lang lang)
{
	struct json *list = json_arr();

	for (; p->key; p++) {
		struct json *part = json_obj();

		json_put_str(part, "key", p->key);
		json_put_str(part, "title", in_lang(p->en, p->th, lang));
		json_put(part, "columns", columns(p->cols, NULL, lang));
		json_add(list, part);
	}
	return list;
}

struct json *
view_json(const struct view *v, enum lang lang)
{
	struct json *j = json_obj();

	if (v->text)
		json_put_str(j, "text", v->text);
	json_put(j, "columns", columns(v->cols, v, lang));
	if (v->parts)
		json_put(j, "parts", parts(v->parts, lang));
	if (v->note_en)
		json_put_str(j, "note", in_lang(v->note_en, v->note_th, lang));
	if (v->empty_en)
		json_put_str(j, "empty", in_lang(v->empty_en, v->empty_th, lang));
	return j;
}
