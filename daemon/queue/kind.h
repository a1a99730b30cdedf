/*
 * kind: the kinds of work a shop can wait for. Rows in kind.def.
 */
#ifndef TTSYNC_KIND_H
#define TTSYNC_KIND_H

#include <stdbool.h>
#include <stdint.h>

enum kind {
	KIND_NONE = 0,
#define KIND(id, name, bonus, begins) KIND_##id,
#include "daemon/queue/kind.def"
#undef KIND
	KIND_END
};

/* "orders"; "none" for anything that is no kind. */
const char *kind_name(enum kind k);
/* KIND_NONE for an unknown word. */
enum kind kind_parse(const char *s);
int64_t kind_bonus_ms(enum kind k);
/* Where a new shop begins with it. */
enum kind_begin { KIND_LATER = 0, KIND_AT_CONNECTION, KIND_AT_START };
enum kind_begin kind_begins(enum kind k);

#endif
