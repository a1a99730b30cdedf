#include "tests/unit/web_fixture.h"

TestSuite(web, .init = setup, .fini = teardown);

/* --- the callback ---------------------------------------------------------------------------- */

static const struct {
	const char *outcome;
	int status;
} outcomes[] = {
	{ "authorized", 200 },
	{ "renewed", 200 },
	{ "denied", 403 },
	{ "reused", 409 },
	{ "expired", 410 },
	{ "code_refused", 400 },
	{ "permission_missing", 403 },
	{ "no_shop", 409 },
	{ "region_mismatch", 409 },
	{ "other_shop", 409 },
	{ "wrong_account", 409 },
	{ "no_state", 400 },
	{ "in_progress", 202 },
	{ "other_session", 403 },
	{ "held", 200 },
	{ "busy", 503 },
};

Test(web, every_outcome_of_the_callback_has_its_own_page)
{
	char titles[ARRAY_LEN(outcomes)][200], doc[128];
	const char *s;

	for (size_t i = 0; i < ARRAY_LEN(outcomes); i++) {
		snprintf(doc, sizeof(doc), "{\"outcome\":\"%s\",\"shop_id\":\"17\"}",
		         outcomes[i].outcome);
		t.answer = doc;
		s = get("/oauth/callback?code=ROW_c0de&state=st4te");
		cr_assert_eq(status_of(s), outcomes[i].status, "%s: %s", doc, s);
		HAS(s, "<bdi>17</bdi>");
		snprintf(doc, sizeof(doc), "<body data-outcome=\"%s\">", outcomes[i].outcome);
		HAS(s, doc);
		LACKS(s, "c0de");
		LACKS(s, "st4te");
		title_of(s, titles[i]);
		for (size_t k = 0; k < i; k++)
			cr_assert_str_neq(titles[i], titles[k]);
	}
}

Test(web, a_callback_is_passed_on_as_it_came)
{
	CLEANUP(json_freep) struct json *args = NULL;

	t.answer = "{\"outcome\":\"authorized\"}";
	get("/oauth/callback?app_key=1&code=ROW_a%2Bb%3D&locale=th&state=x-y_z");
	cr_assert_str_eq(t.op, "callback");
	cr_assert_str_eq(t.actor, "web");
	args = json_parse(t.args, strlen(t.args), NULL);
	cr_assert_str_eq(json_str(args, "code"), "ROW_a+b=");
	cr_assert_str_eq(json_str(args, "state"), "x-y_z");
	cr_assert_null(json_str(args, "error"));
	t.answer = "{\"outcome\":\"denied\"}";
	get("/oauth/callback?code=null&error=auth_denied&state=");
	cr_assert_str_eq(t.args, "{\"code\":\"null\",\"error\":\"auth_denied\"}");
}

Test(web, details_of_an_outcome_are_shown)
{
	const char *s;

	t.answer = "{\"outcome\":\"region_mismatch\",\"wanted\":\"TH\",\"found\":[\"VN\",\"MY\"]}";
	s = get("/oauth/callback?code=c&state=s");
	HAS(s, "<bdi>TH</bdi>");
	HAS(s, "<bdi>VN, MY</bdi>");
	t.answer = "{\"outcome\":\"permission_missing\",\"missing\":\"seller.order.info, <b>\"}";
	s = get("/oauth/callback?code=c&state=s");
	HAS(s, "<bdi>seller.order.info, &lt;b&gt;</bdi>");
}

Test(web, an_unknown_state_is_a_404_and_an_absent_service_a_503)
{
	const char *s;

	err_set(&t.say, ERR_INPUT, 65, "this link was not made here");
	err_tag(&t.say, "state_unknown");
	cr_assert_eq(status_of(get("/oauth/callback?code=c&state=s")), 404);
	err_set(&t.say, ERR_IO, 0, "PostgreSQL is away at secret-host");
	s = get("/oauth/callback?code=c&state=s");
	cr_assert_eq(status_of(s), 503);
	HAS(s, "\r\nRetry-After: 5\r\n");
	LACKS(s, "secret-host");
	t.answer = "no json";
	cr_assert_eq(status_of(get("/oauth/callback?code=c&state=s")), 503);
	t.answer = "{\"outcome\":\"never heard of\"}";
	cr_assert_eq(status_of(get("/oauth/callback?code=c&state=s")), 503);
}

static void
refused(const char *name, size_t len, char byte)
{
	char target[9000];
	int n = snprintf(target, sizeof(target), "/oauth/callback?code=c&state=s&%s=", name);

	if (strcmp(name, "error") != 0)
		n = snprintf(target, sizeof(target), "/oauth/callback?%s=", name);
	memset(target + n, byte, len);
	target[(size_t)n + len] = '\0';
	cr_assert_eq(status_of(get(target)), 400, "%s of %zu", name, len);
}

