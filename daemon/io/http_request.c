#include "daemon/io/http_request.h"

#include "common/clock.h"

#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>

#define CONN_LIFE_S 300L

static void
set_security(struct http_request *q, const char *ca_file, bool plain_ok)
{
	CURL *c = q->easy;

	curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, plain_ok ? "https,http" : "https");
	curl_easy_setopt(c, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(c, CURLOPT_SSL_VERIFYPEER, 1L);
	curl_easy_setopt(c, CURLOPT_SSL_VERIFYHOST, 2L);
	curl_easy_setopt(c, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	curl_easy_setopt(c, CURLOPT_PROXY, "");
	curl_easy_setopt(c, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
	/* with a path of certificates curl would read it anew for each connection */
	curl_easy_setopt(c, CURLOPT_CAPATH, NULL);
	if (ca_file)
		curl_easy_setopt(c, CURLOPT_CAINFO, ca_file);
	else
		http_outside_only(c, q->url, &q->inside);
}

static void
set_connection(CURL *c, bool once)
{
	curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT_MS, (long)HTTP_CONNECT_MS);
	/* a request given up while its name is looked up must not wait for the name server */
	curl_easy_setopt(c, CURLOPT_QUICK_EXIT, 1L);
	curl_easy_setopt(c, CURLOPT_MAXLIFETIME_CONN, CONN_LIFE_S);
	curl_easy_setopt(c, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	curl_easy_setopt(c, CURLOPT_ACCEPT_ENCODING, "gzip");
	curl_easy_setopt(c, CURLOPT_TCP_NODELAY, 1L);
	if (once) {
		curl_easy_setopt(c, CURLOPT_FRESH_CONNECT, 1L);
		curl_easy_setopt(c, CURLOPT_FORBID_REUSE, 1L);
	}
}

static int
add_header(struct http_request *q, const char *line)
{
	struct curl_slist *more = curl_slist_append(q->headers, line);

	if (!more)
		return -1;
	q->headers = more;
	return 0;
}

static int
set_body(struct http_request *q, const struct http_req *r)
{
	bool may_have = !strcmp(r->method, "POST") || !strcmp(r->method, "PUT");

	if (!r->body && !may_have)
		return 0;
	q->body_len = r->body ? r->body_len : 0;
	q->body = malloc(q->body_len + 1);
	if (!q->body)
		return -1;
	if (q->body_len)
		memcpy(q->body, r->body, q->body_len);
	curl_easy_setopt(q->easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)q->body_len);
	curl_easy_setopt(q->easy, CURLOPT_POSTFIELDS, q->body);
	return add_header(q, "Expect:"); /* no asking first: it costs a round trip */
}

static int
set_request(struct http_request *q, const struct http_req *r)
{
	for (int i = 0; r->headers && r->headers[i]; i++)
		if (add_header(q, r->headers[i]))
			return -1;
	if (set_body(q, r))
		return -1;
	curl_easy_setopt(q->easy, CURLOPT_HTTPHEADER, q->headers);
	curl_easy_setopt(q->easy, CURLOPT_URL, q->url);
	if (strcmp(r->method, "GET") != 0)
		curl_easy_setopt(q->easy, CURLOPT_CUSTOMREQUEST, r->method);
	curl_easy_setopt(q->easy, CURLOPT_PRIVATE, (char *)q);
	return 0;
}

struct http_request *
http_request_new(const struct http_req *r, const char *ca_file, bool plain_ok)
{
	struct http_request *q = calloc(1, sizeof(*q));

	if (!q)
		abort(); /* a few hundred bytes */
	q->began_us = mono_us();
	q->easy = curl_easy_init();
	q->url = strdup(r->url);
	if (!q->easy || !q->url)
		return q;
	set_security(q, ca_file, plain_ok);
	set_connection(q->easy, r->once);
	http_answer_take(q);
	q->ready = !set_request(q, r);
	return q;
}

/* What went over the wire may be a secret: URLs of the token host are, the access token is a
 * header. */
static void
wipe(char *p, size_t len)
{
	if (p)
		explicit_bzero(p, len);
	free(p);
}

void
http_request_free(struct http_request *q)
{
	if (q->easy)
		curl_easy_cleanup(q->easy);
	for (struct curl_slist *s = q->headers; s; s = s->next)
		explicit_bzero(s->data, strlen(s->data));
	curl_slist_free_all(q->headers);
	wipe(q->url, q->url ? strlen(q->url) : 0);
	wipe(q->body, q->body_len);
	buf_wipe(&q->answer);
	buf_done(&q->answer);
	free(q);
}
