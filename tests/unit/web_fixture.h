/*
 * web_fixture: the web server over a task layer that answers what it is told, and a browser on the
 * same loop. For the tests of web/.
 */
#ifndef TTSYNC_WEB_FIXTURE_H
#define TTSYNC_WEB_FIXTURE_H

#include "common/buf.h"
#include "common/crypto.h"
#include "common/json.h"
#include "common/own.h"
#include "daemon/web/page.h"
#include "daemon/web/web.h"
#include "tests/unit/loop_fixture.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define FIX_UNUSED __attribute__((unused))
#define SITE_URL   "https://connect.example.com"
#define TIKTOK_URL "https://services.example.com/open/authorize"
/* A session as we make them, and the hash of its text. */
#define SESSION   "AbCdEfGhIjKlMnOpQrStUv"
#define COOKIE    "Cookie: a=b; __Host-ttsync_session=" SESSION "\r\n"
#define FORM_TYPE "Content-Type: application/x-www-form-urlencoded\r\n"

/* --- a task layer that keeps what it was asked and answers when told ------------------------- */

struct tasks {
	int n_posted;
	int n_dropped;
	char op[32];
	char args[4096];
	char actor[32];
	task_fn *fn;
	void *arg;
	const char *answer; /* NULL: say; "": leave it open and stop the loop */
	struct err say;
};

static struct web *w;
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

FIX_UNUSED static void
setup(void)
{
	struct web_conf conf = { "127.0.0.1:0", &ops, &t, &ready, { SITE_URL, TIKTOK_URL } };
	struct err e = { 0 };

	cr_assert_eq(crypto_start(), 0);
	loop_begin();
	w = web_new(l, &conf, &e);
	cr_assert_not_null(w, "%s", e.text);
	buf_init(&in, 1 << 20);
}

FIX_UNUSED static void
teardown(void)
{
	web_free(w);
	loop_end();
	buf_done(&in);
}

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

FIX_UNUSED static const char *
get(const char *target)
{
	return get_with(target, "");
}

FIX_UNUSED static int
status_of(const char *answer)
{
	cr_assert_eq(strncmp(answer, "HTTP/1.1 ", 9), 0, "%s", answer);
	return (int)strtol(answer + 9, NULL, 10);
}

#define HAS(answer, text)   cr_assert(strstr(answer, text), "no %s in %s", text, answer)
#define LACKS(answer, text) cr_assert_null(strstr(answer, text), "%s in %s", text, answer)

/* The values of form fields of a page, as a browser would send them back. */
FIX_UNUSED static void
csrf_of(const char *page, char dst[80])
{
	const char *at = strstr(page, "name=\"csrf\" value=\"");

	cr_assert(at, "%s", page);
	snprintf(dst, 80, "%.64s", at + 19);
}

/* A form sent to target, with more headers. */
FIX_UNUSED static const char *
post_with(const char *target, const char *headers, const char *body)
{
	char request[10000];

	snprintf(request, sizeof(request),
	         "POST %s HTTP/1.1\r\nHost: connect.example.com\r\n%sContent-Length: %zu\r\n\r\n%s",
	         target, headers, strlen(body), body);
	return answer_to(request);
}

FIX_UNUSED static void
title_of(const char *page, char dst[200])
{
	const char *from = strstr(page, "<title>"), *to = strstr(page, "</title>");

	cr_assert(from && to, "%s", page);
	snprintf(dst, 200, "%.*s", (int)(to - from) - 7, from + 7);
}

/* Does the policy name the hash of what stands in this element of the page? */
FIX_UNUSED static void
check_hash(const char *page, const char *open, const char *close, const char *policy)
{
	const char *from = strstr(page, open), *to = strstr(page, close),
		   *said = strstr(page, policy);
	unsigned char hash[CRYPTO_HASH_BYTES], told[CRYPTO_HASH_BYTES + 1];

	cr_assert(from && to && said, "%s", page);
	from += strlen(open);
	said += strlen(policy);
	cr_assert_eq(crypto_unbase64(said, 44, told, sizeof(told)), CRYPTO_HASH_BYTES);
	crypto_sha256(from, (size_t)(to - from), hash);
	cr_assert_arr_eq(hash, told, CRYPTO_HASH_BYTES);
}

#endif
