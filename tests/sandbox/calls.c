#include "tests/sandbox/calls.h"

#include "tests/sandbox/mem.h"

#include <stdlib.h>
#include <string.h>

void
calls_init(struct calls *c)
{
	*c = (struct calls){ .ring = mem_new(CALLS_KEPT, sizeof(struct call_row)) };
}

void
calls_done(struct calls *c)
{
	free(c->ring);
	c->ring = NULL;
}

static struct call_sum *
sum_of(struct calls *c, const char *endpoint)
{
	for (size_t i = 0; i < c->n_sums; i++)
		if (c->sums[i].endpoint == endpoint)
			return &c->sums[i];
	if (c->n_sums == CALLS_ENDPOINT_MAX)
		return &c->sums[CALLS_ENDPOINT_MAX - 1];
	c->sums[c->n_sums].endpoint = endpoint;
	return &c->sums[c->n_sums++];
}

void
calls_add(struct calls *c, struct call_row *row)
{
	struct call_sum *sum = sum_of(c, row->endpoint);

	row->n = ++c->n;
	c->ring[row->n % CALLS_KEPT] = *row;
	sum->calls++;
	sum->failed += row->code != 0;
	sum->faults += row->fault != NULL;
	sum->rows += (uint64_t)row->rows;
}

const struct call_row *
calls_after(const struct calls *c, uint64_t n)
{
	uint64_t oldest = c->n > CALLS_KEPT ? c->n - CALLS_KEPT + 1 : 1;

	n = n + 1 < oldest ? oldest : n + 1;
	return n <= c->n ? &c->ring[n % CALLS_KEPT] : NULL;
}
