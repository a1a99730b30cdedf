#include "daemon/control/cmd.h"
#include "daemon/control/views.h"

static const struct arg args[] = {
	{ .name = "--store",
	  .key = "store",
	  .type = ARG_TEXT,
	  .required = true,
	  .value = "ID",
	  .help = "the store that the shop is connected to" },
	{ .name = "--alias",
	  .key = "alias",
	  .type = ARG_TEXT,
	  .required = true,
	  .value = "NAME",
	  .help = "what you call the shop: 1 to 64 characters, once in a store" },
	{ .name = "--region",
	  .key = "region",
	  .type = ARG_TEXT,
	  .value = "CODE",
	  .help = "country of the shop, TH if left out" },
	{ 0 },
};

const struct cmd cmd_connect = {
	.id = CMD_connect,
	.words = "connect",
	.args = args,
	.help = "begin to connect a TikTok Shop: gives the link where the seller agrees",
	.example = { "ttctl connect --store 42 --alias main",
	             "ttctl --json connect --store 42 --alias 'ร้านหลัก' --region TH" },
	.access = CMD_ADMIN,
	.often = true,
	.op = "connect",
	.view = &view_links,
};
