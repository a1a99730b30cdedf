#include "common/json.h"
#include "daemon/control/cmd.h"
#include "daemon/control/control.h"
#include "daemon/control/req.h"

#define FOLLOW_MS    1000
#define FOLLOW_LIMIT 1000

struct follow {
	int64_t last; /* history_id of the newest event told */
};

static void ask_newer(struct req *r);

static void
tell(struct req *r, struct follow *f, const struct json *item)
{
	int64_t id;

	if (!json_i64(item, "history_id", &id) && id > f->last)
		f->last = id;
	req_event(r, json_copy(item), false);
}

/* The beginning comes newest first, what follows oldest first. */
static void
on_begin(struct req *r, struct json *data, const struct err *why)
{
	CLEANUP(json_freep) struct json *page = data;
	const struct json *items = json_get(page, "items");

	if (!page) {
		req_fail(r, why);
		return;
	}
	for (size_t i = json_len(items); i > 0; i--)
		tell(r, req_state(r, sizeof(struct follow)), json_at(items, i - 1));
	req_after(r, FOLLOW_MS, ask_newer);
}

/* A service that is away for a while ends nothing; a request that cannot succeed any more does. */
static void
on_newer(struct req *r, struct json *data, const struct err *why)
{
	CLEANUP(json_freep) struct json *page = data;
	const struct json *items = json_get(page, "items");

	if (why && why->kind == ERR_INPUT) {
		req_fail(r, why);
		return;
	}
	for (size_t i = 0; i < json_len(items); i++)
		tell(r, req_state(r, sizeof(struct follow)), json_at(items, i));
	req_after(r, FOLLOW_MS, ask_newer);
}

static void
ask_newer(struct req *r)
{
	const struct follow *f = req_state(r, sizeof(*f));
	CLEANUP(json_freep) struct json *args = json_copy(req_args(r)); /* the filters stay */

	json_del(args, "follow");
	json_put_i64(args, "after", f->last);
	json_put_i64(args, "limit", FOLLOW_LIMIT);
	req_post(r, "sql:history", args, on_newer);
}

static void
on_list(struct req *r, struct json *data, const struct err *why)
{
	if (data)
		req_done(r, data);
	else
		req_fail(r, why);
}

static void
history_run(struct req *r)
{
	struct follow *f = req_state(r, sizeof(*f));

	if (!json_flag(req_args(r), "follow"))
		req_post(r, "sql:history", req_args(r), on_list);
	else if (json_i64(req_args(r), "after", &f->last))
		req_post(r, "sql:history", req_args(r), on_begin);
	else
		ask_newer(r);
}

static const struct arg args[] = {
	ARG_SHOP,
	{ .name = "--event",
	  .key = "event",
	  .type = ARG_TEXT,
	  .value = "PREFIX",
	  .help = "only events that begin with it: shop., authorization." },
	{ .name = "--actor",
	  .key = "actor",
	  .type = ARG_TEXT,
	  .value = "TEXT",
	  .help = "only what was done by those whose name has it: timer, uid:1000" },
	{ .name = "--since",
	  .key = "since",
	  .type = ARG_TIME,
	  .help = "only what happened since: 2026-11-23, or 2h (ago)" },
	{ .name = "--follow",
	  .key = "follow",
	  .type = ARG_SWITCH,
	  .help = "go on with what happens from now on, oldest first, until you leave" },
	{ .name = "--after",
	  .key = "after",
	  .type = ARG_INT,
	  .min = 0,
	  .max = INT64_MAX,
	  .help = "only what came behind this history_id, oldest first" },
	ARG_LIMIT,
	{ 0 },
};

static const struct view_col cols[] = {
	{ "at", "At", "เมื่อ", VIEW_TIME },
	{ "event", "Event", "เหตุการณ์", VIEW_TEXT },
	{ "actor", "Who", "ผู้กระทำ", VIEW_TEXT },
	{ "cause", "Cause", "เพราะ", VIEW_TEXT },
	{ "detail", "Detail", "รายละเอียด", VIEW_TEXT },
	{ 0 },
};

static const struct view view = {
	.cols = cols,
	.empty_en = "Nothing happened.",
	.empty_th = "ไม่มีเหตุการณ์",
};

const struct cmd cmd_history = {
	.id = CMD_history,
	.words = "history",
	.args = args,
	.help = "what happened to a shop and who did it, newest first; 100 unless told otherwise",
	.more = "All of it for another program, a line each: ttctl --jsonl history SHOP --after 0 "
		"--limit 1000,\n"
		"then once more behind the last history_id.",
	.example = { "ttctl history main --event authorization. --since 30d",
	             "ttctl --jsonl history main --follow" },
	.access = CMD_MONITOR,
	.run = history_run,
	.view = &view,
};
