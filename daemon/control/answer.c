#include "daemon/control/answer.h"

#include "common/buf.h"
#include "common/exits.h"
#include "common/frame.h"
#include "common/json.h"

static int
end_line(struct buf *out)
{
	buf_str(out, "}\n");
	return out->failed || out->len > FRAME_ANSWER_MAX ? -1 : 0;
}

static void
put_member(struct buf *out, const char *key, const struct json *value)
{
	if (!value)
		return;
	buf_printf(out, ",\"%s\":", key);
	json_write(value, out);
}

int
answer_ok(struct buf *out, const char *id, int exit, const struct json *view,
          const struct json *more, const struct json *data)
{
	buf_printf(out, "{\"id\":%s,\"ok\":true", id);
	if (exit)
		buf_printf(out, ",\"exit\":%d", exit);
	put_member(out, "more", more);
	put_member(out, "view", view);
	put_member(out, "data", data);
	return end_line(out);
}

int
answer_error(struct buf *out, const char *id, const struct err *e, const struct json *ask)
{
	CLEANUP(json_freep) struct json *j = exits_error(e);

	if (ask)
		json_put(j, "ask", json_copy(ask));
	buf_printf(out, "{\"id\":%s,\"ok\":false,\"error\":", id);
	json_write(j, out);
	return end_line(out);
}

int
answer_event(struct buf *out, const char *id, bool progress, const struct json *view,
             const struct json *event)
{
	buf_printf(out, "{\"id\":%s", id);
	if (progress)
		buf_str(out, ",\"progress\":true");
	put_member(out, "view", view);
	put_member(out, "event", event);
	return end_line(out);
}
