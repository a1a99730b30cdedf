/* What a merchant does on the page of a connection: forms, whose they are, where they lead. */
#include "daemon/web/visit.h"
#include "tests/unit/web_shop.h"

TestSuite(web_connect, .init = setup, .fini = teardown);

#define ANSWER(text) "{\"authorize_url\":\"" text "\",\"shop_id\":\"17\"}"

/* The fields of a form as a page for SESSION has them, and more. */
static const char *
fields(const char *action, const char *more)
{
	static char body[600];
	char csrf[80];

	t.answer = SHOP("pending", "");
	csrf_of(get_with("/connect/abc", COOKIE), csrf);
	snprintf(body, sizeof(body), "action=%s&csrf=%s%s", action, csrf, more);
	t.n_posted = 0;
	return body;
}

/* That form, sent with these headers. */
static const char *
deed(const char *action, const char *headers)
{
	const char *body = fields(action, "");
	char all[400];

	snprintf(all, sizeof(all), FORM_TYPE "%s", headers);
	return post_with("/connect/abc", all, body);
}

/* That form and more fields, sent by the browser it was made for; what the task layer answers. */
static const char *
deed_answered(const char *action, const char *more, const char *answer)
{
	const char *body = fields(action, more);

	t.answer = answer;
	return post_with("/connect/abc", FORM_TYPE COOKIE, body);
}

Test(web_connect, the_way_to_tiktok_is_bound_to_the_browser)
{
	CLEANUP(json_freep) struct json *args = NULL;
	char hash[65];
	const char *s = deed_answered("authorize", "", ANSWER(TIKTOK_URL "?service_id=1&state=x"));

	cr_assert_eq(status_of(s), 303);
	HAS(s, "\r\nLocation: " TIKTOK_URL "?service_id=1&state=x\r\n");
	LACKS(s, "ttsync_lang");
	cr_assert_str_eq(t.op, "authorize");
	args = json_parse(t.args, strlen(t.args), NULL);
	visit_hash(SESSION, hash);
	cr_assert_str_eq(json_str(args, "session_hash"), hash);
	visit_hash("abc", hash);
	cr_assert_str_eq(json_str(args, "link_hash"), hash);
	s = deed_answered("authorize", "&lang=en", ANSWER(TIKTOK_URL "?service_id=1&state=x"));
	HAS(s, "\r\nSet-Cookie: ttsync_lang=en; Max-Age=3600; Path=/; HttpOnly; SameSite=Lax; "
	       "Secure\r\n");
}

Test(web_connect, a_redirect_to_tiktok_leads_to_the_configured_page_alone)
{
	static const char *const urls[] = {
		ANSWER("https://services.example.org/open/authorize?state=x"),
		ANSWER("https://evil.example/?state=x"),
		ANSWER(TIKTOK_URL ".evil.example/"),
		ANSWER(TIKTOK_URL "?a=\\r\\nSet-Cookie: a=b"),
		ANSWER(TIKTOK_URL "?a=\\u0e01"),
		ANSWER(""),
		"{}",
	};

	for (size_t i = 0; i < ARRAY_LEN(urls); i++) {
		cr_assert_eq(status_of(deed_answered("authorize", "", urls[i])), 503, "%s",
		             urls[i]);
		LACKS(buf_text(&in), "Location");
		LACKS(buf_text(&in), "Set-Cookie");
	}
}

Test(web_connect, a_choice_is_confirmed_and_the_page_shown)
{
	const char *s =
	    deed_answered("confirm", "&shop=7001&warehouse=901&lang=en", SHOP("connecting", ""));

	cr_assert_eq(status_of(s), 303);
	HAS(s, "\r\nLocation: /connect/abc?lang=en\r\n");
	cr_assert_str_eq(t.op, "link_confirm");
	HAS(t.args, "\"tiktok_shop_id\":\"7001\",\"warehouse_id\":\"901\"");
}

