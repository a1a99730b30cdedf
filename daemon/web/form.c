#include "daemon/web/form.h"

#include "daemon/web/visit.h"

static void
form_open(struct page *p, const char *method)
{
	page_raw(p, "<form action=\"?\" method=\"");
	page_raw(p, method);
	page_raw(p, "\">\n");
}

void
form_hidden(struct page *p, const char *name, const char *value)
{
	page_raw(p, "<input type=\"hidden\" name=\"");
	page_escape(p, name);
	page_raw(p, "\" value=\"");
	page_escape(p, value);
	page_raw(p, "\">\n");
}

void
form_get(struct page *p, const struct visit *v)
{
	if (p->forms == LOOK_FORMS_NONE)
		p->forms = LOOK_FORMS_OWN;
	form_open(p, "get");
	form_hidden(p, "lang", lang_name(v->lang));
}

void
form_post(struct page *p, const struct visit *v, const char *action, bool away)
{
	char csrf[CRYPTO_HMAC_HEX];

	if (away || p->forms == LOOK_FORMS_NONE)
		p->forms = away ? LOOK_FORMS_AWAY : LOOK_FORMS_OWN;
	visit_csrf(v, csrf);
	form_open(p, "post");
	form_hidden(p, "action", action);
	form_hidden(p, "csrf", csrf);
	form_hidden(p, "lang", lang_name(v->lang));
}

void
form_end(struct page *p)
{
	page_raw(p, "</form>\n");
}

void
form_choice(struct page *p, const struct page_words *legend)
{
	page_raw(p, "<fieldset>\n<legend>");
	page_words_with(p, legend, NULL);
	page_raw(p, "</legend>\n");
}

void
form_option(struct page *p, const char *name, const struct form_option *o)
{
	static const struct page_words no = { "เลือกไม่ได้: {}", "Cannot be chosen: {}" };

	page_raw(p, o->why_not ? "<label class=\"pick off\">" : "<label class=\"pick\">");
	page_raw(p, "<input type=\"radio\" name=\"");
	page_escape(p, name);
	page_raw(p, "\" value=\"");
	page_escape(p, o->value);
	page_raw(p, o->why_not   ? "\" disabled>"
	            : o->checked ? "\" required checked>"
	                         : "\" required>");
	page_raw(p, "<span>");
	page_bdi(p, o->name);
	if (o->detail) {
		page_raw(p, "<small>");
		page_escape(p, o->detail);
		page_raw(p, "</small>");
	}
	if (o->why_not) {
		page_raw(p, "<small class=\"why\">");
		page_words_with(p, &no, o->why_not);
		page_raw(p, "</small>");
	}
	page_raw(p, "</span></label>\n");
}

void
form_choice_end(struct page *p)
{
	page_raw(p, "</fieldset>\n");
}

void
form_button(struct page *p, const char *id, const struct page_words *words, bool less)
{
	page_raw(p, less ? "<button class=\"less\" id=\"" : "<button id=\"");
	page_escape(p, id);
	page_raw(p, "\">");
	page_words_with(p, words, NULL);
	page_raw(p, "</button>\n");
}
