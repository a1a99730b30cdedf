#include "daemon/web/web.h"

#include "common/buf.h"
#include "common/json.h"
#include "common/own.h"
#include "common/str.h"
#include "daemon/base/log.h"
#include "daemon/io/httpd.h"
#include "daemon/web/page.h"
#include "daemon/web/routes.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#define ARGS_BYTES_MAX 16384
#define FORM_BYTES_MAX 4096
#define HTML_BYTES_MAX (3 * PAGE_BYTES_MAX)
#define HEADERS_MAX    8
#define LINE_MAX_BYTES (PAGE_LOCATION_MAX + 32)
#define RETRY_AFTER    "Retry-After: 5"
#define TYPE_HTML      "text/html; charset=utf-8"
#define TYPE_TEXT      "text/plain; charset=utf-8"

/* A question on its way to a worker, and the request that waits for it. */
struct ask {
	LIST_ENTRY(ask) link;
	struct web *web;
	struct visit visit;
	uint64_t task;
	const char *op;
	web_page_fn *page;
};

struct web {
	struct httpd *httpd;
	struct web_conf conf;
	LIST_HEAD(, ask) asks;
	int n_asks;
};

static const struct httpd_route routes[] = {
	{ "/oauth/callback", HTTPD_GET, 0, callback_get },
	{ "/connect/", HTTPD_GET | HTTPD_POST, FORM_BYTES_MAX, connect_any },
	{ "/healthz", HTTPD_GET, 0, health_live },
	{ "/readyz", HTTPD_GET, 0, health_ready },
};

struct web *
web_new(struct loop *l, const struct web_conf *conf, struct err *e)
{
	struct web *w = calloc(1, sizeof(*w));
	struct httpd_conf hc = { routes, ARRAY_LEN(routes), WEB_CONNS_MAX, 0, w };

	if (!w) {
		err_set(e, ERR_NOMEM, 0, "no memory for the web server");
		return NULL;
	}
	w->conf = *conf;
	LIST_INIT(&w->asks);
	w->httpd = httpd_new(l, &hc, e);
	if (!w->httpd || httpd_listen(w->httpd, conf->listen, 0, e)) {
		web_free(w);
		return NULL;
	}
	return w;
}

static void
ask_free(struct ask *a)
{
	LIST_REMOVE(a, link);
	a->web->n_asks--;
	free(a);
}

void
web_free(struct web *w)
{
	struct ask *a;

	if (!w)
		return;
	while ((a = LIST_FIRST(&w->asks))) {
		w->conf.ops->drop(w->conf.tasks, a->task);
		ask_free(a);
	}
	httpd_free(w->httpd);
	free(w);
}

int
web_port(const struct web *w)
{
	return httpd_port(w->httpd);
}

const struct site *
web_site(const struct web *w)
{
	return &w->conf.site;
}

struct web_ready
web_readiness(const struct web *w)
{
	struct web_ready r = { 0 };

	w->conf.ops->ready(&r, w->conf.ready_arg);
	return r;
}

int
web_page_away(struct page *p)
{
	static const struct page_words title = { "ยังดำเนินการไม่ได้ในขณะนี้", "Not possible right now" },
				       next = { "ระบบหรือ TikTok Shop ยังไม่ตอบ "
		                                "โปรดเปิดลิงก์เดิมอีกครั้งในอีกสักครู่",
		                                "Our system or TikTok Shop does not answer. "
		                                "Please open the same link again in a moment." };

	page_title(p, &title);
	page_state(p, "away");
	page_say(p, &next);
	return 503;
}

/* --- answers --------------------------------------------------------------------------------- */

/* The header lines of an answer, and the texts of those that are not literals. */
struct lines {
	const char *line[HEADERS_MAX];
	size_t n;
	char policy[LOOK_POLICY_MAX];
	char session[VISIT_COOKIE_MAX];
	char lang[VISIT_COOKIE_MAX];
	char location[LINE_MAX_BYTES];
	char refresh[32];
};

