#include "daemon/web/page.h"

#include "common/crypto.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char style[] =
    ":root{color-scheme:light dark;font:1rem/1.6 system-ui,\"Noto Sans Thai\",sans-serif}"
    "body{max-width:38rem;margin:0 auto;padding:1.5rem 1rem}"
    "h1{font-size:1.5rem;line-height:1.3;margin:0 0 1rem}"
    "h2{font-size:1.1rem;margin:0 0 .5rem}"
    "p{margin:0 0 .75rem}"
    "dl{display:grid;grid-template-columns:auto 1fr;gap:.25rem 1rem;margin:0 0 1rem}"
    "dt{opacity:.75}"
    "dd{margin:0;overflow-wrap:anywhere}"
    "code{font-family:ui-monospace,monospace;user-select:all}"
    "aside{margin-top:2rem;padding-top:1rem;border-top:1px solid;font-size:.9rem;opacity:.85}";

static const enum lang langs[PAGE_LANGS] = { LANG_TH, LANG_EN };

static const char *
words_in(const struct page_words *w, enum lang lang)
{
	return lang == LANG_TH ? w->th : w->en;
}

void
page_init(struct page *p)
{
	*p = (struct page){ .title = NULL };
	for (int i = 0; i < PAGE_LANGS; i++)
		buf_init(&p->part[i], PAGE_BYTES_MAX);
}

void
page_done(struct page *p)
{
	for (int i = 0; i < PAGE_LANGS; i++)
		buf_done(&p->part[i]);
}

/* Text as HTML, in element and in quoted attribute alike; control bytes become blanks. */
static void
escape(struct buf *out, const char *s)
{
	for (; *s; s++)
		switch (*s) {
		case '&':
			buf_str(out, "&amp;");
			break;
		case '<':
			buf_str(out, "&lt;");
			break;
		case '>':
			buf_str(out, "&gt;");
			break;
		case '"':
			buf_str(out, "&quot;");
			break;
		case '\'':
			buf_str(out, "&#39;");
			break;
		default:
			buf_chr(out, (unsigned char)*s < 0x20 || *s == 0x7f ? ' ' : *s);
		}
}

void
page_title(struct page *p, const struct page_words *title)
{
	p->title = title;
}

static void
rows_set(struct page *p, bool in_rows)
{
	if (p->in_rows == in_rows)
		return;
	p->in_rows = in_rows;
	for (int i = 0; i < PAGE_LANGS; i++)
		buf_str(&p->part[i], in_rows ? "<dl>\n" : "</dl>\n");
}

void
page_say(struct page *p, const struct page_words *words)
{
	rows_set(p, false);
	for (int i = 0; i < PAGE_LANGS; i++) {
		buf_str(&p->part[i], "<p>");
		escape(&p->part[i], words_in(words, langs[i]));
		buf_str(&p->part[i], "</p>\n");
	}
}

/* One row in part i, the value inside of an element. */
static void
row_add(struct page *p, int i, const struct page_words *label, const char *tag, const char *value)
{
	struct buf *out = &p->part[i];

	buf_str(out, "<dt>");
	escape(out, words_in(label, langs[i]));
	buf_printf(out, "</dt><dd><%s>", tag);
	escape(out, value);
	buf_printf(out, "</%s></dd>\n", tag);
}

static void
row_both(struct page *p, const struct page_words *label, const char *tag, const char *value)
{
	if (!value || !*value)
		return;
	rows_set(p, true);
	for (int i = 0; i < PAGE_LANGS; i++)
		row_add(p, i, label, tag, value);
}

void
page_row(struct page *p, const struct page_words *label, const char *value)
{
	row_both(p, label, "bdi", value);
}

void
page_row_code(struct page *p, const struct page_words *label, const char *command)
{
	row_both(p, label, "code", command);
}

void
page_row_word(struct page *p, const struct page_words *label, const char *word)
{
	if (!word || !*word)
		return;
	rows_set(p, true);
	for (int i = 0; i < PAGE_LANGS; i++)
		row_add(p, i, label, "bdi", text_word(word, langs[i]));
}

