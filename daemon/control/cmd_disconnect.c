#include "daemon/control/cmd.h"

static const struct arg args[] = {
	ARG_SHOP,
	{ .name = "--purge",
	  .key = "purge",
	  .type = ARG_SWITCH,
	  .help = "delete its orders and products too; this cannot be undone" },
	{ .name = "--confirm",
	  .key = "confirm",
	  .type = ARG_TEXT,
	  .value = "ALIAS",
	  .help = "the alias of the shop, typed to delete all its data",
	  .help_th = "พิมพ์ชื่อเรียกของร้านเพื่อลบข้อมูลทั้งหมด" },
	{ .name = "--dry-run",
	  .key = "dry_run",
	  .type = ARG_SWITCH,
	  .help = "say what would stop and what would stay, and do nothing" },
	{ 0 },
};

static const struct view_col cols[] = {
	{ "open_orders", "Open orders", "คำสั่งซื้อที่ยังไม่เสร็จ", VIEW_TEXT },
	{ "stops", "Stops", "หยุด", VIEW_WORD },
	{ "stays", "Stays", "คงอยู่", VIEW_WORD },
	{ "tokens", "Tokens", "โทเค็น", VIEW_WORD },
	{ "at_tiktok", "At TikTok", "ที่ TikTok", VIEW_WORD },
	{ "shop_id", "Shop", "รหัสร้าน", VIEW_TEXT },
	{ "alias", "Alias", "ชื่อเรียก", VIEW_TEXT },
	{ "state", "State", "สถานะ", VIEW_WORD },
	{ "dry_run", "Only tried", "ลองเท่านั้น", VIEW_WORD },
	{ 0 },
};

static const struct view_form forms[] = {
	{ "dry_run", "[yes: nothing was changed{dry_run|if}]", "[ใช่ ยังไม่มีอะไรเปลี่ยน{dry_run|if}]" },
	{ 0 },
};

static const struct view view = {
	.cols = cols,
	.forms = forms,
	.note_en =
	    "[Connect it again, with all that stays: ttctl reauthorize {shop_id}{stays.orders|if}]",
	.note_th = "[เชื่อมต่ออีกครั้งพร้อมข้อมูลที่คงอยู่: ttctl reauthorize {shop_id}{stays.orders|if}]",
};

const struct cmd cmd_disconnect = {
	.id = CMD_disconnect,
	.words = "disconnect",
	.args = args,
	.help = "end the connection of a shop; its data stays unless it is purged",
	.more =
	    "Open orders are shipped at TikTok from then on. The seller's permission itself ends\n"
	    "where it was given, in TikTok's Seller Center.",
	.example = { "ttctl disconnect main --dry-run",
	             "ttctl disconnect main --purge --confirm main" },
	.access = CMD_ADMIN,
	.op = "sql:disconnect",
	.view = &view,
};
