#include "daemon/control/cmd.h"

static const struct arg args[] = {
	{ .name = "ID",
	  .key = "product",
	  .type = ARG_ID,
	  .required = true,
	  .help = "TikTok's product id",
	  .help_th = "รหัสสินค้าของ TikTok" },
	{ 0 },
};

static const struct view_col cols[] = {
	{ "product_id", "Product", "รหัสสินค้า", VIEW_TEXT },
	{ "shop_id", "Shop", "รหัสร้าน", VIEW_TEXT },
	{ "title", "Title", "ชื่อสินค้า", VIEW_TEXT },
	{ "status", "Status", "สถานะ", VIEW_WORD },
	{ "update_time", "Changed", "เปลี่ยนเมื่อ", VIEW_TIME },
	{ 0 },
};

/* clang-format off */
static const struct view_col skus[] = {
	{ "sku_id", "SKU id", "รหัส SKU", VIEW_TEXT },
	{ "seller_sku", "SKU", "SKU", VIEW_TEXT },
	{ "price", "Price", "ราคา", VIEW_NUMBER },
	{ "currency", "", "", VIEW_TEXT },
	{ "quantity", "Stock", "คงเหลือ", VIEW_NUMBER },
	{ 0 },
};
/* clang-format on */

static const struct view_part parts[] = {
	{ "skus", "SKUs", "ตัวเลือกสินค้า", skus },
	{ 0 },
};

static const struct view view = { .cols = cols, .parts = parts };

const struct cmd cmd_product = {
	.id = CMD_product,
	.words = "product",
	.args = args,
	.help = "everything about one product",
	.example = { "ttctl product 1729592969712207008",
	             "ttctl --json product 1729592969712207008 | jq .skus" },
	.access = CMD_MONITOR,
	.op = "sql:product",
	.view = &view,
};
