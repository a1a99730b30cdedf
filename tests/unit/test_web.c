#include "common/buf.h"
#include "common/crypto.h"
#include "common/json.h"
#include "common/own.h"
#include "daemon/base/loop.h"
#include "daemon/web/page.h"
#include "daemon/web/web.h"

#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* --- a task layer that keeps what it was asked and answers when told ------------------------- */

struct tasks {
	int n_posted;
	int n_dropped;
	char op[32];
	char args[2048];
	char actor[32];
	task_fn *fn;
	void *arg;
	const char *answer; /* NULL: say; "": leave it open and stop the loop */
	struct err say;
};

static struct loop *l;
static struct web *w;
static struct timer guard;
static struct tasks t;
static struct web_ready ready;
static struct buf in;
static struct watch reader;
static int sock;

static void
answer_now(void *arg)
{
	struct tasks *of = arg;

	of->fn(of->answer, of->answer ? strlen(of->answer) : 0, of->answer ? NULL : &of->say,
	       of->arg);
}

static void
stop_now(void *arg)
{
	loop_stop(arg);
}

static uint64_t
fake_post(struct tasks *of, const char *op, const char *args, const char *actor, task_fn *fn,
          void *arg)
{
	of->n_posted++;
	snprintf(of->op, sizeof(of->op), "%s", op);
	snprintf(of->args, sizeof(of->args), "%s", args);
	snprintf(of->actor, sizeof(of->actor), "%s", actor);
	of->fn = fn;
	of->arg = arg;
	if (of->answer && !*of->answer)
		loop_defer(l, stop_now, l);
	else
		loop_defer(l, answer_now, of);
	return (uint64_t)of->n_posted;
}

static void
fake_drop(struct tasks *of, uint64_t id)
{
	cr_assert(id && id <= (uint64_t)of->n_posted);
	of->n_dropped++;
}

static void
fake_ready(struct web_ready *ret, void *arg)
{
	cr_assert_eq(arg, &ready);
	*ret = ready;
}

static const struct web_ops ops = { fake_post, fake_drop, fake_ready };

/* --- a browser on the same loop -------------------------------------------------------------- */

static void
on_guard(void *arg)
{
	(void)arg;
	cr_assert_fail("nothing happened for 10 s");
}

static void
setup(void)
{
	struct web_conf conf = { "127.0.0.1:0", &ops, &t, &ready };
	struct err e = { 0 };

	cr_assert_eq(crypto_start(), 0);
	l = loop_new(&e);
	timer_init(&guard, l, on_guard, NULL);
	timer_arm(&guard, 10000);
	w = web_new(l, &conf, &e);
	cr_assert_not_null(w, "%s", e.text);
	buf_init(&in, 1 << 20);
}

static void
teardown(void)
{
	web_free(w);
	timer_done(&guard);
	loop_free(l);
	buf_done(&in);
}

TestSuite(web, .init = setup, .fini = teardown);

static void
hang_up(void)
{
	watch_done(&reader);
	close(sock);
}

static void
on_read(int fd, int what, void *arg)
{
	char tmp[4096];
	ssize_t n = read(fd, tmp, sizeof(tmp));

	(void)what;
	(void)arg;
	if (n > 0) {
		cr_assert_eq(buf_add(&in, tmp, (size_t)n), 0);
		return;
	}
	hang_up();
	loop_stop(l);
}

static void
dial(void)
{
	struct sockaddr_in to = { .sin_family = AF_INET };

	to.sin_port = htons((uint16_t)web_port(w));
	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	sock = socket(AF_INET, SOCK_STREAM, 0);
	cr_assert_eq(connect(sock, (struct sockaddr *)&to, sizeof(to)), 0);
	watch_init(&reader, l, on_read, NULL);
	watch_set(&reader, sock, WATCH_READ);
}

/* What comes back for a whole request: the answer, or what came until the loop was stopped. */
static const char *
answer_to(const char *request)
{
	buf_reset(&in);
	dial();
	cr_assert_eq(send(sock, request, strlen(request), MSG_NOSIGNAL), (ssize_t)strlen(request));
	loop_run(l);
	return buf_text(&in);
}

static const char *
get_with(const char *target, const char *headers)
{
	char request[10000];

	snprintf(request, sizeof(request), "GET %s HTTP/1.1\r\nHost: x\r\n%s\r\n", target, headers);
	return answer_to(request);
}

static const char *
get(const char *target)
{
	return get_with(target, "");
}

static int
status_of(const char *answer)
{
	cr_assert_eq(strncmp(answer, "HTTP/1.1 ", 9), 0, "%s", answer);
	return (int)strtol(answer + 9, NULL, 10);
}

#define HAS(answer, text)   cr_assert(strstr(answer, text), "no %s in %s", text, answer)
#define LACKS(answer, text) cr_assert_null(strstr(answer, text), "%s in %s", text, answer)

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
};

static void
title_of(const char *answer, char dst[200])
{
	const char *from = strstr(answer, "<title>"), *to = strstr(answer, "</title>");

	cr_assert(from && to, "%s", answer);
	snprintf(dst, 200, "%.*s", (int)(to - from) - 7, from + 7);
}

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