Test(web_connect, the_list_is_read_again_and_the_page_says_so)
{
	const char *s = deed_answered("reload", "", SHOP("choosing", ""));

	HAS(s, "\r\nLocation: /connect/abc?notice=read_again\r\n");
	cr_assert_str_eq(t.op, "link_choices");
	HAS(deed_answered("reload", "&shop=7001", SHOP("choosing", "")),
	    "\r\nLocation: /connect/abc?notice=read_again&shop=7001\r\n");
	t.answer = SHOP("choosing", CHOICES);
	HAS(get("/connect/abc?notice=read_again&lang=en"), "The list was read again");
	HAS(buf_text(&in), "<div class=\"note good\" role=\"status\">");
	LACKS(get("/connect/abc?notice=%3Cscript%3E&lang=en"), "role=\"status\"");
}

Test(web_connect, a_deed_that_is_refused_says_why_on_the_page)
{
	const char *s;

	err_set(&t.say, ERR_INPUT, 64, "this TikTok shop is connected already");
	err_tag(&t.say, "shop_taken");
	s = deed_answered("confirm", "&shop=7001&warehouse=901", NULL);
	HAS(s, "\r\nLocation: /connect/abc?notice=shop_taken\r\n");
	err_tag(&t.say, "unusable_warehouse");
	s = deed_answered("confirm", "&shop=7001&warehouse=901", NULL);
	HAS(s, "\r\nLocation: /connect/abc?notice=unusable_warehouse&shop=7001\r\n");
	err_tag(&t.say, "token_refused");
	s = deed_answered("confirm", "&shop=7001&warehouse=901", NULL);
	HAS(s, "\r\nLocation: /connect/abc?notice=token_refused&shop=7001&warehouse=901\r\n");
	err_tag(&t.say, "of later times");
	s = deed_answered("confirm", "&shop=7001&warehouse=%22%3E", NULL);
	HAS(s, "\r\nLocation: /connect/abc?notice=not_done&shop=7001\r\n");
	err_set(&t.say, ERR_INPUT, 65, "this link is unknown or has expired");
	cr_assert_eq(status_of(deed_answered("authorize", "", NULL)), 404);
	err_set(&t.say, ERR_IO, 0, "PostgreSQL is away");
	cr_assert_eq(status_of(deed_answered("authorize", "", NULL)), 503);
}

#define KEPT "&shop=7001&warehouse=901"

/* Every refusal there is a sentence for: what stays chosen, and what is told in both languages. */
Test(web_connect, each_refusal_has_its_words_and_keeps_what_is_still_good)
{
	static const struct {
		const char *tag;
		int code;
		const char *kept, *en, *th;
	} refusals[] = {
		{ "not_choosing", 64, "", "not at the choice of a shop any more", "ไม่ได้อยู่ในขั้น" },
		{ "foreign_shop", 65, "", "not in the authorization any more", "ไม่อยู่ในการอนุญาต" },
		{ "shop_taken", 64, "", "connected already. Please choose another",
		  "โปรดเลือกร้านอื่น" },
		{ "unknown_warehouse", 65, "&shop=7001", "this warehouse any more", "ไม่มีคลังนี้" },
		{ "unusable_warehouse", 64, "&shop=7001", "cannot leave from this",
		  "โปรดเลือกคลังอื่น" },
		{ "plan_too_low", 77, KEPT, "plan does not carry TikTok Shop", "โปรดอัปเกรด" },
		{ "purging", 1, "", "is being deleted", "กำลังลบข้อมูล" },
		{ "permission_missing", 77, "", "lacks a permission", "ขาดสิทธิ์ที่จำเป็น" },
		{ "shop_deactivated", 77, "", "has deactivated this shop", "ปิดการใช้งานร้านนี้" },
		{ "token_refused", 75, KEPT, "is being renewed", "กำลังต่ออายุ" },
		{ "tiktok_unavailable", 69, KEPT, "cannot be asked right now",
		  "ยังถาม TikTok Shop ไม่ได้" },
		{ "not_done", 64, KEPT, "nothing was changed", "ทำตามที่ขอไม่ได้" },
	};

	for (size_t i = 0; i < ARRAY_LEN(refusals); i++) {
		char to[300], page[200];

		err_set(&t.say, ERR_INPUT, refusals[i].code, "refused");
		err_tag(&t.say, refusals[i].tag);
		snprintf(page, sizeof(page), "/connect/abc?notice=%s%s", refusals[i].tag,
		         refusals[i].kept);
		snprintf(to, sizeof(to), "\r\nLocation: %s\r\n", page);
		HAS(deed_answered("confirm", "&shop=7001&warehouse=901", NULL), to);
		t.answer = SHOP("choosing", CHOICES);
		HAS(get(page), refusals[i].th);
		LACKS(buf_text(&in), refusals[i].en);
		HAS(buf_text(&in), "<div class=\"note warn\" role=\"status\">");
		snprintf(to, sizeof(to), "%s&lang=en", page);
		HAS(get(to), refusals[i].en);
		LACKS(buf_text(&in), refusals[i].th);
	}
}

