/*
 * connect: how the shop behind a merchant's link stands, and what is to be done next.
 *
 * The token of the link is known here and to its holder only: the database keeps its hash.
 */
#include "common/crypto.h"
#include "common/json.h"
#include "common/own.h"
#include "daemon/web/page.h"
#include "daemon/web/routes.h"
#include "daemon/web/web.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define PREFIX    "/connect/"
#define TOKEN_MAX 128

/* What a state asks of the merchant; command: what the administrator does, with the shop's id. */
struct step {
	const char *state;
	struct page_words next;
	const char *command;
};

static const struct step steps[] = {
	{ "pending",
	  { "TikTok Shop ยังไม่ได้อนุญาตการเชื่อมต่อนี้ หากลิงก์อนุญาตหมดอายุ "
	    "โปรดขอลิงก์ใหม่จากผู้ดูแลระบบ",
	    "TikTok Shop has not given its permission yet. If the authorization link has expired, "
	    "ask "
	    "your administrator for a fresh one." },
	  "ttctl reauthorize" },
	{ "choosing",
	  { "ได้รับอนุญาตแล้ว ขั้นต่อไปคือเลือกร้านค้าและคลังสินค้า โปรดดำเนินการต่อกับผู้ดูแลระบบ",
	    "Authorized. Next, a shop and a warehouse are chosen: go on with your administrator." },
	  "ttctl choices" },
	{ "connecting",
	  { "กำลังนำเข้าสินค้าและคำสั่งซื้อ ไม่ต้องทำอะไรเพิ่ม เปิดหน้านี้อีกครั้งเพื่อดูความคืบหน้า",
	    "Products and orders are coming in; nothing is to be done. Open this page again to see "
	    "how "
	    "far it is." },
	  NULL },
	{ "connected",
	  { "ร้านเชื่อมต่ออยู่ ไม่ต้องทำอะไรเพิ่ม", "The shop is connected; nothing is to be done." },
	  NULL },
	{ "expiring",
	  { "การอนุญาตใกล้หมดอายุ โปรดขอลิงก์อนุญาตใหม่จากผู้ดูแลระบบก่อนวันหมดอายุ "
	    "ข้อมูลและประวัติจะคงเดิม",
	    "The authorization ends soon. Ask your administrator for a fresh link before that day; "
	    "data and history stay." },
	  "ttctl reauthorize" },
	{ "expired",
	  { "การอนุญาตหมดอายุแล้ว คำสั่งซื้อใหม่จะยังไม่เข้ามา "
	    "โปรดขอลิงก์อนุญาตใหม่จากผู้ดูแลระบบ",
	    "The authorization has ended, and new orders do not come in. Ask your administrator "
	    "for a "
	    "fresh link." },
	  "ttctl reauthorize" },
	{ "disconnected",
	  { "ร้านขาดการเชื่อมต่อ คำสั่งซื้อใหม่จะยังไม่เข้ามา "
	    "โปรดขอลิงก์อนุญาตใหม่จากผู้ดูแลระบบ",
	    "The shop is disconnected, and new orders do not come in. Ask your administrator for a "
	    "fresh link." },
	  "ttctl reauthorize" },
};

static const struct step other_step = { NULL,
	                                { "โปรดสอบถามผู้ดูแลระบบ", "Please ask your administrator." },
	                                "ttctl show" };

static const struct step *
step_of(const char *state)
{
	for (size_t i = 0; state && i < ARRAY_LEN(steps); i++)
		if (!strcmp(steps[i].state, state))
			return &steps[i];
	return &other_step;
}

static void
say_next(struct page *p, const struct json *shop)
{
	static const struct page_words admin = { "สำหรับผู้ดูแลระบบ", "For the administrator" };
	const struct step *step = step_of(json_str(shop, "state"));
	char id[21], command[64];

	page_say(p, &step->next);
	if (!step->command || !json_id(shop, "shop_id", id, sizeof(id)))
		return;
	snprintf(command, sizeof(command), "%s %s", step->command, id);
	page_row_code(p, &admin, command);
}

/* Counts and dates: there are none before the connection was made. */
static void
say_connected(struct page *p, const struct json *shop)
{
	static const struct page_words products = { "สินค้า", "Products" },
				       orders = { "คำสั่งซื้อ", "Orders" },
				       since = { "เชื่อมต่อเมื่อ", "Connected since" };
	const struct json *counts = json_get(shop, "counts");
	int64_t n;

	if (!json_str(shop, "connected_at"))
		return;
	if (!json_i64(counts, "products", &n))
		page_row_count(p, &products, n);
	if (!json_i64(counts, "orders", &n))
		page_row_count(p, &orders, n);
	page_row_time(p, &since, json_str(shop, "connected_at"));
}

static int
shop_page(struct page *p, const struct json *shop)
{
	static const struct page_words title = { "การเชื่อมต่อ TikTok Shop",
		                                 "TikTok Shop connection" },
				       alias = { "ชื่อเรียก", "Alias" },
				       name = { "ร้านที่ TikTok", "Shop at TikTok" },
				       state = { "สถานะ", "State" }, reason = { "สาเหตุ", "Reason" },
				       until = { "อนุญาตถึง", "Authorized until" };

	page_title(p, &title);
	page_row(p, &alias, json_str(shop, "alias"));
	page_row(p, &name, json_str(shop, "name"));
	page_row_word(p, &state, json_str(shop, "state"));
	page_row_word(p, &reason, json_str(shop, "reason"));
	say_connected(p, shop);
	page_row_time(p, &until, json_str(shop, "expires_at"));
	say_next(p, shop);
	return 200;
}

static int
connect_page(struct page *p, const struct json *doc, const struct err *e)
{
	static const struct page_words title = { "ไม่พบลิงก์นี้ หรือลิงก์หมดอายุแล้ว",
		                                 "This link is unknown or has expired" },
				       next = { "โปรดขอลิงก์ใหม่จากผู้ดูแลระบบ",
		                                "Please ask your administrator for a fresh one." };

	if (doc)
		return shop_page(p, doc);
	if (e->kind != ERR_INPUT)
		return web_page_away(p);
	page_title(p, &title);
	page_say(p, &next);
	return 404;
}

/* Tokens are base64url: anything else was never a link of ours and is not worth a question. */
static bool
is_token(const char *s)
{
	size_t len = strspn(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_");

	return len && len <= TOKEN_MAX && !s[len];
}

void
connect_get(struct httpd *h, const struct httpd_req *q, void *arg)
{
	const char *token = q->path + strlen(PREFIX);
	unsigned char hash[CRYPTO_HASH_BYTES];
	char hex[2 * CRYPTO_HASH_BYTES + 1];
	CLEANUP(json_freep) struct json *args = json_obj();
	struct err e = { 0 };

	(void)h;
	if (!is_token(token)) {
		err_set(&e, ERR_INPUT, 0, "not a link of ours");
		web_refuse(arg, q, connect_page, &e);
		return;
	}
	crypto_sha256(token, strlen(token), hash);
	crypto_hex(hash, sizeof(hash), hex);
	json_put_str(args, "link_hash", hex);
	web_ask(arg, q, "sql:link", args, connect_page);
}
