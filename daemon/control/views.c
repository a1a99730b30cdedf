#include "daemon/control/views.h"

#include <stddef.h>

const struct view_col view_pairs[] = {
	{ "key", "What", "รายการ", VIEW_WORD },
	{ "value", "Value", "ค่า", VIEW_WORD },
	{ 0 },
};

static const struct view_col shops_cols[] = {
	{ "shop_id", "Shop", "รหัส", VIEW_NUMBER },
	{ "alias", "Alias", "ชื่อเรียก", VIEW_TEXT },
	{ "store_id", "Store", "บัญชี", VIEW_TEXT },
	{ "state", "State", "สถานะ", VIEW_WORD },
	{ "expires_at", "Expires", "หมดอายุ", VIEW_TIME },
	{ "days_left", "Days", "เหลือ (วัน)", VIEW_NUMBER },
	{ "expires_source", "Source", "แหล่งวันที่", VIEW_WORD },
	{ "counts.products", "Products", "สินค้า", VIEW_NUMBER },
	{ "counts.orders", "Orders", "คำสั่งซื้อ", VIEW_NUMBER },
	{ "last_success.orders", "Orders read", "อ่านล่าสุด", VIEW_TIME },
	{ "reason", "Reason", "สาเหตุ", VIEW_WORD },
	{ 0 },
};

static const char *const shops_minor[] = { "expires_source", "last_success.orders", NULL };

const struct view view_shops = {
	.cols = shops_cols,
	.minor = shops_minor,
	.text = "calendar", /* of --ics */
	.note_en = "[Shops: {totals.shops}, products: {totals.products}, orders: {totals.orders}]",
	.note_th = "[ร้านค้า {totals.shops} สินค้า {totals.products} คำสั่งซื้อ {totals.orders}]",
	.empty_en = "No shop. Connect one: ttctl connect --store ID --alias NAME",
	.empty_th = "ไม่มีร้านค้า เริ่มเชื่อมต่อ: ttctl connect --store ID --alias NAME",
};

static const struct view_col shop_cols[] = {
	{ "shop_id", "Shop", "รหัสร้าน", VIEW_TEXT },
	{ "alias", "Alias", "ชื่อเรียก", VIEW_TEXT },
	{ "store_id", "Store", "บัญชี GoSell", VIEW_TEXT },
	{ "tiktok_shop_id", "TikTok shop", "ร้านบน TikTok", VIEW_TEXT },
	{ "name", "Name", "ชื่อร้าน", VIEW_TEXT },
	{ "region", "Region", "ประเทศ", VIEW_TEXT },
	{ "warehouse_id", "Warehouse", "รหัสคลัง", VIEW_TEXT },
	{ "warehouse", "Warehouse name", "ชื่อคลัง", VIEW_TEXT },
	{ "branch_id", "Branch", "สาขา GoSell", VIEW_TEXT },
	{ "plan", "Plan", "แพ็กเกจ", VIEW_TEXT },
	{ "state", "State", "สถานะ", VIEW_WORD },
	{ "state_since", "since", "ตั้งแต่", VIEW_TIME },
	{ "unknown_since", "Unknown since", "ไม่ทราบสถานะตั้งแต่", VIEW_TIME },
	{ "reason", "Reason", "สาเหตุ", VIEW_WORD },
	{ "paused", "Paused", "หยุดชั่วคราว", VIEW_TEXT },
	{ "missing_scopes", "Missing permissions", "สิทธิ์ที่ขาด", VIEW_TEXT },
	{ "authorization", "Authorization", "การอนุญาตล่าสุด", VIEW_TEXT },
	{ "next", "Do this", "สิ่งที่ต้องทำ", VIEW_TEXT },
	{ "connected_at", "Connected", "เชื่อมต่อเมื่อ", VIEW_TIME },
	{ "expires_at", "Expires", "หมดอายุ", VIEW_TIME },
	{ "counts.products", "Products", "สินค้า", VIEW_TEXT },
	{ "counts.orders", "Orders", "คำสั่งซื้อ", VIEW_TEXT },
	{ "counts.customers", "Customers (about)", "ลูกค้า (ประมาณ)", VIEW_TEXT },
	{ "counts.as_of", "as of", "ณ เวลา", VIEW_TIME },
	{ "progress.products", "Reading products", "อ่านสินค้า", VIEW_TEXT },
	{ "progress.orders", "Reading orders", "อ่านคำสั่งซื้อ", VIEW_TEXT },
	{ "catch_up", "Gap", "ช่วงที่ขาด", VIEW_TEXT },
	{ "unreadable_orders", "Unreadable orders", "คำสั่งซื้อที่อ่านไม่ได้", VIEW_TEXT },
	{ "last_success.orders", "Orders read", "อ่านคำสั่งซื้อเมื่อ", VIEW_TIME },
	{ "last_success.products", "Products read", "อ่านสินค้าเมื่อ", VIEW_TIME },
	{ "last_error.text", "Last error", "ข้อผิดพลาดล่าสุด", VIEW_TEXT },
	{ "last_error.at", "at", "เมื่อ", VIEW_TIME },
	{ 0 },
};