Test(web_connect, a_form_that_is_not_of_this_browser_and_link_is_refused)
{
	char csrf[80], body[300];
	static const char *const headers[] = {
		"",                                                         /* no session */
		"Cookie: __Host-ttsync_session=AbCdEfGhIjKlMnOpQrStUx\r\n", /* another */
		"Cookie: ttsync_session=" SESSION "\r\n",                   /* not of this name */
		COOKIE "Sec-Fetch-Site: cross-site\r\n",
		COOKIE "Sec-Fetch-Site: same-site\r\n",
		COOKIE "Origin: https://evil.example\r\n",
		COOKIE "Origin: https://connect.example.co\r\n",
		COOKIE "Origin: https://connect.example.com.evil.example\r\n",
	};

	for (size_t i = 0; i < ARRAY_LEN(headers); i++) {
		cr_assert_eq(status_of(deed("authorize", headers[i])), 403, "%s", headers[i]);
		HAS(buf_text(&in), "<body data-state=\"forbidden\">");
		cr_assert_eq(t.n_posted, 0);
	}
	cr_assert_eq(status_of(deed("never heard of", COOKIE)), 403);
	cr_assert_eq(status_of(post_with("/connect/abc", FORM_TYPE COOKIE, "action=authorize")),
	             403);
	csrf_of(get_with("/connect/other", COOKIE), csrf);
	snprintf(body, sizeof(body), "action=authorize&csrf=%s", csrf);
	t.n_posted = 0;
	cr_assert_eq(status_of(post_with("/connect/abc", FORM_TYPE COOKIE, body)), 403);
	snprintf(body, sizeof(body), "/connect/abc?action=authorize&csrf=%s", csrf);
	cr_assert_eq(status_of(post_with(body, FORM_TYPE COOKIE, "a=b")), 403, "fields in a query");
	cr_assert_eq(t.n_posted, 0);
}

Test(web_connect, a_form_of_our_own_page_is_taken)
{
	static const char *const headers[] = {
		COOKIE,
		COOKIE "Sec-Fetch-Site: same-origin\r\nOrigin: null\r\n",
		COOKIE "Sec-Fetch-Site: none\r\n",
		COOKIE "Origin: https://connect.example.com\r\n",
	};

	for (size_t i = 0; i < ARRAY_LEN(headers); i++) {
		deed("reload", headers[i]);
		cr_assert_eq(t.n_posted, 1, "%s", headers[i]);
	}
}

Test(web_connect, a_body_above_4_kib_is_refused)
{
	CLEANUP(own_free) char *body = calloc(1, 4098);

	memset(body, 'a', 4097);
	cr_assert_eq(status_of(post_with("/connect/abc", FORM_TYPE COOKIE, body)), 413);
	cr_assert_eq(t.n_posted, 0);
}
