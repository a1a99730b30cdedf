#include "daemon/web/form.h"
#include "daemon/web/look.h"
#include "tests/unit/web_fixture.h"

TestSuite(web_connect, .init = setup, .fini = teardown);

#define EN(target) target "?lang=en"

/* --- looking --------------------------------------------------------------------------------- */

#define SHOP(state, more)                                                                                           \
	"{\"shop_id\":\"17\",\"alias\":\"ร้านหลัก\",\"name\":\"Shop\",\"region\":\"TH\",\"state\":" \
	"\"" state                                                                                                  \
	"\",\"counts\":{\"products\":0,\"orders\":0,\"as_of\":\"2026-11-25T22:10:00+07:00\"}" more                  \
	"}"
#define CONNECTED_AT ",\"connected_at\":\"2026-11-23T09:00:00+07:00\""
#define EXPIRES_AT   ",\"expires_at\":\"2027-11-23T09:05:00+07:00\",\"days_left\":365"

Test(web_connect, a_link_is_asked_for_by_its_hash)
{
	/* printf abc | sha256sum */
	t.answer = SHOP("pending", "");
	cr_assert_eq(status_of(get("/connect/abc")), 200);
	cr_assert_str_eq(t.op, "sql:link");
	cr_assert_str_eq(t.args, "{\"link_hash\":\"ba7816bf8f01cfea414140de5dae2223b00361a396177a9c"
	                         "b410ff61f20015ad\"}");
}

Test(web_connect, an_unknown_link_is_a_404_and_a_strange_one_asks_nobody)
{
	char target[200] = "/connect/";

	err_set(&t.say, ERR_INPUT, 65, "this link is unknown or has expired");
	err_tag(&t.say, "unknown_link");
	cr_assert_eq(status_of(get("/connect/abc")), 404);
	HAS(buf_text(&in), "<body data-state=\"unknown_link\">");
	err_set(&t.say, ERR_TIMEOUT, 0, "no answer");
	cr_assert_eq(status_of(get("/connect/abc")), 503);
	cr_assert_eq(t.n_posted, 2);
	cr_assert_eq(status_of(get("/connect/")), 404);
	cr_assert_eq(status_of(get("/connect/a/b")), 404);
	cr_assert_eq(status_of(get("/connect/a%20b")), 404);
	cr_assert_eq(status_of(get("/connect/%3Cscript%3E")), 404);
	LACKS(buf_text(&in), "script");
	memset(target + 9, 'a', 129);
	cr_assert_eq(status_of(get(target)), 404);
	cr_assert_eq(status_of(post_with("/connect/a/b", FORM_TYPE COOKIE, "action=confirm")), 404);
	cr_assert_eq(t.n_posted, 2);
}

Test(web_connect, before_consent_it_says_what_will_happen)
{
	const char *s;

	t.answer = SHOP("pending", ",\"link_expires_at\":\"2026-12-02T09:00:00+07:00\"");
	s = get(EN("/connect/abc"));
	HAS(s, "<body data-state=\"pending\">");
	HAS(s, "as <bdi>ร้านหลัก</bdi>");
	HAS(s, "log out of other TikTok accounts");
	HAS(s, "GoSell neither asks for your TikTok password");
	HAS(s, "Names, addresses and phone numbers of buyers are not taken in");
	HAS(s, "<bdi>2 Dec 2026, 09:00</bdi>");
	HAS(s, "<input type=\"hidden\" name=\"action\" value=\"authorize\">");
	HAS(s, "<button id=\"authorize\">");
	LACKS(s, "password\"");
	LACKS(s, "role=\"alert\"");
	LACKS(s, "Connected since");
}

Test(web_connect, an_authorization_that_failed_says_why_and_what_next)
{
	const char *s;

	t.answer = SHOP("pending", ",\"authorization\":{\"outcome\":\"permission_missing\",\"at\":"
	                           "\"2026-11-25T21:00:00+07:00\",\"detail\":{\"missing\":"
	                           "\"seller.order.info\"}}");
	s = get(EN("/connect/abc"));
	HAS(s, "role=\"alert\">\n<p class=\"word\">Permissions are missing</p>");
	HAS(s, "<bdi>seller.order.info</bdi>");
	HAS(s, "allow all permissions");
	t.answer = SHOP("pending", ",\"authorization\":{\"outcome\":\"authorized\"}");
	LACKS(get(EN("/connect/abc")), "role=\"alert\"");
	t.answer = SHOP("expired", ",\"authorization\":{\"outcome\":\"other_shop\"}");
	HAS(get(EN("/connect/abc")), "This account belongs to another shop");
}

