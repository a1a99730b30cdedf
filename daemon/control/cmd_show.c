#include "daemon/control/cmd.h"
#include "daemon/control/views.h"

static const struct arg args[] = { ARG_SHOP, { 0 } };

const struct cmd cmd_show = {
	.id = CMD_show,
	.words = "show",
	.args = args,
	.help = "everything about one shop",
	.example = { "ttctl show main", "ttctl --json show 17 | jq -r .state" },
	.access = CMD_MONITOR,
	.often = true,
	.op = "sql:show",
	.view = &view_shop,
};
