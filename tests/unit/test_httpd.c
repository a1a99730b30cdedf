#include "common/buf.h"
#include "common/own.h"
#include "common/str.h"
#include "daemon/io/httpd.h"
#include "tests/unit/loop_fixture.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define TEST_DEADLINE_MS 150

static struct httpd *h;
static char dir[] = "/tmp/httpdXXXXXX";
static char path[64];
static int arg;
static uint64_t later_id;
static int n_handled;

/* A client on the same loop: sends what it was given, reads until the server closes. */
struct client {
	int fd;
	struct watch w;
	struct buf in;
	bool over;
};

static struct client clients[40];
static int n_clients, n_over, stop_at;

static void
on_client(int fd, int what, void *p)
{
	struct client *c = p;
	char tmp[4096];
	ssize_t n = read(fd, tmp, sizeof(tmp));

	(void)what;
	if (n > 0) {
		cr_assert_eq(buf_add(&c->in, tmp, (size_t)n), 0);
		return;
	}
	watch_done(&c->w);
	close(fd);
	c->over = true;
	if (++n_over == stop_at)
		loop_stop(l);
}

static struct client *
client_new(void)
{
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	struct client *c = &clients[n_clients++];

	cr_assert(str_copy(un.sun_path, sizeof(un.sun_path), path));
	c->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
	cr_assert_eq(connect(c->fd, (struct sockaddr *)&un, sizeof(un)), 0);
	buf_init(&c->in, 1 << 22);
	watch_init(&c->w, l, on_client, c);
	watch_set(&c->w, c->fd, WATCH_READ);
	return c;
}

static void
say(struct client *c, const char *text)
{
	cr_assert_eq(send(c->fd, text, strlen(text), MSG_NOSIGNAL), (ssize_t)strlen(text));
}

static const char *
answer_to(const char *text)
{
	struct client *c = client_new();

	say(c, text);
	stop_at = n_over + 1;
	loop_run(l);
	return buf_text(&c->in);
}

static bool
is(const char *answer, const char *status)
{
	return !strncmp(answer, "HTTP/1.1 ", 9) && !strncmp(answer + 9, status, strlen(status));
}

static void
on_hello(struct httpd *srv, const struct httpd_req *q, void *a)
{
	char name[8], out[128];
	const char *s = httpd_query(q, "name", name, sizeof(name));

	cr_assert_eq(a, &arg);
	cr_assert_eq(q->method, HTTPD_GET);
	cr_assert_null(q->body);
	snprintf(out, sizeof(out), "hello %s of %s by %s at %s\n", s ? s : "nobody",
	         httpd_header(q, "x-town") ? httpd_header(q, "x-town") : "nowhere", q->peer,
	         q->path);
	httpd_reply(srv, q->id, 200, "text/plain", NULL, out, strlen(out));
}

static void
on_post(struct httpd *srv, const struct httpd_req *q, void *a)
{
	char code[8] = "";
	const char *s = httpd_form(q, "code", code, sizeof(code));

	(void)a;
	n_handled++;
	if (s)
		httpd_reply(srv, q->id, 200, "text/plain", NULL, s, strlen(s));
	else
		httpd_reply(srv, q->id, 200, "application/octet-stream", NULL, q->body,
		            q->body_len);
}

static void
on_later(struct httpd *srv, const struct httpd_req *q, void *a)
{
	(void)srv;
	(void)a;
	later_id = q->id;
	n_handled++;
	if (stop_at == -1)
		loop_stop(l);
}

static void
on_big(struct httpd *srv, const struct httpd_req *q, void *a)
{
	static const char *const headers[] = { "Content-Security-Policy: default-src 'self'",
		                               "X-Bad: a\r\nForged: yes", "Location: /x", NULL };
	char *big = malloc(1 << 20);

	(void)a;
	memset(big, 'b', 1 << 20);
	httpd_reply(srv, q->id, 200, "text/html", headers, big, 1 << 20);
	free(big);
}

