/*
 * callback: TikTok's redirect after the seller's consent, and a page for each way it can end.
 *
 * Code and state are passed on and never shown or logged.
 */
#include "common/json.h"
#include "common/own.h"
#include "common/str.h"
#include "daemon/base/log.h"
#include "daemon/web/page.h"
#include "daemon/web/routes.h"
#include "daemon/web/web.h"

#include <string.h>

#define CODE_MAX  512
#define STATE_MAX 128
#define ERROR_MAX 128
#define LIST_MAX  1024

struct outcome {
	const char *name;
	int status;
	struct page_words title;
	struct page_words what;
	struct page_words next;
};

#define FRESH_TH "โปรดขอลิงก์อนุญาตใหม่จากผู้ดูแลระบบ"
#define FRESH_EN "ask your administrator for a fresh authorization link"

static const struct outcome outcomes[] = {
	{ "authorized",
	  200,
	  { "อนุญาตสำเร็จ", "Authorized" },
	  { "TikTok Shop อนุญาตให้เชื่อมต่อแล้ว", "TikTok Shop has given its permission." },
	  { "ขั้นต่อไปคือเลือกร้านค้าและคลังสินค้า โปรดดำเนินการต่อกับผู้ดูแลระบบ ปิดหน้านี้ได้",
	    "Next, a shop and a warehouse are chosen: go on with your administrator. You can close "
	    "this "
	    "page." } },
	{ "renewed",
	  200,
	  { "ต่ออายุการอนุญาตแล้ว", "Authorization renewed" },
	  { "ร้านค้า ประวัติ และวันที่เชื่อมต่อคงเดิม ระบบทำงานต่อจากจุดที่ค้างไว้",
	    "Shop, history and connection date stay as they were; work goes on where it stopped." },
	  { "ไม่ต้องทำอะไรเพิ่ม ปิดหน้านี้ได้", "Nothing else is to be done. You can close this page." } },
	{ "denied",
	  403,
	  { "ไม่ได้รับอนุญาต", "Permission was not given" },
	  { "มีการปฏิเสธการอนุญาตที่ TikTok Shop จึงยังไม่ได้เชื่อมต่อ",
	    "The permission was declined at TikTok Shop; nothing was connected." },
	  { "หากต้องการเชื่อมต่อ " FRESH_TH " แล้วกดยืนยันการอนุญาต",
	    "To connect, " FRESH_EN " and confirm the authorization." } },
	{ "reused",
	  409,
	  { "ลิงก์นี้ถูกใช้ไปแล้ว", "This link was used already" },
	  { "ลิงก์อนุญาตใช้ได้เพียงครั้งเดียว", "An authorization link works once." },
	  { "หากเพิ่งเห็นหน้าอนุญาตสำเร็จ ไม่ต้องทำอะไรเพิ่ม มิฉะนั้น" FRESH_TH,
	    "If you have just seen that it was authorized, nothing is to be done. "
	    "Otherwise " FRESH_EN "." } },
	{ "expired",
	  410,
	  { "ลิงก์หมดอายุแล้ว", "This link has expired" },
	  { "ลิงก์อนุญาตใช้ได้ในเวลาจำกัด จึงยังไม่ได้เชื่อมต่อ",
	    "An authorization link works for a short time; nothing was connected." },
	  { FRESH_TH, "Please " FRESH_EN "." } },
	{ "code_refused",
	  400,
	  { "TikTok Shop ไม่รับรหัสอนุญาต", "TikTok Shop refused the authorization code" },
	  { "รหัสหมดอายุหรือถูกใช้ไปแล้ว จึงยังไม่ได้เชื่อมต่อ",
	    "The code has expired or was used already; nothing was connected." },
	  { FRESH_TH, "Please " FRESH_EN "." } },
	{ "permission_missing",
	  403,
	  { "สิทธิ์ที่อนุญาตไม่ครบ", "Permissions are missing" },
	  { "การอนุญาตนี้ขาดสิทธิ์ที่จำเป็น จึงยังไม่ได้เชื่อมต่อ",
	    "The authorization lacks permissions that are needed; nothing was connected." },
	  { FRESH_TH " แล้วอนุญาตสิทธิ์ทุกข้อ หากยังไม่ครบ ให้ผู้ดูแลระบบตรวจสิทธิ์ของแอปที่ TikTok Shop",
	    "Please " FRESH_EN " and allow all permissions. If they are still missing, your "
	    "administrator checks the permissions of the app at TikTok Shop." } },
	{ "no_shop",
	  409,
	  { "ไม่พบร้านค้า", "No shop was found" },
	  { "บัญชีที่อนุญาตไม่มีร้าน TikTok Shop ที่ใช้งานได้",
	    "The account has no TikTok Shop that is open." },
	  { "โปรดเข้าสู่ระบบ TikTok Shop ด้วยบัญชีเจ้าของร้าน และขอลิงก์อนุญาตใหม่จากผู้ดูแลระบบ",
	    "Please log in to TikTok Shop as the owner of the shop, and " FRESH_EN "." } },
	{ "region_mismatch",
	  409,
	  { "ประเทศของร้านไม่ตรงกัน", "The shop is in another country" },
	  { "บัญชีที่อนุญาตไม่มีร้านในประเทศที่เลือกไว้ จึงยังไม่ได้เชื่อมต่อ",
	    "The account has no shop in the country that was chosen; nothing was connected." },
	  { "โปรดใช้บัญชีของร้านในประเทศที่เลือกไว้ หรือให้ผู้ดูแลระบบเริ่มเชื่อมต่อใหม่ด้วยประเทศที่ถูกต้อง",
	    "Please use the account of the shop in that country, or let your administrator begin "
	    "again "
	    "with the right country." } },
	{ "other_shop",
	  409,
	  { "บัญชีนี้เป็นของร้านอื่น", "This account belongs to another shop" },
	  { "บัญชีที่อนุญาตไม่มีร้านเดิมของการเชื่อมต่อนี้ ร้านเดิมไม่เปลี่ยนแปลง",
	    "The account does not have the shop of this connection; nothing was changed." },
	  { "โปรดออกจากระบบ TikTok Shop เข้าสู่ระบบด้วยบัญชีของร้านเดิม และขอลิงก์อนุญาตใหม่จากผู้ดูแลระบบ",
	    "Please log out of TikTok Shop, log in with the account of that shop, and " FRESH_EN
	    "." } },
	{ "wrong_account",
	  409,
	  { "บัญชีนี้ไม่ใช่บัญชีผู้ขาย", "This is not a seller's account" },
	  { "เชื่อมต่อได้เฉพาะบัญชีผู้ขายของ TikTok Shop บัญชีครีเอเตอร์หรือพาร์ตเนอร์ใช้ไม่ได้",
	    "Only the account of a TikTok Shop seller can be connected, not a creator's or a "
	    "partner's." },
	  { "โปรดเข้าสู่ระบบด้วยบัญชีผู้ขาย และขอลิงก์อนุญาตใหม่จากผู้ดูแลระบบ",
	    "Please log in as a seller, and " FRESH_EN "." } },
	{ "no_state",
	  400,
	  { "การอนุญาตนี้ไม่ได้เริ่มจากระบบของเรา", "This authorization was not begun here" },
	  { "ไม่ทราบว่าเป็นการเชื่อมต่อของร้านใด จึงยังไม่ได้เชื่อมต่อ",
	    "It cannot be told which connection it is for; nothing was connected." },
	  { "โปรดเริ่มจากลิงก์อนุญาตที่ได้รับจากผู้ดูแลระบบ",
	    "Please begin with the authorization link of your administrator." } },
	{ "state_unknown",
	  404,
	  { "ไม่รู้จักลิงก์นี้", "This link is unknown" },
	  { "ลิงก์นี้ไม่ได้สร้างจากระบบของเรา หรือถูกแทนที่ไปนานแล้ว",
	    "The link was not made here, or was replaced long ago." },
	  { FRESH_TH, "Please " FRESH_EN "." } },
	{ "bad_link",
	  400,
	  { "ลิงก์ไม่สมบูรณ์", "This link is not complete" },
	  { "ข้อมูลในลิงก์ขาดหรือไม่ถูกต้อง จึงยังไม่ได้เชื่อมต่อ",
	    "What the link carries is missing or not right; nothing was connected." },
	  { FRESH_TH, "Please " FRESH_EN "." } },
};

