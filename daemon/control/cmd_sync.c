#include "daemon/control/cmd.h"

static const struct arg args[] = {
	ARG_SHOP,
	{ .name = "KIND",
	  .key = "kind",
	  .type = ARG_WORD,
	  .words = "orders|products",
	  .help = "what to read; both if left out" },
	{ 0 },
};

static const struct view_col cols[] = {
	{ "shop_id", "Shop", "รหัสร้าน", VIEW_TEXT },
	{ "kinds", "Reads now", "กำลังอ่าน", VIEW_TEXT },
	{ 0 },
};

static const struct view view = {
	.cols = cols,
	.note_en = "Wait for it: ttctl wait {shop_id} --for synced",
	.note_th = "รอจนเสร็จ: ttctl wait {shop_id} --for synced",
};

const struct cmd cmd_sync = {
	.id = CMD_sync,
	.words = "sync",
	.args = args,
	.help = "read from TikTok now instead of when it is due",
	.example = { "ttctl sync main", "ttctl sync main orders" },
	.access = CMD_ADMIN,
	.often = true,
	.op = "sql:sync",
	.view = &view,
};
