#include "common/exits.h"
#include "common/json.h"
#include "daemon/control/cmd.h"
#include "daemon/control/control.h"
#include "daemon/control/req.h"
#include "daemon/control/views.h"

/* PostgreSQL's part of the screen; where it is away the rest is worth more than ever. */
static void
on_shops(struct req *r, struct json *data, const struct err *why)
{
	const struct control_ops *ops = req_ops(r);
	struct json *all = data ? data : json_obj();

	json_put_i64(all, "schema_version", 1);
	json_put(all, "daemon", ops->facts(ops->arg));
	json_put(all, "queue", ops->queue(ops->arg));
	json_put_str(all, "database", data ? "up" : "away");
	if (!data) {
		json_put_str(all, "database_error", why->text);
		json_put_i64(all, "exit", EXITS_UNREACHABLE);
	}
	req_done(r, all);
}

static void
status_run(struct req *r)
{
	req_post(r, "sql:status", req_args(r), on_shops);
}

static const struct view_col cols[] = {
	{ "database", "Database", "ฐานข้อมูล", VIEW_WORD },
	{ "database_error", "Reason", "สาเหตุ", VIEW_TEXT },
	{ "orders", "Orders", "คำสั่งซื้อ", VIEW_TEXT },
	{ "products", "Products", "สินค้า", VIEW_TEXT },
	{ 0 },
};

/* clang-format off */
static const struct view_col attention[] = {
	{ "shop_id", "Shop", "รหัส", VIEW_NUMBER },
	{ "alias", "Alias", "ชื่อเรียก", VIEW_TEXT },
	{ "state", "State", "สถานะ", VIEW_WORD },
	{ "reason", "Reason", "สาเหตุ", VIEW_WORD },
	{ "next", "Do this", "สิ่งที่ต้องทำ", VIEW_TEXT },
	{ 0 },
};
/* clang-format on */

static const struct view_part parts[] = {
	{ "daemon", "Daemon", "โปรแกรม", view_pairs },
	{ "queue", "Queue", "คิวงาน", view_pairs },
	{ "shops", "Shops by state", "ร้านค้าตามสถานะ", view_pairs },
	{ "attention", "Needs a person", "ต้องมีคนจัดการ", attention },
	{ 0 },
};

static const struct view view = { .cols = cols, .parts = parts };

const struct cmd cmd_status = {
	.id = CMD_status,
	.words = "status",
	.help = "one screen: daemon, queue, shops by state, what needs a person",
	.example = { "ttctl status", "ttctl --watch=5s status" },
	.access = CMD_MONITOR,
	.run = status_run,
	.view = &view,
};
