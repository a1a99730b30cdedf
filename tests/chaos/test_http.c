/*
 * http.c against servers that refuse, hang, lie and flood (reliability.md 9: F24, F25). Each caller
 * hears exactly one answer within its deadline, the loop never stands still, no descriptor stays
 * open.
 */
#include "common/clock.h"
#include "common/own.h"
#include "tests/chaos/canned.h"
#include "tests/chaos/httprig.h"
#include "tests/chaos/proxy.h"
#include "tests/harness/harness.h"
#include "tests/harness/proc.h"

#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

TestSuite(chaos_http, .init = httprig_setup, .fini = httprig_teardown);

#define OK_HEAD "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"

static const struct canned_answer answers[] = {
	{ .path = "/ok", .bytes = OK_HEAD "Content-Length: 8\r\n\r\n{\"a\": 1}", .close = false },
	{ .path = "/silent", .silent = true },
	{ .path = "/half-head", .bytes = "HTTP/1.1 200 OK\r\nContent-Le" },
	{ .path = "/half-body", .bytes = OK_HEAD "Content-Length: 100\r\n\r\n{\"a\":" },
	{ .path = "/cut-body",
	  .bytes = OK_HEAD "Content-Length: 100\r\n\r\n{\"a\":",
	  .close = true },
	{ .path = "/cut-chunk",
	  .bytes = OK_HEAD "Transfer-Encoding: chunked\r\n\r\n5\r\n{\"a\":\r\n",
	  .close = true },
	{ .path = "/cut-head", .bytes = "HTTP/1.1 200 OK\r\n", .close = true },
	{ .path = "/nothing", .bytes = "", .close = true },
	{ .path = "/not-http", .bytes = "220 mail.example ESMTP\r\n", .close = true },
	{ .path = "/302",
	  .bytes = "HTTP/1.1 302 Found\r\nLocation: /ok\r\nContent-Length: 0\r\n\r\n" },
	{ .path = "/429",
	  .bytes = "HTTP/1.1 429 Slow\r\nRetry-After: 17\r\nContent-Length: 0\r\n\r\n" },
	{ .path = "/503",
	  .bytes = "HTTP/1.1 503 Away\r\nDate: Tue, 24 Nov 2026 10:04:00 GMT\r\n"
	           "Retry-After: Tue, 24 Nov 2026 10:05:00 GMT\r\nContent-Length: 0\r\n\r\n" },
	{ .path = "/absurd",
	  .bytes = "HTTP/1.1 429 Slow\r\nRetry-After: 99999999\r\nContent-Length: 0\r\n\r\n" },
	{ .path = "/junk-after",
	  .bytes = "HTTP/1.1 429 Slow\r\nRetry-After: soon\r\nContent-Length: 0\r\n\r\n" },
	{ .path = "/big-known",
	  .bytes = OK_HEAD "Content-Length: 52428800\r\n\r\nxxxxxxxxxxxxxxxx",
	  .repeat = 3276799,
	  .tail = 16 },
	{ .path = "/long",
	  .bytes = OK_HEAD "Content-Length: 1600\r\n\r\nxxxxxxxxxxxxxxxx",
	  .repeat = 99,
	  .tail = 16 },
	{ .path = "/trailer",
	  .bytes = OK_HEAD "Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\nX-Sum: 1\r\n\r\n" },
	{ .path = "/nul",
	  .bytes = OK_HEAD "Content-Length: 3\r\n\r\na\0b",
	  .len = sizeof(OK_HEAD) - 1 + 21 + 3 },
	{ .path = "/bad-gzip",
	  .bytes = OK_HEAD "Content-Encoding: gzip\r\nContent-Length: 6\r\n\r\nabcdef" },
	{ .path = "/404-html",
	  .bytes =
	      "HTTP/1.1 404 None\r\nContent-Type: text/html\r\nContent-Length: 6\r\n\r\n<html>" },
	{ .path = NULL },
};

