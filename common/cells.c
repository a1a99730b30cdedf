#include "common/cells.h"

#include "common/str.h"

#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#define NOT_TEXT    0xfffdu
#define SARA_AM     0x0e33u
#define LAO_AM      0x0eb3u
#define JOINER      0x200du
#define EMOJI_STYLE 0xfe0fu
#define FLAG_BYTES  4 /* of one letter of a flag */

unsigned
cells_char(const char *s, size_t *ret_len)
{
	unsigned char c = (unsigned char)*s;
	size_t len = c < 0x80 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
	unsigned cp = len == 1 ? c : c & (0x7fu >> len);

	*ret_len = 1;
	if (len == 1)
		return cp;
	if (strnlen(s, len) < len || !str_utf8(s, len))
		return NOT_TEXT;
	for (size_t i = 1; i < len; i++)
		cp = cp << 6 | ((unsigned char)s[i] & 0x3fu);
	*ret_len = len;
	return cp;
}

bool
cells_is_wild(unsigned cp)
{
	return cp < 0x20 || (cp >= 0x7f && cp < 0xa0) ||         /* C0, DEL, C1 */
	       cp == 0x61c || cp == 0x200e || cp == 0x200f ||    /* marks of direction */
	       (cp >= 0x2028 && cp <= 0x202e) ||                 /* line ends, embeddings */
	       (cp >= 0x2066 && cp <= 0x2069) || cp == 0xfeff || /* isolates */
	       (cp >= 0xfff9 && cp <= 0xfffb);                   /* annotations */
}

static bool
is_flag(unsigned cp)
{
	return cp >= 0x1f1e6 && cp <= 0x1f1ff;
}

static bool
is_skin(unsigned cp)
{
	return cp >= 0x1f3fb && cp <= 0x1f3ff;
}

/* What may be drawn as an emoji; letters of all scripts are not. */
static bool
is_symbol(unsigned cp)
{
	return (cp >= 0x203c && cp <= 0x3299 && !(cp >= 0x3040 && cp <= 0x30ff)) ||
	       (cp >= 0x1f000 && cp <= 0x1faff);
}

static bool
takes_emoji_style(unsigned cp)
{
	return is_symbol(cp) || cp == 0xa9 || cp == 0xae || cp == '#' || cp == '*' ||
	       (cp >= '0' && cp <= '9');
}

/* Makes cp, which stands so many bytes behind first, one emoji of two cells of what is before it?
 */
static bool
completes_emoji(unsigned first, size_t at, unsigned before, unsigned cp)
{
	return (cp == EMOJI_STYLE && takes_emoji_style(before)) ||
	       (is_skin(cp) && is_symbol(first)) ||
	       (is_flag(first) && is_flag(cp) && at == FLAG_BYTES);
}

static size_t
width_of(unsigned cp, const char *at)
{
	int w = wcwidth((wchar_t)cp);

	if (cp == NOT_TEXT && (unsigned char)*at != 0xef)
		return 1;
	return w > 0 ? (size_t)w : 0;
}

size_t
cells_next(const char *s, size_t *ret_cells)
{
	unsigned first, before, cp;
	size_t at, n, cells;

	*ret_cells = 0;
	if (!*s)
		return 0;
	first = before = cells_char(s, &at);
	cells = width_of(first, s);
	for (; s[at]; at += n, before = cp) {
		size_t w;

		cp = cells_char(s + at, &n);
		w = width_of(cp, s + at);
		if (cells_is_wild(cp))
			break;
		if (completes_emoji(first, at, before, cp))
			cells = 2;
		else if (cp == SARA_AM || cp == LAO_AM)
			cells += w;
		else if (w && !(before == JOINER && is_symbol(first) && is_symbol(cp)))
			break;
	}
	*ret_cells = cells;
	return at;
}

size_t
cells_count(const char *s)
{
	size_t n, w, cells = 0;

	while ((n = cells_next(s, &w))) {
		cells += w;
		s += n;
	}
	return cells;
}

char *
cells_tame(const char *s, bool lines)
{
	char *copy = malloc(strlen(s) + 1), *to = copy;
	size_t n;

	if (!copy)
		abort();
	for (; *s; s += n) {
		unsigned cp = cells_char(s, &n);

		if (cells_is_wild(cp) && !(lines && cp == '\n')) {
			*to++ = ' ';
		} else {
			memcpy(to, s, n);
			to += n;
		}
	}
	*to = '\0';
	return copy;
}
