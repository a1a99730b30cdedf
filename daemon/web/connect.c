/*
 * connect: the merchant's page, the same link for the whole life of a connection.
 *
 * To look (GET) asks for how the shop stands and changes nothing. A deed (POST) is done once and
 * leads back to the page, which tells what came of it: loading it again does no harm.
 */
#include "common/exits.h"
#include "common/json.h"
#include "common/own.h"
#include "common/str.h"
#include "daemon/base/log.h"
#include "daemon/io/httpd.h"
#include "daemon/web/form.h"
#include "daemon/web/pages.h"
#include "daemon/web/routes.h"
#include "daemon/web/visit.h"
#include "daemon/web/web.h"

#include <stdio.h>
#include <string.h>

#define PREFIX     "/connect/"
#define ACTION_MAX 16

/* --- what a deed has to tell ----------------------------------------------------------------- */

enum keep { KEEP_NONE = 0, KEEP_SHOP, KEEP_BOTH };

/* A refusal by its tag, and what of the choice stays. */
struct notice {
	const char *tag;
	enum keep keep;
	struct page_words words;
};

#define LATER_TH "โปรดลองอีกครั้งในอีกสักครู่"
#define LATER_EN "Please try again in a moment."

static const struct notice notices[] = {
	{ "not_choosing",
	  KEEP_NONE,
	  { "การเชื่อมต่อนี้ไม่ได้อยู่ในขั้นเลือกร้านแล้ว ด้านล่างคือสถานะปัจจุบัน",
	    "This connection is not at the choice of a shop any more. Below is how it stands "
	    "now." } },
	{ "foreign_shop",
	  KEEP_NONE,
	  { "ร้านนี้ไม่อยู่ในการอนุญาตแล้ว โปรดเลือกใหม่",
	    "This shop is not in the authorization any more. Please choose again." } },
	{ "shop_taken",
	  KEEP_NONE,
	  { "ร้านนี้เชื่อมต่ออยู่แล้ว โปรดเลือกร้านอื่น",
	    "This shop is connected already. Please choose another." } },
	{ "unknown_warehouse",
	  KEEP_SHOP,
	  { "ร้านไม่มีคลังนี้แล้ว โปรดเลือกใหม่",
	    "The shop does not have this warehouse any more. Please choose again." } },
	{ "unusable_warehouse",
	  KEEP_SHOP,
	  { "คลังนี้ใช้ส่งคำสั่งซื้อไม่ได้ โปรดเลือกคลังอื่น",
	    "Orders cannot leave from this warehouse. Please choose another." } },
	{ "plan_too_low",
	  KEEP_BOTH,
	  { "แพ็กเกจ GoSell ปัจจุบันไม่รองรับ TikTok Shop โปรดอัปเกรดแพ็กเกจก่อน",
	    "Your present GoSell plan does not carry TikTok Shop. Please upgrade first." } },
	{ "purging",
	  KEEP_NONE,
	  { "กำลังลบข้อมูลของร้านนี้ตามคำขอ จึงอนุญาตใหม่ไม่ได้",
	    "The data of this shop is being deleted, as was asked: it cannot be reauthorized." } },
	{ "permission_missing",
	  KEEP_NONE,
	  { "การอนุญาตขาดสิทธิ์ที่จำเป็น โปรดอนุญาตใหม่และอนุญาตสิทธิ์ทุกข้อ",
	    "The authorization lacks a permission that is needed. Please reauthorize and allow all "
	    "permissions." } },
	{ "shop_deactivated",
	  KEEP_NONE,
	  { "TikTok Shop ปิดการใช้งานร้านนี้ หรือการอนุญาตสิ้นสุดแล้ว โปรดตรวจสอบที่ TikTok Seller Center",
	    "TikTok Shop has deactivated this shop, or the authorization has ended. Please see to "
	    "it "
	    "in TikTok Seller Center." } },
	{ "token_refused",
	  KEEP_BOTH,
	  { "กำลังต่ออายุการเข้าถึง TikTok Shop " LATER_TH,
	    "Access to TikTok Shop is being renewed. " LATER_EN } },
	{ "tiktok_unavailable",
	  KEEP_BOTH,
	  { "ยังถาม TikTok Shop ไม่ได้ในขณะนี้ " LATER_TH,
	    "TikTok Shop cannot be asked right now. " LATER_EN } },
	{ "not_done",
	  KEEP_BOTH,
	  { "ทำตามที่ขอไม่ได้ในขณะนี้ ยังไม่มีอะไรเปลี่ยนแปลง โปรดดูสถานะปัจจุบันด้านล่าง",
	    "This cannot be done right now; nothing was changed. Please see below how it "
	    "stands." } },
	{ "read_again",
	  KEEP_SHOP,
	  { "อ่านรายการใหม่จาก TikTok Shop แล้ว", "The list was read again from TikTok Shop." } },
};