Test(chaos_http, answers_arrive_with_what_their_headers_say)
{
	struct canned *c = canned_start(web.h, answers);
	struct fetch f;

	httprig_begin(NULL, 4);
	fetch_get(&f, canned_port(c), "/ok", 2000);
	HEARD(&f);
	cr_assert_eq(f.status, 200);
	cr_assert_str_eq(f.body, "{\"a\": 1}");
	cr_assert(f.json && f.retry_after_s == -1 && f.date_s == -1);
	fetch_get(&f, canned_port(c), "/302", 2000);
	cr_assert(fetch_heard(&f, SOON_MS));
	cr_assert_eq(f.status, 302, "a redirect is an answer, not a way");
	fetch_get(&f, canned_port(c), "/404-html", 2000);
	cr_assert(fetch_heard(&f, SOON_MS));
	cr_assert(f.status == 404 && !f.json);
	fetch_get(&f, canned_port(c), "/nul", 2000);
	cr_assert(fetch_heard(&f, SOON_MS));
	cr_assert_eq(f.body_len, 3);
	fetch_get(&f, canned_port(c), "/trailer", 2000);
	HEARD(&f);
	cr_assert_str_eq(f.body, "{}");
	cr_assert_eq(canned_conns(c), 1, "one connection is kept for all");
	cr_assert_eq(canned_hits(c), 5);
	END();
}

Test(chaos_http, retry_after_is_seconds_or_a_date_and_else_absent)
{
	struct canned *c = canned_start(web.h, answers);
	struct fetch f;

	httprig_begin(NULL, 4);
	fetch_get(&f, canned_port(c), "/429", 2000);
	cr_assert(fetch_heard(&f, SOON_MS) && f.retry_after_s == 17);
	fetch_get(&f, canned_port(c), "/503", 2000);
	cr_assert(fetch_heard(&f, SOON_MS) && f.retry_after_s == 60);
	cr_assert_eq(f.date_s, 1795514640);
	fetch_get(&f, canned_port(c), "/absurd", 2000);
	cr_assert(fetch_heard(&f, SOON_MS) && f.retry_after_s == -1);
	fetch_get(&f, canned_port(c), "/junk-after", 2000);
	cr_assert(fetch_heard(&f, SOON_MS) && f.retry_after_s == -1);
	END();
}

Test(chaos_http, request_is_sent_as_given)
{
	struct canned *c = canned_start(web.h, answers);
	const char *url = harness_text(web.h, "http://127.0.0.1:%s/ok?a=b%%20c", canned_port(c));
	const char *headers[] = { "content-type: application/json", "x-tts-access-token: t", NULL };
	CLEANUP(own_free) char *got = NULL;
	struct fetch f;

	setenv("http_proxy", "http://127.0.0.1:9", 1);
	httprig_begin(NULL, 4);
	fetch_send(
	    &f,
	    &(struct http_req){
		.method = "PUT", .url = url, .headers = headers, .body = "{}\n", .body_len = 3 });
	HEARD(&f);
	got = canned_last(c);
	cr_assert_eq(strncmp(got, "PUT /ok?a=b%20c HTTP/1.1\r\n", 26), 0, "%s", got);
	cr_assert(strstr(got, "\r\ncontent-type: application/json\r\n"));
	cr_assert(strstr(got, "\r\nx-tts-access-token: t\r\n"));
	cr_assert(strstr(got, "\r\n\r\n{}\n"));
	cr_assert_null(strcasestr(got, "expect"));
	cr_assert_null(strstr(got, "form-urlencoded"));
	fetch_send(&f, &(struct http_req){ .method = "POST", .url = url });
	cr_assert(fetch_heard(&f, SOON_MS) && f.ok);
	free(got);
	got = canned_last(c);
	cr_assert(strstr(got, "\r\nContent-Length: 0\r\n"), "%s", got);
	END();
}

Test(chaos_http, refused_connect_is_told_at_once)
{
	struct fetch f;

	httprig_begin(NULL, 4);
	fetch_get(&f, harness_text(web.h, "%d", harness_port()), "/ok", 5000);
	FAILED(&f, ERR_IO, 200);
	END();
}