static const struct {
	const char *doc;
	const char *next; /* words of what the merchant is told to do */
	bool renew;
} states[] = {
	{ SHOP("connecting", CONNECTED_AT), "Products and orders are coming in", false },
	{ SHOP("connected", CONNECTED_AT), "nothing is to be done", true },
	{ SHOP("connected", ",\"reason\":\"token_refused\""), "Access is being renewed by itself",
	  false },
	{ SHOP("connected", ",\"reason\":\"refresh_refused\""), "does not renew the authorization",
	  true },
	{ SHOP("expiring", CONNECTED_AT), "Please reauthorize before that day", true },
	{ SHOP("expired", CONNECTED_AT), "The authorization has expired", true },
	{ SHOP("disconnected", ",\"reason\":\"authorization_ended\""),
	  "what was missed is caught up", true },
	{ SHOP("disconnected", ",\"reason\":\"shop_deactivated\""), "We look again every hour",
	  false },
	{ SHOP("disconnected",
	       ",\"reason\":\"permission_missing\",\"missing_scopes\":[\"seller.order."
	       "info\",\"seller.<b>\"]"),
	  "<bdi>seller.order.info, seller.&lt;b&gt;</bdi>", true },
	{ SHOP("disconnected", ",\"reason\":\"shop_removed\""), "with the account of this shop",
	  true },
	{ SHOP("disconnected", ",\"reason\":\"disconnected_by_hand\""), "disconnected by hand",
	  true },
	{ SHOP("disconnected", ",\"reason\":\"purging\""), "is being deleted", false },
	{ SHOP("paused",
	       ",\"reason\":\"stock-taking\",\"paused\":{\"since\":null,\"until\":\"2026-11-"
	       "26T08:00:00+07:00\"}"),
	  "<bdi>26 Nov 2026, 08:00</bdi>", false },
	{ SHOP("plan_suspended", ",\"reason\":\"plan_too_low\""), "Please upgrade", false },
	{ SHOP("of later times", ""), "Please ask your GoSell administrator.", false },
};

Test(web_connect, each_state_says_what_is_to_be_done)
{
	for (size_t i = 0; i < ARRAY_LEN(states); i++) {
		const char *s;

		t.answer = states[i].doc;
		s = get(EN("/connect/abc"));
		cr_assert_eq(status_of(s), 200);
		HAS(s, states[i].next);
		cr_assert_eq(strstr(s, "id=\"authorize\"") != NULL, states[i].renew, "%s", s);
		LACKS(s, "ttctl");
	}
}

Test(web_connect, a_connected_shop_shows_counts_and_dates)
{
	const char *s;

	t.answer = SHOP("connected", CONNECTED_AT EXPIRES_AT
	                ",\"warehouse_id\":\"9001\",\"warehouse\":\"บางนา\"");
	s = get("/connect/abc");
	HAS(s, "<body data-state=\"connected\">");
	HAS(s, "<p class=\"word good\" id=\"state\"><bdi>เชื่อมต่อแล้ว</bdi></p>");
	HAS(s, "<bdi>ร้านหลัก</bdi>");
	HAS(s, "<bdi>บางนา</bdi>");
	HAS(s, "<bdi>23 พ.ย. 2026 เวลา 09:00 น.</bdi>");
	HAS(s, "<bdi>23 พ.ย. 2027 เวลา 09:05 น.</bdi>");
	HAS(s, "<dd><bdi>365</bdi> วัน</dd>");
	HAS(s, "<dt>ข้อมูล ณ</dt><dd><bdi>25 พ.ย. 2026 เวลา 22:10 น.</bdi></dd>");
	LACKS(s, "id=\"live\"");
	t.answer =
	    SHOP("connected", CONNECTED_AT ",\"counts\":{\"products\":1234567,\"orders\":999,"
	                                   "\"customers\":45000}");
	s = get(EN("/connect/abc"));
	HAS(s, "<bdi>1,234,567</bdi>");
	HAS(s, "<bdi>999</bdi>");
	HAS(s, "<dt>Customers</dt><dd><bdi>45,000</bdi></dd>");
}