static const struct view_col history_cols[] = {
	{ "at", "At", "เมื่อ", VIEW_TIME },
	{ "event", "Event", "เหตุการณ์", VIEW_TEXT },
	{ "actor", "Who", "ผู้กระทำ", VIEW_TEXT },
	{ "detail", "Detail", "รายละเอียด", VIEW_TEXT },
	{ 0 },
};

static const struct view_part shop_parts[] = {
	{ "history", "Last events", "เหตุการณ์ล่าสุด", history_cols },
	{ 0 },
};

#define PROGRESS(kind, each, left, page)                                                           \
	"{progress." kind ".done}[ / {progress." kind ".total}][, {progress." kind ".rate} " each  \
	"][, {progress." kind ".eta_s|span} " left "][, " page " {progress." kind                  \
	".page|some}][: {progress." kind ".why|word}]"
#define PROGRESS_EN(kind) PROGRESS(kind, "a second", "left", "page")
#define PROGRESS_TH(kind) PROGRESS(kind, "ต่อวินาที", "จะเสร็จ", "หน้า")

static const struct view_form shop_forms[] = {
	{ "unreadable_orders", "[{unreadable_orders|some}]", "[{unreadable_orders|some}]" },
	{ "paused", "since {paused.since|time}[, until {paused.until|time}][: {paused.reason}]",
	  "ตั้งแต่ {paused.since|time}[ ถึง {paused.until|time}][: {paused.reason}]" },
	{ "authorization",
	  "[{authorization.outcome|word}][, {authorization.at|time}][: {authorization.detail}]"
	  "[link good until {authorization.link_until|time}]",
	  "[{authorization.outcome|word}][, {authorization.at|time}][: {authorization.detail}]"
	  "[ลิงก์ใช้ได้ถึง {authorization.link_until|time}]" },
	{ "expires_at", "{expires_at|time}[, {days_left} days left][, says {expires_source|word}]",
	  "{expires_at|time}[ เหลือ {days_left} วัน][ ตาม {expires_source|word}]" },
	{ "progress.products", PROGRESS_EN("products"), PROGRESS_TH("products") },
	{ "progress.orders", PROGRESS_EN("orders"), PROGRESS_TH("orders") },
	{ "catch_up",
	  "[caught up to {catch_up.caught_up_to|time}][, {catch_up.behind_s|span} behind]"
	  "[, compared {catch_up.compared|some}][, missing {catch_up.missing}]"
	  "[, differing {catch_up.differing|some}][ ({catch_up.cause|word})]",
	  "[อ่านถึง {catch_up.caught_up_to|time}][ ค้าง {catch_up.behind_s|span}]"
	  "[ เทียบแล้ว {catch_up.compared|some}][ ขาด {catch_up.missing}]"
	  "[ ต่าง {catch_up.differing|some}][ ({catch_up.cause|word})]" },
	{ 0 },
};

const struct view view_shop = { .cols = shop_cols, .forms = shop_forms, .parts = shop_parts };

static const struct view_col links_cols[] = {
	{ "shop_id", "Shop", "รหัสร้าน", VIEW_TEXT },
	{ "alias", "Alias", "ชื่อเรียก", VIEW_TEXT },
	{ "state", "State", "สถานะ", VIEW_WORD },
	{ "authorize_url", "Authorize at", "ลิงก์อนุญาต", VIEW_LINK },
	{ "state_expires_at", "until", "ใช้ได้ถึง", VIEW_TIME },
	{ "connect_url", "Merchant's page", "หน้าของผู้ขาย", VIEW_TEXT },
	{ 0 },
};

const struct view view_links = {
	.cols = links_cols,
	.note_en =
	    "Log out of other TikTok accounts, open the authorize link and sign in as the seller, "
	    "before the time above.\nThen: ttctl wait {shop_id} --for connected",
	.note_th = "ออกจากบัญชี TikTok อื่นก่อน เปิดลิงก์อนุญาต แล้วเข้าสู่ระบบด้วยบัญชีผู้ขายก่อนเวลาข้างต้น\n"
		   "จากนั้น: ttctl wait {shop_id} --for connected",
};
