/*
 * choose: a shop, a warehouse, a look at both, and the confirmation.
 *
 * What was chosen so far stands in the address, so that each step can be gone back to and loaded
 * again. An id there that the list does not have, or not as one to be chosen, leads back to its
 * step, which says so.
 */
#include "common/json.h"
#include "common/own.h"
#include "common/str.h"
#include "daemon/web/form.h"
#include "daemon/web/pages.h"
#include "daemon/web/visit.h"

#include <stdio.h>
#include <string.h>

#define DETAIL_MAX 256

static const struct page_words warning = { "โปรดตรวจสอบ", "Please check" };
static const struct page_words next_step = { "ถัดไป", "Next" };
static const struct page_words back = { "ย้อนกลับ", "Back" };

/* The one of a list with this id; NULL where there is none or it cannot be chosen. */
static const struct json *
chosen(const struct json *list, const char *key, const char *id)
{
	for (size_t i = 0; *id && i < json_len(list); i++) {
		const struct json *one = json_at(list, i);
		const char *has = json_str(one, key);

		if (has && !strcmp(has, id))
			return json_flag(one, "selectable") ? one : NULL;
	}
	return NULL;
}

static size_t
n_selectable(const struct json *list)
{
	size_t n = 0;

	for (size_t i = 0; i < json_len(list); i++)
		n += json_flag(json_at(list, i), "selectable");
	return n;
}

/* "Read the list again": from TikTok, not only from what we know. */
static void
say_reload(struct page *p, const struct visit *v)
{
	static const struct page_words again = { "อ่านรายการใหม่จาก TikTok Shop",
		                                 "Read the list again from TikTok Shop" };

	form_post(p, v, "reload", false);
	if (str_is_id(v->shop))
		form_hidden(p, "shop", v->shop);
	form_button(p, "reload", &again, true);
	form_end(p);
}

static void
say_back(struct page *p, const struct visit *v, const char *shop)
{
	char href[VISIT_ADDRESS_MAX];

	snprintf(href, sizeof(href), "?lang=%s%s%s", lang_name(v->lang), shop ? "&shop=" : "",
	         shop ? shop : "");
	page_link(p, "back", href, &back);
}

/* --- the shop -------------------------------------------------------------------------------- */

static const char *
seller_type(const struct page *p, const struct json *one)
{
	static const struct page_words local = { "ร้านในประเทศ", "local seller" },
				       abroad = { "ร้านข้ามประเทศ", "cross-border seller" };
	const char *type = json_str(one, "seller_type");

	if (!type || !*type)
		return "-";
	if (!strcmp(type, "LOCAL"))
		return page_text(p, &local);
	return !strcmp(type, "CROSS_BORDER") ? page_text(p, &abroad) : type;
}

/* Why a shop cannot be chosen; whose it is, is said where it is the same store's. */
static const char *
why_not_shop(const struct page *p, const struct json *one, char dst[DETAIL_MAX])
{
	static const struct page_words taken = { "เชื่อมต่ออยู่แล้ว", "it is connected already" },
				       as = { "เชื่อมต่ออยู่แล้วในชื่อ ", "it is connected already as " },
				       other = { "ใช้เชื่อมต่อไม่ได้", "it cannot be connected" };
	const char *alias = json_str(one, "alias");

	if (json_flag(one, "selectable"))
		return NULL;
	snprintf(dst, DETAIL_MAX, "%s%s",
	         page_text(p, !json_flag(one, "connected") ? &other
	                      : alias                      ? &as
	                                                   : &taken),
	         json_flag(one, "connected") && alias ? alias : "");
	return dst;
}

static void
say_shop(struct page *p, const struct json *one, bool only)
{
	static const struct page_words yes = { "เชื่อมต่ออยู่แล้ว", "connected already" },
				       no = { "ยังไม่ได้เชื่อมต่อ", "not connected yet" };
	const char *id = json_str(one, "tiktok_shop_id"), *region = json_str(one, "region");
	char detail[DETAIL_MAX], why[DETAIL_MAX];
	struct form_option o = {
		.value = id ? id : "",
		.name = json_str(one, "name"),
		.detail = detail,
		.why_not = why_not_shop(p, one, why),
	};

	o.checked = only && !o.why_not;
	if (!o.name || !*o.name)
		o.name = o.value;
	snprintf(detail, sizeof(detail), "%s · %s · %s · ID %s", region ? region : "-",
	         seller_type(p, one), page_text(p, json_flag(one, "connected") ? &yes : &no),
	         o.value);
	form_option(p, "shop", &o);
}