static const struct httpd_route routes[] = {
	{ "/hello", HTTPD_GET, 0, on_hello },    { "/post", HTTPD_POST, 100, on_post },
	{ "/large", HTTPD_POST, 5000, on_post }, { "/later", HTTPD_GET, 0, on_later },
	{ "/big", HTTPD_GET, 0, on_big },        { "/below/", HTTPD_GET, 0, on_hello },
};

static void
start(int conns_max, int64_t deadline_ms)
{
	struct httpd_conf conf = { routes, ARRAY_LEN(routes), conns_max, deadline_ms, &arg };
	struct err e = { 0 };

	loop_begin();
	h = httpd_new(l, &conf, &e);
	cr_assert_not_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/s", dir);
	cr_assert_eq(httpd_listen(h, path, 0660, &e), 0, "%s", e.text);
}

static void
setup(void)
{
	start(8, 0);
}

static void
teardown(void)
{
	httpd_free(h);
	loop_end();
	unlink(path);
	rmdir(dir);
}

TestSuite(httpd, .init = setup, .fini = teardown);
TestSuite(httpd_limits, .fini = teardown);

Test(httpd, a_handler_sees_path_query_headers_and_peer)
{
	const char *s =
	    answer_to("GET /hello?name=a%20b&x=1 HTTP/1.1\r\nHost: x\r\nX-Town: y\r\n\r\n");

	cr_assert(is(s, "200"), "%s", s);
	cr_assert(strstr(s, "\r\n\r\nhello a b of y by unix at /hello\n"), "%s", s);
	cr_assert_eq(httpd_conns(h), 0);
}

Test(httpd, a_parameter_that_is_too_long_or_absent_is_none)
{
	cr_assert(
	    strstr(answer_to("GET /hello?name=aaaaaaaaaaaa HTTP/1.0\r\n\r\n"), "hello nobody"));
	cr_assert(strstr(answer_to("GET /hello HTTP/1.0\r\n\r\n"), "hello nobody"));
	cr_assert(strstr(answer_to("GET /hello?name HTTP/1.0\r\n\r\n"), "hello nobody"));
}

Test(httpd, every_answer_has_the_security_headers_and_closes)
{
	static const char *const want[] = {
		"\r\nCache-Control: no-store\r\n",
		"\r\nX-Content-Type-Options: nosniff\r\n",
		"\r\nReferrer-Policy: no-referrer\r\n",
		"\r\nX-Frame-Options: DENY\r\n",
		"\r\nContent-Security-Policy: default-src 'none'; frame-ancestors 'none'\r\n",
		"\r\nConnection: close\r\n",
	};
	const char *s =
	    answer_to("GET /hello HTTP/1.1\r\nHost: x\r\nConnection: keep-alive\r\n\r\n");

	for (size_t i = 0; i < ARRAY_LEN(want); i++)
		cr_assert(strstr(s, want[i]), "%s in %s", want[i], s);
	s = answer_to("GET /none HTTP/1.1\r\nHost: x\r\n\r\n");
	cr_assert(is(s, "404"), "%s", s);
	for (size_t i = 0; i < ARRAY_LEN(want); i++)
		cr_assert(strstr(s, want[i]), "%s in %s", want[i], s);
}

Test(httpd, head_tells_the_length_and_sends_no_body)
{
	const char *s = answer_to("HEAD /big HTTP/1.1\r\nHost: x\r\n\r\n");

	cr_assert(is(s, "200"));
	cr_assert(strstr(s, "\r\nContent-Length: 1048576\r\n"), "%s", s);
	cr_assert_str_eq(strstr(s, "\r\n\r\n"), "\r\n\r\n");
}

Test(httpd, a_large_answer_arrives_whole_and_its_headers_replace_defaults)
{
	const char *s = answer_to("GET /big HTTP/1.1\r\nHost: x\r\n\r\n");

	cr_assert_eq(strlen(strstr(s, "\r\n\r\n") + 4), 1 << 20);
	cr_assert(strstr(s, "\r\nContent-Security-Policy: default-src 'self'\r\n"));
	cr_assert_null(strstr(s, "default-src 'none'"));
	cr_assert_null(strstr(s, "Forged"));
}