static const struct notice *
notice_find(const char *tag)
{
	for (size_t i = 0; i < ARRAY_LEN(notices); i++)
		if (!strcmp(notices[i].tag, tag))
			return &notices[i];
	return NULL;
}

static void
say_notice(struct page *p, const struct visit *v)
{
	static const struct page_words word = { "แจ้งให้ทราบ", "Notice" };
	const struct notice *n = notice_find(v->notice);

	if (n)
		page_note_say(p, !strcmp(n->tag, "read_again") ? TONE_GOOD : TONE_WARN, &word,
		              &n->words);
}

/* Back to the page, with what it has to say and what stays chosen. */
static int
go_back(struct page *p, const struct visit *v, const struct notice *n)
{
	char with[160] = "", address[VISIT_ADDRESS_MAX];
	size_t len = 0;

	if (n)
		len = (size_t)snprintf(with, sizeof(with), "notice=%s", n->tag);
	if (n && n->keep >= KEEP_SHOP && str_is_id(v->shop))
		len += (size_t)snprintf(with + len, sizeof(with) - len, "&shop=%s", v->shop);
	if (n && n->keep == KEEP_BOTH && str_is_id(v->shop) && str_is_id(v->warehouse))
		snprintf(with + len, sizeof(with) - len, "&warehouse=%s", v->warehouse);
	return page_go(p, visit_address(v, v->token, n ? with : NULL, address));
}

/* --- pages of no connection ------------------------------------------------------------------ */

static int
unknown_page(struct page *p)
{
	static const struct page_words
	    title = { "ไม่พบลิงก์นี้ หรือลิงก์หมดอายุแล้ว", "This link is unknown or has expired" },
	    next = { "โปรดขอลิงก์ใหม่จากผู้ดูแล GoSell ของคุณ",
		     "Please ask your GoSell administrator for a fresh one." };

	page_title(p, &title);
	page_state(p, "unknown_link");
	page_say(p, &next);
	return 404;
}

static int
forbidden_page(struct page *p, const struct visit *v, const struct json *doc, const struct err *e)
{
	static const struct page_words
	    title = { "เปิดหน้านี้ใหม่อีกครั้ง", "Please open the page again" },
	    what = { "คำขอนี้ไม่ได้มาจากหน้าที่เปิดในเบราว์เซอร์นี้ หรือหน้าเปิดค้างไว้นานเกินไป "
		     "เพื่อความปลอดภัยจึงยังไม่มีอะไรเปลี่ยนแปลง",
		     "This request did not come from a page opened in this browser, or the page "
		     "was open "
		     "for too long. For your safety nothing was changed." },
	    cookies = { "โปรดเปิดลิงก์การเชื่อมต่ออีกครั้ง และอนุญาตคุกกี้ของเว็บไซต์นี้",
		        "Please open the connection link again, and allow cookies of this site." },
	    again = { "เปิดหน้าการเชื่อมต่ออีกครั้ง", "Open the connection again" };
	char href[VISIT_ADDRESS_MAX];

	(void)doc;
	(void)e;
	page_title(p, &title);
	page_state(p, "forbidden");
	page_say(p, &what);
	page_say(p, &cookies);
	page_link_button(p, "next", visit_address(v, v->token, NULL, href), &again);
	return 403;
}

/* --- looking --------------------------------------------------------------------------------- */

static int
connect_page(struct page *p, const struct visit *v, const struct json *doc, const struct err *e)
{
	const char *state = doc ? json_str(doc, "state") : NULL;

	if (!doc)
		return e->kind == ERR_INPUT ? unknown_page(p) : web_page_away(p);
	page_state(p, state ? state : "");
	say_notice(p, v);
	if (state && !strcmp(state, "pending"))
		return begin_page(p, v, doc);
	if (state && !strcmp(state, "choosing"))
		return choose_page(p, v, doc);
	return standing_page(p, v, doc);
}

