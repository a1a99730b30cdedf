#include "daemon/control/cmd.h"

static const struct arg args[] = {
	{ .name = "SHOP",
	  .key = "shop",
	  .type = ARG_TEXT,
	  .help = ARG_SHOP_HELP "; all if left out" },
	ARG_LIMIT,
	{ 0 },
};

static const struct view_col cols[] = {
	{ "product_id", "Product", "รหัสสินค้า", VIEW_TEXT },
	{ "alias", "Shop", "ร้าน", VIEW_TEXT },
	{ "title", "Title", "ชื่อสินค้า", VIEW_TEXT },
	{ "status", "Status", "สถานะ", VIEW_WORD },
	{ "sku_count", "SKUs", "SKU", VIEW_NUMBER },
	{ "quantity", "Stock", "คงเหลือ", VIEW_NUMBER },
	{ "update_time", "Changed", "เปลี่ยนเมื่อ", VIEW_TIME },
	{ 0 },
};

static const struct view view = {
	.cols = cols,
	.empty_en = "No product.",
	.empty_th = "ไม่มีสินค้า",
};

const struct cmd cmd_products = {
	.id = CMD_products,
	.words = "products",
	.args = args,
	.help = "products, those changed last first; 50 unless told otherwise",
	.example = { "ttctl products main", "ttctl --jsonl products --limit 1000" },
	.access = CMD_MONITOR,
	.op = "sql:products",
	.view = &view,
};
