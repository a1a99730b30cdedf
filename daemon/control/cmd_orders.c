#include "daemon/control/cmd.h"

static const struct arg args[] = {
	{ .name = "SHOP",
	  .key = "shop",
	  .type = ARG_TEXT,
	  .help = ARG_SHOP_HELP "; all if left out" },
	{ .name = "--status",
	  .key = "status",
	  .type = ARG_TEXT,
	  .value = "STATUS",
	  .help = "only orders in this status of TikTok's, like AWAITING_SHIPMENT" },
	{ .name = "--since",
	  .key = "since",
	  .type = ARG_TIME,
	  .help = "only orders that changed since then: a date, a time, or how long ago" },
	ARG_LIMIT,
	{ 0 },
};

static const struct view_col cols[] = {
	{ "order_id", "Order", "คำสั่งซื้อ", VIEW_TEXT },
	{ "alias", "Shop", "ร้าน", VIEW_TEXT },
	{ "status", "Status", "สถานะ", VIEW_WORD },
	{ "total_amount", "Total", "ยอดรวม", VIEW_NUMBER },
	{ "currency", "", "", VIEW_TEXT },
	{ "lines", "Lines", "รายการ", VIEW_NUMBER },
	{ "create_time", "Created", "สั่งเมื่อ", VIEW_TIME },
	{ "ship_by", "Ship by", "ส่งภายใน", VIEW_TIME },
	{ 0 },
};

static const struct view view = {
	.cols = cols,
	.empty_en = "No order. Those made before the connection are never taken in.",
	.empty_th = "ไม่มีคำสั่งซื้อ (ไม่นำเข้าคำสั่งซื้อก่อนการเชื่อมต่อ)",
};

const struct cmd cmd_orders = {
	.id = CMD_orders,
	.words = "orders",
	.args = args,
	.help = "orders, newest first; 50 unless told otherwise",
	.example = { "ttctl orders main --status AWAITING_SHIPMENT",
	             "ttctl --jsonl orders --since 2h --limit 1000" },
	.access = CMD_MONITOR,
	.often = true,
	.op = "sql:orders",
	.view = &view,
};
