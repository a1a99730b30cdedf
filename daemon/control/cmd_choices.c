#include "daemon/control/cmd.h"

static const struct arg args[] = { ARG_SHOP, { 0 } };

static const struct view_col cols[] = {
	{ "tiktok_shop_id", "TikTok shop", "ร้านบน TikTok", VIEW_TEXT },
	{ "name", "Name", "ชื่อร้าน", VIEW_TEXT },
	{ "region", "Region", "ประเทศ", VIEW_TEXT },
	{ "seller_type", "Type", "ประเภท", VIEW_WORD },
	{ "connected", "Connected already", "เชื่อมต่ออยู่แล้ว", VIEW_WORD },
	{ "selectable", "Can be chosen", "เลือกได้", VIEW_WORD },
	{ "why_not", "Why not", "เพราะ", VIEW_WORD },
	{ 0 },
};

static const struct view_col warehouses[] = {
	{ "warehouse_id", "Warehouse", "รหัสคลัง", VIEW_TEXT },
	{ "name", "Name", "ชื่อคลัง", VIEW_TEXT },
	{ "type", "Type", "ประเภท", VIEW_WORD },
	{ "is_default", "Default", "คลังหลัก", VIEW_WORD },
	{ "selectable", "Can be chosen", "เลือกได้", VIEW_WORD },
	{ "why_not", "Why not", "เพราะ", VIEW_WORD },
	{ 0 },
};

static const struct view_part parts[] = {
	{ "warehouses", "Warehouses", "คลังสินค้า", warehouses },
	{ 0 },
};

static const struct view view = {
	.cols = cols,
	.parts = parts,
	.note_en = "Choose: ttctl confirm {shop_id} --shop TIKTOK_SHOP_ID --warehouse ID",
	.note_th = "เลือกด้วย: ttctl confirm {shop_id} --shop TIKTOK_SHOP_ID --warehouse ID",
	.empty_en = "The authorization covers no shop.",
	.empty_th = "ไม่มีร้านค้าในการอนุญาตนี้",
};

const struct cmd cmd_choices = {
	.id = CMD_choices,
	.words = "choices",
	.args = args,
	.help = "shops and warehouses that the seller's authorization offers",
	.example = { "ttctl choices main", "ttctl --json choices 17" },
	.access = CMD_MONITOR,
	.op = "choices",
	.view = &view,
};
