/*
 * past: a shop's history, newest first, in words for the merchant.
 *
 * An event without words (event.def) is shown by its name: nothing is left out. Of its detail
 * only what has a label here is shown.
 */
#include "common/json.h"
#include "common/own.h"
#include "daemon/web/page.h"
#include "daemon/web/pages.h"

#include <stdio.h>
#include <string.h>

#define SHOWN_MAX 20
#define VALUE_MAX 512

struct event {
	const char *name;
	struct page_words words;
};

static const struct event events[] = {
#define EVENT(name, en, th) { name, { th, en } },
#include "daemon/web/event.def"
#undef EVENT
};

static const char *
event_words(const struct page *p, const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(events); i++)
		if (!strcmp(events[i].name, name))
			return page_text(p, &events[i].words);
	return name;
}

/* Who did it. The names of administrators are not for merchants. */
static const char *
actor_words(const struct page *p, const char *actor)
{
	static const struct page_words admin = { "ผู้ดูแล GoSell", "GoSell administrator" },
				       here = { "หน้านี้", "this page" },
				       self = { "ระบบ", "the system" };

	if (!strncmp(actor, "uid:", 4))
		return page_text(p, &admin);
	if (!strcmp(actor, "web"))
		return page_text(p, &here);
	return !strcmp(actor, "daemon") || !strcmp(actor, "timer") ? page_text(p, &self) : actor;
}

/* A text, a number, or the texts of an array; "" for anything else. */
static const char *
value_text(const struct page *p, const struct json *detail, const char *key, char dst[VALUE_MAX])
{
	const struct json *arr = json_get(detail, key);
	const char *s = json_str(detail, key);
	struct buf list;
	int64_t n;

	*dst = '\0';
	buf_init(&list, VALUE_MAX);
	for (size_t i = 0; i < json_len(arr); i++)
		if (json_text(json_at(arr, i)))
			buf_printf(&list, "%s%s", list.len ? ", " : "", json_text(json_at(arr, i)));
	if (s)
		snprintf(dst, VALUE_MAX, "%s", text_word(s, p->lang));
	else if (json_is_arr(arr))
		snprintf(dst, VALUE_MAX, "%s", buf_text(&list));
	else if (!json_i64(detail, key, &n))
		page_number(n, dst);
	buf_done(&list);
	return dst;
}

static void
say_detail(struct page *p, const struct json *detail)
{
	static const struct {
		const char *key;
		struct page_words label;
	} shown[] = {
		{ "was", { "เดิม", "before" } },
		{ "reason", { "สาเหตุ", "reason" } },
		{ "days", { "วันที่เหลือ", "days left" } },
		{ "missing", { "ขาด", "missing" } },
		{ "compared", { "ตรวจแล้ว", "compared" } },
		{ "wanted", { "ประเทศที่เลือกไว้", "country chosen" } },
		{ "found", { "ประเทศของร้าน", "country of the shop" } },
		{ "name", { "ชื่อ", "name" } },
		{ "alias", { "ชื่อเรียก", "alias" } },
		{ "error", { "TikTok ตอบว่า", "TikTok said" } },
	};
	char value[VALUE_MAX];

	for (size_t i = 0; i < ARRAY_LEN(shown); i++) {
		if (!*value_text(p, detail, shown[i].key, value))
			continue;
		page_raw(p, " · ");
		page_words_with(p, &shown[i].label, NULL);
		page_raw(p, ": ");
		page_bdi(p, value);
	}
}

static void
say_event(struct page *p, const struct json *one)
{
	const char *at = json_str(one, "at"), *event = json_str(one, "event");
	const char *actor = json_str(one, "actor");
	char shown[PAGE_SHOWN_MAX];

	page_raw(p, "<li>");
	page_bdi(p, event ? event_words(p, event) : "-");
	page_raw(p, "<small><span>");
	page_bdi(p, at ? page_clock(p, at, shown) : "-");
	page_raw(p, " · ");
	page_bdi(p, actor ? actor_words(p, actor) : "-");
	say_detail(p, json_get(one, "detail"));
	page_raw(p, "</span></small></li>\n");
}

void
past_say(struct page *p, const struct json *history)
{
	static const struct page_words head = { "ประวัติ", "History" };

	if (!json_len(history))
		return;
	page_head(p, &head);
	page_list(p, "history");
	for (size_t i = 0; i < json_len(history) && i < SHOWN_MAX; i++)
		say_event(p, json_at(history, i));
	page_list_end(p);
}
