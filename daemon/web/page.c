#include "daemon/web/page.h"

#include "common/own.h"
#include "common/str.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void
page_init(struct page *p, enum lang lang)
{
	*p = (struct page){ .lang = lang == LANG_EN ? LANG_EN : LANG_TH };
	buf_init(&p->body, PAGE_BYTES_MAX);
}

void
page_done(struct page *p)
{
	buf_done(&p->body);
}

const char *
page_text(const struct page *p, const struct page_words *words)
{
	return p->lang == LANG_TH ? words->th : words->en;
}

/* --- bytes ----------------------------------------------------------------------------------- */

void
page_html(struct buf *out, const char *s, size_t len)
{
	static const struct {
		char c;
		const char *html;
	} named[] = { { '&', "&amp;" },
		      { '<', "&lt;" },
		      { '>', "&gt;" },
		      { '"', "&quot;" },
		      { '\'', "&#39;" } };

	for (size_t i = 0, k; i < len; i++) {
		for (k = 0; k < ARRAY_LEN(named) && named[k].c != s[i]; k++)
			;
		if (k < ARRAY_LEN(named))
			buf_str(out, named[k].html);
		else
			buf_chr(out, (unsigned char)s[i] < 0x20 || s[i] == 0x7f ? ' ' : s[i]);
	}
}

static void
rows_set(struct page *p, bool in_rows)
{
	if (p->in_rows == in_rows)
		return;
	p->in_rows = in_rows;
	buf_str(&p->body, in_rows ? "<dl>\n" : "</dl>\n");
}

void
page_rows_end(struct page *p)
{
	rows_set(p, false);
}

void
page_raw(struct page *p, const char *html)
{
	rows_set(p, false);
	buf_str(&p->body, html);
}

void
page_escape(struct page *p, const char *text)
{
	page_html(&p->body, text, strlen(text));
}

void
page_bdi(struct page *p, const char *text)
{
	buf_str(&p->body, "<bdi>");
	page_escape(p, text);
	buf_str(&p->body, "</bdi>");
}

void
page_words_with(struct page *p, const struct page_words *words, const char *value)
{
	const char *s = page_text(p, words), *at = strstr(s, "{}");

	page_html(&p->body, s, at ? (size_t)(at - s) : strlen(s));
	if (!at)
		return;
	page_bdi(p, value ? value : "");
	page_escape(p, at + 2);
}

/* --- the whole page -------------------------------------------------------------------------- */

void
page_title(struct page *p, const struct page_words *title)
{
	p->title = title;
}

void
page_state(struct page *p, const char *state)
{
	p->mark = "state";
	snprintf(p->mark_value, sizeof(p->mark_value), "%s", state);
}

void
page_outcome(struct page *p, const char *outcome)
{
	p->mark = "outcome";
	snprintf(p->mark_value, sizeof(p->mark_value), "%s", outcome);
}

int
page_go(struct page *p, const char *location)
{
	if (!str_copy(p->location, sizeof(p->location), location))
		abort();
	return 303;
}

/* --- text ------------------------------------------------------------------------------------ */

static void
element(struct page *p, const char *open, const struct page_words *words, const char *value,
        const char *close)
{
	page_raw(p, open);
	page_words_with(p, words, value);
	page_raw(p, close);
}

void
page_head(struct page *p, const struct page_words *words)
{
	element(p, "<h2>", words, NULL, "</h2>\n");
}

void
page_say(struct page *p, const struct page_words *words)
{
	element(p, "<p>", words, NULL, "</p>\n");
}

void
page_say_with(struct page *p, const struct page_words *words, const char *value)
{
	element(p, "<p>", words, value, "</p>\n");
}

void
page_say_dim(struct page *p, const struct page_words *words)
{
	element(p, "<p class=\"dim\">", words, NULL, "</p>\n");
}

static const char *
tone_class(enum tone tone)
{
	switch (tone) {
	case TONE_NONE:
		break;
	case TONE_GOOD:
		return "good";
	case TONE_WAIT:
		return "wait";
	case TONE_WARN:
		return "warn";
	case TONE_BAD:
		return "bad";
	}
	return "plain";
}

void
page_note(struct page *p, enum tone tone, const struct page_words *word)
{
	rows_set(p, false);
	buf_printf(&p->body, "<div class=\"note %s\" role=\"%s\">\n<p class=\"word\">",
	           tone_class(tone), tone == TONE_BAD ? "alert" : "status");
	page_words_with(p, word, NULL);
	buf_str(&p->body, "</p>\n");
}

void
page_note_end(struct page *p)
{
	page_raw(p, "</div>\n");
}

void
page_note_say(struct page *p, enum tone tone, const struct page_words *word,
              const struct page_words *what)
{
	page_note(p, tone, word);
	page_say(p, what);
	page_note_end(p);
}

void
page_badge(struct page *p, const char *word)
{
	rows_set(p, false);
	buf_printf(&p->body, "<p class=\"word %s\" id=\"state\">", tone_class(text_tone(word)));
	page_bdi(p, text_word(word, p->lang));
	buf_str(&p->body, "</p>\n");
}

static void
link_as(struct page *p, const char *look, const char *id, const char *href,
        const struct page_words *words)
{
	rows_set(p, false);
	buf_printf(&p->body, "<p><a class=\"%s\"", look);
	if (id)
		buf_printf(&p->body, " id=\"%s\"", id);
	buf_str(&p->body, " href=\"");
	page_escape(p, href);
	buf_str(&p->body, "\">");
	page_words_with(p, words, NULL);
	buf_str(&p->body, "</a></p>\n");
}

