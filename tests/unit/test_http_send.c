#include "daemon/io/http.h"
#include "tests/unit/loop_fixture.h"

#include <string.h>

/* What becomes of requests that are never sent. */

static int heard;
static struct err why;
static bool inside_send;

TestSuite(http, .init = loop_begin, .fini = loop_end);

static void
on_answer(const struct http_resp *r, const struct err *e, void *arg)
{
	(void)arg;
	cr_assert_null(r);
	cr_assert_not(inside_send, "an answer comes on a later turn");
	why = *e;
	heard++;
	loop_stop(l);
}

static uint64_t
send_to(struct http *h, const char *url)
{
	uint64_t id;

	inside_send = true;
	id = http_send(h, &(struct http_req){ .method = "GET", .url = url }, on_answer, NULL);
	inside_send = false;
	return id;
}

Test(http, url_of_another_kind_is_told_on_a_later_turn)
{
	static const char *const bad[] = {
		"http://127.0.0.1:9/",
		"ftp://127.0.0.1/",
		"file:///etc/passwd",
		"",
		"https://",
		"https://secret@:99999/?sign=secret",
	};
	struct http_conf conf = { .max_conns = 2, .max_conns_host = 2 };
	struct err e = { 0 };
	struct http *h = http_new(l, &conf, &e);

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		cr_assert_neq(send_to(h, bad[i]), 0);
		cr_assert_eq(http_pending(h), 1);
		loop_run(l);
		cr_assert_eq(heard, (int)i + 1);
		cr_assert_eq(why.kind, ERR_IO, "%s", bad[i]);
		cr_assert_null(strstr(why.text, "secret"), "%s", why.text);
		cr_assert_eq(http_pending(h), 0);
	}
	http_free(h);
}

Test(http, ids_are_never_used_again)
{
	struct http_conf conf = { .max_conns = 2, .max_conns_host = 2 };
	struct err e = { 0 };
	struct http *h = http_new(l, &conf, &e);
	uint64_t a = send_to(h, "https://127.0.0.1:9/"), b;

	http_cancel(h, a);
	b = send_to(h, "https://127.0.0.1:9/");
	cr_assert_neq(a, b);
	http_cancel(h, a);
	cr_assert_eq(http_pending(h), 1);
	http_free(h);
	cr_assert_eq(heard, 0);
}

Test(http, file_of_certificates_that_is_not_there_is_told_at_start)
{
	struct http_conf conf = { .ca_file = "/nonexistent/ca.pem",
		                  .max_conns = 2,
		                  .max_conns_host = 2 };
	struct err e = { 0 };

	cr_assert_null(http_new(l, &conf, &e));
	cr_assert_eq(e.kind, ERR_INPUT);
	cr_assert(strstr(e.text, "/nonexistent/ca.pem"));
}
