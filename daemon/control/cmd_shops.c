#include "daemon/control/cmd.h"
#include "daemon/control/views.h"

#define TEN_YEARS_S (3653 * INT64_C(86400))

static const struct arg args[] = {
	{ .name = "--store",
	  .key = "store",
	  .type = ARG_TEXT,
	  .value = "ID",
	  .help = "only shops of this store" },
	{ .name = "--expiring-within",
	  .key = "expiring_within",
	  .type = ARG_SECONDS,
	  .min = 0,
	  .max = TEN_YEARS_S,
	  .help =
	      "only those whose authorization ends in that time; exit code 1 if there are any" },
	{ .name = "--state",
	  .key = "state",
	  .type = ARG_WORD,
	  .value = "STATE",
	  .words = "pending|choosing|connecting|connected|expiring|expired|disconnected|paused|"
	           "plan_suspended",
	  .help = "only shops in this state" },
	{ 0 },
};

const struct cmd cmd_shops = {
	.id = CMD_shops,
	.words = "shops",
	.args = args,
	.help = "all shops with state, expiry and counts; first those that expire first",
	.example = { "ttctl shops", "ttctl shops --expiring-within 30d || mail -s 'renew' ops" },
	.access = CMD_MONITOR,
	.often = true,
	.op = "sql:shops",
	.view = &view_shops,
};