Test(web_connect, what_is_not_known_for_sure_is_said_so)
{
	t.answer =
	    SHOP("connected", CONNECTED_AT ",\"unknown_since\":\"2026-11-25T20:00:00+07:00\"");
	HAS(get(EN("/connect/abc")), "Since <bdi>25 Nov 2026, 20:00</bdi> TikTok Shop "
	                             "could not be asked");
}

Test(web_connect, a_first_synchronization_shows_its_progress_and_looks_again)
{
	const char *s;

	t.answer =
	    SHOP("connecting", CONNECTED_AT
	         ",\"progress\":{\"products\":{\"done\":30,\"total\":1200,\"page\":3,"
	         "\"rate\":9.26,\"eta_s\":78,\"moved_at\":\"2026-11-25T22:09:58+07:00\","
	         "\"why\":null},\"orders\":{\"done\":2,\"total\":null,\"why\":\"E500 <i>\"}}");
	s = get(EN("/connect/abc"));
	HAS(s, "<div id=\"live\" aria-live=\"polite\">");
	HAS(s, "<bdi>30</bdi> of <bdi>1,200</bdi> <progress value=\"30\" max=\"1200\"></progress>");
	HAS(s, "<bdi>9.3</bdi> a second");
	HAS(s, "<bdi>78</bdi> s");
	HAS(s, "<dt>Page read</dt><dd><bdi>3</bdi></dd>");
	HAS(s, "<bdi>2</bdi> <progress></progress>");
	HAS(s, "a difficulty for now; we try again by ourselves");
	LACKS(s, "E500");
	HAS(s, "<noscript><meta http-equiv=\"refresh\" content=\"5\"></noscript>");
	HAS(s, "; script-src 'sha256-");
	HAS(s, "; connect-src 'self'; ");
	check_hash(s, "<script>", "</script>", "script-src 'sha256-");
	check_hash(s, "<style>", "</style>", "style-src 'sha256-");
}

Test(web_connect, a_gap_is_followed_to_missing_0)
{
	const char *s;

	t.answer =
	    SHOP("connected", CONNECTED_AT ",\"catch_up\":{\"from\":\"2026-11-24T09:00:00+07:00\","
	                                   "\"caught_up_to\":\"2026-11-25T09:00:00+07:00\","
	                                   "\"behind_s\":7200,\"ended_at\":null}");
	s = get(EN("/connect/abc"));
	HAS(s, "id=\"live\"");
	HAS(s, "<bdi>24 Nov 2026, 09:00</bdi>");
	HAS(s, "<bdi>2</bdi> h");
	t.answer = SHOP("connected",
	                CONNECTED_AT ",\"catch_up\":{\"compared\":48,\"missing\":0,"
	                             "\"differing\":0,\"ended_at\":\"2026-11-25T09:00:00+07:00\"}");
	s = get(EN("/connect/abc"));
	HAS(s, "Caught up, missing <bdi>0</bdi>");
	HAS(s, "<bdi>48</bdi>");
	LACKS(s, "id=\"live\"");
}

Test(web_connect, history_is_told_in_the_readers_words)
{
	const char *s;

	t.answer = SHOP("connected", ",\"history\":[{\"at\":\"2026-11-25T09:00:00+07:00\","
	                             "\"actor\":\"uid:1000 somchai\",\"event\":"
	                             "\"shop.disconnected\",\"detail\":{\"was\":\"connected\","
	                             "\"reason\":\"shop_deactivated\"}},"
	                             "{\"at\":\"2026-11-24T09:00:00+07:00\",\"actor\":\"timer\","
	                             "\"event\":\"of.later\",\"detail\":null}]");
	s = get("/connect/abc");
	HAS(s, "<bdi>ขาดการเชื่อมต่อ</bdi>");
	HAS(s, "เดิม: <bdi>เชื่อมต่อแล้ว</bdi>");
	HAS(s, "<bdi>ผู้ดูแล GoSell</bdi>");
	LACKS(s, "somchai");
	s = get(EN("/connect/abc"));
	HAS(s, "<bdi>Disconnected</bdi>");
	HAS(s, "reason: <bdi>TikTok Shop has deactivated the shop</bdi>");
	HAS(s, "<bdi>of.later</bdi>");
}

