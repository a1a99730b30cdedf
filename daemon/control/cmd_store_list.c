#include "daemon/control/cmd.h"

static const struct view_col cols[] = {
	{ "store_id", "Store", "บัญชี", VIEW_TEXT },
	{ "name", "Name", "ชื่อ", VIEW_TEXT },
	{ "plan", "Plan", "แพ็กเกจ", VIEW_TEXT },
	{ "shops", "Shops", "ร้านค้า", VIEW_NUMBER },
	{ 0 },
};

static const struct view view = {
	.cols = cols,
	.empty_en = "No store. Make one: ttctl store set ID --name NAME --plan PLAN",
	.empty_th = "ไม่มีบัญชี เพิ่มได้ด้วย: ttctl store set ID --name NAME --plan PLAN",
};

const struct cmd cmd_store_list = {
	.id = CMD_store_list,
	.words = "store list",
	.help = "all stores with their plans, by id",
	.example = { "ttctl store list", "ttctl --json store list" },
	.access = CMD_MONITOR,
	.op = "sql:store_list",
	.view = &view,
};
