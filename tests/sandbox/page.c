#include "tests/sandbox/page.h"

#include "common/str.h"
#include "tests/sandbox/scope.h"

#include <stdio.h>
#include <string.h>

#define SHOWN_SELLERS 200

static const char head[] =
    "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">"
    "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">"
    "<title>TikTok Shop sandbox</title><style>"
    "body{font:16px/1.5 system-ui,sans-serif;background:#f4f4f5;margin:0;color:#18181b}"
    "main{max-width:30rem;margin:8vh auto;background:#fff;padding:2rem;border-radius:12px}"
    "select,input,button{font:inherit;width:100%;padding:.6rem;margin:.3rem 0 1rem;"
    "box-sizing:border-box}button{border:0;border-radius:8px;background:#18181b;color:#fff;"
    "cursor:pointer}button.no{background:#e4e4e7;color:#18181b}small{color:#71717a}"
    "</style></head><body><main>";
static const char foot[] = "<p><small>This is a sandbox. No real shop is touched.</small></p>"
			   "</main></body></html>";

static void
escape(struct buf *b, const char *s)
{
	for (; *s; s++) {
		if (strchr("<>&\"'", *s))
			buf_printf(b, "&#%d;", *s);
		else
			buf_chr(b, *s);
	}
}

static void
say(struct reply *reply, struct call_row *row, int status, const char *title, const char *text)
{
	struct buf *b = &reply->body;

	reply->status = status;
	row->code = status;
	buf_printf(b, "%s<h1>%s</h1><p>%s</p>%s", head, title, text, foot);
}

static void
hidden(struct buf *b, const char *name, const char *value)
{
	if (!value)
		return;
	buf_printf(b, "<input type=\"hidden\" name=\"%s\" value=\"", name);
	escape(b, value);
	buf_str(b, "\">");
}

static void
show_sellers(const struct world *w, struct buf *b)
{
	buf_str(b, "<label>Log in as seller<select name=\"seller\">");
	for (size_t i = 0; i < w->shops.n_sellers && i < SHOWN_SELLERS; i++) {
		const struct seller *who = w->shops.sellers[i];

		buf_printf(b, "<option value=\"%u\">", who->no);
		escape(b, who->name);
		buf_printf(b, " (%s, %zu shop%s)</option>", who->region->code, who->n_shops,
		           who->n_shops == 1 ? "" : "s");
	}
	buf_str(b, "</select></label>"
	           "<label>Password<input type=\"password\" name=\"password\" value=\"sandbox\" "
	           "autocomplete=\"off\"></label>");
}

static void
show(const struct world *w, const struct request *rq, struct reply *reply)
{
	struct buf *b = &reply->body;

	buf_printf(b, "%s<h1>Authorize the app</h1><p>The app <b>", head);
	escape(b, w->app.key);
	buf_str(b, "</b> asks for access to your shops. It wants to:</p><ul>");
	for (size_t i = 0; i < SCOPE_BITS; i++)
		if (w->app.scopes >> i & 1)
			buf_printf(b, "<li><code>%s</code></li>", scope_key(i));
	buf_printf(b, "</ul><form method=\"post\" action=\"%s\">", rq->path);
	hidden(b, "service_id", request_param(rq, "service_id"));
	hidden(b, "app_key", request_param(rq, "app_key"));
	hidden(b, "state", request_param(rq, "state"));
	show_sellers(w, b);
	buf_printf(b,
	           "<button name=\"choice\" value=\"authorize\">Authorize</button>"
	           "<button class=\"no\" name=\"choice\" value=\"deny\">Cancel</button></form>%s",
	           foot);
}

/* Back to the app. The state is echoed where there was one: a seller who starts in Seller Center
 * brings none. */
static void
redirect(struct world *w, const struct request *rq, struct seller *who, bool deny,
         struct reply *reply, struct call_row *row)
{
	const char *state = request_param(rq, "state");
	char code[GRANTS_TOKEN_MAX] = "null";
	struct buf q;

	buf_init(&q, sizeof(reply->location));
	if (!deny) {
		struct grants_name name = { 'C', who->no, 0 };

		name.n = grants_code(&w->rules, &who->grant, world_now(w));
		row->token_out = name.n;
		grants_text(&w->rules, who->region->prefix, name, code);
	}
	str_query(&q, "app_key", w->app.key);
	str_query(&q, "code", code);
	if (deny)
		str_query(&q, "error", "auth_denied");
	str_query(&q, "locale", "en");
	str_query(&q, "shop_region", who->region->code);
	if (state)
		str_query(&q, "state", state);
	row->seller = who->no;
	if (q.failed ||
	    (size_t)snprintf(reply->location, sizeof(reply->location), "%s%c%s",
	                     w->app.redirect_url, strchr(w->app.redirect_url, '?') ? '&' : '?',
	                     buf_text(&q)) >= sizeof(reply->location)) {
		reply->location[0] = '\0';
		say(reply, row, 400, "The link is too long", "The state does not fit.");
	} else {
		reply->status = 302;
	}
	buf_done(&q);
}

/* The service id is not the app key: mixing them up is the usual mistake. */
static bool
known_app(const struct world *w, const struct request *rq)
{
	bool old = !strcmp(rq->path, "/oauth/authorize");
	const char *id = request_param(rq, old ? "app_key" : "service_id");

	return id && !strcmp(id, old ? w->app.key : w->app.service_id);
}

static struct seller *
chosen(const struct world *w, const struct request *rq)
{
	int64_t no = 1;

	if (request_param(rq, "seller") && str_i64(request_param(rq, "seller"), &no))
		return NULL;
	return shops_find_seller(&w->shops, no);
}

static bool
set_to(const struct request *rq, const char *name, const char *want)
{
	const char *have = request_param(rq, name);

	return have && !strcmp(have, want);
}

void
page_handle(struct world *w, struct request *rq, struct reply *reply, struct call_row *row)
{
	bool post = !strcmp(rq->method, "POST");
	bool now = post || set_to(rq, "auto", "1");
	struct seller *who;
	struct err e;

	reply->type = "text/html; charset=utf-8";
	row->endpoint = "authorize";
	if (post && request_form(rq, &e)) {
		say(reply, row, 400, "Bad form", "The form could not be read.");
		return;
	}
	who = chosen(w, rq);
	if (!known_app(w, rq))
		say(reply, row, 404, "This service does not exist",
		    "Check the service_id: it is not the app_key.");
	else if (!w->app.redirect_url[0])
		say(reply, row, 400, "The app has no redirect URL",
		    "Start the sandbox with --redirect-url, or set it with /_sandbox/app.");
	else if (now && !who)
		say(reply, row, 400, "No such seller", "The seller's number is not known.");
	else if (now)
		redirect(w, rq, who, set_to(rq, "deny", "1") || set_to(rq, "choice", "deny"), reply,
		         row);
	else
		show(w, rq, reply);
}
