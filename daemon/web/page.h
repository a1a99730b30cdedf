/*
 * page: an HTML page that says the same in Thai and in English.
 *
 * A page is described once: a title, then sentences and rows in the order they are read. It is
 * written with the asked language first and the other one beside it. What comes from outside
 * (names, aliases, words of an answer) is a value: escaped and held apart from the text around it
 * by <bdi>, so that it can neither become markup nor turn the reading direction.
 *
 * Errors: past PAGE_BYTES_MAX, or out of memory, the page is failed, and page_write says so.
 * Owner:  embedded in its holder; words and values are copied in, titles are kept (literals).
 */
#ifndef TTSYNC_PAGE_H
#define TTSYNC_PAGE_H

#include "common/buf.h"
#include "common/text.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PAGE_BYTES_MAX  (64u << 10)
#define PAGE_POLICY_MAX 256
#define PAGE_LANGS      2

struct page_words {
	const char *th;
	const char *en;
};

struct page {
	const struct page_words *title;
	struct buf part[PAGE_LANGS];
	bool in_rows;
};

void page_init(struct page *p);
void page_done(struct page *p);

void page_title(struct page *p, const struct page_words *title);
/* A paragraph. */
void page_say(struct page *p, const struct page_words *words);
/* A labelled value. Without one (NULL, "") there is no row. */
void page_row(struct page *p, const struct page_words *label, const char *value);
/* The same for a word of common/text.def. */
void page_row_word(struct page *p, const struct page_words *label, const char *word);
/* The same for a time as ttsync.rfc3339 writes it: shown to the minute. */
void page_row_time(struct page *p, const struct page_words *label, const char *rfc3339);
void page_row_count(struct page *p, const struct page_words *label, int64_t n);
/* The same for a command that can be copied. */
void page_row_code(struct page *p, const struct page_words *label, const char *command);

/* Append the whole document. 0, or -1 where the page or out is full. */
int page_write(struct page *p, enum lang first, struct buf *out);

/*
 * The language a reader wants: the query's "th" or "en" first, then Accept-Language, by its
 * weights (RFC 9110 12.5.4); Thai where neither says. Both may be NULL.
 */
enum lang page_lang(const char *query, const char *accept);

/*
 * The header line that lets a browser apply the one stylesheet inside the page and nothing else:
 * no script, no form, no outside resource. (Content Security Policy Level 3, 2.3.1: hash-source)
 */
const char *page_policy(char dst[PAGE_POLICY_MAX]);

#endif
