/*
 * form: forms of a page: where the merchant decides something.
 *
 * A form belongs to a visit: it carries its language, and, where it changes anything (POST), the
 * proof that it was made for this browser and this link.
 */
#ifndef TTSYNC_FORM_H
#define TTSYNC_FORM_H

#include "daemon/web/page.h"

struct visit;

struct form_option {
	const char *value;
	const char *name;    /* from outside */
	const char *detail;  /* ready to be shown, may be NULL */
	const char *why_not; /* NULL: it can be chosen */
	bool checked;
};

/* A step that changes nothing: its fields come back in the query. */
void form_get(struct page *p, const struct visit *v);
/* A deed; away: it leads to TikTok. */
void form_post(struct page *p, const struct visit *v, const char *action, bool away);
void form_end(struct page *p);

void form_hidden(struct page *p, const char *name, const char *value);
void form_choice(struct page *p, const struct page_words *legend);
void form_option(struct page *p, const char *name, const struct form_option *o);
void form_choice_end(struct page *p);
/* The button that sends it; less: not what one came for. */
void form_button(struct page *p, const char *id, const struct page_words *words, bool less);

#endif