/* --- the page behind a link ------------------------------------------------------------------ */

#define SHOP(state)                                                                                \
	"{\"shop_id\":\"17\",\"alias\":\"ร้านหลัก\",\"name\":\"Shop\",\"state\":\"" state            \
	"\",\"reason\":null,\"connected_at\":null,\"expires_at\":null,"                            \
	"\"counts\":{\"products\":0,\"orders\":0}}"

Test(web, a_link_is_asked_for_by_its_hash)
{
	/* printf abc | sha256sum */
	t.answer = SHOP("pending");
	cr_assert_eq(status_of(get("/connect/abc")), 200);
	cr_assert_str_eq(t.op, "sql:link");
	cr_assert_str_eq(t.args, "{\"link_hash\":\"ba7816bf8f01cfea414140de5dae2223b00361a396177a9c"
	                         "b410ff61f20015ad\"}");
}

Test(web, a_connected_shop_shows_counts_and_dates)
{
	const char *s;

	t.answer =
	    "{\"shop_id\":\"17\",\"alias\":\"ร้านหลัก\",\"name\":\"N\",\"state\":\"connected\","
	    "\"connected_at\":\"2026-11-23T09:00:00+07:00\","
	    "\"expires_at\":\"2027-11-23T09:00:00+07:00\","
	    "\"counts\":{\"products\":120,\"orders\":48,\"customers\":null}}";
	s = get("/connect/abc");
	cr_assert_eq(status_of(s), 200);
	HAS(s, "<bdi>ร้านหลัก</bdi>");
	HAS(s, "<bdi>เชื่อมต่อแล้ว</bdi>");
	HAS(s, "<bdi>connected</bdi>");
	HAS(s, "<bdi>120</bdi>");
	HAS(s, "<bdi>48</bdi>");
	HAS(s, "<bdi>2026-11-23 09:00 (+07:00)</bdi>");
	HAS(s, "<bdi>2027-11-23 09:00 (+07:00)</bdi>");
	LACKS(s, "ttctl");
}

Test(web, each_state_says_what_is_to_be_done)
{
	t.answer = SHOP("pending");
	HAS(get("/connect/abc"), "<code>ttctl reauthorize 17</code>");
	LACKS(buf_text(&in), "Connected since");
	LACKS(buf_text(&in), "Orders");
	t.answer = SHOP("choosing");
	HAS(get("/connect/abc"), "<code>ttctl choices 17</code>");
	t.answer = SHOP("connecting");
	HAS(get("/connect/abc"), "are coming in");
	t.answer = SHOP("expiring");
	HAS(get("/connect/abc"), "<code>ttctl reauthorize 17</code>");
	t.answer = SHOP("expired");
	HAS(get("/connect/abc"), "<code>ttctl reauthorize 17</code>");
	t.answer =
	    "{\"shop_id\":\"17\",\"state\":\"disconnected\",\"reason\":\"shop_deactivated\"}";
	HAS(get("/connect/abc"), "TikTok Shop has deactivated the shop");
	t.answer = SHOP("of later times");
	HAS(get("/connect/abc"), "Please ask your administrator.");
}

Test(web, what_comes_from_outside_is_escaped)
{
	const char *s;

	t.answer =
	    "{\"shop_id\":\"<17>\",\"alias\":\"<script>alert('1')</script>\\n\\u0000\",\"name\":"
	    "\"ร้าน \\\"A&B\\\" '\\r\\n\\u202e\",\"state\":\"<i>\",\"reason\":\"</dd>\","
	    "\"connected_at\":\"<b>\",\"expires_at\":\"2027-11-23T09:00:00<b>:00\"}";
	s = get("/connect/abc");
	cr_assert_eq(status_of(s), 503, "a NUL in a string is no answer");
	t.answer = "{\"shop_id\":\"<17>\",\"alias\":\"<script>alert('1')</script>\\n.\",\"name\":"
		   "\"ร้าน \\\"A&B\\\" '\\r\\n\\u202e\",\"state\":\"<i>\",\"reason\":\"</dd>\","
		   "\"connected_at\":\"<b>\",\"expires_at\":\"2027-11-23T09:00:00<b>:00\"}";
	s = get("/connect/abc");
	cr_assert_eq(status_of(s), 200);
	HAS(s, "<bdi>&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt; .</bdi>");
	HAS(s, "<bdi>ร้าน &quot;A&amp;B&quot; &#39;  \u202e</bdi>");
	HAS(s, "<bdi>&lt;i&gt;</bdi>");
	HAS(s, "<bdi>&lt;/dd&gt;</bdi>");
	HAS(s, "<bdi>&lt;b&gt;</bdi>");
	LACKS(s, "<script");
	LACKS(s, "<b>");
	LACKS(s, "<17>");
}

Test(web, an_unknown_link_is_a_404_and_a_strange_one_asks_nobody)
{
	char target[200] = "/connect/";

	err_set(&t.say, ERR_INPUT, 65, "this link is unknown or has expired");
	err_tag(&t.say, "unknown_link");
	cr_assert_eq(status_of(get("/connect/abc")), 404);
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
	cr_assert_eq(t.n_posted, 2);
}

