#include "tests/sandbox/idmap.h"

#include "tests/sandbox/mem.h"
#include "tests/sandbox/rng.h"

#include <stdlib.h>

struct idmap_slot {
	uint64_t id;
	void *value;
};

static struct idmap_slot *
slot_of(const struct idmap *m, uint64_t id)
{
	size_t i = (size_t)rng_mix(id) & (m->room - 1);

	while (m->slots[i].id && m->slots[i].id != id)
		i = (i + 1) & (m->room - 1);
	return &m->slots[i];
}

static void
widen(struct idmap *m)
{
	struct idmap old = *m;

	m->room = old.room ? old.room * 2 : 64;
	m->slots = mem_new(m->room, sizeof(*m->slots));
	for (size_t i = 0; i < old.room; i++)
		if (old.slots[i].id)
			*slot_of(m, old.slots[i].id) = old.slots[i];
	free(old.slots);
}

void
idmap_put(struct idmap *m, uint64_t id, void *value)
{
	struct idmap_slot *s;

	if ((m->used + 1) * 2 > m->room)
		widen(m);
	s = slot_of(m, id);
	if (!s->id)
		m->used++;
	s->id = id;
	s->value = value;
}

void *
idmap_get(const struct idmap *m, uint64_t id)
{
	return m->room && id ? slot_of(m, id)->value : NULL;
}

void
idmap_done(struct idmap *m)
{
	free(m->slots);
	*m = (struct idmap){ 0 };
}
