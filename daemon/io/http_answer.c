#include "daemon/io/http_request.h"

#include "common/clock.h"

#include <assert.h>
#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define LOW_SPEED_BYTES 100L
#define LOW_SPEED_S     10L

static_assert(HTTP_WHY_MAX >= CURL_ERROR_SIZE, "curl fills it");

/* --- taking what comes ----------------------------------------------------------------------- */

/* One line of the head. curl takes a head that ends with its connection for a whole one; we do not.
 */
static size_t
on_head(char *p, size_t size, size_t n, void *arg)
{
	struct http_request *q = arg;

	(void)size; /* always 1 */
	if (n >= 5 && !memcmp(p, "HTTP/", 5))
		q->head_whole = false; /* a first one may have been 100 Continue */
	else if (*p == '\r' || *p == '\n')
		q->head_whole = true;
	return n;
}

static size_t
on_body(char *p, size_t size, size_t n, void *arg)
{
	struct http_request *q = arg;

	(void)size; /* always 1 */
	if (!q->answer.len) {
		/* only now: before, the other side may think as long as the deadline allows */
		curl_easy_setopt(q->easy, CURLOPT_LOW_SPEED_LIMIT, LOW_SPEED_BYTES);
		curl_easy_setopt(q->easy, CURLOPT_LOW_SPEED_TIME, LOW_SPEED_S);
	}
	if (buf_add(&q->answer, p, n)) {
		q->too_big = true;
		return 0;
	}
	return n;
}

void
http_answer_take(struct http_request *q)
{
	buf_init(&q->answer, HTTP_BODY_MAX);
	curl_easy_setopt(q->easy, CURLOPT_MAXFILESIZE_LARGE, (curl_off_t)HTTP_BODY_MAX);
	curl_easy_setopt(q->easy, CURLOPT_HEADERFUNCTION, on_head);
	curl_easy_setopt(q->easy, CURLOPT_HEADERDATA, q);
	curl_easy_setopt(q->easy, CURLOPT_WRITEFUNCTION, on_body);
	curl_easy_setopt(q->easy, CURLOPT_WRITEDATA, q);
	curl_easy_setopt(q->easy, CURLOPT_ERRORBUFFER, q->why);
}

/* --- reading it ------------------------------------------------------------------------------ */

/* Seconds, or a date relative to the answer's own Date header; anything odd counts as absent. */
static int64_t
read_retry_after(const char *v, int64_t date_s)
{
	struct wall until;
	char *end;
	long long s = strtoll(v, &end, 10);

	if (end != v && !*end)
		return s >= 0 && s <= HTTP_RETRY_AFTER_MAX_S ? s : -1;
	if (clock_http_date(v, &until) || date_s < 0)
		return -1;
	s = until.s - date_s;
	return s >= 0 && s <= HTTP_RETRY_AFTER_MAX_S ? s : -1;
}

static void
read_headers(CURL *easy, struct http_resp *r)
{
	struct curl_header *h;
	struct wall date;

	if (!curl_easy_header(easy, "Date", 0, CURLH_HEADER, -1, &h) &&
	    !clock_http_date(h->value, &date))
		r->date_s = date.s;
	if (!curl_easy_header(easy, "Retry-After", 0, CURLH_HEADER, -1, &h))
		r->retry_after_s = read_retry_after(h->value, r->date_s);
	if (!curl_easy_header(easy, "Content-Type", 0, CURLH_HEADER, -1, &h))
		r->json = !strncasecmp(h->value, "application/json", strlen("application/json"));
}

static int
failure_of(const struct http_request *q, CURLcode code, struct err *e)
{
	if (q->too_big || code == CURLE_FILESIZE_EXCEEDED)
		return err_set(e, ERR_NOMEM, 0, "the answer is larger than %u MiB",
		               HTTP_BODY_MAX >> 20);
	if (q->inside)
		return err_set(e, ERR_IO, (int)code,
		               "the name leads to an address inside this network");
	if (code == CURLE_OPERATION_TIMEDOUT)
		return err_set(e, ERR_TIMEOUT, 0,
		               "no connection in time, or the answer stopped coming");
	if (*q->why && (code == CURLE_COULDNT_RESOLVE_HOST || code == CURLE_COULDNT_CONNECT ||
	                code == CURLE_PEER_FAILED_VERIFICATION || code == CURLE_SSL_CONNECT_ERROR))
		return err_set(e, ERR_IO, (int)code, "%s", q->why);
	/* other texts of curl may quote the URL */
	return err_set(e, ERR_IO, (int)code, "%s", curl_easy_strerror(code));
}

int
http_answer_read(const struct http_request *q, int code, struct http_resp *ret, struct err *e)
{
	long status = 0;

	if (code == CURLE_OK && !q->head_whole)
		code = CURLE_PARTIAL_FILE;
	if (code != CURLE_OK)
		return failure_of(q, (CURLcode)code, e);
	curl_easy_getinfo(q->easy, CURLINFO_RESPONSE_CODE, &status);
	*ret = (struct http_resp){
		.status = (int)status,
		.body = buf_text(&q->answer),
		.body_len = q->answer.len,
		.retry_after_s = -1,
		.date_s = -1,
		.took_us = mono_us() - q->began_us,
	};
	read_headers(q->easy, ret);
	return 0;
}
