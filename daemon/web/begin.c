/*
 * begin: before the seller's consent.
 *
 * TikTok's own page asks for account and password: no page of ours has a field for one.
 */
#include "common/json.h"
#include "common/own.h"
#include "daemon/web/form.h"
#include "daemon/web/outcome.h"
#include "daemon/web/pages.h"
#include "daemon/web/visit.h"

void
begin_say_failed(struct page *p, const struct json *doc)
{
	static const struct page_words when = { "เมื่อ", "At" };
	const struct json *last = json_get(doc, "authorization");
	const struct outcome *o = outcome_find(json_str(last, "outcome"));

	if (!o || o->kind != OUTCOME_FAILED)
		return;
	page_note(p, TONE_BAD, &o->title);
	outcome_say(p, o, json_get(last, "detail"));
	page_row_time(p, &when, json_str(last, "at"));
	page_note_end(p);
}

void
begin_form(struct page *p, const struct visit *v, bool renew, bool less)
{
	static const struct page_words go = { "ไปที่ TikTok Shop", "Go to TikTok Shop" },
				       again = { "อนุญาตใหม่ที่ TikTok Shop",
		                                 "Reauthorize at TikTok Shop" };

	form_post(p, v, "authorize", true);
	form_button(p, "authorize", renew ? &again : &go, less);
	form_end(p);
}

int
begin_page(struct page *p, const struct visit *v, const struct json *doc)
{
	static const struct page_words
	    title = { "เชื่อมต่อ TikTok Shop", "Connect TikTok Shop" },
	    what = { "เชื่อมต่อร้าน TikTok Shop ของคุณกับ GoSell ในชื่อ {}",
		     "Connect your TikTok Shop to GoSell as {}" },
	    ahead = { "ขั้นตอน", "What will happen" },
	    steps[] = {
		    { "1. เข้าสู่ระบบที่หน้าของ TikTok Shop เอง GoSell ไม่ขอและไม่เห็นรหัสผ่าน TikTok ของคุณ",
		      "1. You log in on TikTok Shop's own page. GoSell neither asks for your TikTok "
		      "password nor sees it." },
		    { "2. กดยืนยันการอนุญาต แล้วระบบจะพากลับมาที่หน้านี้",
		      "2. You confirm the authorization there, and are led back to this page." },
		    { "3. เลือกร้านค้าและคลังสินค้า แล้วยืนยัน",
		      "3. You choose a shop and a warehouse, and confirm." },
		    { "4. สินค้าและคำสั่งซื้อใหม่เริ่มเข้ามาที่ GoSell",
		      "4. Products and new orders begin to come in to GoSell." },
	    },
	    care = { "ก่อนเริ่ม", "Before you begin" },
	    out = { "โปรดออกจากระบบบัญชี TikTok อื่น ๆ ในเบราว์เซอร์นี้ก่อน เพื่อไม่ให้เชื่อมต่อผิดร้าน",
		    "Please log out of other TikTok accounts in this browser first, so that the right "
		    "shop is connected." },
	    privacy = { "ระบบไม่รับชื่อ ที่อยู่ และหมายเลขโทรศัพท์ของผู้ซื้อเข้ามา ตามกฎหมายคุ้มครองข้อมูลส่วนบุคคล (PDPA)",
			"Names, addresses and phone numbers of buyers are not taken in, as Thailand's "
			"data protection law (PDPA) has it." },
	    until = { "ลิงก์นี้ใช้ได้ถึง", "This link works until" };

	page_title(p, &title);
	begin_say_failed(p, doc);
	page_say_with(p, &what, json_str(doc, "alias"));
	page_head(p, &ahead);
	page_list(p, "steps");
	for (size_t i = 0; i < ARRAY_LEN(steps); i++)
		page_item(p, &steps[i]);
	page_list_end(p);
	page_note_say(p, TONE_WARN, &care, &out);
	begin_form(p, v, false, false);
	page_say_dim(p, &privacy);
	page_row_time(p, &until, json_str(doc, "link_expires_at"));
	return 200;
}
