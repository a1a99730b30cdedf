#include "tests/sandbox/timeline.h"

#include "tests/sandbox/mem.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

size_t
timeline_at(const struct timeline *t, int64_t time, uint64_t id)
{
	size_t lo = 0, hi = t->n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		const struct timeline_row *r = &t->rows[mid];

		if (r->time < time || (r->time == time && r->id < id))
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

void
timeline_put(struct timeline *t, int64_t time, uint64_t id, void *row)
{
	size_t at = timeline_at(t, time, id);

	if (t->n == t->room) {
		t->room = t->room ? t->room * 2 : 16;
		t->rows = mem_grow(t->rows, t->room, sizeof(*t->rows));
	}
	memmove(&t->rows[at + 1], &t->rows[at], (t->n - at) * sizeof(*t->rows));
	t->rows[at] = (struct timeline_row){ time, id, row };
	t->n++;
}

void
timeline_move(struct timeline *t, int64_t old, uint64_t id, int64_t time)
{
	size_t from = timeline_at(t, old, id);
	size_t to = timeline_at(t, time, id);
	struct timeline_row r;

	assert(from < t->n && t->rows[from].id == id);
	r = t->rows[from];
	r.time = time;
	if (to > from) {
		to--; /* its own place will be free */
		memmove(&t->rows[from], &t->rows[from + 1], (to - from) * sizeof(r));
	} else {
		memmove(&t->rows[to + 1], &t->rows[to], (from - to) * sizeof(r));
	}
	t->rows[to] = r;
}

void
timeline_done(struct timeline *t)
{
	free(t->rows);
	*t = (struct timeline){ 0 };
}