Test(httpd, a_path_below_a_folder_route_is_served_and_others_are_not)
{
	cr_assert(is(answer_to("GET /below/a/b HTTP/1.1\r\nHost: x\r\n\r\n"), "200"));
	cr_assert(is(answer_to("GET /helloo HTTP/1.1\r\nHost: x\r\n\r\n"), "404"));
	cr_assert(is(answer_to("GET /hello/ HTTP/1.1\r\nHost: x\r\n\r\n"), "404"));
	cr_assert(is(answer_to("GET /hello%00 HTTP/1.1\r\nHost: x\r\n\r\n"), "400"));
	cr_assert(is(answer_to("GET /hello%ff HTTP/1.1\r\nHost: x\r\n\r\n"), "400"));
	cr_assert(is(answer_to("GET /hel%6co HTTP/1.1\r\nHost: x\r\n\r\n"), "200"));
}

Test(httpd, a_wrong_method_is_told_the_right_ones)
{
	const char *s = answer_to("POST /hello HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n");

	cr_assert(is(s, "405") && strstr(s, "\r\nAllow: GET, HEAD\r\n"), "%s", s);
	s = answer_to("DELETE /post HTTP/1.1\r\nHost: x\r\n\r\n");
	cr_assert(is(s, "405") && strstr(s, "\r\nAllow: POST\r\n"), "%s", s);
	cr_assert(is(answer_to("TRACE /post HTTP/1.1\r\nHost: x\r\n\r\n"), "501"));
}

Test(httpd, a_body_arrives_as_it_was_sent)
{
	cr_assert(
	    strstr(answer_to("POST /post HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nab\ncd"),
	           "\r\n\r\nab\ncd"));
	cr_assert(
	    strstr(answer_to("POST /post HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
	                     "2\r\nab\r\n3\r\ncde\r\n0\r\n\r\n"),
	           "\r\n\r\nabcde"));
	cr_assert(strstr(answer_to("POST /post HTTP/1.1\r\nHost: x\r\nContent-Length: 14\r\n"
	                           "Content-Type: application/x-www-form-urlencoded\r\n\r\n"
	                           "a=1&code=x%2By"),
	                 "\r\n\r\nx+y"));
}

Test(httpd, a_body_above_its_routes_cap_is_refused)
{
	char req[8192];
	int n;

	n = snprintf(req, sizeof(req),
	             "POST /post HTTP/1.1\r\nHost: x\r\nContent-Length: 101\r\n\r\n");
	memset(req + n, 'x', 101);
	req[n + 101] = '\0';
	cr_assert(is(answer_to(req), "413"));
	n = snprintf(req, sizeof(req),
	             "POST /large HTTP/1.1\r\nHost: x\r\nContent-Length: 101\r\n\r\n");
	memset(req + n, 'x', 101);
	cr_assert(is(answer_to(req), "200"));
	n_handled = 0;
	n = snprintf(req, sizeof(req),
	             "POST /large HTTP/1.1\r\nHost: x\r\nContent-Length: 6000\r\n\r\n");
	memset(req + n, 'x', 6000);
	req[n + 6000] = '\0';
	cr_assert(is(answer_to(req), "413"));
	cr_assert_eq(n_handled, 0);
}

Test(httpd, headers_above_8_kib_are_refused)
{
	char req[HTTPD_HEADERS_MAX + 200];
	int n = snprintf(req, sizeof(req), "GET /hello HTTP/1.1\r\nHost: x\r\nX-Town: ");

	memset(req + n, 'x', HTTPD_HEADERS_MAX);
	memcpy(req + n + HTTPD_HEADERS_MAX, "\r\n\r\n", 5);
	cr_assert(is(answer_to(req), "400"));
	cr_assert_eq(httpd_conns(h), 0);
}

Test(httpd, what_is_no_http_is_refused)
{
	cr_assert(is(answer_to("nonsense\r\n\r\n"), "400"));
	cr_assert(
	    is(answer_to("POST /post HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n\r\n"), "400"));
	cr_assert_eq(httpd_conns(h), 0);
}

