#include "daemon/control/cmd.h"

static const struct arg args[] = {
	{ .name = "ID",
	  .key = "order",
	  .type = ARG_ID,
	  .required = true,
	  .help = "TikTok's order id",
	  .help_th = "หมายเลขคำสั่งซื้อของ TikTok" },
	{ 0 },
};

static const struct view_col cols[] = {
	{ "order_id", "Order", "คำสั่งซื้อ", VIEW_TEXT },
	{ "alias", "Shop", "ร้าน", VIEW_TEXT },
	{ "status", "Status", "สถานะ", VIEW_WORD },
	{ "total_amount", "Total", "ยอดรวม", VIEW_TEXT },
	{ "currency", "Currency", "สกุลเงิน", VIEW_TEXT },
	{ "is_cod", "Cash on delivery", "เก็บเงินปลายทาง", VIEW_WORD },
	{ "create_time", "Created", "สั่งเมื่อ", VIEW_TIME },
	{ "paid_time", "Paid", "ชำระเมื่อ", VIEW_TIME },
	{ "update_time", "Changed", "เปลี่ยนเมื่อ", VIEW_TIME },
	{ "ship_by", "Ship by", "ส่งภายใน", VIEW_TIME },
	{ "shipping_type", "Shipping", "การจัดส่ง", VIEW_TEXT },
	{ "shipping_provider", "Carrier", "ขนส่ง", VIEW_TEXT },
	{ "tracking_number", "Tracking", "เลขพัสดุ", VIEW_TEXT },
	{ "warehouse_id", "Warehouse", "รหัสคลัง", VIEW_TEXT },
	{ 0 },
};

static const struct view_col lines[] = {
	{ "line_id", "Line", "รายการ", VIEW_TEXT },
	{ "product_name", "Product", "สินค้า", VIEW_TEXT },
	{ "sku_name", "Variant", "ตัวเลือก", VIEW_TEXT },
	{ "seller_sku", "SKU", "SKU", VIEW_TEXT },
	{ "sale_price", "Price", "ราคา", VIEW_NUMBER },
	{ "currency", "", "", VIEW_TEXT },
	{ "status", "Status", "สถานะ", VIEW_WORD },
	{ "package_id", "Package", "พัสดุ", VIEW_TEXT },
	{ 0 },
};

static const struct view_part parts[] = {
	{ "lines", "Lines", "รายการสินค้า", lines },
	{ 0 },
};

static const struct view view = { .cols = cols, .parts = parts };

const struct cmd cmd_order = {
	.id = CMD_order,
	.words = "order",
	.args = args,
	.help = "everything about one order",
	.example = { "ttctl order 576461413038785752",
	             "ttctl --json order 576461413038785752 | jq .lines" },
	.access = CMD_MONITOR,
	.op = "sql:order",
	.view = &view,
};
