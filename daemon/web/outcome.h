/*
 * outcome: the ways an authorization at TikTok can end, in words for the merchant.
 *
 * The callback shows one on a page of its own; the page behind a link says how the last one ended.
 */
#ifndef TTSYNC_OUTCOME_H
#define TTSYNC_OUTCOME_H

#include "daemon/web/page.h"

struct json;

enum outcome_kind {
	OUTCOME_FAILED = 0, /* nothing was connected; it can be tried again */
	OUTCOME_DONE,       /* authorized: it goes on at the link */
	OUTCOME_OPEN        /* not decided yet */
};

struct outcome {
	const char *name;
	int status; /* of HTTP */
	enum outcome_kind kind;
	struct page_words title;
	struct page_words what;
	struct page_words next; /* before trying again; may be empty */
};

/* NULL where there is no such outcome, or no name. */
const struct outcome *outcome_find(const char *name);
/* What happened, with the rows that detail has for it, and what to do before the next try. */
void outcome_say(struct page *p, const struct outcome *o, const struct json *detail);

#endif
