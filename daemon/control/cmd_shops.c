#include "common/json.h"
#include "daemon/control/cmd.h"
#include "daemon/control/req.h"
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
	ARG_LIMIT,
	{ .name = "--after",
	  .key = "after",
	  .type = ARG_TEXT,
	  .value = "KEY",
	  .help = "only those behind KEY, which an answer to --limit tells as next_after" },
	{ .name = "--ics",
	  .key = "ics",
	  .type = ARG_SWITCH,
	  .help = "as a calendar (RFC 5545) with the ends of authorizations and their warnings" },
	{ 0 },
};

static void
shops_run(struct req *r)
{
	req_post(r, json_flag(req_args(r), "ics") ? "sql:shops_ics" : "sql:shops", req_args(r),
	         req_answer);
}

const struct cmd cmd_shops = {
	.id = CMD_shops,
	.words = "shops",
	.args = args,
	.help = "shops with state, expiry and counts; first those that expire first",
	.more = "ttctl shops --ics > shops.ics makes a file for a calendar.",
	.example = { "ttctl shops --store 42",
	             "ttctl shops --expiring-within 30d || mail -s 'renew' ops" },
	.access = CMD_MONITOR,
	.often = true,
	.run = shops_run,
	.view = &view_shops,
};
