#include "common/exits.h"
#include "common/frame.h"
#include "common/json.h"
#include "daemon/control/cmd.h"
#include "daemon/control/control.h"
#include "daemon/control/req.h"

static void
stats_run(struct req *r)
{
	const struct control_ops *ops = req_ops(r);
	struct json *doc;
	struct buf text;
	struct err e;

	buf_init(&text, FRAME_ANSWER_MAX);
	if (ops->stats(&text, ops->arg)) {
		buf_done(&text);
		err_set(&e, ERR_INPUT, EXITS_NO, "the statistics are larger than an answer may be");
		err_hint(&e, "read them from the statistics socket: curl --unix-socket "
		             "/run/ttsyncd/stats.sock http://localhost/metrics");
		err_tag(&e, "answer_too_large");
		req_fail(r, &e);
		return;
	}
	doc = json_obj();
	json_put_i64(doc, "schema_version", 1);
	json_put_str(doc, "content_type", "text/plain; version=0.0.4; charset=utf-8");
	json_put_str(doc, "text", buf_text(&text));
	buf_done(&text);
	req_done(r, doc);
}

static const struct view view = { .text = "text" };

const struct cmd cmd_stats = {
	.id = CMD_stats,
	.words = "stats",
	.help = "all counters and gauges, in Prometheus' text format",
	.example = { "ttctl stats", "ttctl stats | grep ttsyncd_orders_ingested_total" },
	.access = CMD_MONITOR,
	.run = stats_run,
	.view = &view,
};