Test(web, a_callback_that_is_too_long_or_strange_asks_nobody)
{
	char longest[600] = "/oauth/callback?code=";

	refused("code", 513, 'a');
	refused("state", 129, 'a');
	refused("error", 129, 'a');
	refused("code", 7000, 'a');
	refused("code", 8500, 'a');
	refused("state", 3, '\x80');
	cr_assert_eq(status_of(get("/oauth/callback")), 400);
	cr_assert_eq(status_of(get("/oauth/callback?code=&state=")), 400);
	cr_assert_eq(status_of(get("/oauth/callback?code=a%0ab&state=s")), 400);
	cr_assert_eq(t.n_posted, 0);
	memset(longest + strlen(longest), 'a', 512);
	t.answer = "{\"outcome\":\"no_state\"}";
	cr_assert_eq(status_of(get(longest)), 400);
	cr_assert_eq(t.n_posted, 1);
}

Test(web, what_was_authorized_goes_on_at_the_link)
{
	const char *s;

	t.answer = "{\"outcome\":\"authorized\",\"shop_id\":\"17\",\"link\":\"Fresh-t0ken\"}";
	s = get("/oauth/callback?code=c&state=s");
	cr_assert_eq(status_of(s), 303);
	HAS(s, "\r\nLocation: /connect/Fresh-t0ken\r\n");
	LACKS(s, "Set-Cookie");
	t.answer = "{\"outcome\":\"renewed\",\"link\":\"Fresh-t0ken\"}";
	s = get_with("/oauth/callback?code=c&state=s", "Cookie: ttsync_lang=en\r\n");
	HAS(s, "\r\nLocation: /connect/Fresh-t0ken?lang=en\r\n");
}

Test(web, a_redirect_leads_to_our_own_path_alone)
{
	static const char *const links[] = { "",       "//evil.example",
		                             "a/../b", "x\\r\\nSet-Cookie: a=b",
		                             "a?b",    "\u0e01" };
	char doc[128];

	for (size_t i = 0; i < ARRAY_LEN(links); i++) {
		snprintf(doc, sizeof(doc), "{\"outcome\":\"authorized\",\"link\":\"%s\"}",
		         links[i]);
		t.answer = doc;
		cr_assert_eq(status_of(get("/oauth/callback?code=c&state=s")), 200, "%s", doc);
		LACKS(buf_text(&in), "Location");
		LACKS(buf_text(&in), "Set-Cookie");
	}
}

Test(web, what_failed_has_a_way_back_to_the_link)
{
	const char *s;

	t.answer = "{\"outcome\":\"denied\",\"link\":\"Fresh-t0ken\"}";
	s = get("/oauth/callback?error=auth_denied&state=s");
	cr_assert_eq(status_of(s), 403);
	HAS(s, "id=\"next\" href=\"/connect/Fresh-t0ken\"");
	t.answer = "{\"outcome\":\"denied\"}";
	s = get("/oauth/callback?error=auth_denied&state=s");
	LACKS(s, "id=\"next\"");
	HAS(s, "or ask for a fresh one");
}

Test(web, what_is_not_decided_yet_says_what_comes)
{
	const char *s;

	t.answer = "{\"outcome\":\"in_progress\"}";
	HAS(get("/oauth/callback?code=c&state=s"), "\r\nRefresh: 5\r\n");
	t.answer = "{\"outcome\":\"held\",\"held\":1234}";
	s = get("/oauth/callback?code=c");
	HAS(s, "<bdi>1234</bdi>");
	HAS(s, "tell this number to your GoSell administrator");
	t.answer = "{\"outcome\":\"busy\"}";
	HAS(get("/oauth/callback?code=c"), "\r\nRetry-After: 5\r\n");
}

Test(web, the_callback_tells_which_browser_it_is)
{
	CLEANUP(json_freep) struct json *args = NULL;
	char hash[65];

	t.answer = "{\"outcome\":\"denied\"}";
	get_with("/oauth/callback?code=c&state=s", COOKIE);
	args = json_parse(t.args, strlen(t.args), NULL);
	visit_hash(SESSION, hash);
	cr_assert_str_eq(json_str(args, "session_hash"), hash);
	get_with("/oauth/callback?code=c&state=s", "Cookie: __Host-ttsync_session=short\r\n");
	LACKS(t.args, "session_hash");
}

Test(web, a_look_at_the_callback_uses_no_code_up)
{
	const char *s =
	    answer_to("HEAD /oauth/callback?code=c&state=s HTTP/1.1\r\nHost: x\r\n\r\n");

	cr_assert_eq(status_of(s), 405);
	HAS(s, "\r\nAllow: GET\r\n");
	cr_assert_eq(t.n_posted, 0);
}

