/*
 * idmap: what belongs to an id. Open addressing, grows; nothing is ever taken out.
 *
 * Errors: out of memory ends the program: a sandbox without its orders is of no use.
 * Owner:  the values belong to whoever put them in; 0 is no id.
 */
#ifndef SANDBOX_IDMAP_H
#define SANDBOX_IDMAP_H

#include <stddef.h>
#include <stdint.h>

struct idmap {
	struct idmap_slot *slots;
	size_t room; /* a power of two, or 0 */
	size_t used;
};

void idmap_put(struct idmap *m, uint64_t id, void *value);
void *idmap_get(const struct idmap *m, uint64_t id);
void idmap_done(struct idmap *m);

#endif