/* A listener whose queue is full: the kernel drops what else comes. */
static const char *
deaf_port(int *ret_fds, int n)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(a);

	ret_fds[0] = socket(AF_INET, SOCK_STREAM, 0);
	bind(ret_fds[0], (struct sockaddr *)&a, len);
	listen(ret_fds[0], 0);
	getsockname(ret_fds[0], (struct sockaddr *)&a, &len);
	for (int i = 1; i < n; i++) {
		ret_fds[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
		connect(ret_fds[i], (struct sockaddr *)&a, len);
	}
	return harness_text(web.h, "%d", ntohs(a.sin_port));
}

Test(chaos_http, hang_at_connect_ends_at_the_deadline_or_after_five_seconds)
{
	int fds[8];
	const char *port = deaf_port(fds, 8);
	struct fetch soon, late;

	httprig_begin(NULL, 4);
	fetch_get(&soon, port, "/", 400);
	fetch_get(&late, port, "/", 30000);
	FAILED(&soon, ERR_TIMEOUT, 400);
	FAILED(&late, ERR_TIMEOUT, HTTP_CONNECT_MS);
	END();
}

Test(chaos_http, hang_at_head_or_body_leaves_others_alone)
{
	struct canned *c = canned_start(web.h, answers);
	struct fetch hung[3], good;

	httprig_begin(NULL, 8);
	fetch_get(&hung[0], canned_port(c), "/silent", 500);
	fetch_get(&hung[1], canned_port(c), "/half-head", 500);
	fetch_get(&hung[2], canned_port(c), "/half-body", 500);
	fetch_get(&good, canned_port(c), "/ok", 500);
	cr_assert(fetch_heard(&good, SOON_MS) && good.ok && good.took_ms < 200);
	for (int i = 0; i < 3; i++)
		FAILED(&hung[i], ERR_TIMEOUT, 500);
	END();
}

Test(chaos_http, deadline_counts_while_a_request_waits_for_a_connection)
{
	struct canned *c = canned_start(web.h, answers);
	struct fetch hung, line[5];

	httprig_begin(NULL, 1);
	fetch_get(&hung, canned_port(c), "/silent", 1500);
	for (int i = 0; i < 5; i++)
		fetch_get(&line[i], canned_port(c), "/ok", 400);
	for (int i = 0; i < 5; i++)
		FAILED(&line[i], ERR_TIMEOUT, 400);
	fetch_get(&line[0], canned_port(c), "/ok", 5000);
	FAILED(&hung, ERR_TIMEOUT, 1500);
	cr_assert(fetch_heard(&line[0], SOON_MS) && line[0].ok, "the line moves on");
	END();
}

Test(chaos_http, body_that_trickles_is_given_up_long_before_the_deadline)
{
	struct canned *c = canned_start(web.h, answers);
	struct proxy *p = proxy_start(web.h, NULL, canned_port(c));
	struct fetch f, slow_start;

	httprig_begin(NULL, 4);
	PROXY_SET(p, .bytes_per_s = 25); /* the head takes three seconds: nothing against it */
	fetch_get(&slow_start, proxy_where(p), "/ok", 30000);
	fetch_get(&f, proxy_where(p), "/long", 30000);
	cr_assert(fetch_heard(&slow_start, 10000) && slow_start.ok, "%s", slow_start.why.text);
	FAILED(&f, ERR_TIMEOUT, 17000);
	cr_assert(f.took_ms > 10000, "%d ms", (int)f.took_ms);
	END();
}

Test(chaos_http, slow_thinker_is_waited_for_as_long_as_the_deadline_allows)
{
	struct canned *c = canned_start(web.h, answers);
	struct proxy *p = proxy_start(web.h, NULL, canned_port(c));
	struct fetch f;

	httprig_begin(NULL, 4);
	PROXY_SET(p, .delay_ms = 6000); /* each way: longer than the ten seconds a slow body gets */
	fetch_get(&f, proxy_where(p), "/ok", 20000);
	cr_assert(fetch_heard(&f, 20000) && f.ok, "%s", f.why.text);
	END();
}

