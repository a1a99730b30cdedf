/*
 * table: rows of text in columns, for a terminal or for programs that split at tabs.
 *
 * Widths are counted in display cells (cells.h; the locale must be UTF-8): Thai vowels above and
 * below take none. Where a terminal's width is given, the widest text columns are cut with "…"
 * until a row fits; numbers and plain output are never cut. Control characters and those that turn
 * the direction of reading become blanks, so that no value can move the cursor or begin a row.
 *
 * Owner: whoever called table_new frees it; texts are copied. Out of memory aborts.
 */
#ifndef TTSYNC_TABLE_H
#define TTSYNC_TABLE_H

#include "common/buf.h"
#include "common/own.h"
#include "common/text.h"

#include <stdbool.h>
#include <stddef.h>

struct table;

/* TABLE_WHOLE is to the left too, and cut only when cutting the others was not enough. */
enum table_align { TABLE_LEFT = 0, TABLE_WHOLE, TABLE_RIGHT };

struct table_style {
	size_t width; /* cells of a row at most; 0: no limit */
	bool plain;   /* a tab between cells, nothing padded, cut or coloured */
	bool header;
	bool colour;
	/* Widths of the columns, at least; raised to what was needed. For rows that come one by
	 * one. NULL: each table for itself. */
	size_t *kept;
};

/* A table without columns; table_column adds them, before the first cell. */
struct table *table_new(void);
void table_free(struct table *t);
FREEP(struct table, table)

/* A column aligned to the right holds numbers and is never cut. */
void table_column(struct table *t, const char *title, enum table_align align);
/* The next cell, row by row, left to right. text NULL: empty. */
void table_cell(struct table *t, const char *text, enum tone tone);
/* Cells of its widest row as it is, nothing cut. */
size_t table_cells(const struct table *t, bool header);
/* Whole rows there are. */
size_t table_rows(const struct table *t);
/* Append the table as text. 0, or -1 (cap of out). */
int table_write(const struct table *t, const struct table_style *style, struct buf *out);

#endif