/* --- the choice ------------------------------------------------------------------------------ */

#define HOUSES                                                                                             \
	"[{\"warehouse_id\":\"901\",\"name\":\"บางนา\",\"type\":\"SALES_WAREHOUSE\",\"status\":" \
	"\"ENABLED\","                                                                                     \
	"\"is_default\":true,\"selectable\":true,\"why_not\":null},"                                       \
	"{\"warehouse_id\":\"902\",\"name\":\"Returns\",\"type\":\"RETURN_WAREHOUSE\",\"status\":"         \
	"\"ENABLED\",\"selectable\":false,\"why_not\":\"returns_only\"},"                                  \
	"{\"warehouse_id\":\"903\",\"name\":\"Old\",\"type\":\"SALES_WAREHOUSE\",\"status\":"              \
	"\"DISABLED\","                                                                                    \
	"\"selectable\":false,\"why_not\":\"switched_off\"}]"
#define CHOICES                                                                                    \
	",\"choices\":[{\"tiktok_shop_id\":\"7001\",\"name\":\"One\",\"region\":\"TH\",\"seller_"  \
	"type\":"                                                                                  \
	"\"LOCAL\",\"connected\":false,\"selectable\":true,\"warehouses\":" HOUSES "},"            \
	"{\"tiktok_shop_id\":\"7002\",\"name\":\"Two\",\"region\":\"TH\",\"seller_type\":"         \
	"\"CROSS_BORDER\",\"connected\":true,\"selectable\":false,\"why_not\":"                    \
	"\"connected_elsewhere\",\"alias\":null,\"warehouses\":[]},"                               \
	"{\"tiktok_shop_id\":\"7003\",\"name\":\"Three\",\"region\":\"TH\",\"seller_type\":"       \
	"\"LOCAL\",\"connected\":true,\"selectable\":false,\"why_not\":\"connected_here\","        \
	"\"alias\":\"ร้าน<b>\",\"warehouses\":[]}]"

static const char *
choosing(const char *query)
{
	char target[200];

	t.answer = SHOP("choosing", CHOICES EXPIRES_AT);
	snprintf(target, sizeof(target), "/connect/abc?lang=en%s", query);
	cr_assert_eq(status_of(get(target)), 200);
	HAS(buf_text(&in), "<body data-state=\"choosing\">");
	return buf_text(&in);
}

Test(web_connect, shops_are_chosen_from_with_reasons_for_those_that_cannot_be)
{
	const char *s = choosing("");

	HAS(s, "<h1>Step 1 of 3: choose the shop</h1>");
	HAS(s, "<fieldset>\n<legend>");
	HAS(s,
	    "<label class=\"pick\"><input type=\"radio\" name=\"shop\" value=\"7001\" required "
	    "checked>"
	    "<span><bdi>One</bdi><small>TH · local seller · not connected yet · ID 7001</small>");
	HAS(s,
	    "<label class=\"pick off\"><input type=\"radio\" name=\"shop\" value=\"7002\" disabled>"
	    "<span><bdi>Two</bdi><small>TH · cross-border seller · connected already · ID "
	    "7002</small>"
	    "<small class=\"why\">Cannot be chosen: <bdi>it is connected already</bdi></small>");
	HAS(s, "Cannot be chosen: <bdi>it is connected already as ร้าน&lt;b&gt;</bdi>");
	HAS(s, "<button id=\"next\">");
	HAS(s, "<button class=\"less\" id=\"reload\">");
	HAS(s, "<form action=\"?\" method=\"get\">");
	HAS(s, "<input type=\"hidden\" name=\"lang\" value=\"en\">");
}

