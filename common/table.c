#include "common/table.h"

#include "common/cells.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define TABLE_GAP   2 /* cells between columns */
#define TABLE_FLOOR 8 /* a column is not cut below this many cells */

struct column {
	char *title;
	enum table_align align;
};

struct cell {
	char *text;
	enum tone tone;
	size_t cells;
};

struct table {
	struct column *columns;
	size_t n_columns;
	struct cell *cells;
	size_t n_cells;
	size_t room;
};

static void *
must(void *p)
{
	if (!p)
		abort();
	return p;
}

struct table *
table_new(void)
{
	return must(calloc(1, sizeof(struct table)));
}

void
table_free(struct table *t)
{
	if (!t)
		return;
	for (size_t i = 0; i < t->n_columns; i++)
		free(t->columns[i].title);
	for (size_t i = 0; i < t->n_cells; i++)
		free(t->cells[i].text);
	free(t->columns);
	free(t->cells);
	free(t);
}

void
table_column(struct table *t, const char *title, enum table_align align)
{
	assert(!t->n_cells);
	t->columns = must(reallocarray(t->columns, t->n_columns + 1, sizeof(struct column)));
	t->columns[t->n_columns++] = (struct column){ cells_tame(title, false), align };
}

void
table_cell(struct table *t, const char *text, enum tone tone)
{
	char *copy = cells_tame(text ? text : "", false);

	assert(t->n_columns);
	if (t->n_cells == t->room) {
		t->room = t->room ? 2 * t->room : 64;
		t->cells = must(reallocarray(t->cells, t->room, sizeof(struct cell)));
	}
	t->cells[t->n_cells++] = (struct cell){ copy, tone, cells_count(copy) };
}

size_t
table_rows(const struct table *t)
{
	return t->n_columns ? t->n_cells / t->n_columns : 0;
}

/* Bytes of s that take at most `most` cells, no cluster cut; *ret_cells: the cells they take. */
static size_t
fitting(const char *s, size_t most, size_t *ret_cells)
{
	size_t at = 0, n, w;

	*ret_cells = 0;
	while ((n = cells_next(s + at, &w)) && *ret_cells + w <= most) {
		*ret_cells += w;
		at += n;
	}
	return at;
}

static const char *
colour_of(enum tone tone)
{
	switch (tone) {
	case TONE_GOOD:
		return "\033[32m";
	case TONE_WAIT:
		return "\033[36m";
	case TONE_WARN:
		return "\033[33m";
	case TONE_BAD:
		return "\033[31m";
	case TONE_NONE:
		break;
	}
	return NULL;
}

static void
pad(struct buf *out, size_t n)
{
	while (n--)
		buf_chr(out, ' ');
}

struct piece {
	const char *text;
	size_t cells;
	const char *on; /* escape sequence before it, NULL: none */
	enum table_align align;
	bool last;
};

static void
write_piece(const struct piece *p, size_t width, struct buf *out)
{
	size_t cells = p->cells < width ? p->cells : width;

	if (p->align == TABLE_RIGHT)
		pad(out, width - cells);
	if (p->on)
		buf_str(out, p->on);
	if (p->cells > width) {
		buf_add(out, p->text, fitting(p->text, width - 1, &cells));
		buf_str(out, "…");
		cells++;
	} else {
		buf_str(out, p->text);
	}
	if (p->on)
		buf_str(out, "\033[0m");
	if (p->align != TABLE_RIGHT && !p->last)
		pad(out, width - cells);
	if (!p->last)
		pad(out, TABLE_GAP);
}

/* Cells of every column as they are, the header's counted too, and those before in `kept`. */
static void
natural_widths(const struct table *t, const struct table_style *style, size_t *widths)
{
	for (size_t c = 0; c < t->n_columns; c++)
		widths[c] = style->header ? cells_count(t->columns[c].title) : 0;
	for (size_t i = 0; i < t->n_cells; i++) {
		size_t c = i % t->n_columns;

		if (t->cells[i].cells > widths[c])
			widths[c] = t->cells[i].cells;
	}
	for (size_t c = 0; style->kept && c < t->n_columns; c++) {
		if (style->kept[c] > widths[c])
			widths[c] = style->kept[c];
		style->kept[c] = widths[c];
	}
}

size_t
table_cells(const struct table *t, bool header)
{
	CLEANUP(own_free) size_t *widths = must(calloc(t->n_columns + 1, sizeof(*widths)));
	size_t total = t->n_columns ? (t->n_columns - 1) * TABLE_GAP : 0;

	natural_widths(t, &(struct table_style){ .header = header }, widths);
	for (size_t c = 0; c < t->n_columns; c++)
		total += widths[c];
	return total;
}

/* Take cells from the widest column of that kind, one by one, until a row fits or none can give. */
static void
shrink(const struct table *t, enum table_align align, size_t limit, size_t *widths)
{
	size_t total = t->n_columns ? (t->n_columns - 1) * TABLE_GAP : 0;

	for (size_t c = 0; c < t->n_columns; c++)
		total += widths[c];
	while (total > limit) {
		size_t widest = t->n_columns;

		for (size_t c = 0; c < t->n_columns; c++)
			if (t->columns[c].align == align && widths[c] > TABLE_FLOOR &&
			    (widest == t->n_columns || widths[c] > widths[widest]))
				widest = c;
		if (widest == t->n_columns)
			return;
		widths[widest]--;
		total--;
	}
}

static void
write_plain(const struct table *t, bool header, struct buf *out)
{
	for (size_t c = 0; header && c < t->n_columns; c++)
		buf_printf(out, "%s%c", t->columns[c].title, c + 1 < t->n_columns ? '\t' : '\n');
	for (size_t i = 0; i < t->n_cells; i++) /* where there is a cell there is a column */
		/* NOLINTNEXTLINE(clang-analyzer-core.DivideZero) */
		buf_printf(out, "%s%c", t->cells[i].text, (i + 1) % t->n_columns ? '\t' : '\n');
}

int
table_write(const struct table *t, const struct table_style *style, struct buf *out)
{
	CLEANUP(own_free) size_t *widths = NULL;

	if (style->plain || !t->n_columns) {
		write_plain(t, style->header, out);
		return out->failed ? -1 : 0;
	}
	widths = must(calloc(t->n_columns, sizeof(*widths)));
	natural_widths(t, style, widths);
	if (style->width) {
		shrink(t, TABLE_LEFT, style->width, widths);
		shrink(t, TABLE_WHOLE, style->width, widths);
	}
	for (size_t c = 0; style->header && c < t->n_columns; c++) {
		const struct column *col = &t->columns[c];
		bool last = c + 1 == t->n_columns;

		write_piece(&(struct piece){ col->title, cells_count(col->title),
		                             style->colour ? "\033[1m" : NULL, col->align, last },
		            widths[c], out);
		if (last)
			buf_chr(out, '\n');
	}
	for (size_t i = 0; i < t->n_cells; i++) {
		const struct cell *cell = &t->cells[i];
		size_t c = i % t->n_columns;
		bool last = c + 1 == t->n_columns;

		write_piece(&(struct piece){ cell->text, cell->cells,
		                             style->colour ? colour_of(cell->tone) : NULL,
		                             t->columns[c].align, last },
		            widths[c], out);
		if (last)
			buf_chr(out, '\n');
	}
	return out->failed ? -1 : 0;
}
