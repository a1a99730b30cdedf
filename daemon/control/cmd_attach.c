#include "daemon/control/cmd.h"

static const struct arg args[] = {
	{ .name = "HELD",
	  .key = "held",
	  .type = ARG_ID,
	  .required = true,
	  .help = "the number of the authorization, of `held`",
	  .help_th = "เลขที่ของการอนุญาต จากคำสั่ง held" },
	ARG_STORE_OF("the store that the shop belongs to", "รหัสบัญชี GoSell ที่เป็นเจ้าของร้าน"),
	ARG_ALIAS,
	{ .name = "--region",
	  .key = "region",
	  .type = ARG_COUNTRY,
	  .help = "country of the shop; the authorization must cover a shop there" },
	{ 0 },
};

static const struct view_col cols[] = {
	{ "shop_id", "Shop", "รหัสร้าน", VIEW_TEXT },
	{ "alias", "Alias", "ชื่อเรียก", VIEW_TEXT },
	{ "state", "State", "สถานะ", VIEW_WORD },
	{ "connect_url", "Merchant's page", "หน้าของผู้ขาย", VIEW_LINK },
	{ 0 },
};

static const struct view view = {
	.cols = cols,
	.note_en =
	    "The merchant chooses shop and warehouse on that page, or: ttctl choices {shop_id}",
	.note_th = "ผู้ขายเลือกร้านและคลังได้ที่หน้านั้น หรือ: ttctl choices {shop_id}",
};

const struct cmd cmd_attach = {
	.id = CMD_attach,
	.words = "attach",
	.args = args,
	.help = "give an authorization that was begun at TikTok to a store",
	.example = { "ttctl attach 9 --store 42 --alias main",
	             "ttctl --json attach 9 --store 42 --alias 'ร้านหลัก' --region TH" },
	.access = CMD_ADMIN,
	.op = "attach",
	.view = &view,
};
