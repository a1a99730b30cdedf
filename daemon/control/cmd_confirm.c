#include "daemon/control/cmd.h"
#include "daemon/control/views.h"

static const struct arg args[] = {
	ARG_SHOP,
	{ .name = "--shop",
	  .key = "tiktok_shop_id",
	  .type = ARG_ID,
	  .required = true,
	  .value = "TIKTOK_SHOP_ID",
	  .help = "the shop at TikTok, of `choices`" },
	{ .name = "--warehouse",
	  .key = "warehouse_id",
	  .type = ARG_ID,
	  .required = true,
	  .help = "the warehouse orders are shipped from, of `choices`" },
	{ 0 },
};

const struct cmd cmd_confirm = {
	.id = CMD_confirm,
	.words = "confirm",
	.args = args,
	.help = "choose shop and warehouse; orders are taken in from this moment on",
	.more = "The same choice a second time changes nothing and gives the same answer.",
	.example = { "ttctl confirm main --shop 7494000000000000001 --warehouse "
	             "7000000000000000001",
	             "ttctl --json confirm 17 --shop 7494000000000000001 --warehouse "
	             "7000000000000000001" },
	.access = CMD_ADMIN,
	.op = "confirm",
	.view = &view_shop,
};
