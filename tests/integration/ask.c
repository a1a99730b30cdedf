/*
 * What world.h says of asking: ttctl, the control and stats sockets, the sandbox, consent.
 */
#include "common/buf.h"
#include "common/json.h"
#include "common/str.h"
#include "tests/harness/harness.h"
#include "tests/harness/pgserver.h"
#include "tests/harness/proc.h"
#include "tests/harness/wait.h"
#include "tests/harness/web.h"
#include "tests/integration/world.h"

#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define WORDS_MAX 32
#define CTL_MS    90000
#define LINE_MS   20000
#define LINE_MAX  (1u << 20)

/* --- programs -------------------------------------------------------------------------------- */

void
world_ctl(struct world *w, int n, struct said *ret, const char *const *words)
{
	const char *argv[WORDS_MAX] = { harness_program(w->h, "ttctl"), "-s",
		                        w->daemon[n].control };
	struct proc_run run;
	struct err e;
	int at = 3;

	for (int i = 0; words[i] && at < WORDS_MAX - 1; i++)
		argv[at++] = words[i];
	proc_run(w->h, argv, NULL, CTL_MS, &run);
	*ret = (struct said){ .code = run.code, .out = STEAL(run.out), .err = STEAL(run.err) };
	ret->doc = json_parse(ret->out, run.out_len, &e);
	proc_run_done(&run);
}

void
said_done(struct said *s)
{
	json_free(s->doc);
	free(s->out);
	free(s->err);
	*s = (struct said){ 0 };
}

const char *
said_str(struct said *s, const char *path, char *dst, size_t room)
{
	const struct json *at = s->doc;
	char key[64];
	int64_t v;

	*dst = '\0';
	for (;;) {
		size_t n = strcspn(path, "/");

		snprintf(key, sizeof(key), "%.*s", (int)n, path);
		if (!path[n])
			break;
		at = json_get(at, key);
		path += n + 1;
	}
	if (json_str(at, key))
		snprintf(dst, room, "%s", json_str(at, key));
	else if (!json_i64(at, key, &v))
		snprintf(dst, room, "%" PRId64, v);
	return dst;
}

char *
world_line(struct world *w, int n, const char *line)
{
	int fd = wait_connect(w->daemon[n].control);
	size_t left = strlen(line);
	char chunk[4096];
	struct buf all;
	ssize_t got;

	if (fd < 0)
		harness_die(w->daemon[n].log, "the control socket refuses connections");
	/* a refusal may come before all was read: then the rest cannot be written */
	while (left) {
		ssize_t sent = write(fd, line, left);

		if (sent <= 0)
			break;
		line += sent;
		left -= (size_t)sent;
	}
	buf_init(&all, LINE_MAX);
	while (!strchr(buf_text(&all), '\n') && wait_fd(fd, POLLIN, LINE_MS) &&
	       (got = read(fd, chunk, sizeof(chunk))) > 0)
		buf_add(&all, chunk, (size_t)got);
	close(fd);
	return STEAL(all.data);
}

char *
world_metrics(struct world *w, int n)
{
	struct web_req q = { .url = "http://stats/metrics", .socket = w->daemon[n].stats };
	struct web_answer a;
	char *page;

	web_send(w->h, &q, &a);
	page = STEAL(a.body);
	web_done(&a);
	return page;
}

double
world_metric(struct world *w, int n, const char *sample)
{
	CLEANUP(own_free) char *page = world_metrics(w, n);
	size_t len = strlen(sample);

	for (const char *p = page; p; p = strchr(p, '\n')) {
		p += *p == '\n';
		if (!strncmp(p, sample, len) && p[len] == ' ')
			return strtod(p + len, NULL);
	}
	return 0;
}

/* --- the sandbox ----------------------------------------------------------------------------- */

struct json *
world_tiktok(struct world *w, const char *method, const char *path, const char *body)
{
	struct web_req q = {
		.method = method,
		.url = harness_text(w->h, "%s/_sandbox%s", w->tiktok, path),
		.body = body,
		.ca = w->certs.ca,
		.ms = 60000,
	};
	struct web_answer a;
	struct json *doc;
	struct err e;

	web_send(w->h, &q, &a);
	if (a.status != 200)
		harness_die(proc_log(w->sandbox), "sandbox %s %s: %d %s%s", method, path, a.status,
		            a.body, a.why);
	doc = json_parse(a.body, a.body_len, &e);
	if (!doc)
		harness_die(NULL, "sandbox %s %s: %s", method, path, e.text);
	web_done(&a);
	return doc;
}

