#include "daemon/web/outcome.h"

#include "common/json.h"
#include "common/own.h"

#include <string.h>

#define LIST_MAX 1024

static const struct outcome outcomes[] = {
	{ "authorized",
	  200,
	  OUTCOME_DONE,
	  { "อนุญาตสำเร็จ", "Authorized" },
	  { "TikTok Shop อนุญาตให้เชื่อมต่อแล้ว ขั้นต่อไปคือเลือกร้านค้าและคลังสินค้า",
	    "TikTok Shop has given its permission. Next, a shop and a warehouse are chosen." },
	  { "โปรดเปิดลิงก์การเชื่อมต่อที่ได้รับจากผู้ดูแล GoSell อีกครั้ง",
	    "Please open the connection link of your GoSell administrator again." } },
	{ "renewed",
	  200,
	  OUTCOME_DONE,
	  { "ต่ออายุการอนุญาตแล้ว", "Authorization renewed" },
	  { "ร้านค้า คลังสินค้า ประวัติ และวันที่เชื่อมต่อคงเดิม ระบบทำงานต่อจากจุดที่ค้างไว้",
	    "Shop, warehouse, history and connection date stay as they were; work goes on where it "
	    "stopped." },
	  { "ไม่ต้องทำอะไรเพิ่ม ปิดหน้านี้ได้", "Nothing else is to be done. You can close this page." } },
	{ "in_progress",
	  202,
	  OUTCOME_OPEN,
	  { "กำลังดำเนินการ", "Being worked on" },
	  { "ระบบกำลังรับการอนุญาตจาก TikTok Shop หน้านี้จะเปิดใหม่เองทุก 5 วินาที",
	    "The permission of TikTok Shop is being taken in. This page looks again by itself "
	    "every 5 "
	    "seconds." },
	  { NULL, NULL } },
	{ "held",
	  200,
	  OUTCOME_OPEN,
	  { "ได้รับการอนุญาตแล้ว รอผู้ดูแลระบุร้าน", "Authorized, and waiting for your administrator" },
	  { "การอนุญาตนี้เริ่มจาก TikTok Seller Center จึงยังไม่ทราบว่าเป็นของบัญชี GoSell ใด "
	    "และยังไม่ได้เชื่อมต่อ",
	    "This authorization was begun in TikTok's Seller Center, so it cannot be told yet "
	    "which "
	    "GoSell account it is for. Nothing is connected yet." },
	  { "โปรดแจ้งหมายเลขนี้แก่ผู้ดูแล GoSell ของคุณเพื่อเชื่อมต่อให้เสร็จ",
	    "Please tell this number to your GoSell administrator, who completes the "
	    "connection." } },
	{ "denied",
	  403,
	  OUTCOME_FAILED,
	  { "ไม่ได้รับอนุญาต", "Permission was not given" },
	  { "มีการปฏิเสธการอนุญาตที่ TikTok Shop จึงยังไม่มีอะไรเปลี่ยนแปลง",
	    "The permission was declined at TikTok Shop; nothing was changed." },
	  { "หากต้องการเชื่อมต่อ ให้ลองอีกครั้งแล้วกดยืนยันการอนุญาตที่หน้าของ TikTok Shop",
	    "To connect, try again and confirm the authorization on TikTok Shop's page." } },
	{ "reused",
	  409,
	  OUTCOME_FAILED,
	  { "ลิงก์นี้ถูกใช้ไปแล้ว", "This link was used already" },
	  { "ลิงก์อนุญาตใช้ได้เพียงครั้งเดียว การเปิดซ้ำไม่มีผลใด ๆ",
	    "An authorization link works once; opening it again changes nothing." },
	  { "หากเพิ่งเห็นว่าอนุญาตสำเร็จแล้ว ไม่ต้องทำอะไรเพิ่ม",
	    "If you have just seen that it was authorized, nothing is to be done." } },
	{ "expired",
	  410,
	  OUTCOME_FAILED,
	  { "ลิงก์อนุญาตหมดอายุแล้ว", "The authorization link has expired" },
	  { "ลิงก์อนุญาตใช้ได้ 10 นาที จึงยังไม่มีอะไรเปลี่ยนแปลง",
	    "An authorization link works for 10 minutes; nothing was changed." },
	  { NULL, NULL } },
	{ "other_session",
	  403,
	  OUTCOME_FAILED,
	  { "เปิดในเบราว์เซอร์อื่น", "Opened in another browser" },
	  { "การอนุญาตนี้เริ่มจากเบราว์เซอร์หรืออุปกรณ์อื่น เพื่อความปลอดภัยจึงไม่รับ "
	    "และยังไม่มีอะไรเปลี่ยนแปลง",
	    "This authorization was begun in another browser or on another device. For your safety "
	    "it was not taken; nothing was changed." },
	  { "โปรดทำทุกขั้นตอนในเบราว์เซอร์เดียวกัน", "Please take all steps in the same browser." } },
	{ "code_refused",
	  400,
	  OUTCOME_FAILED,
	  { "TikTok Shop ไม่รับรหัสอนุญาต", "TikTok Shop refused the authorization code" },
	  { "รหัสหมดอายุหรือถูกใช้ไปแล้ว จึงยังไม่มีอะไรเปลี่ยนแปลง",
	    "The code has expired or was used already; nothing was changed." },
	  { NULL, NULL } },
	{ "permission_missing",
	  403,
	  OUTCOME_FAILED,
	  { "สิทธิ์ที่อนุญาตไม่ครบ", "Permissions are missing" },
	  { "การอนุญาตนี้ขาดสิทธิ์ที่จำเป็น จึงยังไม่มีอะไรเปลี่ยนแปลง",
	    "The authorization lacks permissions that are needed; nothing was changed." },
	  { "โปรดลองอีกครั้งและอนุญาตสิทธิ์ทุกข้อ หากยังไม่ครบ โปรดแจ้งชื่อสิทธิ์ที่ขาดแก่ผู้ดูแล GoSell "
	    "ให้ตรวจแอปที่ TikTok Shop",
	    "Please try again and allow all permissions. If they are still missing, tell their "
	    "names "
	    "to your GoSell administrator, who checks the app at TikTok Shop." } },
	{ "no_shop",
	  409,
	  OUTCOME_FAILED,
	  { "ไม่พบร้านค้า", "No shop was found" },
	  { "บัญชีที่อนุญาตไม่มีร้าน TikTok Shop ที่ใช้งานได้",
	    "The account has no TikTok Shop that is open." },
	  { "โปรดออกจากระบบ TikTok แล้วเข้าสู่ระบบด้วยบัญชีเจ้าของร้าน",
	    "Please log out of TikTok, and log in as the owner of the shop." } },
	{ "region_mismatch",
	  409,
	  OUTCOME_FAILED,
	  { "ประเทศของร้านไม่ตรงกัน", "The shop is in another country" },
	  { "บัญชีที่อนุญาตไม่มีร้านในประเทศที่เลือกไว้ จึงยังไม่ได้เชื่อมต่อ",
	    "The account has no shop in the country that was chosen; nothing was connected." },
	  { "โปรดใช้บัญชีของร้านในประเทศที่เลือกไว้ หรือให้ผู้ดูแล GoSell แก้ประเทศให้ถูกต้อง",
	    "Please use the account of the shop in that country, or let your GoSell administrator "
	    "correct the country." } },
	{ "other_shop",
	  409,
	  OUTCOME_FAILED,
	  { "บัญชีนี้เป็นของร้านอื่น", "This account belongs to another shop" },
	  { "บัญชีที่อนุญาตไม่มีร้านเดิมของการเชื่อมต่อนี้ ร้านเดิมไม่เปลี่ยนแปลง",
	    "The account does not have the shop of this connection; nothing was changed." },
	  { "โปรดออกจากระบบ TikTok แล้วเข้าสู่ระบบด้วยบัญชีของร้านเดิม",
	    "Please log out of TikTok, and log in with the account of that shop." } },
	{ "wrong_account",
	  409,
	  OUTCOME_FAILED,
	  { "บัญชีนี้ไม่ใช่บัญชีผู้ขาย", "This is not a seller's account" },
	  { "เชื่อมต่อได้เฉพาะบัญชีผู้ขายของ TikTok Shop บัญชีครีเอเตอร์หรือพาร์ตเนอร์ใช้ไม่ได้",
	    "Only the account of a TikTok Shop seller can be connected, not a creator's or a "
	    "partner's." },
	  { "โปรดออกจากระบบ TikTok แล้วเข้าสู่ระบบด้วยบัญชีผู้ขาย",
	    "Please log out of TikTok, and log in as a seller." } },
	{ "no_state",
	  400,
	  OUTCOME_FAILED,
	  { "การอนุญาตนี้ไม่ได้เริ่มจากระบบของเรา", "This authorization was not begun here" },
	  { "ไม่ทราบว่าเป็นการเชื่อมต่อของร้านใด จึงยังไม่ได้เชื่อมต่อ",
	    "It cannot be told which connection it is for; nothing was connected." },
	  { NULL, NULL } },
	{ "state_unknown",
	  404,
	  OUTCOME_FAILED,
	  { "ไม่รู้จักลิงก์นี้", "This link is unknown" },
	  { "ลิงก์นี้ไม่ได้สร้างจากระบบของเรา หรือถูกแทนที่ไปนานแล้ว",
	    "The link was not made here, or was replaced long ago." },
	  { NULL, NULL } },
	{ "bad_link",
	  400,
	  OUTCOME_FAILED,
	  { "ลิงก์ไม่สมบูรณ์", "This link is not complete" },
	  { "ข้อมูลในลิงก์ขาดหรือไม่ถูกต้อง จึงยังไม่มีอะไรเปลี่ยนแปลง",
	    "What the link carries is missing or not right; nothing was changed." },
	  { NULL, NULL } },
	{ "busy",
	  503,
	  OUTCOME_OPEN,
	  { "ระบบไม่ว่างในขณะนี้", "Busy right now" },
	  { "มีการอนุญาตเข้ามาพร้อมกันมาก ยังไม่มีอะไรสูญหาย",
	    "Many authorizations arrive at the same time; nothing is lost." },
	  { "โปรดเปิดหน้านี้ใหม่ในอีกสักครู่", "Please load this page again in a moment." } },
};

const struct outcome *
outcome_find(const char *name)
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

void
outcome_say(struct page *p, const struct outcome *o, const struct json *detail)
{
	static const struct page_words missing = { "สิทธิ์ที่ขาด", "Missing" },
				       wanted = { "ประเทศที่เลือกไว้", "Country chosen" },
				       found = { "ประเทศของร้าน", "Country of the shop" },
				       number = { "หมายเลข", "Number" };
	char id[21];

	page_say(p, &o->what);
	row_listed(p, &missing, detail, "missing");
	row_listed(p, &wanted, detail, "wanted");
	row_listed(p, &found, detail, "found");
	page_row(p, &number, json_id(detail, "held", id, sizeof(id)));
	if (o->next.th)
		page_say(p, &o->next);
}