Test(web, thai_comes_first_unless_english_is_asked_for)
{
	const char *s;

	t.answer = SHOP("connected");
	s = get("/connect/abc");
	HAS(s, "<html lang=\"th\">");
	cr_assert_lt(strstr(s, "<main lang=\"th\">"), strstr(s, "<aside lang=\"en\">"));
	s = get("/connect/abc?lang=en");
	HAS(s, "<html lang=\"en\">");
	HAS(s, "<main lang=\"en\">\n<h1>TikTok Shop connection</h1>");
	HAS(s, "<aside lang=\"th\">");
	HAS(get_with("/connect/abc", "Accept-Language: en-GB,en;q=0.9\r\n"), "<html lang=\"en\">");
	HAS(get_with("/connect/abc?lang=th", "Accept-Language: en\r\n"), "<html lang=\"th\">");
}

Test(web_page, a_readers_language_is_the_one_with_most_weight)
{
	cr_assert_eq(page_lang(NULL, NULL), LANG_TH);
	cr_assert_eq(page_lang("xx", NULL), LANG_TH);
	cr_assert_eq(page_lang("en", "th"), LANG_EN);
	cr_assert_eq(page_lang(NULL, "th-TH,th;q=0.9,en-US;q=0.8,en;q=0.7"), LANG_TH);
	cr_assert_eq(page_lang(NULL, "de, EN-us;q=0.5 , *;q=0.1"), LANG_EN);
	cr_assert_eq(page_lang(NULL, "en;q=0.25,th;q=0.3"), LANG_TH);
	cr_assert_eq(page_lang(NULL, "en;q=0"), LANG_TH);
	cr_assert_eq(page_lang(NULL, "en;q=1.0,th;q=0.999"), LANG_EN);
	cr_assert_eq(page_lang(NULL, "end,enx,e,,;q=,-,"), LANG_TH);
	cr_assert_eq(page_lang(NULL, ""), LANG_TH);
}

Test(web_page, a_page_that_is_too_large_is_none)
{
	static const struct page_words words = { "ก", "a" };
	CLEANUP(own_free) char *big = calloc(1, PAGE_BYTES_MAX);
	struct page p;
	struct buf out;

	page_init(&p);
	buf_init(&out, 1 << 20);
	page_title(&p, &words);
	page_row(&p, &words, memset(big, '<', PAGE_BYTES_MAX - 1));
	cr_assert_eq(page_write(&p, LANG_TH, &out), -1);
	page_done(&p);
	buf_done(&out);
}

/* --- what holds for all of them -------------------------------------------------------------- */

/* The hash in the policy is of the stylesheet in the page. */
static void
check_style(const char *answer)
{
	static const char plain[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	const char *from = strstr(answer, "<style>"), *to = strstr(answer, "</style>");
	const char *said = strstr(answer, "'sha256-");
	unsigned char hash[CRYPTO_HASH_BYTES], told[CRYPTO_HASH_BYTES + 1];

	cr_assert(from && to && said);
	from += 7;
	said += 8;
	cr_assert_eq(strspn(said, plain), 43);
	cr_assert_eq(crypto_unbase64(said, 44, told, sizeof(told)), CRYPTO_HASH_BYTES);
	crypto_sha256(from, (size_t)(to - from), hash);
	cr_assert_arr_eq(hash, told, CRYPTO_HASH_BYTES);
}

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
	static const char *const targets[] = { "/connect/abc", "/oauth/callback?code=c&state=s",
		                               "/oauth/callback", "/connect/" };
	const char *s;

	t.answer = "{\"outcome\":\"authorized\",\"state\":\"connected\"}";
	for (size_t i = 0; i < ARRAY_LEN(targets); i++) {
		s = get(targets[i]);
		for (size_t k = 0; k < ARRAY_LEN(want); k++)
			HAS(s, want[k]);
		check_style(s);
		LACKS(s, "http:");
		LACKS(s, "https:");
		LACKS(s, "<input");
	}
}

Test(web, a_wrong_method_is_405)
{
	static const char *const targets[] = { "/connect/abc", "/oauth/callback?code=c&state=s",
		                               "/healthz", "/readyz" };
	char request[200];

	for (size_t i = 0; i < ARRAY_LEN(targets); i++) {
		snprintf(request, sizeof(request),
		         "POST %s HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n", targets[i]);
		cr_assert_eq(status_of(answer_to(request)), 405);
		HAS(buf_text(&in), "\r\nAllow: GET, HEAD\r\n");
	}
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
	HAS(s, "in a moment");
	cr_assert_eq(t.n_posted, WEB_ASKS_MAX);
	web_free(w);
	w = NULL;
	cr_assert_eq(t.n_dropped, WEB_ASKS_MAX);
}

Test(web, an_address_in_use_is_an_error)
{
	char where[32];
	struct web_conf conf = { where, &ops, &t, &ready };
	struct err e = { 0 };

	snprintf(where, sizeof(where), "127.0.0.1:%d", web_port(w));
	cr_assert_null(web_new(l, &conf, &e));
	cr_assert_eq(e.kind, ERR_IO);
}
