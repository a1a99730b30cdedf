/*
 * page: an HTML page in one language, built in the order it is read.
 *
 * Texts of ours stand in the code in Thai and in English, and the page's language picks one. What
 * comes from outside (names, aliases, words of an answer) is a value: escaped and held apart from
 * the text around it by <bdi>, so that it can neither become markup nor turn the reading
 * direction. A "{}" in a text of ours is where its value stands. A tone is always said by words
 * too: colour alone tells nobody anything.
 *
 * Errors: past PAGE_BYTES_MAX, or out of memory, the page is failed, and page_write says so.
 * Owner:  embedded in its holder; all but titles and marks (literals) is copied in.
 */
#ifndef TTSYNC_PAGE_H
#define TTSYNC_PAGE_H

#include "common/buf.h"
#include "common/text.h"
#include "daemon/web/look.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PAGE_BYTES_MAX    (128u << 10)
#define PAGE_LOCATION_MAX 2048
#define PAGE_SHOWN_MAX    64

struct page_words {
	const char *th;
	const char *en;
};

struct page {
	enum lang lang;
	const struct page_words *title;
	struct buf body;
	bool in_rows;
	const char *mark; /* data-state or data-outcome of <body>, with its value */
	char mark_value[32];
	/* what it asks of its answer */
	enum look_forms forms;
	bool live;                        /* it changes by itself: look again */
	int refresh_s;                    /* ask for it again after this; 0: no */
	bool keep_lang;                   /* remember the language on the way to TikTok */
	char location[PAGE_LOCATION_MAX]; /* go on there instead; "": show it */
};

void page_init(struct page *p, enum lang lang);
void page_done(struct page *p);

const char *page_text(const struct page *p, const struct page_words *words);

/* --- what is said about the whole page ------------------------------------------------------- */

void page_title(struct page *p, const struct page_words *title);
/* For tests and scripts: <body data-state="...">, by its value's name; one a page. */
void page_state(struct page *p, const char *state);
void page_outcome(struct page *p, const char *outcome);
/* Go on at location, printable ASCII: the status 303, to be returned by who fills the page. */
int page_go(struct page *p, const char *location);

/* --- text ------------------------------------------------------------------------------------ */

/* A heading within the page. */
void page_head(struct page *p, const struct page_words *words);
/* A paragraph; value stands at its "{}" and may be NULL where there is none. */
void page_say(struct page *p, const struct page_words *words);
void page_say_with(struct page *p, const struct page_words *words, const char *value);
void page_say_dim(struct page *p, const struct page_words *words);
/* A boxed word with its tone ("Warning", "Error", ...) and what it is about, up to page_note_end.
 */
void page_note(struct page *p, enum tone tone, const struct page_words *word);
void page_note_end(struct page *p);
/* The same with one paragraph. */
void page_note_say(struct page *p, enum tone tone, const struct page_words *word,
                   const struct page_words *what);
/* A state of common/text.def, large, in its tone. */
void page_badge(struct page *p, const char *word);
/* A link; id may be NULL, href is ours and safe in an attribute but for its "&". */
void page_link(struct page *p, const char *id, const char *href, const struct page_words *words);
void page_link_button(struct page *p, const char *id, const char *href,
                      const struct page_words *words);

/* --- labelled values: without one (NULL, "") there is no row ---------------------------------- */

void page_row(struct page *p, const struct page_words *label, const char *value);
/* A word of common/text.def. */
void page_row_word(struct page *p, const struct page_words *label, const char *word);
void page_row_words(struct page *p, const struct page_words *label, const struct page_words *value);
/* A text of ours with a value. */
void page_row_with(struct page *p, const struct page_words *label, const struct page_words *text,
                   const char *value);
/* A time as ttsync.rfc3339 writes it: Bangkok's, to the minute. */
void page_row_time(struct page *p, const struct page_words *label, const char *rfc3339);
void page_row_count(struct page *p, const struct page_words *label, int64_t n);

/* A bar; total below 0: nobody knows it yet. text stands beside it. */
void page_progress(struct page *p, const struct page_words *label, int64_t done, int64_t total);

/* --- parts ----------------------------------------------------------------------------------- */

/* A number with a comma at each thousand. */
const char *page_number(int64_t n, char dst[PAGE_SHOWN_MAX]);
/* "23 Nov 2026, 09:00", or what came where it is no such time. */
const char *page_clock(const struct page *p, const char *rfc3339, char dst[PAGE_SHOWN_MAX]);
/* The part that the script keeps up to date. */
void page_live(struct page *p);
void page_live_end(struct page *p);
void page_list(struct page *p, const char *id);
void page_item(struct page *p, const struct page_words *words);
void page_list_end(struct page *p);
/* Markup that is ours, and text that is not; where the blocks above do not fit. */
void page_raw(struct page *p, const char *html);
void page_escape(struct page *p, const char *text);
void page_bdi(struct page *p, const char *text);
void page_words_with(struct page *p, const struct page_words *words, const char *value);

/* Text as HTML, in element and in quoted attribute alike; control bytes become blanks. */
void page_html(struct buf *out, const char *s, size_t len);
/* No labelled value follows for now. */
void page_rows_end(struct page *p);

/*
 * Append the whole document (page_write.c). other_href: where the same page is in the other
 * language. other: the same page in it, folded behind this one, for what cannot be asked for twice.
 * One of the two. 0, or -1 where the page or out is full.
 */
int page_write(struct page *p, const char *other_href, struct page *other, struct buf *out);

#endif