void
page_row_time(struct page *p, const struct page_words *label, const char *rfc3339)
{
	char shown[32];

	/* "2026-11-23T09:00:00+07:00" is read as "2026-11-23 09:00 (+07:00)" */
	if (rfc3339 && strlen(rfc3339) == 25 && rfc3339[10] == 'T') {
		snprintf(shown, sizeof(shown), "%.10s %.5s (%s)", rfc3339, rfc3339 + 11,
		         rfc3339 + 19);
		rfc3339 = shown;
	}
	row_both(p, label, "bdi", rfc3339);
}

void
page_row_count(struct page *p, const struct page_words *label, int64_t n)
{
	char shown[24];

	snprintf(shown, sizeof(shown), "%" PRId64, n);
	row_both(p, label, "bdi", shown);
}

/* The part in one language, inside of its landmark. */
static void
part_write(const struct page *p, int i, const char *landmark, int level, struct buf *out)
{
	buf_printf(out, "<%s lang=\"%s\">\n<h%d>", landmark, lang_name(langs[i]), level);
	escape(out, words_in(p->title, langs[i]));
	buf_printf(out, "</h%d>\n", level);
	buf_add(out, buf_text(&p->part[i]), p->part[i].len);
	buf_printf(out, "</%s>\n", landmark);
}

int
page_write(struct page *p, enum lang first, struct buf *out)
{
	int i = first == LANG_EN ? 1 : 0;

	rows_set(p, false);
	if (p->part[0].failed || p->part[1].failed)
		return -1;
	buf_printf(out, "<!DOCTYPE html>\n<html lang=\"%s\">\n<head>\n<meta charset=\"utf-8\">\n",
	           lang_name(langs[i]));
	buf_str(out, "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
	             "<meta name=\"robots\" content=\"noindex\">\n<title>");
	escape(out, words_in(p->title, langs[i]));
	buf_printf(out, "</title>\n<style>%s</style>\n</head>\n<body>\n", style);
	part_write(p, i, "main", 1, out);
	part_write(p, 1 - i, "aside", 2, out);
	buf_str(out, "</body>\n</html>\n");
	return out->failed ? -1 : 0;
}

/* The weight behind one language range, in thousandths: ";q=0.8" is 800, none is 1000. */
static int
weight(const char *s, size_t len)
{
	const char *q = memmem(s, len, "q=", 2);
	int w = 0;

	if (!q)
		return 1000;
	if (q[2] == '1')
		return 1000;
	q += 2 + (q[2] == '0') + (q[2] == '0' && q[3] == '.');
	for (int unit = 100; unit && q < s + len && *q >= '0' && *q <= '9'; unit /= 10, q++)
		w += unit * (*q - '0');
	return w;
}

enum lang
page_lang(const char *query, const char *accept)
{
	enum lang best = lang_parse(query);
	int most = 0;

	if (best != LANG_NONE || !accept)
		return best != LANG_NONE ? best : LANG_TH;
	for (const char *s = accept; *s; s += *s == ',') {
		size_t len;
		char tag[3] = "";

		s += strspn(s, " \t");
		len = strcspn(s, ",");
		if (len >= 2 && strchr("-;, \t", s[2])) {
			tag[0] = (char)(s[0] | 0x20);
			tag[1] = (char)(s[1] | 0x20);
		}
		if (lang_parse(tag) != LANG_NONE && weight(s, len) > most) {
			most = weight(s, len);
			best = lang_parse(tag);
		}
		s += len;
	}
	return best != LANG_NONE ? best : LANG_TH;
}

const char *
page_policy(char dst[PAGE_POLICY_MAX])
{
	unsigned char hash[CRYPTO_HASH_BYTES];
	char text[48];

	crypto_sha256(style, sizeof(style) - 1, hash);
	if (crypto_base64url(hash, sizeof(hash), text, sizeof(text)))
		abort();
	for (char *s = text; *s; s++) /* the plain alphabet, which all browsers compare by */
		*s = *s == '-' ? '+' : *s == '_' ? '/' : *s;
	snprintf(dst, PAGE_POLICY_MAX,
	         "Content-Security-Policy: default-src 'none'; style-src 'sha256-%s='; "
	         "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
	         text);
	return dst;
}
