#include "daemon/control/cmd.h"
#include "daemon/control/views.h"

static const struct arg args[] = {
	ARG_SHOP,
	{ .name = "--region",
	  .key = "region",
	  .type = ARG_COUNTRY,
	  .help = "another country for a shop that is not connected yet" },
	{ 0 },
};

const struct cmd cmd_reauthorize = {
	.id = CMD_reauthorize,
	.words = "reauthorize",
	.args = args,
	.help = "a new link where the seller agrees again, for a shop that is there already",
	.more = "Id, alias, history and connected_at stay as they are; links given before stop "
		"working.",
	.example = { "ttctl reauthorize main",
	             "ttctl --json reauthorize 17 | jq -r .authorize_url" },
	.access = CMD_ADMIN,
	.op = "reauthorize",
	.view = &view_links,
};
