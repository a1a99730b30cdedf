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
	{ "counts.products", "Products", "สินค้า", VIEW_NUMBER },
	{ "counts.orders", "Orders", "คำสั่งซื้อ", VIEW_NUMBER },
	{ "last_success.orders", "Orders read", "อ่านล่าสุด", VIEW_TIME },
	{ "reason", "Reason", "สาเหตุ", VIEW_TEXT },
	{ 0 },
};

const struct view view_shops = {
	.cols = shops_cols,
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
	{ "state", "State", "สถานะ", VIEW_WORD },
	{ "reason", "Reason", "สาเหตุ", VIEW_TEXT },
	{ "connected_at", "Connected", "เชื่อมต่อเมื่อ", VIEW_TIME },
	{ "expires_at", "Expires", "หมดอายุ", VIEW_TIME },
	{ "days_left", "Days left", "เหลือ (วัน)", VIEW_TEXT },
	{ "counts.products", "Products", "สินค้า", VIEW_TEXT },
	{ "counts.orders", "Orders", "คำสั่งซื้อ", VIEW_TEXT },
	{ "counts.customers", "Customers (about)", "ลูกค้า (ประมาณ)", VIEW_TEXT },
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
	{ 0 },
};

static const struct view_part shop_parts[] = {
	{ "history", "Last events", "เหตุการณ์ล่าสุด", history_cols },
	{ 0 },
};

const struct view view_shop = { .cols = shop_cols, .parts = shop_parts };

static const struct view_col links_cols[] = {
	{ "shop_id", "Shop", "รหัสร้าน", VIEW_TEXT },
	{ "alias", "Alias", "ชื่อเรียก", VIEW_TEXT },
	{ "state", "State", "สถานะ", VIEW_WORD },
	{ "authorize_url", "Authorize at", "ลิงก์อนุญาต", VIEW_TEXT },
	{ "state_expires_at", "until", "ใช้ได้ถึง", VIEW_TIME },
	{ "connect_url", "Merchant's page", "หน้าของผู้ขาย", VIEW_TEXT },
	{ 0 },
};

const struct view view_links = {
	.cols = links_cols,
	.note_en =
	    "Open the authorize link in a browser and sign in as the seller, before the time "
	    "above.\nThen: ttctl wait {shop_id} --for connected",
	.note_th = "เปิดลิงก์อนุญาตในเบราว์เซอร์ แล้วเข้าสู่ระบบด้วยบัญชีผู้ขายก่อนเวลาข้างต้น\n"
		   "จากนั้น: ttctl wait {shop_id} --for connected",
};
