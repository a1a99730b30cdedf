#include "tests/chaos/httprig.h"

#include "common/clock.h"
#include "tests/harness/harness.h"

#include <stdio.h>
#include <string.h>

struct httprig web;

void
httprig_setup(void)
{
	web.h = harness_new("http");
}

void
httprig_teardown(void)
{
	harness_free(web.h);
}

void
httprig_begin(const char *ca_file, int conns)
{
	struct http_conf conf = {
		.ca_file = ca_file, .max_conns = conns, .max_conns_host = conns, .plain_ok = true
	};
	struct err e = { 0 };

	rig_begin(&web.rig);
	web.http = http_new(web.rig.loop, &conf, &e);
	if (!web.http)
		harness_die(NULL, "%s", e.text);
}

const char *
httprig_end(void)
{
	int left = http_pending(web.http);
	const char *wrong;

	http_free(web.http);
	web.http = NULL;
	wrong = rig_end(&web.rig);
	return left ? "requests were left" : wrong;
}

static void
on_answer(const struct http_resp *r, const struct err *e, void *arg)
{
	struct fetch *f = arg;

	f->times++;
	f->took_ms = mono_now().ms - f->began_ms;
	f->ok = r != NULL;
	if (!r) {
		f->why = *e;
		return;
	}
	f->status = r->status;
	f->body_len = r->body_len;
	snprintf(f->body, sizeof(f->body), "%s", r->body);
	f->retry_after_s = r->retry_after_s;
	f->date_s = r->date_s;
	f->json = r->json;
}

void
fetch_send(struct fetch *f, const struct http_req *q)
{
	*f = (struct fetch){ .began_ms = mono_now().ms };
	f->id = http_send(web.http, q, on_answer, f);
}

static void
get_url(struct fetch *f, const char *url, int timeout_ms)
{
	fetch_send(f, &(struct http_req){ .method = "GET", .url = url, .timeout_ms = timeout_ms });
}

void
fetch_get(struct fetch *f, const char *port, const char *path, int timeout_ms)
{
	get_url(f, harness_text(web.h, "http://127.0.0.1:%s%s", port, path), timeout_ms);
}

void
fetch_tls(struct fetch *f, const char *host, const char *port, int timeout_ms)
{
	get_url(f, harness_text(web.h, "https://%s:%s/", host, port), timeout_ms);
}

bool
fetch_heard(const struct fetch *f, int ms)
{
	return rig_count(&web.rig, &f->times, 1, ms) && f->times == 1;
}

const char *
fetch_failed(const struct fetch *f, enum err_kind want, int most_ms)
{
	if (!fetch_heard(f, most_ms + SOON_MS))
		return harness_text(web.h, "answered %d times", f->times);
	if (f->ok)
		return harness_text(web.h, "answered with status %d", f->status);
	if (f->why.kind != want)
		return harness_text(web.h, "%s: %s", err_name(f->why.kind), f->why.text);
	if (f->took_ms > most_ms + SLACK_MS)
		return harness_text(web.h, "took %d ms", (int)f->took_ms);
	return NULL;
}
