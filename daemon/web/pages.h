/*
 * pages: what stands behind a merchant's link, a file for each stage of a connection's life.
 */
#ifndef TTSYNC_PAGES_H
#define TTSYNC_PAGES_H

#include <stdbool.h>

struct json;
struct page;
struct visit;

/* Fill p from the answer of sql:link and return the HTTP status. */

/* pending: what will happen, and the way to TikTok (begin.c). */
int begin_page(struct page *p, const struct visit *v, const struct json *doc);
/* choosing: shop, warehouse, summary (choose.c). */
int choose_page(struct page *p, const struct visit *v, const struct json *doc);
/* All other states (standing.c). */
int standing_page(struct page *p, const struct visit *v, const struct json *doc);

/* How the last authorization ended, where it failed (begin.c). */
void begin_say_failed(struct page *p, const struct json *doc);
/* The button that leads to TikTok; less: it is not what one came for (begin.c). */
void begin_form(struct page *p, const struct visit *v, bool renew, bool less);

/* The history, newest first (past.c). */
void past_say(struct page *p, const struct json *history);

#endif
