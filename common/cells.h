/*
 * cells: text on a terminal: how many cells it takes, and what of it must not get there.
 *
 * A cluster is what is drawn in one place and never cut: a letter with its vowels and tone marks,
 * an emoji with its variation selector, its skin tone and what zero-width joiners tie to it.
 *
 * Widths need a UTF-8 locale; a byte that is no text counts as one cell.
 * Source: wcwidth(3) for one character; UAX 29 of Unicode 15 for what belongs together.
 */
#ifndef TTSYNC_CELLS_H
#define TTSYNC_CELLS_H

#include <stdbool.h>
#include <stddef.h>

/* Bytes of the first cluster of s, 0 at its end; *ret_cells: the cells it takes. */
size_t cells_next(const char *s, size_t *ret_cells);
size_t cells_count(const char *s);
/*
 * A copy of s, to be freed, in which a blank stands for each character that moves the cursor,
 * begins a line, steers a terminal or turns the direction of reading. lines: newlines stay.
 */
char *cells_tame(const char *s, bool lines);
/* Does the character have to be kept from a terminal? */
bool cells_is_wild(unsigned cp);
/* The first character of s (not at its end), *ret_len bytes; U+FFFD, one byte, for what is none. */
unsigned cells_char(const char *s, size_t *ret_len);

#endif