Test(web_connect, warehouses_are_chosen_from_with_reasons_for_those_that_cannot_be)
{
	const char *s = choosing("&shop=7001");

	HAS(s, "<h1>Step 2 of 3: choose the warehouse</h1>");
	HAS(s, "<input type=\"hidden\" name=\"shop\" value=\"7001\">");
	HAS(s, "name=\"warehouse\" value=\"901\" required checked><span><bdi>บางนา</bdi>"
	       "<small>the default at TikTok Shop · ID 901</small>");
	HAS(s, "name=\"warehouse\" value=\"902\" disabled>");
	HAS(s, "Cannot be chosen: <bdi>it takes returns only</bdi>");
	HAS(s, "name=\"warehouse\" value=\"903\" disabled>");
	HAS(s, "Cannot be chosen: <bdi>it is switched off at TikTok Shop</bdi>");
	HAS(s, "id=\"back\" href=\"?lang=en\"");
}

Test(web_connect, both_are_shown_before_they_are_confirmed)
{
	const char *s = choosing("&shop=7001&warehouse=901");

	HAS(s, "<h1>Step 3 of 3: check and confirm</h1>");
	HAS(s, "<dd><bdi>ร้านหลัก</bdi></dd>");
	HAS(s, "<dd><bdi>One</bdi></dd>");
	HAS(s, "<dd><bdi>บางนา</bdi></dd>");
	HAS(s, "<dd><bdi>23 Nov 2027, 09:05</bdi></dd>");
	HAS(s, "<dd><bdi>25 Nov 2026, 22:10</bdi></dd>");
	HAS(s, "Orders made from the second you confirm (Bangkok time)");
	HAS(s, "<form action=\"?\" method=\"post\">\n<input type=\"hidden\" name=\"action\" "
	       "value=\"confirm\">");
	HAS(s, "name=\"shop\" value=\"7001\">");
	HAS(s, "name=\"warehouse\" value=\"901\">");
	HAS(s, "<button id=\"confirm\">");
	HAS(s, "id=\"back\" href=\"?lang=en&amp;shop=7001\"");
}

Test(web_connect, a_choice_that_is_none_leads_back_to_its_step)
{
	HAS(choosing("&shop=7002"), "Step 1 of 3");
	HAS(buf_text(&in), "The shop that was chosen is not in the list");
	HAS(choosing("&shop=12"), "Step 1 of 3");
	HAS(choosing("&shop=%22%3E%3Cscript"), "The shop that was chosen is not in the list");
	LACKS(buf_text(&in), "script");
	HAS(choosing("&shop=7001&warehouse=902"), "Step 2 of 3");
	HAS(buf_text(&in), "The warehouse that was chosen is not in the list");
	HAS(choosing("&shop=7001&warehouse=x"), "The warehouse that was chosen is not in the list");
	LACKS(choosing(""), "role=\"status\"");
}

Test(web_connect, without_anything_to_choose_it_says_what_to_do)
{
	t.answer = SHOP("choosing", ",\"choices\":[]");
	HAS(get(EN("/connect/abc")), "There is no shop that can be chosen");
	HAS(buf_text(&in), "id=\"reload\"");
	LACKS(buf_text(&in), "id=\"next\"");
	t.answer = SHOP("choosing", ",\"choices\":[{\"tiktok_shop_id\":\"7001\",\"name\":\"One\","
	                            "\"selectable\":true,\"warehouses\":[]}]");
	HAS(get("/connect/abc?lang=en&shop=7001"), "This shop has no warehouse that can be chosen");
}

/* --- deeds ----------------------------------------------------------------------------------- */

/* A form of a page for SESSION, sent with what is given. */
static const char *
deed(const char *action, const char *more, const char *headers)
{
	char csrf[80], body[600], all[400];

	t.answer = SHOP("pending", "");
	csrf_of(get_with("/connect/abc", COOKIE), csrf);
	snprintf(body, sizeof(body), "action=%s&csrf=%s%s", action, csrf, more);
	snprintf(all, sizeof(all), FORM_TYPE "%s", headers);
	t.n_posted = 0;
	return post_with("/connect/abc", all, body);
}

#define ANSWER(text) "{\"authorize_url\":\"" text "\",\"shop_id\":\"17\"}"

