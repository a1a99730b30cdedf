#include "daemon/web/web.h"

#include "common/buf.h"
#include "common/json.h"
#include "common/own.h"
#include "daemon/base/log.h"
#include "daemon/io/httpd.h"
#include "daemon/web/page.h"
#include "daemon/web/routes.h"

#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#define ARGS_BYTES_MAX 16384
#define HTML_BYTES_MAX (3 * PAGE_BYTES_MAX)
#define RETRY_AFTER    "Retry-After: 5"
#define TYPE_HTML      "text/html; charset=utf-8"
#define TYPE_TEXT      "text/plain; charset=utf-8"

/* A question on its way to a worker, and the request that waits for it. */
struct ask {
	LIST_ENTRY(ask) link;
	struct web *web;
	uint64_t request;
	uint64_t task;
	enum lang lang;
	const char *op;
	web_page_fn *page;
};

struct web {
	struct httpd *httpd;
	struct web_conf conf;
	LIST_HEAD(, ask) asks;
	int n_asks;
	char policy[PAGE_POLICY_MAX];
};

static const struct httpd_route routes[] = {
	{ "/oauth/callback", HTTPD_GET, 0, callback_get },
	{ "/connect/", HTTPD_GET, 0, connect_get },
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
	page_policy(w->policy);
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
	page_say(p, &next);
	return 503;
}

static void
show(struct web *w, uint64_t request, enum lang lang, web_page_fn *fn, const struct json *doc,
     const struct err *e)
{
	static const char full[] = "the page is too large\n";
	const char *headers[] = { w->policy, NULL, NULL };
	struct page p;
	struct buf html;
	int status;

	page_init(&p);
	buf_init(&html, HTML_BYTES_MAX);
	status = fn(&p, doc, e);
	if (status == 503)
		headers[1] = RETRY_AFTER;
	if (page_write(&p, lang, &html))
		httpd_reply(w->httpd, request, 500, TYPE_TEXT, NULL, full, sizeof(full) - 1);
	else
		httpd_reply(w->httpd, request, status, TYPE_HTML, headers, html.data, html.len);
	buf_done(&html);
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
	show(a->web, a->request, a->lang, a->page, doc, why);
	ask_free(a);
}

static enum lang
lang_of(const struct httpd_req *q)
{
	char asked[8];

	return page_lang(httpd_query(q, "lang", asked, sizeof(asked)),
	                 httpd_header(q, "Accept-Language"));
}

void
web_ask(struct web *w, const struct httpd_req *q, const char *op, const struct json *args,
        web_page_fn *page)
{
	struct ask *a;
	struct buf text;
	struct err e = { 0 };

	if (w->n_asks == WEB_ASKS_MAX) {
		err_set(&e, ERR_THROTTLED, 0, "%d questions are on their way", w->n_asks);
		log_event(LOG_WARN, "web.busy", "op=%s asks=%d", op, w->n_asks);
		web_refuse(w, q, page, &e);
		return;
	}
	a = calloc(1, sizeof(*a));
	if (!a)
		abort();
	*a = (struct ask){
		.web = w,
		.request = q->id,
		.lang = lang_of(q),
		.op = op,
		.page = page,
	};
	LIST_INSERT_HEAD(&w->asks, a, link);
	w->n_asks++;
	httpd_hold(w->httpd, q->id, WEB_ASK_MS);
	buf_init(&text, ARGS_BYTES_MAX);
	if (json_write(args, &text))
		abort();
	a->task = w->conf.ops->post(w->conf.tasks, op, buf_text(&text), "web", on_answer, a);
	buf_wipe(&text); /* an authorization code may have been in it */
	buf_done(&text);
}

void
web_refuse(struct web *w, const struct httpd_req *q, web_page_fn *page, const struct err *e)
{
	show(w, q->id, lang_of(q), page, NULL, e);
}