static int
shop_step(struct page *p, const struct visit *v, const struct json *doc, const struct json *list)
{
	static const struct page_words
	    title = { "ขั้นที่ 1 จาก 3: เลือกร้านค้า", "Step 1 of 3: choose the shop" },
	    legend = { "ร้านค้าที่บัญชีนี้อนุญาต", "Shops of this authorization" },
	    as = { "จะเชื่อมต่อในชื่อ {}", "It will be connected as {}" },
	    wrong = { "ร้านที่เลือกไม่อยู่ในรายการ หรือเลือกไม่ได้แล้ว โปรดเลือกใหม่",
		      "The shop that was chosen is not in the list, or cannot be chosen any more. "
		      "Please choose again." },
	    none = {
		    "ไม่มีร้านที่เลือกได้ โปรดตรวจสอบร้านที่ TikTok Seller Center แล้วอ่านรายการใหม่ "
		    "หรืออนุญาตใหม่ด้วยบัญชีอื่น",
		    "There is no shop that can be chosen. Please check your shops in TikTok Seller "
		    "Center and read the list again, or authorize with another account."
	    };
	size_t n = n_selectable(list);

	page_title(p, &title);
	if (*v->shop)
		page_note_say(p, TONE_WARN, &warning, &wrong);
	page_say_with(p, &as, json_str(doc, "alias"));
	if (json_len(list)) {
		form_get(p, v);
		form_choice(p, &legend);
		for (size_t i = 0; i < json_len(list); i++)
			say_shop(p, json_at(list, i), n == 1);
		form_choice_end(p);
		if (n)
			form_button(p, "next", &next_step, false);
		form_end(p);
	}
	if (!n) {
		page_note_say(p, TONE_WARN, &warning, &none);
		begin_form(p, v, true, false);
	}
	say_reload(p, v);
	return 200;
}

/* --- the warehouse --------------------------------------------------------------------------- */

static const char *
why_not_warehouse(const struct page *p, const struct json *one)
{
	static const struct page_words returns = { "ใช้รับสินค้าคืนเท่านั้น", "it takes returns only" },
				       off = { "ปิดใช้งานที่ TikTok Shop",
		                               "it is switched off at TikTok Shop" },
				       other = { "ใช้ส่งคำสั่งซื้อไม่ได้", "orders cannot leave from it" };
	const char *why = json_str(one, "why_not");

	if (json_flag(one, "selectable"))
		return NULL;
	if (why && !strcmp(why, "returns_only"))
		return page_text(p, &returns);
	return page_text(p, why && !strcmp(why, "switched_off") ? &off : &other);
}

static void
say_warehouse(struct page *p, const struct json *one, bool only)
{
	static const struct page_words usual = { "คลังหลักที่ TikTok Shop",
		                                 "the default at TikTok Shop" };
	const char *id = json_str(one, "warehouse_id");
	bool is_default = json_flag(one, "is_default");
	char detail[DETAIL_MAX];
	struct form_option o = {
		.value = id ? id : "",
		.name = json_str(one, "name"),
		.detail = detail,
		.why_not = why_not_warehouse(p, one),
	};

	o.checked = only && !o.why_not;
	if (!o.name || !*o.name)
		o.name = o.value;
	snprintf(detail, sizeof(detail), "%s%sID %s", is_default ? page_text(p, &usual) : "",
	         is_default ? " · " : "", o.value);
	form_option(p, "warehouse", &o);
}