Test(chaos_http, cut_answers_are_no_answers)
{
	static const char *const paths[] = { "/cut-body", "/cut-chunk", "/nothing", "/not-http",
		                             "/bad-gzip" };
	struct canned *c = canned_start(web.h, answers);
	struct proxy *p = proxy_start(web.h, NULL, canned_port(c));
	struct fetch f;

	httprig_begin(NULL, 4);
	for (size_t i = 0; i < ARRAY_LEN(paths); i++) {
		fetch_get(&f, canned_port(c), paths[i], 2000);
		FAILED(&f, ERR_IO, 500);
	}
	for (int n = 1; n < 75; n++) { /* the answer of /ok has 75 bytes */
		PROXY_SET(p, .cut_after = n, .reset = n % 2, .cut_at_once = true);
		fetch_get(&f, proxy_where(p), "/ok", 2000);
		cr_assert(fetch_heard(&f, SOON_MS));
		cr_assert(!f.ok || f.body_len == 8, "after %d bytes: %d, %s", n, f.status, f.body);
	}
	END();
}

Test(chaos_http, kept_connection_that_the_server_closed_is_replaced)
{
	struct canned *c = canned_start(web.h, answers);
	struct proxy *p = proxy_start(web.h, NULL, canned_port(c));
	struct fetch f;

	httprig_begin(NULL, 2);
	for (int i = 0; i < 20; i++) {
		fetch_get(&f, proxy_where(p), "/ok", 2000);
		HEARD(&f);
		PROXY_SET(p, .cut_at_once = true, .reset = i % 2);
	}
	cr_assert_eq(proxy_accepted(p), 20);
	END();
}

Test(chaos_http, large_answers_are_cut_at_the_cap)
{
	struct canned *c = canned_start(web.h, answers);
	struct fetch f;

	httprig_begin(NULL, 4);
	fetch_get(&f, canned_port(c), "/big-known", 20000);
	FAILED(&f, ERR_NOMEM, 2000);
	END();
}

Test(chaos_http, endless_body_and_endless_head_are_cut_at_a_cap)
{
	static const struct canned_answer endless[] = {
		{ "/body",
		  OK_HEAD "Connection: close\r\n\r\nxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
		  .repeat = 2000000, .tail = 32 },
		{ "/head",
		  OK_HEAD "X-Y: xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\r\n",
		  .repeat = 1000000, .tail = 63 },
		{ .path = NULL },
	};
	struct canned *c = canned_start(web.h, endless);
	struct fetch f;

	httprig_begin(NULL, 4);
	fetch_get(&f, canned_port(c), "/body", 20000);
	FAILED(&f, ERR_NOMEM, 5000);
	fetch_get(&f, canned_port(c), "/head", 20000);
	FAILED(&f, ERR_IO, 5000);
	END();
}

/* 64 MiB of zeros are 64 kB of gzip. */
Test(chaos_http, gzip_bomb_is_cut_at_the_cap)
{
	const char *script = harness_text(web.h,
	                                  "{ printf 'HTTP/1.1 200 OK\\r\\nContent-Encoding: "
	                                  "gzip\\r\\nConnection: close\\r\\n\\r\\n'; "
	                                  "head -c 67108864 /dev/zero | gzip -9; } > %s/bomb",
	                                  harness_dir(web.h));
	const char *argv[] = { "sh", "-c", script, NULL };
	struct canned_answer table[] = { { .path = "/bomb", .close = true }, { .path = NULL } };
	CLEANUP(own_free) char *bytes = harness_alloc(200000);
	struct proc_run r;
	struct canned *c;
	struct fetch f;
	FILE *file;

	proc_run(web.h, argv, NULL, 20000, &r);
	cr_assert_eq(r.code, 0, "%s", r.err);
	proc_run_done(&r);
	file = fopen(harness_path(web.h, "bomb"), "r");
	table[0].len = fread(bytes, 1, 200000, file);
	table[0].bytes = bytes;
	fclose(file);
	c = canned_start(web.h, table);
	httprig_begin(NULL, 4);
	fetch_get(&f, canned_port(c), "/bomb", 20000);
	FAILED(&f, ERR_NOMEM, 3000);
	END();
}