/* deed() reads a page first: what the deed itself is answered with is set by a second post. */
static const char *
deed_answered(const char *action, const char *more, const char *answer)
{
	char csrf[80], body[600];

	t.answer = SHOP("pending", "");
	csrf_of(get_with("/connect/abc", COOKIE), csrf);
	snprintf(body, sizeof(body), "action=%s&csrf=%s%s", action, csrf, more);
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
		cr_assert_eq(status_of(deed("authorize", "", headers[i])), 403, "%s", headers[i]);
		HAS(buf_text(&in), "<body data-state=\"forbidden\">");
		cr_assert_eq(t.n_posted, 0);
	}
	cr_assert_eq(status_of(deed("never heard of", "", COOKIE)), 403);
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
		deed("reload", "", headers[i]);
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

/* --- cookie, language, policy ---------------------------------------------------------------- */

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
	HAS(s, "script-src");
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

/* --- what comes from outside ----------------------------------------------------------------- */

#define EVIL_JSON "\\\"><script>alert('1')</script>\\r\\n\\u001b\\u202e"
#define EVIL_HTML "<bdi>&quot;&gt;&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;   \u202e</bdi>"

static void
check_harmless(const char *s, const char *shown)
{
	cr_assert_eq(status_of(s), 200);
	HAS(s, shown);
	LACKS(s, "<script>alert");
	LACKS(s, "\"><script");
	LACKS(s, "\x1b");
}

Test(web_connect, what_comes_from_outside_is_escaped)
{
	t.answer = "{\"shop_id\":\"17\",\"alias\":\"a\\u0000b\",\"state\":\"connected\"}";
	cr_assert_eq(status_of(get("/connect/abc")), 503, "a NUL in a string is no answer");
	t.answer =
	    "{\"shop_id\":\"<17>\",\"alias\":\"" EVIL_JSON "\",\"name\":\"" EVIL_JSON
	    "\",\"region\":\"<b>\",\"state\":\"" EVIL_JSON "\",\"reason\":\"" EVIL_JSON
	    "\",\"connected_at\":\"<b>\",\"expires_at\":\"2027-11-23T09:00:00<b>:00\","
	    "\"warehouse_id\":\"<b>\",\"missing_scopes\":[\"<b>\"],\"history\":[{\"at\":\"<b>\","
	    "\"actor\":\"<b>\",\"event\":\"" EVIL_JSON "\",\"detail\":{\"reason\":\"" EVIL_JSON
	    "\",\"error\":\"<b>\",\"<b>\":\"<b>\"}}]}";
	check_harmless(get("/connect/abc"), EVIL_HTML);
	LACKS(buf_text(&in), "<b>");
	LACKS(buf_text(&in), "<17>");
	t.answer =
	    "{\"alias\":\"" EVIL_JSON "\",\"state\":\"pending\",\"authorization\":{\"outcome\":"
	    "\"region_mismatch\",\"detail\":{\"wanted\":\"<b>\",\"found\":[\"" EVIL_JSON "\"]}}}";
	check_harmless(get("/connect/abc"), EVIL_HTML);
	LACKS(buf_text(&in), "<b>");
}

Test(web_connect, names_in_a_choice_are_escaped)
{
	t.answer =
	    "{\"alias\":\"" EVIL_JSON "\",\"state\":\"choosing\",\"choices\":[{\"tiktok_shop_id\":"
	    "\"7001\",\"name\":\"" EVIL_JSON "\",\"region\":\"<b>\",\"seller_type\":\"<b>\","
	    "\"selectable\":true,\"warehouses\":[{\"warehouse_id\":\"901\",\"name\":\"" EVIL_JSON
	    "\",\"selectable\":true},{\"warehouse_id\":\"\\\"><b>\",\"name\":\"\"}]},"
	    "{\"tiktok_shop_id\":\"\\\"><b>\",\"selectable\":false,\"why_not\":\"<b>\"}]}";
	check_harmless(get("/connect/abc"), EVIL_HTML);
	LACKS(buf_text(&in), "<b>");
	check_harmless(get("/connect/abc?shop=7001"), EVIL_HTML);
	LACKS(buf_text(&in), "<b>");
	check_harmless(get("/connect/abc?shop=7001&warehouse=901"), EVIL_HTML);
	LACKS(buf_text(&in), "<b>");
}

/* --- the parts ------------------------------------------------------------------------------- */

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