static struct json *
args_new(const struct visit *v)
{
	struct json *args = json_obj();
	char hash[2 * CRYPTO_HASH_BYTES + 1];

	visit_hash(v->token, hash);
	json_put_str(args, "link_hash", hash);
	return args;
}

/* --- deeds ----------------------------------------------------------------------------------- */

static int
refused(struct page *p, const struct visit *v, const struct err *e)
{
	const struct notice *n = notice_find(e->tag);

	if (e->kind != ERR_INPUT)
		return web_page_away(p);
	if (!n && e->code == EXITS_UNKNOWN)
		return unknown_page(p);
	return go_back(p, v, n ? n : notice_find("not_done"));
}

/* Is url TikTok's page as configured? A redirect leads nowhere else. */
static bool
is_authorize_url(const struct visit *v, const char *url)
{
	size_t len = strlen(v->site->authorize_url);

	if (!url || strlen(url) >= PAGE_LOCATION_MAX ||
	    strncmp(url, v->site->authorize_url, len) != 0)
		return false;
	if (!strchr("?&", url[len]) || !url[len])
		return false;
	for (const char *s = url; *s; s++)
		if (*s <= ' ' || *s > '~')
			return false;
	return true;
}

static int
authorize_page(struct page *p, const struct visit *v, const struct json *doc, const struct err *e)
{
	const char *url = json_str(doc, "authorize_url");

	if (!doc)
		return refused(p, v, e);
	if (!is_authorize_url(v, url)) {
		log_event(LOG_ERROR, "web.authorize_url", "why=%s", LOGQ("not as configured"));
		return web_page_away(p);
	}
	p->keep_lang = v->lang_said;
	return page_go(p, url);
}

static int
confirm_page(struct page *p, const struct visit *v, const struct json *doc, const struct err *e)
{
	return doc ? go_back(p, v, NULL) : refused(p, v, e);
}

static int
reload_page(struct page *p, const struct visit *v, const struct json *doc, const struct err *e)
{
	return doc ? go_back(p, v, notice_find("read_again")) : refused(p, v, e);
}

static void
connect_post(struct web *w, const struct visit *v, const struct httpd_req *q)
{
	CLEANUP(json_freep) struct json *args = args_new(v);
	char action[ACTION_MAX], hash[2 * CRYPTO_HASH_BYTES + 1];
	struct err e = { 0 };

	if (!httpd_form(q, "action", action, sizeof(action)))
		*action = '\0';
	if (!visit_trusts(v, q)) {
		log_event(LOG_WARN, "web.form_refused", "action=%s peer=%s", LOGQ(action), q->peer);
		err_set(&e, ERR_INPUT, 0, "not a form of ours");
		web_refuse(w, v, forbidden_page, &e);
	} else if (!strcmp(action, "authorize")) {
		visit_hash(v->session, hash);
		json_put_str(args, "session_hash", hash);
		web_ask(w, v, "authorize", args, authorize_page);
	} else if (!strcmp(action, "confirm")) {
		json_put_str(args, "tiktok_shop_id", v->shop);
		json_put_str(args, "warehouse_id", v->warehouse);
		web_ask(w, v, "link_confirm", args, confirm_page);
	} else if (!strcmp(action, "reload")) {
		web_ask(w, v, "link_choices", args, reload_page);
	} else {
		err_set(&e, ERR_INPUT, 0, "no such action");
		web_refuse(w, v, forbidden_page, &e);
	}
}

void
connect_any(struct httpd *h, const struct httpd_req *q, void *arg)
{
	CLEANUP(json_freep) struct json *args = NULL;
	struct err e = { 0 };
	struct visit v;

	(void)h;
	visit_read(&v, web_site(arg), q, q->path + strlen(PREFIX));
	if (!*v.token) { /* never a link of ours: not worth a question */
		err_set(&e, ERR_INPUT, 0, "not a link of ours");
		web_refuse(arg, &v, connect_page, &e);
		return;
	}
	if (q->method == HTTPD_POST) {
		connect_post(arg, &v, q);
		return;
	}
	args = args_new(&v);
	web_ask(arg, &v, "sql:link", args, connect_page);
}