Test(httpd, an_answer_may_come_later_and_only_once)
{
	struct client *c = client_new();

	say(c, "GET /later HTTP/1.1\r\nHost: x\r\n\r\n");
	stop_at = -1;
	loop_run(l);
	cr_assert_neq(later_id, 0);
	cr_assert_eq(httpd_conns(h), 1);
	httpd_reply(h, later_id + 1, 200, NULL, NULL, "wrong", 5);
	httpd_reply(h, later_id, 202, NULL, NULL, "first", 5);
	httpd_reply(h, later_id, 200, NULL, NULL, "second", 6);
	stop_at = 1;
	loop_run(l);
	cr_assert(is(buf_text(&c->in), "202"));
	cr_assert(strstr(buf_text(&c->in), "\r\n\r\nfirst"));
	httpd_reply(h, later_id, 200, NULL, NULL, "third", 5);
}

static void
reply_later(void *a)
{
	(void)a;
	httpd_reply(h, later_id, 200, NULL, NULL, "x", 1);
}

Test(httpd, a_client_that_left_harms_nobody)
{
	struct client *c = client_new();

	say(c, "GET /later HTTP/1.1\r\nHost: x\r\n\r\n");
	stop_at = -1;
	loop_run(l);
	watch_done(&c->w);
	close(c->fd);
	loop_defer(l, reply_later, NULL);
	cr_assert(is(answer_to("GET /hello HTTP/1.1\r\nHost: x\r\n\r\n"), "200"));
	cr_assert_eq(httpd_conns(h), 0);
}

Test(httpd, a_freed_server_lets_go_of_waiting_requests)
{
	struct client *c = client_new(), *d = client_new();

	say(c, "GET /later HTTP/1.1\r\nHost: x\r\n\r\n");
	say(d, "GET /la");
	stop_at = -1;
	loop_run(l);
	httpd_free(h);
	h = NULL;
	stop_at = 2;
	loop_run(l);
	cr_assert_str_empty(buf_text(&c->in));
	cr_assert_eq(access(path, F_OK), -1);
}

Test(httpd_limits, a_slow_request_is_cut_with_408)
{
	struct client *c;

	start(8, TEST_DEADLINE_MS);
	c = client_new();
	say(c, "POST /post HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nab");
	stop_at = 1;
	loop_run(l);
	cr_assert(is(buf_text(&c->in), "408"), "%s", buf_text(&c->in));
	cr_assert_eq(httpd_conns(h), 0);
}

Test(httpd_limits, a_silent_connection_is_closed_at_the_deadline)
{
	start(8, TEST_DEADLINE_MS);
	client_new();
	stop_at = 1;
	loop_run(l);
	cr_assert_eq(httpd_conns(h), 0);
}

Test(httpd_limits, a_slow_handler_is_answered_for_with_503)
{
	struct client *c;

	start(8, TEST_DEADLINE_MS);
	c = client_new();
	say(c, "GET /later HTTP/1.1\r\nHost: x\r\n\r\n");
	stop_at = 1;
	loop_run(l);
	cr_assert(is(buf_text(&c->in), "503"));
	httpd_reply(h, later_id, 200, NULL, NULL, "x", 1);
}

static void
reply_held(void *a)
{
	(void)a;
	httpd_reply(h, later_id, 200, NULL, NULL, "late", 4);
}

Test(httpd_limits, a_held_request_may_be_answered_after_the_deadline)
{
	struct client *c;
	struct timer t;

	start(8, TEST_DEADLINE_MS);
	c = client_new();
	say(c, "GET /later HTTP/1.1\r\nHost: x\r\n\r\n");
	stop_at = -1;
	loop_run(l);
	httpd_hold(h, later_id, 10000);
	httpd_hold(h, later_id + 1, 1);
	timer_init(&t, l, reply_held, NULL);
	timer_arm(&t, 2 * TEST_DEADLINE_MS);
	stop_at = 1;
	loop_run(l);
	cr_assert(is(buf_text(&c->in), "200"), "%s", buf_text(&c->in));
	timer_done(&t);
}

