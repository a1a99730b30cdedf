/*
 * markers: what must not be found anywhere: buyers' data, tokens, codes, secrets, keys.
 *
 * The sandbox puts CANARY into all personal data and all credentials, and begins what can only be
 * digits with 99942 (phone numbers, postal codes) and 749999 (buyers' ids).
 *
 * Owner: markers_add keeps the pointer; the text outlives the markers.
 * Source: tests/sandbox/README.md, "Markers".
 */
#ifndef TTSYNC_TESTS_MARKERS_H
#define TTSYNC_TESTS_MARKERS_H

#include <stdbool.h>
#include <stddef.h>

#define MARKERS_MAX 16

struct markers {
	const char *text[MARKERS_MAX]; /* a piece of a secret, as it would be written */
	size_t n;
};

/* The ones that are always looked for, the app's secret and the key of world.h. */
void markers_init(struct markers *m);
void markers_add(struct markers *m, const char *text);

/*
 * The first marker in these bytes, or NULL. digits: also those that are digits only; they need
 * text around them to be told from other numbers.
 */
const char *markers_find(const struct markers *m, const void *bytes, size_t len, bool digits);
/*
 * Look through every regular file below dir, except those with one of these names (NULL at the
 * end): what was found and where, as text to be freed, or NULL. *ret_bytes is how much was read.
 */
char *markers_search(const struct markers *m, const char *dir, const char *const *except,
                     size_t *ret_bytes);

#endif
