#include "common/json.h"
#include "daemon/control/cmd.h"
#include "daemon/control/control.h"
#include "daemon/control/req.h"
#include "daemon/control/views.h"

static void
queue_run(struct req *r)
{
	const struct control_ops *ops = req_ops(r);
	struct json *doc = json_obj();

	json_put_i64(doc, "schema_version", 1);
	json_put(doc, "queue", ops->queue(ops->arg));
	req_done(r, doc);
}

static const struct view_part parts[] = {
	{ "queue", "Queue", "คิวงาน", view_pairs },
	{ 0 },
};

static const struct view view = { .parts = parts };

const struct cmd cmd_queue = {
	.id = CMD_queue,
	.words = "queue",
	.help = "what waits and what runs, as this daemon knows it",
	.example = { "ttctl queue", "ttctl --watch queue" },
	.access = CMD_MONITOR,
	.run = queue_run,
	.view = &view,
};