static void
check_cap(void *a)
{
	(void)a;
	cr_assert_leq(httpd_conns(h), 3);
	if (n_over < stop_at)
		loop_defer(l, check_cap, NULL);
}

Test(httpd_limits, connections_above_the_cap_wait_their_turn)
{
	start(3, 0);
	stop_at = 20;
	loop_defer(l, check_cap, NULL);
	for (int i = 0; i < 20; i++)
		say(client_new(), "GET /hello HTTP/1.1\r\nHost: x\r\n\r\n");
	stop_at = 20;
	loop_run(l);
	for (int i = 0; i < 20; i++)
		cr_assert(is(buf_text(&clients[i].in), "200"));
	cr_assert_eq(httpd_conns(h), 0);
}

Test(httpd_limits, clients_that_connect_and_leave_give_their_places_back)
{
	start(3, 0);
	for (int i = 0; i < 20; i++) {
		struct client *c = client_new();

		watch_done(&c->w);
		close(c->fd);
	}
	cr_assert(is(answer_to("GET /hello HTTP/1.1\r\nHost: x\r\n\r\n"), "200"));
	cr_assert_eq(httpd_conns(h), 0);
}

static struct rlimit files;

static void
give_files(void *a)
{
	(void)a;
	cr_assert_eq(httpd_conns(h), 0);
	cr_assert_eq(setrlimit(RLIMIT_NOFILE, &files), 0);
}

Test(httpd, out_of_descriptors_it_pauses_and_comes_back)
{
	struct client *c = client_new();
	struct rlimit none;
	struct timer t;

	say(c, "GET /hello HTTP/1.1\r\nHost: x\r\n\r\n");
	getrlimit(RLIMIT_NOFILE, &files);
	none = files;
	none.rlim_cur = 3; /* numbers that are taken stay usable */
	cr_assert_eq(setrlimit(RLIMIT_NOFILE, &none), 0);
	timer_init(&t, l, give_files, NULL);
	timer_arm(&t, HTTPD_PAUSE_MS / 2);
	stop_at = 1;
	loop_run(l);
	cr_assert(is(buf_text(&c->in), "200"));
	timer_done(&t);
}

Test(httpd, a_socket_file_gets_its_mode_and_replaces_a_dead_one)
{
	struct httpd_conf conf = { routes, ARRAY_LEN(routes), 4, 0, &arg };
	struct err e = { 0 };
	struct httpd *other = httpd_new(l, &conf, &e);
	struct stat st;

	cr_assert_eq(stat(path, &st), 0);
	cr_assert_eq(st.st_mode & 07777, 0660);
	cr_assert_eq(httpd_listen(other, path, 0600, &e), -1);
	cr_assert(strstr(e.text, "another process listens there"), "%s", e.text);
	cr_assert_eq(httpd_listen(other, "/etc/passwd", 0600, &e), -1);
	cr_assert_eq(httpd_listen(other, "localhost:80", 0600, &e), -1);
	cr_assert_eq(httpd_listen(other, "127.0.0.1", 0600, &e), -1);
	cr_assert_eq(e.kind, ERR_INPUT);
	httpd_free(other);
}

Test(httpd, it_listens_on_tcp_too)
{
	struct err e = { 0 };
	struct client *c = &clients[n_clients++];
	struct sockaddr_in in = { .sin_family = AF_INET };

	cr_assert_eq(httpd_listen(h, "127.0.0.1:0", 0, &e), 0, "%s", e.text);
	cr_assert_neq(httpd_port(h), 0);
	in.sin_port = htons((uint16_t)httpd_port(h));
	in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	c->fd = socket(AF_INET, SOCK_STREAM, 0);
	cr_assert_eq(connect(c->fd, (struct sockaddr *)&in, sizeof(in)), 0);
	buf_init(&c->in, 1 << 16);
	watch_init(&c->w, l, on_client, c);
	watch_set(&c->w, c->fd, WATCH_READ);
	say(c, "GET /hello HTTP/1.1\r\nHost: x\r\n\r\n");
	stop_at = 1;
	loop_run(l);
	cr_assert(strstr(buf_text(&c->in), "by 127.0.0.1 at /hello"));
}
