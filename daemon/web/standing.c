/*
 * standing: how a connected shop stands, and what its merchant does next.
 */
#include "common/json.h"
#include "common/own.h"
#include "daemon/web/advice.h"
#include "daemon/web/pages.h"
#include "daemon/web/visit.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define LIST_MAX 1024

/* --- what runs ------------------------------------------------------------------------------- */

static void
row_span(struct page *p, const struct page_words *label, int64_t s)
{
	static const struct {
		int64_t below_s, unit_s;
		struct page_words words;
	} units[] = {
		{ 90, 1, { "{} วินาที", "{} s" } },
		{ 5400, 60, { "{} นาที", "{} min" } },
		{ 172800, 3600, { "{} ชั่วโมง", "{} h" } },
		{ INT64_MAX, 86400, { "{} วัน", "{} days" } },
	};
	char shown[PAGE_SHOWN_MAX];
	size_t i = 0;

	while (s >= units[i].below_s)
		i++;
	page_row_with(p, label, &units[i].words,
	              page_number((s + units[i].unit_s - 1) / units[i].unit_s, shown));
}

/* Why it stands still. Errors are for administrators: a merchant is told that there is one. */
static const char *
why_words(const struct page *p, const char *why)
{
	static const struct page_words failed = {
		"ติดขัดชั่วคราว ระบบลองใหม่เอง", "a difficulty for now; we try again by ourselves"
	};

	return why && text_word(why, p->lang) == why ? page_text(p, &failed) : why;
}

static void
say_pace(struct page *p, const struct json *of)
{
	static const struct page_words rate = { "ความเร็ว", "Speed" },
				       per_s = { "{} รายการต่อวินาที", "{} a second" },
				       left = { "เหลือเวลาประมาณ", "Time left, about" },
				       page = { "หน้าที่อ่านถึง", "Page read" },
				       moved = { "ขยับล่าสุด", "Last moved" },
				       why = { "เหตุที่รอ", "Why it waits" };
	char shown[PAGE_SHOWN_MAX];
	double pace;
	int64_t n;

	if (!json_f64(of, "rate", &pace)) {
		snprintf(shown, sizeof(shown), pace < 10 ? "%.1f" : "%.0f", pace);
		page_row_with(p, &rate, &per_s, shown);
	}
	if (!json_i64(of, "eta_s", &n) && n >= 0)
		row_span(p, &left, n);
	if (!json_i64(of, "page", &n) && n > 0)
		page_row_count(p, &page, n);
	page_row_time(p, &moved, json_str(of, "moved_at"));
	page_row_word(p, &why, why_words(p, json_str(of, "why")));
}

static void
say_kind(struct page *p, const struct page_words *label, const struct json *of)
{
	int64_t done, total = -1;

	if (json_i64(of, "done", &done))
		return;
	if (json_i64(of, "total", &total) || total < 0)
		total = -1;
	page_progress(p, label, done, total);
	if (total < 0 || done < total)
		say_pace(p, of);
}

static void
say_progress(struct page *p, const struct json *doc)
{
	static const struct page_words head = { "ความคืบหน้า", "Progress" },
				       products = { "สินค้า", "Products" },
				       orders = { "คำสั่งซื้อ", "Orders" };
	const struct json *progress = json_get(doc, "progress");

	page_head(p, &head);
	say_kind(p, &products, json_get(progress, "products"));
	say_kind(p, &orders, json_get(progress, "orders"));
}

static bool
catching_up(const struct json *doc)
{
	const struct json *gap = json_get(doc, "catch_up");

	return gap && !json_str(gap, "ended_at");
}

/* The last gap: caught up, read once more and compared; or how far that is. */
static void
say_gap(struct page *p, const struct json *doc)
{
	static const struct page_words head = { "การตามเก็บส่วนที่ขาดช่วง",
		                                "Catching up what was missed" },
				       from = { "ตั้งแต่", "From" }, until = { "ถึง", "Until" },
				       at = { "เก็บถึง", "Caught up to" },
				       behind = { "ตามหลังอยู่", "Behind by" },
				       compared = { "ตรวจเทียบแล้ว", "Compared" },
				       missing = { "ขาด", "Missing" },
				       differing = { "ต่างกัน", "Differing" },
				       running = { "กำลังตามเก็บ", "Catching up" },
				       done = { "ตามเก็บครบแล้ว ขาด {}", "Caught up, missing {}" };
	const struct json *gap = json_get(doc, "catch_up");
	char shown[PAGE_SHOWN_MAX];
	int64_t n;

	if (!gap)
		return;
	page_head(p, &head);
	if (catching_up(doc))
		page_say(p, &running);
	else
		page_say_with(p, &done, page_number(json_i64(gap, "missing", &n) ? 0 : n, shown));
	page_row_time(p, &from, json_str(gap, "from"));
	page_row_time(p, &until, json_str(gap, "until"));
	page_row_time(p, &at, json_str(gap, "caught_up_to"));
	if (catching_up(doc) && !json_i64(gap, "behind_s", &n) && n > 0)
		row_span(p, &behind, n);
	if (!json_i64(gap, "compared", &n))
		page_row_count(p, &compared, n);
	if (!json_i64(gap, "missing", &n))
		page_row_count(p, &missing, n);
	if (!json_i64(gap, "differing", &n))
		page_row_count(p, &differing, n);
}

/* --- how it stands --------------------------------------------------------------------------- */

static void
row_list(struct page *p, const struct page_words *label, const struct json *arr)
{
	struct buf list;

	buf_init(&list, LIST_MAX);
	for (size_t i = 0; i < json_len(arr); i++)
		if (json_text(json_at(arr, i)))
			buf_printf(&list, "%s%s", list.len ? ", " : "", json_text(json_at(arr, i)));
	page_row(p, label, buf_text(&list));
	buf_done(&list);
}