Test(web, a_callback_cannot_be_asked_twice_and_has_both_languages)
{
	const char *s;

	t.answer = "{\"outcome\":\"denied\"}";
	s = get("/oauth/callback?code=c&state=s");
	HAS(s, "<html lang=\"th\">");
	HAS(s, "<details class=\"other\" lang=\"en\">\n<summary id=\"lang\">English</summary>");
	HAS(s, "<h2>Permission was not given</h2>");
	s = get_with("/oauth/callback?code=c&state=s", "Accept-Language: en\r\n");
	HAS(s, "<html lang=\"en\">");
	HAS(s, "<details class=\"other\" lang=\"th\">");
	cr_assert_eq(t.n_posted, 2);
}

/* --- what holds for all of them -------------------------------------------------------------- */

Test(web, pages_forbid_everything_but_their_own_stylesheet)
{
	static const char *const want[] = {
		"\r\nCache-Control: no-store\r\n",
		"\r\nX-Content-Type-Options: nosniff\r\n",
		"\r\nReferrer-Policy: no-referrer\r\n",
		"\r\nX-Frame-Options: DENY\r\n",
		"\r\nContent-Security-Policy: default-src 'none'; style-src 'sha256-",
		"'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'\r\n",
		"\r\nContent-Type: text/html; charset=utf-8\r\n",
	};
	static const char *const targets[] = { "/oauth/callback?code=c&state=s", "/oauth/callback",
		                               "/connect/" };
	const char *s;

	t.answer = "{\"outcome\":\"authorized\"}";
	for (size_t i = 0; i < ARRAY_LEN(targets); i++) {
		s = get(targets[i]);
		for (size_t k = 0; k < ARRAY_LEN(want); k++)
			HAS(s, want[k]);
		check_hash(s, "<style>", "</style>", "style-src 'sha256-");
		LACKS(s, "http:");
		LACKS(s, "https:");
		LACKS(s, "<input");
		LACKS(s, "<script");
	}
}

Test(web, a_wrong_method_is_405)
{
	static const char *const targets[] = { "/oauth/callback?code=c&state=s", "/healthz",
		                               "/readyz" };

	for (size_t i = 0; i < ARRAY_LEN(targets); i++) {
		cr_assert_eq(status_of(post_with(targets[i], "", "")), 405);
		HAS(buf_text(&in), "\r\nAllow: GET, HEAD\r\n");
	}
	cr_assert_eq(status_of(answer_to("DELETE /connect/abc HTTP/1.1\r\nHost: x\r\n\r\n")), 405);
	HAS(buf_text(&in), "\r\nAllow: GET, HEAD, POST\r\n");
	cr_assert_eq(t.n_posted, 0);
}

Test(web, health_and_readiness_are_told_apart)
{
	const char *s = get("/healthz");

	cr_assert_eq(status_of(s), 200);
	HAS(s, "\r\n\r\nok");
	ready = (struct web_ready){ true, false, true };
	s = get("/readyz");
	cr_assert_eq(status_of(s), 503);
	HAS(s, "{\"ready\":false,\"postgres\":true,\"redis\":false,\"schema\":true}");
	ready.redis = true;
	s = get("/readyz");
	cr_assert_eq(status_of(s), 200);
	HAS(s, "{\"ready\":true,\"postgres\":true,\"redis\":true,\"schema\":true}");
}

Test(web, a_client_that_leaves_before_the_answer_does_no_harm)
{
	t.answer = "";
	get("/oauth/callback?code=c&state=s");
	hang_up();
	cr_assert_eq(status_of(get("/healthz")), 200);
	t.answer = "{\"outcome\":\"authorized\"}";
	answer_now(&t);
	cr_assert_eq(t.n_dropped, 0);
	cr_assert_eq(status_of(get("/oauth/callback?code=c&state=s")), 200);
}

Test(web, questions_on_their_way_are_dropped_with_the_server)
{
	t.answer = "";
	get("/connect/abc");
	hang_up();
	web_free(w);
	w = NULL;
	cr_assert_eq(t.n_dropped, 1);
}

Test(web, too_many_questions_get_a_page_that_says_try_again)
{
	const char *s;

	t.answer = "";
	for (int i = 0; i < WEB_ASKS_MAX; i++) {
		get("/connect/abc");
		hang_up();
	}
	s = get("/connect/abc");
	cr_assert_eq(status_of(s), 503);
	HAS(s, "ในอีกสักครู่");
	cr_assert_eq(t.n_posted, WEB_ASKS_MAX);
	web_free(w);
	w = NULL;
	cr_assert_eq(t.n_dropped, WEB_ASKS_MAX);
}

Test(web, an_address_in_use_is_an_error)
{
	char where[32];
	struct web_conf conf = { where, &ops, &t, &ready, { SITE_URL, TIKTOK_URL } };
	struct err e = { 0 };

	snprintf(where, sizeof(where), "127.0.0.1:%d", web_port(w));
	cr_assert_null(web_new(l, &conf, &e));
	cr_assert_eq(e.kind, ERR_IO);
}