void
page_link(struct page *p, const char *id, const char *href, const struct page_words *words)
{
	link_as(p, "way", id, href, words);
}

void
page_link_button(struct page *p, const char *id, const char *href, const struct page_words *words)
{
	link_as(p, "act", id, href, words);
}

/* --- labelled values ------------------------------------------------------------------------- */

static void
row_open(struct page *p, const struct page_words *label)
{
	rows_set(p, true);
	buf_str(&p->body, "<dt>");
	page_words_with(p, label, NULL);
	buf_str(&p->body, "</dt><dd>");
}

void
page_row(struct page *p, const struct page_words *label, const char *value)
{
	if (!value || !*value)
		return;
	row_open(p, label);
	page_bdi(p, value);
	buf_str(&p->body, "</dd>\n");
}

void
page_row_word(struct page *p, const struct page_words *label, const char *word)
{
	page_row(p, label, word ? text_word(word, p->lang) : NULL);
}

void
page_row_words(struct page *p, const struct page_words *label, const struct page_words *value)
{
	page_row_with(p, label, value, NULL);
}

void
page_row_with(struct page *p, const struct page_words *label, const struct page_words *text,
              const char *value)
{
	row_open(p, label);
	page_words_with(p, text, value);
	buf_str(&p->body, "</dd>\n");
}

void
page_row_time(struct page *p, const struct page_words *label, const char *rfc3339)
{
	char shown[PAGE_SHOWN_MAX];

	if (!rfc3339 || !*rfc3339)
		return;
	page_row(p, label, page_clock(p, rfc3339, shown));
}

void
page_row_count(struct page *p, const struct page_words *label, int64_t n)
{
	char shown[PAGE_SHOWN_MAX];

	page_row(p, label, page_number(n, shown));
}

/* --- numbers, times -------------------------------------------------------------------------- */

const char *
page_number(int64_t n, char dst[PAGE_SHOWN_MAX])
{
	char digits[24];
	size_t len, at = 0;

	snprintf(digits, sizeof(digits), "%" PRIu64, n < 0 ? -(uint64_t)n : (uint64_t)n);
	len = strlen(digits);
	if (n < 0)
		dst[at++] = '-';
	for (size_t i = 0; i < len; i++) {
		if (i && (len - i) % 3 == 0)
			dst[at++] = ',';
		dst[at++] = digits[i];
	}
	dst[at] = '\0';
	return dst;
}

const char *
page_clock(const struct page *p, const char *rfc3339, char dst[PAGE_SHOWN_MAX])
{
	static const struct page_words months[] = {
		{ "ม.ค.", "Jan" }, { "ก.พ.", "Feb" }, { "มี.ค.", "Mar" }, { "เม.ย.", "Apr" },
		{ "พ.ค.", "May" }, { "มิ.ย.", "Jun" }, { "ก.ค.", "Jul" }, { "ส.ค.", "Aug" },
		{ "ก.ย.", "Sep" }, { "ต.ค.", "Oct" }, { "พ.ย.", "Nov" }, { "ธ.ค.", "Dec" },
	};
	int year, month, day, hour, minute, end = 0;

	if (sscanf(rfc3339, "%4d-%2d-%2dT%2d:%2d:%*2d+07:00%n", &year, &month, &day, &hour, &minute,
	           &end) != 5 ||
	    rfc3339[end] || !end || month < 1 || month > 12)
		return rfc3339;
	if (p->lang == LANG_TH)
		snprintf(dst, PAGE_SHOWN_MAX, "%d %s %d %02d:%02d\u00a0น.", day,
		         page_text(p, &months[month - 1]), year, hour, minute);
	else
		snprintf(dst, PAGE_SHOWN_MAX, "%d %s %d, %02d:%02d", day,
		         page_text(p, &months[month - 1]), year, hour, minute);
	return dst;
}

void
page_progress(struct page *p, const struct page_words *label, int64_t done, int64_t total)
{
	static const struct page_words of = { " จาก ", " of " };
	char shown[PAGE_SHOWN_MAX];

	rows_set(p, false);
	buf_str(&p->body, "<p><label>");
	page_words_with(p, label, NULL);
	buf_str(&p->body, ": ");
	page_bdi(p, page_number(done, shown));
	if (total >= 0) {
		page_words_with(p, &of, NULL);
		page_bdi(p, page_number(total, shown));
	}
	buf_str(&p->body, " <progress");
	if (total == 0) /* nothing to do is all done */
		buf_str(&p->body, " value=\"1\" max=\"1\"");
	else if (total > 0)
		buf_printf(&p->body, " value=\"%" PRId64 "\" max=\"%" PRId64 "\"",
		           done < total ? done : total, total);
	buf_str(&p->body, "></progress></label></p>\n");
}

/* --- parts ----------------------------------------------------------------------------------- */

void
page_live(struct page *p)
{
	p->live = true;
	page_raw(p, "<div id=\"live\" aria-live=\"polite\">\n");
}

void
page_live_end(struct page *p)
{
	page_raw(p, "</div>\n");
}

void
page_list(struct page *p, const char *id)
{
	rows_set(p, false);
	buf_printf(&p->body, "<ol id=\"%s\">\n", id);
}

void
page_item(struct page *p, const struct page_words *words)
{
	element(p, "<li>", words, NULL, "</li>\n");
}

void
page_list_end(struct page *p)
{
	page_raw(p, "</ol>\n");
}