static int
warehouse_step(struct page *p, const struct visit *v, const struct json *shop)
{
	static const struct page_words
	    title = { "ขั้นที่ 2 จาก 3: เลือกคลังสินค้า", "Step 2 of 3: choose the warehouse" },
	    of = { "คลังของร้าน {}", "Warehouses of {}" },
	    legend = { "คำสั่งซื้อจะส่งออกจากคลังใด", "Which warehouse do orders leave from?" },
	    wrong = { "คลังที่เลือกไม่อยู่ในรายการ หรือเลือกไม่ได้แล้ว โปรดเลือกใหม่",
		      "The warehouse that was chosen is not in the list, or cannot be chosen any "
		      "more. Please choose again." },
	    none = { "ร้านนี้ไม่มีคลังที่เลือกได้ โปรดเพิ่มหรือเปิดใช้คลังที่ TikTok Seller Center แล้วอ่านรายการใหม่",
		     "This shop has no warehouse that can be chosen. Please add one or switch one "
		     "on "
		     "in TikTok Seller Center, and read the list again." };
	const struct json *list = json_get(shop, "warehouses");
	size_t n = n_selectable(list);

	page_title(p, &title);
	if (*v->warehouse)
		page_note_say(p, TONE_WARN, &warning, &wrong);
	page_say_with(p, &of, json_str(shop, "name"));
	if (json_len(list)) {
		form_get(p, v);
		form_hidden(p, "shop", v->shop);
		form_choice(p, &legend);
		for (size_t i = 0; i < json_len(list); i++)
			say_warehouse(p, json_at(list, i), n == 1);
		form_choice_end(p);
		if (n)
			form_button(p, "next", &next_step, false);
		form_end(p);
	}
	if (!n)
		page_note_say(p, TONE_WARN, &warning, &none);
	say_reload(p, v);
	say_back(p, v, NULL);
	return 200;
}

/* --- the confirmation ------------------------------------------------------------------------ */

static int
confirm_step(struct page *p, const struct visit *v, const struct json *doc, const struct json *shop,
             const struct json *warehouse)
{
	static const struct page_words
	    title = { "ขั้นที่ 3 จาก 3: ตรวจสอบและยืนยัน", "Step 3 of 3: check and confirm" },
	    alias = { "ชื่อเรียกใน GoSell", "Name in GoSell" },
	    name = { "ร้านที่ TikTok Shop", "Shop at TikTok" }, region = { "ประเทศ", "Country" },
	    type = { "ประเภทร้าน", "Kind of seller" }, house = { "คลังสินค้า", "Warehouse" },
	    until = { "อนุญาตถึง", "Authorized until" }, now = { "เวลาขณะนี้", "Time now" },
	    from = { "คำสั่งซื้อที่เกิดขึ้นตั้งแต่วินาทีที่คุณยืนยัน (เวลาประเทศไทย) จะเข้ามาที่ GoSell "
		     "คำสั่งซื้อก่อนหน้านั้นจะไม่เข้ามา",
		     "Orders made from the second you confirm (Bangkok time) are taken in to "
		     "GoSell; "
		     "earlier ones are not." },
	    confirm = { "ยืนยันการเชื่อมต่อ", "Confirm the connection" };

	page_title(p, &title);
	page_row(p, &alias, json_str(doc, "alias"));
	page_row(p, &name, json_str(shop, "name"));
	page_row(p, &region, json_str(shop, "region"));
	page_row(p, &type, seller_type(p, shop));
	page_row(p, &house, json_str(warehouse, "name"));
	page_row_time(p, &until, json_str(doc, "expires_at"));
	page_row_time(p, &now, json_str(json_get(doc, "counts"), "as_of"));
	page_say(p, &from);
	form_post(p, v, "confirm", false);
	form_hidden(p, "shop", v->shop);
	form_hidden(p, "warehouse", v->warehouse);
	form_button(p, "confirm", &confirm, false);
	form_end(p);
	say_back(p, v, v->shop);
	return 200;
}

int
choose_page(struct page *p, const struct visit *v, const struct json *doc)
{
	const struct json *list = json_get(doc, "choices"), *shop, *warehouse;

	shop = chosen(list, "tiktok_shop_id", v->shop);
	if (!shop)
		return shop_step(p, v, doc, list);
	warehouse = chosen(json_get(shop, "warehouses"), "warehouse_id", v->warehouse);
	if (!warehouse)
		return warehouse_step(p, v, shop);
	return confirm_step(p, v, doc, shop, warehouse);
}
