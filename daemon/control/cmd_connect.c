#include "daemon/control/cmd.h"
#include "daemon/control/views.h"

static const struct arg args[] = {
	ARG_STORE_OF("the store that the shop is connected to", "รหัสบัญชี GoSell ที่จะเชื่อมต่อร้าน"),
	ARG_ALIAS,
	{ .name = "--region",
	  .key = "region",
	  .type = ARG_COUNTRY,
	  .help = "country of the shop, like TH; what TikTok says must match; any if left out" },
	{ 0 },
};

const struct cmd cmd_connect = {
	.id = CMD_connect,
	.words = "connect",
	.args = args,
	.help = "begin to connect a TikTok Shop: gives the link where the seller agrees",
	.more = "Before the link is opened, log out of other TikTok accounts in that browser. "
		"Passwords\n"
		"are typed at TikTok only: nothing of ours asks for one, or takes one.\n"
		"On a terminal what is left out is asked for, and the link is a QR code too.",
	.example = { "ttctl connect --store 42 --alias main",
	             "ttctl --json connect --store 42 --alias 'ร้านหลัก' --region TH" },
	.access = CMD_ADMIN,
	.often = true,
	.op = "connect",
	.view = &view_links,
};