static void
say_expiry(struct page *p, const struct json *doc)
{
	static const struct page_words until = { "อนุญาตถึง", "Authorized until" },
				       left = { "เหลือ", "Left" }, days = { "{} วัน", "{} days" },
				       day = { "{} วัน", "{} day" },
				       last = { "วันนี้เป็นวันสุดท้าย", "today is the last day" };
	char shown[PAGE_SHOWN_MAX];
	int64_t n;

	if (json_i64(doc, "days_left", &n))
		return; /* there is none, or it ended before its day */
	page_row_time(p, &until, json_str(doc, "expires_at"));
	if (n >= 0)
		page_row_with(p, &left, n > 1 ? &days : n ? &day : &last, page_number(n, shown));
}

static void
say_reason(struct page *p, const struct json *doc)
{
	static const struct page_words reason = { "สาเหตุ", "Reason" },
				       missing = { "สิทธิ์ที่ขาด", "Missing permissions" },
				       since = { "ตั้งแต่", "Since" }, until = { "จนถึง", "Until" },
				       warning = { "โปรดทราบ", "Please note" },
				       unknown = {
					       "ตั้งแต่ {} ยังถามสถานะจาก TikTok Shop ไม่ได้ "
					       "ข้อมูลที่แสดงอาจไม่เป็นปัจจุบัน ระบบลองใหม่เอง",
					       "Since {} TikTok Shop could not be asked: what is "
					       "shown may be out of date. We try again by "
					       "ourselves."
				       };
	const struct json *paused = json_get(doc, "paused");
	const char *at = json_str(doc, "unknown_since"), *state = json_str(doc, "state");
	char shown[PAGE_SHOWN_MAX];

	page_row_word(p, &reason, json_str(doc, "reason"));
	row_list(p, &missing, json_get(doc, "missing_scopes"));
	if (state && !strcmp(state, "disconnected"))
		page_row_time(p, &since, json_str(doc, "state_since"));
	page_row_time(p, &since, json_str(paused, "since"));
	page_row_time(p, &until, json_str(paused, "until"));
	say_expiry(p, doc);
	if (!at)
		return;
	page_note(p, TONE_WARN, &warning);
	page_say_with(p, &unknown, page_clock(p, at, shown));
	page_note_end(p);
}

static void
say_facts(struct page *p, const struct json *doc)
{
	static const struct page_words head = { "การเชื่อมต่อ", "Connection" },
				       alias = { "ชื่อเรียกใน GoSell", "Name in GoSell" },
				       name = { "ร้านที่ TikTok Shop", "Shop at TikTok" },
				       region = { "ประเทศ", "Country" },
				       house = { "คลังสินค้า", "Warehouse" },
				       since = { "เชื่อมต่อเมื่อ", "Connected since" };
	const char *warehouse = json_str(doc, "warehouse");

	page_head(p, &head);
	page_row(p, &alias, json_str(doc, "alias"));
	page_row(p, &name, json_str(doc, "name"));
	page_row(p, &region, json_str(doc, "region"));
	page_row(p, &house, warehouse ? warehouse : json_str(doc, "warehouse_id"));
	page_row_time(p, &since, json_str(doc, "connected_at"));
}

static void
say_counts(struct page *p, const struct json *doc)
{
	static const struct page_words head = { "ข้อมูลที่นำเข้าแล้ว", "What has come in" },
				       products = { "สินค้า", "Products" },
				       orders = { "คำสั่งซื้อ", "Orders" },
				       customers = { "ลูกค้า", "Customers" },
				       as_of = { "ข้อมูล ณ", "As of" },
				       products_at = { "อ่านสินค้าล่าสุด", "Products last read" },
				       orders_at = { "อ่านคำสั่งซื้อล่าสุด", "Orders last read" };
	const struct json *counts = json_get(doc, "counts"), *last = json_get(doc, "last_success");
	int64_t n;

	if (!json_str(doc, "connected_at"))
		return;
	page_head(p, &head);
	if (!json_i64(counts, "products", &n))
		page_row_count(p, &products, n);
	if (!json_i64(counts, "orders", &n))
		page_row_count(p, &orders, n);
	if (!json_i64(counts, "customers", &n))
		page_row_count(p, &customers, n);
	page_row_time(p, &as_of, json_str(counts, "as_of"));
	page_row_time(p, &products_at, json_str(last, "products"));
	page_row_time(p, &orders_at, json_str(last, "orders"));
}

int
standing_page(struct page *p, const struct visit *v, const struct json *doc)
{
	static const struct page_words title = { "การเชื่อมต่อ TikTok Shop",
		                                 "TikTok Shop connection" };
	const char *state = json_str(doc, "state");
	const struct advice *a = advice_for(state ? state : "", json_str(doc, "reason"));
	bool connecting = state && !strcmp(state, "connecting");

	page_title(p, &title);
	if (state)
		page_badge(p, state);
	page_say(p, &a->next);
	say_reason(p, doc);
	if (a->renew == RENEW_MAIN) {
		begin_say_failed(p, doc);
		begin_form(p, v, true, false);
	}
	if (connecting || catching_up(doc))
		page_live(p);
	if (connecting)
		say_progress(p, doc);
	say_gap(p, doc);
	say_counts(p, doc);
	if (connecting || catching_up(doc))
		page_live_end(p);
	say_facts(p, doc);
	if (a->renew == RENEW_LESS)
		begin_form(p, v, true, true);
	past_say(p, json_get(doc, "history"));
	return 200;
}
