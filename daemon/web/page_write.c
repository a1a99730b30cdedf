#include "daemon/web/page.h"

#include <string.h>

#define REFRESH_LIVE_S 5 /* without a script */

static const struct page_words other_words = { "English", "ภาษาไทย" };
static const struct page_words zone_words = { "เวลาทั้งหมดเป็นเวลาประเทศไทย",
	                                      "All times are Bangkok time." };

static const char *
lang_attr(const struct page *p)
{
	return lang_name(p->lang);
}

static const char *
other_attr(const struct page *p)
{
	return lang_name(p->lang == LANG_TH ? LANG_EN : LANG_TH);
}

static void
words_write(const struct page *p, const struct page_words *words, struct buf *out)
{
	const char *s = page_text(p, words);

	page_html(out, s, strlen(s));
}

static void
head_write(const struct page *p, struct buf *out)
{
	buf_printf(out, "<!DOCTYPE html>\n<html lang=\"%s\">\n<head>\n<meta charset=\"utf-8\">\n",
	           lang_attr(p));
	buf_str(out, "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
	             "<meta name=\"robots\" content=\"noindex\">\n");
	if (p->live)
		buf_printf(out,
		           "<noscript><meta http-equiv=\"refresh\" content=\"%d\"></noscript>\n",
		           REFRESH_LIVE_S);
	buf_str(out, "<title>");
	words_write(p, p->title, out);
	buf_printf(out, "</title>\n<style>%s</style>\n</head>\n", look_style);
}

static void
body_open(const struct page *p, struct buf *out)
{
	buf_str(out, "<body");
	if (p->mark) {
		buf_printf(out, " data-%s=\"", p->mark);
		page_html(out, p->mark_value, strlen(p->mark_value));
		buf_str(out, "\"");
	}
	buf_str(out, ">\n<header>\n<span>GoSell · TikTok Shop</span>\n");
}

/* The page in the other language, folded: it costs no second question. */
static void
fold_write(const struct page *p, struct page *other, struct buf *out)
{
	page_rows_end(other);
	buf_printf(out, "<details class=\"other\" lang=\"%s\">\n<summary id=\"lang\">",
	           lang_attr(other));
	words_write(p, &other_words, out);
	buf_str(out, "</summary>\n<h2>");
	words_write(other, other->title, out);
	buf_str(out, "</h2>\n");
	buf_add(out, buf_text(&other->body), other->body.len);
	buf_str(out, "</details>\n");
}

int
page_write(struct page *p, const char *other_href, struct page *other, struct buf *out)
{
	page_rows_end(p);
	if (p->body.failed || (other && other->body.failed))
		return -1;
	head_write(p, out);
	body_open(p, out);
	if (!other) {
		buf_printf(out, "<a class=\"way\" id=\"lang\" lang=\"%s\" hreflang=\"%s\" href=\"",
		           other_attr(p), other_attr(p));
		page_html(out, other_href, strlen(other_href));
		buf_str(out, "\">");
		words_write(p, &other_words, out);
		buf_str(out, "</a>\n");
	}
	buf_str(out, "</header>\n<main>\n<h1>");
	words_write(p, p->title, out);
	buf_str(out, "</h1>\n");
	buf_add(out, buf_text(&p->body), p->body.len);
	buf_str(out, "</main>\n<footer>");
	words_write(p, &zone_words, out);
	buf_str(out, "</footer>\n");
	if (other)
		fold_write(p, other, out);
	if (p->live)
		buf_printf(out, "<script>%s</script>\n", look_script);
	buf_str(out, "</body>\n</html>\n");
	return out->failed ? -1 : 0;
}
