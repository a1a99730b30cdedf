#include "ctl/render.h"

#include "common/cells.h"
#include "common/json.h"
#include "common/table.h"
#include "ctl/form.h"
#include "ctl/qr.h"

#include <inttypes.h>
#include <string.h>

#define VALUE_MAX (1u << 20)

/* A value as a person reads it, "" for none; for programs as it is. */
static void
cell_text(const struct render *r, const struct json *row, const struct json *col, struct buf *text)
{
	const struct json *v = form_dig(row, json_str(col, "key"));
	const char *form = json_str(col, "form");

	if (r->format == FORMAT_PLAIN)
		form_value(v, text);
	else if (v && form)
		form_write(form, row, r->lang, text);
	else if (form_has(v))
		form_read(v, json_str(col, "kind"), r->lang, text);
}

static void
put_cell(const struct render *r, struct table *t, const struct json *row, const struct json *col)
{
	const struct json *v = form_dig(row, json_str(col, "key"));
	const char *kind = json_str(col, "kind");
	enum tone tone = TONE_NONE;
	struct buf text;

	buf_init(&text, VALUE_MAX);
	cell_text(r, row, col, &text);
	if (!text.len && r->format != FORMAT_PLAIN)
		buf_chr(&text, '-');
	if (r->format != FORMAT_PLAIN && kind && !strcmp(kind, "word") && json_text(v))
		tone = text_tone(json_text(v));
	table_cell(t, buf_text(&text), tone);
	buf_done(&text);
}

/* Numbers to the right; states and times are worth more than text when there is little room. */
static enum table_align
align_of(const struct json *col)
{
	const char *kind = json_str(col, "kind");

	if (!kind || !strcmp(kind, "text") || !strcmp(kind, "link"))
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

/* Columns that a list can do without. */
static size_t
count_minor(const struct json *cols)
{
	size_t n = 0;

	for (size_t c = 0; c < json_len(cols); c++)
		n += json_flag(json_at(cols, c), "minor");
	return n;
}

/* The columns without those minor ones that stand behind the first `minor` of them. */
static struct json *
columns_with(const struct json *cols, size_t minor)
{
	struct json *list = json_arr();

	for (size_t c = 0; c < json_len(cols); c++) {
		const struct json *col = json_at(cols, c);
		bool is_minor = json_flag(col, "minor");

		if (is_minor && !minor)
			continue;
		minor -= is_minor;
		json_add(list, json_copy(col));
	}
	return list;
}

/* prefix: a first column that says which part a plain row is of; NULL: none. */
static struct table *
make_table(const struct render *r, const struct json *cols, const struct json *rows,
           const char *prefix)
{
	bool plain = r->format == FORMAT_PLAIN;
	struct table *t = table_new();

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
	return t;
}

static void
write_table(const struct render *r, const struct json *cols, const struct json *rows,
            const char *prefix, size_t *kept, bool header, struct buf *out)
{
	bool plain = r->format == FORMAT_PLAIN;
	CLEANUP(table_freep) struct table *t = make_table(r, cols, rows, prefix);
	struct table_style style = { .width = r->width,
		                     .plain = plain,
		                     .header = header,
		                     .colour = r->colour,
		                     .kept = kept };

	for (size_t n = count_minor(cols);
	     n && !plain && !kept && r->width && table_cells(t, header) > r->width; n--) {
		CLEANUP(json_freep) struct json *fewer = columns_with(cols, n - 1);

		table_free(t);
		t = make_table(r, fewer, rows, prefix);
	}
	table_write(t, &style, out);
}

static void
write_part(const struct render *r, const struct json *part, const struct json *doc, struct buf *out)
{
	const char *key = json_str(part, "key");
	CLEANUP(json_freep) struct json *rows = rows_of(form_dig(doc, key));

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
	            r->header && !json_is_obj(form_dig(doc, key)), out);
}

/* A link once more as a QR code, for whoever sits before a terminal that has the room. */
static void
write_code(const struct render *r, const struct json *col, const struct json *doc, struct buf *out)
{
	const char *kind = json_str(col, "kind"), *link;

	if (!r->pretty || !kind || strcmp(kind, "link"))
		return;
	link = json_text(form_dig(doc, json_str(col, "key")));
	if (link)
		qr_write(link, r->width, r->colour, out);
}

static bool
is_shown(const struct render *r, const struct json *doc, const struct json *col)
{
	struct buf text;
	bool any;

	buf_init(&text, VALUE_MAX);
	cell_text(r, doc, col, &text);
	any = text.len > 0;
	buf_done(&text);
	return any || r->format == FORMAT_PLAIN;
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

		if (!is_shown(r, doc, col))
			continue;
		table_cell(t, json_str(col, plain ? "key" : "title"), TONE_NONE);
		put_cell(r, t, doc, col);
	}
	table_write(t, &style, out);
	for (size_t c = 0; r->format == FORMAT_TABLE && c < json_len(cols); c++)
		write_code(r, json_at(cols, c), doc, out);
	for (size_t i = 0; i < json_len(parts); i++)
		write_part(r, json_at(parts, i), doc, out);
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
	if (note) {
		size_t before = notes->len;

		form_write(note, data, r->lang, notes);
		if (notes->len > before)
			buf_chr(notes, '\n');
	}
}

/* On a terminal, what json-c leaves as it is and a terminal would obey is an escape. */
static void
write_value(const struct render *r, const struct json *v, bool indented, struct buf *out)
{
	struct buf text;
	size_t n;

	buf_init(&text, out->cap);
	if (indented)
		json_write_pretty(v, &text);
	else
		json_write(v, &text);
	for (const char *s = buf_text(&text); *s; s += n) {
		unsigned cp = '\n';

		n = strlen(s);
		if (r->pretty)
			cp = cells_char(s, &n);
		if (cells_is_wild(cp) && cp != '\n')
			buf_printf(out, "\\u%04x", cp);
		else
			buf_add(out, s, n);
	}
	if (!text.len || text.data[text.len - 1] != '\n')
		buf_chr(out, '\n');
	buf_done(&text);
}

static void
write_json(const struct render *r, const struct json *data, struct buf *out)
{
	const struct json *items = json_get(data, "items");

	if (r->format != FORMAT_JSONL || !json_is_arr(items))
		write_value(r, data, r->format == FORMAT_JSON && r->pretty, out);
	for (size_t i = 0; r->format == FORMAT_JSONL && i < json_len(items); i++)
		write_value(r, json_at(items, i), false, out);
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
	const char *text;

	if (!view)
		view = r->view; /* it came with the first event */
	text = json_str(view, "text") ? json_str(data, json_str(view, "text")) : NULL;
	if (r->format == FORMAT_JSON || r->format == FORMAT_JSONL || !view) {
		write_json(r, data, out);
		return;
	}
	if (text) {
		buf_str(out, text);
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
		write_value(r, event, false, out);
		return;
	}
	rows = json_arr();
	json_add(rows, json_copy(event));
	write_table(r, cols, rows, NULL, r->kept, r->header && !r->began, out);
	r->began = true;
}

/* What a person wrote once, an alias, stands in errors too. */
static void
write_tame(const char *text, struct buf *notes)
{
	CLEANUP(own_free) char *tame = cells_tame(text, false);

	buf_printf(notes, "%s\n", tame);
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
	buf_str(notes, "ttctl: ");
	write_tame(message ? message : "failed", notes);
	if (hint) {
		buf_str(notes, "  ");
		write_tame(hint, notes);
	}
}

void
render_done(struct render *r)
{
	json_free(r->view);
	r->view = NULL;
}
