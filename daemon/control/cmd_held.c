#include "daemon/control/cmd.h"

static const struct view_col cols[] = {
	{ "held", "Held", "เลขที่", VIEW_TEXT },           { "seller", "Seller", "ผู้ขาย", VIEW_TEXT },
	{ "region", "Region", "ประเทศ", VIEW_TEXT },     { "since", "Since", "ตั้งแต่", VIEW_TIME },
	{ "until", "Kept until", "เก็บไว้ถึง", VIEW_TIME }, { 0 },
};

static const struct view_col shops[] = {
	{ "tiktok_shop_id", "TikTok shop", "ร้านบน TikTok", VIEW_TEXT },
	{ "name", "Name", "ชื่อร้าน", VIEW_TEXT },
	{ "region", "Region", "ประเทศ", VIEW_TEXT },
	{ "seller_type", "Type", "ประเภท", VIEW_WORD },
	{ 0 },
};

static const struct view_part parts[] = {
	{ "shops", "Shops", "ร้านค้า", shops },
	{ 0 },
};

static const struct view view = {
	.cols = cols,
	.parts = parts,
	.note_en = "Give one to a store: ttctl attach HELD --store ID --alias NAME",
	.note_th = "มอบให้บัญชี: ttctl attach HELD --store ID --alias NAME",
	.empty_en = "No authorization waits for a store.",
	.empty_th = "ไม่มีการอนุญาตที่รอบัญชี",
};

const struct cmd cmd_held = {
	.id = CMD_held,
	.words = "held",
	.help = "authorizations that were begun at TikTok and wait for a store",
	.more = "Nobody knows whose they are but the seller: ask, then `attach`.",
	.example = { "ttctl held", "ttctl --json held | jq -r '.items[].seller'" },
	.access = CMD_MONITOR,
	.op = "sql:held",
	.view = &view,
};
