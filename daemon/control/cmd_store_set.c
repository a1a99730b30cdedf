#include "daemon/control/cmd.h"

static const struct arg args[] = {
	{ .name = "ID",
	  .key = "id",
	  .type = ARG_TEXT,
	  .required = true,
	  .help = "GoSell's id of the store: letters, digits, dots, dashes",
	  .help_th = "รหัสบัญชีของ GoSell: ตัวอักษร ตัวเลข จุด ขีด" },
	{ .name = "--name",
	  .key = "name",
	  .type = ARG_TEXT,
	  .required = true,
	  .value = "NAME",
	  .help = "what the store is called",
	  .help_th = "ชื่อบัญชี" },
	{ .name = "--plan",
	  .key = "plan",
	  .type = ARG_TEXT,
	  .required = true,
	  .value = "PLAN",
	  .help = "its plan, one of [plans] order",
	  .help_th = "แพ็กเกจ ตามการตั้งค่า [plans] order" },
	{ 0 },
};

static const struct view_col cols[] = {
	{ "store_id", "Store", "บัญชี", VIEW_TEXT },
	{ "name", "Name", "ชื่อ", VIEW_TEXT },
	{ "plan", "Plan", "แพ็กเกจ", VIEW_TEXT },
	{ 0 },
};

static const struct view view = {
	.cols = cols,
	.note_en = "Connect a shop: ttctl connect --store {store_id} --alias NAME",
	.note_th = "เชื่อมต่อร้านค้า: ttctl connect --store {store_id} --alias NAME",
};

const struct cmd cmd_store_set = {
	.id = CMD_store_set,
	.words = "store set",
	.args = args,
	.help = "make a store known, or change its name and plan",
	.example = { "ttctl store set 42 --name 'Somchai Shop' --plan basic",
	             "ttctl store set 42 --name 'Somchai Shop' --plan pro" },
	.access = CMD_ADMIN,
	.op = "sql:store_set",
	.view = &view,
};
