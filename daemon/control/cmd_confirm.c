#include "daemon/control/cmd.h"

static const struct arg args[] = {
	ARG_SHOP,
	{ .name = "--shop",
	  .key = "tiktok_shop_id",
	  .type = ARG_ID,
	  .required = true,
	  .value = "TIKTOK_SHOP_ID",
	  .help = "the shop at TikTok, of `choices`",
	  .help_th = "รหัสร้านบน TikTok จากคำสั่ง choices" },
	{ .name = "--warehouse",
	  .key = "warehouse_id",
	  .type = ARG_ID,
	  .required = true,
	  .help = "the warehouse orders are shipped from, of `choices`",
	  .help_th = "รหัสคลังที่จัดส่ง จากคำสั่ง choices" },
	{ .name = "--branch",
	  .key = "branch",
	  .type = ARG_TEXT,
	  .value = "ID",
	  .help = "GoSell's branch that the warehouse is" },
	{ .name = "--dry-run",
	  .key = "dry_run",
	  .type = ARG_SWITCH,
	  .help = "say what would be bound and from when orders would come, and do nothing" },
	{ 0 },
};

static const struct view_col cols[] = {
	{ "dry_run", "Only tried", "ลองเท่านั้น", VIEW_WORD },
	{ "alias", "Alias", "ชื่อเรียก", VIEW_TEXT },
	{ "shop_id", "Shop", "รหัสร้าน", VIEW_TEXT },
	{ "tiktok_shop_id", "TikTok shop", "ร้านบน TikTok", VIEW_TEXT },
	{ "name", "Name", "ชื่อร้าน", VIEW_TEXT },
	{ "region", "Region", "ประเทศ", VIEW_TEXT },
	{ "warehouse_id", "Warehouse", "รหัสคลัง", VIEW_TEXT },
	{ "warehouse", "Warehouse name", "ชื่อคลัง", VIEW_TEXT },
	{ "branch_id", "Branch", "สาขา GoSell", VIEW_TEXT },
	{ "state", "State", "สถานะ", VIEW_WORD },
	{ "scopes", "Permissions", "สิทธิ์ที่ได้รับ", VIEW_TEXT },
	{ "expires_at", "Authorized until", "อนุญาตถึง", VIEW_TIME },
	{ "connected_at", "Orders from", "รับคำสั่งซื้อตั้งแต่", VIEW_TIME },
	{ "orders_from", "Orders from", "รับคำสั่งซื้อตั้งแต่", VIEW_TIME },
	{ "jobs", "Jobs", "งาน", VIEW_TEXT },
	{ 0 },
};

static const struct view_form forms[] = {
	{ "dry_run", "[yes: nothing was bound{dry_run|if}]", "[ใช่ ยังไม่ได้ผูกร้าน{dry_run|if}]" },
	{ "expires_at", "{expires_at|time}[, {days_left} days left]",
	  "{expires_at|time}[ เหลือ {days_left} วัน]" },
	{ 0 },
};

static const struct view view = {
	.cols = cols,
	.forms = forms,
	.note_en = "[See it being read: ttctl wait {shop_id} --for synced{state|if}]",
	.note_th = "[รอจนอ่านครบ: ttctl wait {shop_id} --for synced{state|if}]",
};

const struct cmd cmd_confirm = {
	.id = CMD_confirm,
	.words = "confirm",
	.args = args,
	.help = "choose shop and warehouse; orders are taken in from this moment on",
	.more = "The same choice a second time changes nothing and gives the same answer.",
	.example = { "ttctl confirm main --shop 7494000000000000001 --warehouse "
	             "7000000000000000001 --dry-run",
	             "ttctl --json confirm 17 --shop 7494000000000000001 --warehouse "
	             "7000000000000000001" },
	.access = CMD_ADMIN,
	.op = "confirm",
	.view = &view,
};
