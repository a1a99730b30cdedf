#include "daemon/control/cmd.h"
#include "daemon/control/views.h"

static const struct arg args[] = { ARG_SHOP, { 0 } };

const struct cmd cmd_resume = {
	.id = CMD_resume,
	.words = "resume",
	.args = args,
	.help = "end a pause: go on from where reading stopped",
	.more = "A shop that is not paused stays as it is.",
	.example = { "ttctl resume main", "ttctl resume main && ttctl wait main --for synced" },
	.access = CMD_ADMIN,
	.op = "sql:resume",
	.view = &view_shop,
};
