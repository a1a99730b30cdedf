#include "ctl/render.h"

#include "common/json.h"
#include "common/str.h"
#include "common/table.h"

#include <inttypes.h>
#include <string.h>

#define VALUE_MAX  (1u << 20)
#define KEY_MAX    64
#define MINUTE_LEN 16 /* "2026-11-23T09:00" */

/* The value under "counts.orders". */
static const struct json *
dig(const struct json *j, const char *key)
{
	char part[KEY_MAX];
	const char *dot;

	while ((dot = strchr(key, '.'))) {
		if ((size_t)(dot - key) >= sizeof(part))
			return NULL;
		memcpy(part, key, (size_t)(dot - key));
		part[dot - key] = '\0';
		j = json_get(j, part);
		key = dot + 1;
	}
	return json_get(j, key);
}

/* The value as one line: a string itself, a list of strings with commas, else JSON. */
static void
value_text(const struct json *v, struct buf *out)
{
	bool all_text = json_is_arr(v);

	for (size_t i = 0; all_text && i < json_len(v); i++)
		all_text = json_text(json_at(v, i)) != NULL;
	if (!v)
		return;
	if (json_text(v))
		buf_str(out, json_text(v));
	else if (!all_text)
		json_write(v, out);
	for (size_t i = 0; all_text && i < json_len(v); i++)
		buf_printf(out, "%s%s", i ? ", " : "", json_text(json_at(v, i)));
}

static const char *
word_of(const char *text)
{
	if (!strcmp(text, "true"))
		return "yes";
	return strcmp(text, "false") ? text : "no";
}

/* A value for a person: its word in their language, its time to the minute, "-" for none. */
static void
put_cell(const struct render *r, struct table *t, const struct json *row, const struct json *col)
{
	const struct json *v = dig(row, json_str(col, "key"));
	const char *kind = json_str(col, "kind");
	enum tone tone = TONE_NONE;
	struct buf text;
	const char *s;

	buf_init(&text, VALUE_MAX);
	value_text(v, &text);
	s = buf_text(&text);
	if (r->format != FORMAT_PLAIN) {
		if (!v)
			s = "-";
		if (kind && !strcmp(kind, "word")) {
			tone = text_tone(word_of(s));
			s = text_word(word_of(s), r->lang);
		}
		if (kind && !strcmp(kind, "time") && text.len > MINUTE_LEN) {
			text.data[MINUTE_LEN] = '\0';
			text.data[strlen("2026-11-23")] = ' ';
		}
	}
	table_cell(t, s, tone);
	buf_done(&text);
}

/* Numbers to the right; states and times are worth more than text when there is little room. */
static enum table_align
align_of(const struct json *col)
{
	const char *kind = json_str(col, "kind");

	if (!kind || !strcmp(kind, "text"))
		return TABLE_LEFT;
	return strcmp(kind, "number") ? TABLE_WHOLE : TABLE_RIGHT;
}

/* Rows of a table: a list, or an object's members as {"key":, "value":}. The caller owns it. */
static struct json *
rows_of(const struct json *v)
{
	struct json *rows, *value;
	const char *key;
	void *it = NULL;

	if (!json_is_obj(v))
		return v ? json_copy(v) : json_arr();
	rows = json_arr();
	while ((it = json_next(v, it, &key, &value))) {
		struct json *row = json_obj();

		json_put_str(row, "key", key);
		json_put(row, "value", value ? json_copy(value) : NULL);
		json_add(rows, row);
	}
	return rows;
}

/* prefix: a first column that says which part a plain row is of; NULL: none. */
static void
write_table(const struct render *r, const struct json *cols, const struct json *rows,
            const char *prefix, size_t *kept, bool header, struct buf *out)
{
	bool plain = r->format == FORMAT_PLAIN;
	CLEANUP(table_freep) struct table *t = table_new();
	struct table_style style = { .width = r->width,
		                     .plain = plain,
		                     .header = header,
		                     .colour = r->colour,
		                     .kept = kept };

	if (prefix)
		table_column(t, "part", TABLE_LEFT);
	for (size_t c = 0; c < json_len(cols); c++) {
		const struct json *col = json_at(cols, c);

		table_column(t, json_str(col, plain ? "key" : "title"), align_of(col));
	}
	for (size_t i = 0; i < json_len(rows); i++) {
		if (prefix)
			table_cell(t, prefix, TONE_NONE);
		for (size_t c = 0; c < json_len(cols); c++)
			put_cell(r, t, json_at(rows, i), json_at(cols, c));
	}
	table_write(t, &style, out);
}

static void
write_part(const struct render *r, const struct json *part, const struct json *doc, struct buf *out)
{
	const char *key = json_str(part, "key");
	CLEANUP(json_freep) struct json *rows = rows_of(dig(doc, key));

	if (!json_len(rows))
		return;
	if (r->format == FORMAT_PLAIN) {
		write_table(r, json_get(part, "columns"), rows, key, NULL, r->header, out);
		return;
	}
	buf_printf(out, "%s%s%s%s\n", out->len ? "\n" : "", r->colour ? "\033[1m" : "",
	           json_str(part, "title"), r->colour ? "\033[0m" : "");
	/* of an object's members the names say enough */
	write_table(r, json_get(part, "columns"), rows, NULL, NULL,
	            r->header && !json_is_obj(dig(doc, key)), out);
}