void
world_no_faults(struct world *w)
{
	json_free(world_tiktok(w, "DELETE", "/fault", NULL));
}

int
world_consent(struct world *w, const char *authorize_url, int seller, bool decline,
              const char **ret_location)
{
	struct web_req q = { .ca = w->certs.ca };
	struct web_answer a;
	char location[2048];
	int status;

	q.url = harness_text(w->h, "%s&auto=1&seller=%d%s", authorize_url, seller,
	                     decline ? "&deny=1" : "");
	web_send(w->h, &q, &a);
	web_header(&a, "Location", location, sizeof(location));
	if (a.status != 302 || !*location)
		harness_die(proc_log(w->sandbox), "consent page: %d %s", a.status, a.why);
	web_done(&a);
	q = (struct web_req){ .url = harness_text(w->h, "%s", location), .ms = 40000 };
	if (ret_location)
		*ret_location = q.url;
	web_send(w->h, &q, &a);
	status = a.status;
	web_header(&a, "Location", location, sizeof(location));
	web_done(&a);
	if (status == 303 && *location == '/') { /* our own page of the connection */
		const char *path = strstr(q.url, "/oauth/");

		q.url = harness_text(w->h, "%.*s%s", (int)(path - q.url), q.url, location);
		web_send(w->h, &q, &a);
		status = a.status;
		web_done(&a);
	}
	return status;
}

/* --- a connection ---------------------------------------------------------------------------- */

static void
must(struct said *s, const char *what)
{
	if (s->code)
		harness_die(NULL, "%s: exit %d: %s%s", what, s->code, s->out, s->err);
}

const char *
world_begin(struct world *w, const char *store, const char *alias, const char **ret_url)
{
	char id[32], url[2048];
	struct said s;

	TTCTL(w, &s, "store", "set", store, "--name", "ร้านทดสอบ", "--plan", "basic");
	must(&s, "store set");
	said_done(&s);
	TTCTL(w, &s, "connect", "--store", store, "--alias", alias);
	must(&s, "connect");
	said_str(&s, "shop_id", id, sizeof(id));
	said_str(&s, "authorize_url", url, sizeof(url));
	said_done(&s);
	if (ret_url)
		*ret_url = harness_text(w->h, "%s", url);
	return harness_text(w->h, "%s", id);
}

static const struct json *
selectable(const struct json *list)
{
	for (size_t i = 0; i < json_len(list); i++)
		if (json_flag(json_at(list, i), "selectable"))
			return json_at(list, i);
	harness_die(NULL, "nothing can be chosen");
}

static void
confirm_first(struct world *w, const char *shop)
{
	struct said choices, s;
	const struct json *one, *house;

	TTCTL(w, &choices, "choices", shop);
	must(&choices, "choices");
	one = selectable(json_get(choices.doc, "items"));
	house = selectable(json_get(one, "warehouses"));
	TTCTL(w, &s, "confirm", shop, "--shop", json_str(one, "tiktok_shop_id"), "--warehouse",
	      json_str(house, "warehouse_id"));
	must(&s, "confirm");
	said_done(&s);
	said_done(&choices);
}

const char *
world_connect(struct world *w, const char *store, const char *alias, int seller)
{
	const char *url, *shop = world_begin(w, store, alias, &url);
	int status = world_consent(w, url, seller, false, NULL);

	if (status < 200 || status >= 400)
		harness_die(w->daemon[0].log, "the callback answered %d", status);
	confirm_first(w, shop);
	return shop;
}

void
world_wait(struct world *w, const char *shop, const char *what)
{
	struct said s;

	TTCTL(w, &s, "wait", shop, "--for", what);
	must(&s, harness_text(w->h, "wait %s --for %s", shop, what));
	said_done(&s);
}

const char *
world_tiktok_shop(struct world *w, const char *shop)
{
	CLEANUP(own_free)
	char *id = pgserver_query(
	    w->pg, harness_text(w->h, "SELECT tiktok_shop_id FROM ttsync.v_shop WHERE shop_id = %s",
	                        shop));

	return harness_text(w->h, "%.*s", (int)strcspn(id, "\n"), id);
}
