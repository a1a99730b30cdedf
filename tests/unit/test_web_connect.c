/* The page of a connection: what it shows at every state of the shop. */
#include "tests/unit/web_shop.h"

TestSuite(web_connect, .init = setup, .fini = teardown);

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
	HAS(s, "<bdi>23 พ.ย. 2026 09:00\u00a0น.</bdi>");
	HAS(s, "<bdi>23 พ.ย. 2027 09:05\u00a0น.</bdi>");
	HAS(s, "<dd><bdi>365</bdi> วัน</dd>");
	HAS(s, "<dt>ข้อมูล ณ</dt><dd><bdi>25 พ.ย. 2026 22:10\u00a0น.</bdi></dd>");
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