static const struct outcome *
outcome_of(const char *name)
{
	for (size_t i = 0; name && i < ARRAY_LEN(outcomes); i++)
		if (!strcmp(outcomes[i].name, name))
			return &outcomes[i];
	return NULL;
}

/* A row for a text, or for the texts of an array with commas between. */
static void
row_listed(struct page *p, const struct page_words *label, const struct json *doc, const char *key)
{
	const struct json *arr = json_get(doc, key);
	struct buf list;

	buf_init(&list, LIST_MAX);
	for (size_t i = 0; i < json_len(arr); i++) {
		const char *s = json_text(json_at(arr, i));

		if (s)
			buf_printf(&list, "%s%s", list.len ? ", " : "", s);
	}
	page_row(p, label, json_is_arr(arr) ? buf_text(&list) : json_str(doc, key));
	buf_done(&list);
}

static int
outcome_page(struct page *p, const struct outcome *o, const struct json *doc)
{
	static const struct page_words missing = { "สิทธิ์ที่ขาด", "Missing" },
				       wanted = { "ประเทศที่เลือกไว้", "Country chosen" },
				       found = { "ประเทศของร้าน", "Country of the shop" },
				       shop = { "เลขที่การเชื่อมต่อ", "Connection number" };
	char id[21];

	page_title(p, &o->title);
	page_say(p, &o->what);
	row_listed(p, &missing, doc, "missing");
	row_listed(p, &wanted, doc, "wanted");
	row_listed(p, &found, doc, "found");
	page_row(p, &shop, json_id(doc, "shop_id", id, sizeof(id)));
	page_say(p, &o->next);
	return o->status;
}

static int
callback_page(struct page *p, const struct json *doc, const struct err *e)
{
	const struct outcome *o = outcome_of(doc ? json_str(doc, "outcome") : e->tag);
	char id[21];

	if (!o) {
		if (doc)
			log_event(LOG_ERROR, "web.outcome_unknown", "outcome=%s",
			          LOGQ(json_str(doc, "outcome")));
		return web_page_away(p);
	}
	if (doc)
		log_event(LOG_INFO, "web.callback", "outcome=%s shop=%s", o->name,
		          json_id(doc, "shop_id", id, sizeof(id)) ? id : "none");
	return outcome_page(p, o, doc);
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
	CLEANUP(json_freep) struct json *args = json_obj();
	struct err e = { 0 };

	(void)h;
	if (!take(q, "code", CODE_MAX, '!', args) && !take(q, "state", STATE_MAX, '!', args) &&
	    !take(q, "error", ERROR_MAX, ' ', args) &&
	    (json_str(args, "code") || json_str(args, "state") || json_str(args, "error"))) {
		web_ask(arg, q, "callback", args, callback_page);
		return;
	}
	err_set(&e, ERR_INPUT, 0, "a callback without what it needs");
	err_tag(&e, "bad_link");
	web_refuse(arg, q, callback_page, &e);
}
