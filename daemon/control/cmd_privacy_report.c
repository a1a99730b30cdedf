#include "daemon/control/cmd.h"
#include "daemon/control/views.h"

static const struct view_col cols[] = {
	{ "ok", "No buyer's data is taken in", "ไม่เก็บข้อมูลผู้ซื้อ", VIEW_WORD },
	{ "dropped_since", "Dropped since", "ตัดทิ้งตั้งแต่", VIEW_TIME },
	{ "selftest.sentinels", "Sentinels tried", "ค่าทดสอบ", VIEW_NUMBER },
	{ "selftest.found", "found behind the readers", "ที่หลุดรอด", VIEW_NUMBER },
	{ "schema.columns", "Columns looked at", "คอลัมน์ที่ตรวจ", VIEW_NUMBER },
	{ 0 },
};

static const struct view_col dropped[] = {
	{ "field", "Field", "ฟิลด์", VIEW_TEXT },
	{ "count", "Dropped", "ตัดทิ้ง", VIEW_NUMBER },
	{ 0 },
};

static const struct view_col leaks[] = {
	{ "reader", "Reader", "ตัวอ่าน", VIEW_TEXT },
	{ "field", "Field", "ฟิลด์", VIEW_TEXT },
	{ 0 },
};

static const struct view_col columns[] = {
	{ "table", "Table", "ตาราง", VIEW_TEXT },
	{ "column", "Column", "คอลัมน์", VIEW_TEXT },
	{ "type", "Type", "ชนิด", VIEW_TEXT },
	{ "why", "Why", "เพราะ", VIEW_TEXT },
	{ 0 },
};

static const struct view_part parts[] = {
	{ "dropped", "Buyers' fields dropped", "ข้อมูลผู้ซื้อที่ตัดทิ้ง", dropped },
	{ "selftest.leaks", "Fields that passed a reader", "ฟิลด์ที่หลุดรอด", leaks },
	{ "schema.suspicious", "Suspicious columns", "คอลัมน์ที่น่าสงสัย", columns },
	{ 0 },
};

static const struct view view = { .cols = cols, .parts = parts };

const struct cmd cmd_privacy_report = {
	.id = CMD_privacy_report,
	.words = "privacy report",
	.help = "proof that no buyer's data is taken in: what was dropped, a test, every column",
	.more = "An order full of sentinels goes through the readers that read TikTok's, and every "
		"column of the schema is held against a list. Exit 1 when either finds something.",
	.example = { "ttctl privacy report", "ttctl --json privacy report | jq .allowed_fields" },
	.access = CMD_MONITOR,
	.op = "privacy",
	.view = &view,
};
