/*
 * callback: TikTok's redirect after the seller's consent, and a page for each way it can end.
 *
 * Code and state are passed on and never shown or logged.
 */
#include "common/json.h"
#include "common/own.h"
#include "common/str.h"
#include "daemon/base/log.h"
#include "daemon/io/httpd.h"
#include "daemon/web/outcome.h"
#include "daemon/web/routes.h"
#include "daemon/web/visit.h"
#include "daemon/web/web.h"

#include <string.h>

#define CODE_MAX     512
#define STATE_MAX    128
#define ERROR_MAX    128
#define LOOK_AGAIN_S 5

/* The way on from here: the page of the connection, where there is a link to it. */
static void
say_way_on(struct page *p, const struct visit *v, const struct outcome *o, const char *link)
{
	static const struct page_words
	    again = { "กลับไปลองอีกครั้ง", "Go back and try again" },
	    on = { "ไปที่หน้าการเชื่อมต่อ", "Go to the connection" },
	    fresh = { "หากต้องการลองอีกครั้ง "
		      "โปรดเปิดลิงก์การเชื่อมต่อที่ได้รับจากผู้ดูแล GoSell "
		      "หรือขอลิงก์ใหม่",
		      "To try again, open the connection link of your GoSell "
		      "administrator, or ask for a fresh one." };
	char href[VISIT_ADDRESS_MAX];

	if (visit_is_token(link))
		page_link_button(p, "next", visit_address(v, link, NULL, href),
		                 o->kind == OUTCOME_FAILED ? &again : &on);
	else if (o->kind == OUTCOME_FAILED)
		page_say(p, &fresh);
}

static int
outcome_page(struct page *p, const struct visit *v, const struct outcome *o, const struct json *doc)
{
	static const struct page_words shop = { "เลขที่การเชื่อมต่อ", "Connection number" };
	const char *link = json_str(doc, "link");
	char id[21], href[VISIT_ADDRESS_MAX];

	if (o->kind == OUTCOME_DONE && visit_is_token(link))
		return page_go(p, visit_address(v, link, NULL, href));
	page_title(p, &o->title);
	page_outcome(p, o->name);
	outcome_say(p, o, doc);
	page_row(p, &shop, json_id(doc, "shop_id", id, sizeof(id)));
	if (o->status == 202)
		p->refresh_s = LOOK_AGAIN_S;
	say_way_on(p, v, o, link);
	return o->status;
}

static int
callback_page(struct page *p, const struct visit *v, const struct json *doc, const struct err *e)
{
	const struct outcome *o = outcome_find(doc ? json_str(doc, "outcome") : e->tag);
	char id[21];

	if (doc && p->lang == v->lang) /* once */
		log_event(o ? LOG_INFO : LOG_ERROR, o ? "web.callback" : "web.outcome_unknown",
		          "outcome=%s shop=%s", o ? o->name : LOGQ(json_str(doc, "outcome")),
		          json_id(doc, "shop_id", id, sizeof(id)) ? id : "none");
	return o ? outcome_page(p, v, o, doc) : web_page_away(p);
}

/*
 * Put a query parameter into args; none for an absent or empty one. -1 where it is longer than
 * max or has other bytes than `first` to '~': nothing that TikTok or we would have written.
 */
static int
take(const struct httpd_req *q, const char *name, size_t max, char first, struct json *args)
{
	char value[HTTPD_HEADERS_MAX + 1]; /* any parameter fits: too long is told from absent */

	if (!httpd_query(q, name, value, sizeof(value)) || !*value)
		return 0;
	if (strlen(value) > max)
		return -1;
	for (const char *s = value; *s; s++)
		if (*s < first || *s > '~')
			return -1;
	json_put_str(args, name, value);
	return 0;
}

void
callback_get(struct httpd *h, const struct httpd_req *q, void *arg)
{
	static const char *const allow[] = { "Allow: GET", NULL };
	CLEANUP(json_freep) struct json *args = json_obj();
	char hash[2 * CRYPTO_HASH_BYTES + 1];
	struct err e = { 0 };
	struct visit v;

	if (q->head) { /* a code is used up by GET alone: who only looks does no harm */
		httpd_reply(h, q->id, 405, NULL, allow, NULL, 0);
		return;
	}
	visit_read(&v, web_site(arg), q, NULL);
	v.once = true;
	if (!take(q, "code", CODE_MAX, '!', args) && !take(q, "state", STATE_MAX, '!', args) &&
	    !take(q, "error", ERROR_MAX, ' ', args) &&
	    (json_str(args, "code") || json_str(args, "state") || json_str(args, "error"))) {
		visit_hash(v.session, hash);
		if (v.has_session)
			json_put_str(args, "session_hash", hash);
		web_ask(arg, &v, "callback", args, callback_page);
		return;
	}
	err_set(&e, ERR_INPUT, 0, "a callback without what it needs");
	err_tag(&e, "bad_link");
	web_refuse(arg, &v, callback_page, &e);
}
