#include "tests/integration/markers.h"

#include "common/own.h"
#include "tests/harness/harness.h"
#include "tests/integration/world.h"

#include <ctype.h>
#include <fcntl.h>
#include <fts.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define RAW_KEY "KEYMAKER" /* the beginning of WORLD_KEY, decoded */

/* A number that begins with digits, has at least more behind them, and is no fraction. */
static const struct {
	const char *digits;
	size_t least, most;
} numbers[] = {
	{ "99942", 5, 9 }, /* a postal code, a phone number */
	{ "749999", 19, 19 },
};

void
markers_init(struct markers *m)
{
	*m = (struct markers){ 0 };
	markers_add(m, "CANARY");
	markers_add(m, WORLD_APP_SECRET);
	markers_add(m, WORLD_KEY);
	markers_add(m, RAW_KEY);
}

void
markers_add(struct markers *m, const char *text)
{
	if (m->n == MARKERS_MAX || strlen(text) < 6)
		harness_die(NULL, "no marker: %s", text);
	m->text[m->n++] = text;
}

/* Part of a time, a fraction or an amount, not a number by itself? */
static bool
is_inside(char c)
{
	return isdigit((unsigned char)c) || c == '.' || c == ':';
}

static bool
has_number(const char *bytes, size_t len, const char *digits, size_t least, size_t most)
{
	const char *end = bytes + len, *at = bytes;

	while ((at = memmem(at, (size_t)(end - at), digits, strlen(digits)))) {
		size_t n = strlen(digits);

		while (at + n < end && isdigit((unsigned char)at[n]))
			n++;
		if (n >= least && n <= most && (at == bytes || !is_inside(at[-1])))
			return true;
		at += n;
	}
	return false;
}

const char *
markers_find(const struct markers *m, const void *bytes, size_t len, bool digits)
{
	for (size_t i = 0; i < m->n; i++)
		if (memmem(bytes, len, m->text[i], strlen(m->text[i])))
			return m->text[i];
	for (size_t i = 0; digits && i < ARRAY_LEN(numbers); i++)
		if (has_number(bytes, len, numbers[i].digits, numbers[i].least, numbers[i].most))
			return numbers[i].digits;
	return NULL;
}

/* The marker in a file, or NULL; files that went meanwhile hold none. */
static const char *
search_file(const struct markers *m, const char *path, size_t *ret_bytes)
{
	const char *found = NULL;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	struct stat st;
	void *bytes;

	if (fd < 0)
		return NULL;
	if (!fstat(fd, &st) && st.st_size > 0) {
		bytes = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
		if (bytes != MAP_FAILED) {
			found = markers_find(m, bytes, (size_t)st.st_size, false);
			*ret_bytes += (size_t)st.st_size;
			munmap(bytes, (size_t)st.st_size);
		}
	}
	close(fd);
	return found;
}

static bool
is_one_of(const char *name, const char *const *list)
{
	for (; list && *list; list++)
		if (!strcmp(name, *list))
			return true;
	return false;
}

char *
markers_search(const struct markers *m, const char *dir, const char *const *except,
               size_t *ret_bytes)
{
	char *const roots[] = { (char *)(uintptr_t)dir, NULL };
	FTS *tree = fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR, NULL);
	char *text = NULL;
	FTSENT *at;

	*ret_bytes = 0;
	if (!tree)
		harness_die(NULL, "%s cannot be read", dir);
	while (!text && (at = fts_read(tree))) {
		const char *found = at->fts_info == FTS_F && !is_one_of(at->fts_name, except)
		                        ? search_file(m, at->fts_path, ret_bytes)
		                        : NULL;

		if (found && asprintf(&text, "%s in %s", found, at->fts_path) < 0)
			harness_die(NULL, "no memory");
	}
	fts_close(tree);
	return text;
}
