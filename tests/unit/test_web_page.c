/* What all pages share: session, language, policy, and the writing of numbers and times. */
#include "daemon/web/look.h"
#include "daemon/web/visit.h"
#include "tests/unit/web_shop.h"

TestSuite(web_connect, .init = setup, .fini = teardown);

Test(web_connect, a_browser_gets_a_session_once_that_no_script_and_no_other_site_can_use)
{
	const char *s, *at;
	char first[23];

	t.answer = SHOP("pending", "");
	s = get("/connect/abc");
	HAS(s, "; Path=/; HttpOnly; SameSite=Lax; Secure\r\n");
	at = strstr(s, "\r\nSet-Cookie: __Host-ttsync_session=");
	cr_assert(at);
	snprintf(first, sizeof(first), "%s", at + 36);
	cr_assert_eq(
	    strspn(first, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"), 22);
	s = get("/connect/abc");
	LACKS(s, first);
	LACKS(get_with("/connect/abc", COOKIE), "Set-Cookie");
	HAS(get_with("/connect/abc", "Cookie: __Host-ttsync_session=<script>\r\n"), "Set-Cookie");
	LACKS(get("/connect/"), "Set-Cookie");
}

Test(web_connect, without_https_the_cookie_does_without_it)
{
	struct site site = { "", TIKTOK_URL };
	struct visit v = { .site = &site, .session = SESSION };
	char line[VISIT_COOKIE_MAX];

	cr_assert_str_eq(visit_session_cookie(&v, line),
	                 "Set-Cookie: ttsync_session=" SESSION "; Path=/; HttpOnly; SameSite=Lax");
}

Test(web_connect, thai_is_spoken_unless_english_is_asked_for)
{
	const char *s;

	t.answer = SHOP("connected", "");
	s = get("/connect/abc");
	HAS(s, "<html lang=\"th\">");
	HAS(s, "<a class=\"way\" id=\"lang\" lang=\"en\" hreflang=\"en\" "
	       "href=\"?lang=en\">English</a>");
	LACKS(s, "TikTok Shop connection");
	s = get("/connect/abc?lang=en&shop=7001&warehouse=901");
	HAS(s, "<html lang=\"en\">");
	HAS(s, "<h1>TikTok Shop connection</h1>");
	HAS(s, "id=\"lang\" lang=\"th\" hreflang=\"th\" "
	       "href=\"?lang=th&amp;shop=7001&amp;warehouse=901\">ภาษาไทย</a>");
	HAS(get_with("/connect/abc", "Accept-Language: en-GB,en;q=0.9\r\n"), "<html lang=\"en\">");
	HAS(get_with("/connect/abc?lang=th", "Accept-Language: en\r\n"), "<html lang=\"th\">");
	HAS(get_with("/connect/abc", "Cookie: ttsync_lang=en\r\n"), "<html lang=\"en\">");
	HAS(get_with("/connect/abc", "Cookie: ttsync_lang=\"><script>\r\n"), "<html lang=\"th\">");
}

Test(web_connect, each_page_may_do_what_it_needs_and_nothing_else)
{
	const char *s;

	t.answer = SHOP("pending", "");
	s = get("/connect/abc");
	HAS(s, "; base-uri 'none'; form-action 'self' https:; frame-ancestors 'none'\r\n");
	LACKS(s, "script-src");
	LACKS(s, "<script");
	t.answer = SHOP("choosing", CHOICES);
	s = get("/connect/abc");
	HAS(s, "; form-action 'self'; ");
	LACKS(s, "script-src");
	t.answer = SHOP("connecting", "");
	s = get("/connect/abc");
	HAS(s, "; form-action 'none'; ");
	HAS(s, "='; script-src 'sha256-");
	HAS(s, "='; connect-src 'self'; base-uri");
	LACKS(s, "unsafe");
	t.answer = SHOP("paused", "");
	s = get("/connect/abc");
	HAS(s, "; form-action 'none'; ");
	LACKS(s, "script-src");
}

Test(web_connect, a_page_of_tiktoks_without_tls_may_be_led_to_as_well)
{
	char line[LOOK_POLICY_MAX];

	HAS(look_policy(line, LOOK_FORMS_AWAY, "http://127.0.0.1:9000/open/authorize", false),
	    "; form-action 'self' https: http://127.0.0.1:9000; ");
}

Test(web_page, a_readers_language_is_the_one_with_most_weight)
{
	cr_assert_eq(visit_lang(NULL, NULL), LANG_TH);
	cr_assert_eq(visit_lang("xx", NULL), LANG_TH);
	cr_assert_eq(visit_lang("en", "th"), LANG_EN);
	cr_assert_eq(visit_lang(NULL, "th-TH,th;q=0.9,en-US;q=0.8,en;q=0.7"), LANG_TH);
	cr_assert_eq(visit_lang(NULL, "de, EN-us;q=0.5 , *;q=0.1"), LANG_EN);
	cr_assert_eq(visit_lang(NULL, "en;q=0.25,th;q=0.3"), LANG_TH);
	cr_assert_eq(visit_lang(NULL, "en;q=0"), LANG_TH);
	cr_assert_eq(visit_lang(NULL, "en;q=1.0,th;q=0.999"), LANG_EN);
	cr_assert_eq(visit_lang(NULL, "end,enx,e,,;q=,-,"), LANG_TH);
	cr_assert_eq(visit_lang(NULL, ""), LANG_TH);
}

Test(web_page, a_page_that_is_too_large_is_none)
{
	static const struct page_words words = { "ก", "a" };
	CLEANUP(own_free) char *big = calloc(1, PAGE_BYTES_MAX);
	struct page p;
	struct buf out;

	page_init(&p, LANG_TH);
	buf_init(&out, 1 << 20);
	page_title(&p, &words);
	page_row(&p, &words, memset(big, '<', PAGE_BYTES_MAX - 1));
	cr_assert_eq(page_write(&p, "?", NULL, &out), -1);
	page_done(&p);
	buf_done(&out);
}

Test(web_page, numbers_have_a_comma_at_each_thousand)
{
	char s[PAGE_SHOWN_MAX];

	cr_assert_str_eq(page_number(0, s), "0");
	cr_assert_str_eq(page_number(999, s), "999");
	cr_assert_str_eq(page_number(1000, s), "1,000");
	cr_assert_str_eq(page_number(-12345, s), "-12,345");
	cr_assert_str_eq(page_number(INT64_MIN, s), "-9,223,372,036,854,775,808");
}

Test(web_page, a_time_that_is_none_is_shown_as_it_came)
{
	struct page p = { .lang = LANG_EN };
	char s[PAGE_SHOWN_MAX];

	cr_assert_str_eq(page_clock(&p, "2026-11-23T09:00:00+07:00", s), "23 Nov 2026, 09:00");
	cr_assert_str_eq(page_clock(&p, "2026-13-23T09:00:00+07:00", s),
	                 "2026-13-23T09:00:00+07:00");
	cr_assert_str_eq(page_clock(&p, "2026-11-23T09:00:00+02:00", s),
	                 "2026-11-23T09:00:00+02:00");
	cr_assert_str_eq(page_clock(&p, "<b>", s), "<b>");
}