static void
lines_fill(struct lines *h, const struct visit *v, const struct page *p, int status)
{
	*h = (struct lines){ .n = 0 };
	h->line[h->n++] = look_policy(h->policy, p->forms, v->site->authorize_url, p->live);
	if (*v->token && !v->has_session)
		h->line[h->n++] = visit_session_cookie(v, h->session);
	if (p->keep_lang)
		h->line[h->n++] = visit_lang_cookie(v, h->lang);
	if (*p->location) {
		snprintf(h->location, sizeof(h->location), "Location: %s", p->location);
		h->line[h->n++] = h->location;
	}
	if (p->refresh_s) {
		snprintf(h->refresh, sizeof(h->refresh), "Refresh: %d", p->refresh_s);
		h->line[h->n++] = h->refresh;
	}
	if (status == 503)
		h->line[h->n++] = RETRY_AFTER;
}

/* Where the same page is in the other language. */
static const char *
other_href(const struct visit *v, char dst[VISIT_ADDRESS_MAX])
{
	bool shop = str_is_id(v->shop), warehouse = shop && str_is_id(v->warehouse);

	snprintf(dst, VISIT_ADDRESS_MAX, "?lang=%s%s%s%s%s", v->lang == LANG_TH ? "en" : "th",
	         shop ? "&shop=" : "", shop ? v->shop : "", warehouse ? "&warehouse=" : "",
	         warehouse ? v->warehouse : "");
	return dst;
}

static void
show(struct web *w, const struct visit *v, web_page_fn *fn, const struct json *doc,
     const struct err *e)
{
	static const char full[] = "the page is too large\n";
	struct page p, other;
	struct lines lines;
	struct buf html;
	char href[VISIT_ADDRESS_MAX];
	int status;

	page_init(&p, v->lang);
	page_init(&other, v->lang == LANG_TH ? LANG_EN : LANG_TH);
	buf_init(&html, HTML_BYTES_MAX);
	status = fn(&p, v, doc, e);
	if (v->once)
		fn(&other, v, doc, e);
	lines_fill(&lines, v, &p, status);
	if (*p.location)
		httpd_reply(w->httpd, v->request, status, NULL, lines.line, "", 0);
	else if (page_write(&p, other_href(v, href), v->once ? &other : NULL, &html))
		httpd_reply(w->httpd, v->request, 500, TYPE_TEXT, NULL, full, sizeof(full) - 1);
	else
		httpd_reply(w->httpd, v->request, status, TYPE_HTML, lines.line, html.data,
		            html.len);
	buf_done(&html);
	page_done(&other);
	page_done(&p);
}

static void
on_answer(const char *text, size_t len, const struct err *e, void *arg)
{
	struct ask *a = arg;
	struct err bad = { 0 };
	CLEANUP(json_freep) struct json *doc = text ? json_parse(text, len, &bad) : NULL;
	const struct err *why = doc ? NULL : text ? &bad : e;

	if (why)
		log_event(why->kind == ERR_INPUT ? LOG_INFO : LOG_WARN, "web.failed",
		          "op=%s kind=%s tag=%s why=%s", a->op, err_name(why->kind), LOGQ(why->tag),
		          LOGQ(why->text));
	show(a->web, &a->visit, a->page, doc, why);
	ask_free(a);
}

void
web_ask(struct web *w, const struct visit *v, const char *op, const struct json *args,
        web_page_fn *page)
{
	struct ask *a;
	struct buf text;
	struct err e = { 0 };

	if (w->n_asks == WEB_ASKS_MAX) {
		err_set(&e, ERR_THROTTLED, 0, "%d questions are on their way", w->n_asks);
		log_event(LOG_WARN, "web.busy", "op=%s asks=%d", op, w->n_asks);
		web_refuse(w, v, page, &e);
		return;
	}
	a = calloc(1, sizeof(*a));
	if (!a)
		abort();
	*a = (struct ask){
		.web = w,
		.visit = *v,
		.op = op,
		.page = page,
	};
	LIST_INSERT_HEAD(&w->asks, a, link);
	w->n_asks++;
	httpd_hold(w->httpd, v->request, WEB_ASK_MS);
	buf_init(&text, ARGS_BYTES_MAX);
	if (json_write(args, &text))
		abort();
	a->task = w->conf.ops->post(w->conf.tasks, op, buf_text(&text), "web", on_answer, a);
	buf_wipe(&text); /* an authorization code may have been in it */
	buf_done(&text);
}

void
web_refuse(struct web *w, const struct visit *v, web_page_fn *page, const struct err *e)
{
	show(w, v, page, NULL, e);
}