/* A line a column: for people those that have a value, for programs all of them. */
static void
write_doc(const struct render *r, const struct json *view, const struct json *doc, struct buf *out)
{
	const struct json *cols = json_get(view, "columns"), *parts = json_get(view, "parts");
	bool plain = r->format == FORMAT_PLAIN;
	CLEANUP(table_freep) struct table *t = table_new();
	/* not cut: what is copied from here, a link, has to be whole */
	struct table_style style = { .plain = plain, .colour = r->colour };

	table_column(t, "", TABLE_LEFT);
	table_column(t, "", TABLE_LEFT);
	for (size_t c = 0; c < json_len(cols); c++) {
		const struct json *col = json_at(cols, c);

		if (!plain && !dig(doc, json_str(col, "key")))
			continue;
		table_cell(t, json_str(col, plain ? "key" : "title"), TONE_NONE);
		put_cell(r, t, doc, col);
	}
	table_write(t, &style, out);
	for (size_t i = 0; i < json_len(parts); i++)
		write_part(r, json_at(parts, i), doc, out);
}

/* "Wait: ttctl wait {shop_id}" with the values of the document. */
static void
write_note(const char *note, const struct json *doc, struct buf *notes)
{
	char key[KEY_MAX];

	while (*note) {
		const char *open = strchr(note, '{'), *close = open ? strchr(open, '}') : NULL;
		const struct json *v;

		if (!close || (size_t)(close - open) > sizeof(key)) {
			buf_str(notes, note);
			break;
		}
		buf_add(notes, note, (size_t)(open - note));
		memcpy(key, open + 1, (size_t)(close - open - 1));
		key[close - open - 1] = '\0';
		v = dig(doc, key);
		value_text(v, notes);
		note = close + 1;
	}
	buf_chr(notes, '\n');
}

static void
write_notes(const struct render *r, const struct json *view, const struct json *data,
            struct buf *notes)
{
	const struct json *items = json_get(data, "items");
	const char *note = json_str(view, "note"), *empty = json_str(view, "empty");
	int64_t total;

	if (json_is_arr(items) && !json_len(items) && empty) {
		buf_printf(notes, "%s\n", empty);
		return;
	}
	if (json_is_arr(items) && !json_i64(data, "total", &total) &&
	    total > (int64_t)json_len(items))
		buf_printf(notes,
		           r->lang == LANG_TH ? "แสดง %zu จาก %" PRId64 "\n"
		                              : "showing %zu of %" PRId64 "\n",
		           json_len(items), total);
	if (note)
		write_note(note, data, notes);
}

static void
write_json(const struct render *r, const struct json *data, struct buf *out)
{
	const struct json *items = json_get(data, "items");

	if (r->format == FORMAT_JSONL && json_is_arr(items)) {
		for (size_t i = 0; i < json_len(items); i++) {
			json_write(json_at(items, i), out);
			buf_chr(out, '\n');
		}
		return;
	}
	if (r->format == FORMAT_JSON && r->pretty)
		json_write_pretty(data, out);
	else
		json_write(data, out);
	if (!out->len || out->data[out->len - 1] != '\n')
		buf_chr(out, '\n');
}

static void
write_items(const struct render *r, const struct json *view, const struct json *items,
            struct buf *out)
{
	if (!json_len(json_get(view, "parts"))) {
		if (json_len(items) || r->format == FORMAT_PLAIN)
			write_table(r, json_get(view, "columns"), items, NULL, NULL, r->header,
			            out);
		return;
	}
	for (size_t i = 0; i < json_len(items); i++) {
		if (i && r->format != FORMAT_PLAIN)
			buf_chr(out, '\n');
		write_doc(r, view, json_at(items, i), out);
	}
}

void
render_answer(const struct render *r, const struct json *line, struct buf *out, struct buf *notes)
{
	const struct json *data = json_get(line, "data"), *view = json_get(line, "view");
	const char *text = json_str(view, "text");

	if (!view)
		view = r->view; /* it came with the first event */
	if (r->format == FORMAT_JSON || r->format == FORMAT_JSONL || !view) {
		write_json(r, data, out);
		return;
	}
	if (text) {
		const char *s = json_str(data, text);

		buf_str(out, s ? s : "");
		if (out->len && out->data[out->len - 1] != '\n')
			buf_chr(out, '\n');
		return;
	}
	if (json_is_arr(json_get(data, "items")))
		write_items(r, view, json_get(data, "items"), out);
	else
		write_doc(r, view, data, out);
	if (r->format == FORMAT_TABLE)
		write_notes(r, view, data, notes);
}

void
render_event(struct render *r, const struct json *line, struct buf *out, struct buf *notes)
{
	const struct json *event = json_get(line, "event"), *cols;
	CLEANUP(json_freep) struct json *rows = NULL;

	if (json_flag(line, "progress")) {
		const char *text = json_str(event, "text");

		if (r->format == FORMAT_TABLE && text)
			buf_printf(notes, "%s\n", text);
		return;
	}
	if (!r->view && json_get(line, "view"))
		r->view = json_copy(json_get(line, "view"));
	cols = json_get(r->view, "columns");
	if (r->format == FORMAT_JSON || r->format == FORMAT_JSONL || !json_len(cols) ||
	    json_len(cols) > RENDER_COLUMNS_MAX) {
		json_write(event, out);
		buf_chr(out, '\n');
		return;
	}
	rows = json_arr();
	json_add(rows, json_copy(event));
	write_table(r, cols, rows, NULL, r->kept, r->header && !r->began, out);
	r->began = true;
}

void
render_error(const struct render *r, const struct json *error, struct buf *notes)
{
	const char *message = json_str(error, "message"), *hint = json_str(error, "hint");

	if (r->format == FORMAT_JSON || r->format == FORMAT_JSONL) {
		buf_str(notes, "{\"error\":");
		json_write(error, notes);
		buf_str(notes, "}\n");
		return;
	}
	buf_printf(notes, "ttctl: %s\n", message ? message : "failed");
	if (hint)
		buf_printf(notes, "  %s\n", hint);
}

void
render_done(struct render *r)
{
	json_free(r->view);
	r->view = NULL;
}