Test(chaos_http, plain_http_is_refused_unless_allowed)
{
	struct canned *c = canned_start(web.h, answers);
	struct http_conf conf = { .max_conns = 2, .max_conns_host = 2 };
	struct err e = { 0 };
	struct fetch f;

	httprig_begin(NULL, 2);
	http_free(web.http);
	web.http = http_new(web.rig.loop, &conf, &e);
	fetch_get(&f, canned_port(c), "/ok", 2000);
	FAILED(&f, ERR_IO, 100);
	cr_assert_eq(canned_conns(c), 0);
	END();
}

Test(chaos_http, cancelled_and_freed_requests_call_nobody)
{
	struct canned *c = canned_start(web.h, answers);
	struct fetch f[6];

	httprig_begin(NULL, 2);
	for (int i = 0; i < 6; i++)
		fetch_get(&f[i], canned_port(c), i % 2 ? "/silent" : "/half-body", 5000);
	rig_watch(&web.rig, 50);
	http_cancel(web.http, f[0].id);
	http_cancel(web.http, f[5].id);
	http_cancel(web.http, 999);
	cr_assert_eq(http_pending(web.http), 4);
	http_free(web.http);
	rig_watch(&web.rig, 20);
	cr_assert_null(rig_end(&web.rig));
	for (int i = 0; i < 6; i++)
		cr_assert_eq(f[i].times, 0);
}

struct chain {
	struct fetch *others;
	int n;
	int left;
	const char *url;
};

/* From inside an answer: cancel those that run, send the next. */
static void
on_chain(const struct http_resp *r, const struct err *e, void *arg)
{
	struct chain *c = arg;

	(void)r;
	(void)e;
	for (int i = 0; i < c->n; i++)
		http_cancel(web.http, c->others[i].id);
	if (--c->left > 0)
		http_send(web.http, &(struct http_req){ .method = "GET", .url = c->url }, on_chain,
		          c);
}

static bool
chain_done(void *arg)
{
	return ((struct chain *)arg)->left <= 0;
}

Test(chaos_http, an_answer_may_cancel_the_others_and_send_anew)
{
	struct canned *c = canned_start(web.h, answers);
	struct fetch f[10];
	struct chain chain = { f, 10, 50,
		               harness_text(web.h, "http://127.0.0.1:%s/ok", canned_port(c)) };

	httprig_begin(NULL, 16);
	for (int i = 0; i < 10; i++)
		fetch_get(&f[i], canned_port(c), "/ok", 5000);
	http_send(web.http, &(struct http_req){ .method = "GET", .url = chain.url }, on_chain,
	          &chain);
	cr_assert(rig_run(&web.rig, chain_done, &chain, SOON_MS));
	for (int i = 0; i < 10; i++)
		cr_assert_leq(f[i].times, 1);
	END();
}

Test(chaos_http, thousands_of_requests_over_a_line_that_keeps_breaking)
{
	enum { CALLS = 1500, ROUNDS = 50 };
	static struct fetch f[CALLS];
	struct canned *c = canned_start(web.h, answers);
	struct proxy *p = proxy_start(web.h, NULL, canned_port(c));
	unsigned seed = (unsigned)mono_us();
	int ok = 0;

	printf("seed %u\n", seed);
	srand(seed);
	httprig_begin(NULL, 8);
	for (int r = 0, n = 0; r < ROUNDS; r++) {
		PROXY_SET(p, .cut_after = rand() % 4000 + 1, .delay_ms = rand() % 3,
		          .reset = rand() % 2);
		for (int i = 0; i < CALLS / ROUNDS; i++, n++)
			fetch_get(&f[n], proxy_where(p), "/ok", rand() % 400 + 50);
		rig_watch(&web.rig, rand() % 40);
	}
	PROXY_SET(p, .mode = PROXY_PASS);
	for (int n = 0; n < CALLS; n++)
		cr_assert(fetch_heard(&f[n], SOON_MS));
	for (int n = 0; n < CALLS; n++) {
		cr_assert(!f[n].ok || f[n].body_len == 8);
		ok += f[n].ok;
	}
	cr_assert_gt(ok, 0);
	END();
}
