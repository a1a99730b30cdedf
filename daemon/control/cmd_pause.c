#include "daemon/control/cmd.h"
#include "daemon/control/views.h"

#define YEAR_S (366 * INT64_C(86400))

static const struct arg args[] = {
	ARG_SHOP,
	{ .name = "--for",
	  .key = "for",
	  .type = ARG_SECONDS,
	  .min = 1,
	  .max = YEAR_S,
	  .help = "go on by itself after that long; until `resume` if left out" },
	{ .name = "--reason",
	  .key = "reason",
	  .type = ARG_TEXT,
	  .value = "TEXT",
	  .help = "why, for those who look later" },
	{ 0 },
};

const struct cmd cmd_pause = {
	.id = CMD_pause,
	.words = "pause",
	.args = args,
	.help = "read nothing of a shop for a while; what runs is let finish",
	.more = "Orders that come meanwhile are not lost: they are caught up afterwards.",
	.example = { "ttctl pause main --for 2h --reason 'stock-taking'",
	             "ttctl --json pause 17 | jq -r .paused.since" },
	.access = CMD_ADMIN,
	.op = "sql:pause",
	.view = &view_shop,
};
