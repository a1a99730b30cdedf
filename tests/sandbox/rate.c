#include "tests/sandbox/rate.h"

#include "tests/sandbox/mem.h"

#include <stdlib.h>
#include <string.h>

void
rate_init(struct rate *r, int64_t per_second, int64_t burst)
{
	*r = (struct rate){ .per_second = per_second, .burst = burst ? burst : per_second };
}

void
rate_done(struct rate *r)
{
	for (unsigned i = 0; i < r->n_rows; i++)
		free(r->rows[i]);
	free(r->rows);
	r->rows = NULL;
	r->n_rows = 0;
}

static int64_t *
bucket(struct rate *r, unsigned who, unsigned kind)
{
	if (who >= r->n_rows) {
		unsigned n = who + 64;

		r->rows = mem_grow(r->rows, n, sizeof(int64_t *));
		memset(&r->rows[r->n_rows], 0, (n - r->n_rows) * sizeof(int64_t *));
		r->n_rows = n;
	}
	if (!r->rows[who])
		r->rows[who] = mem_new(RATE_KINDS, sizeof(int64_t));
	return &r->rows[who][kind];
}

int64_t
rate_take(struct rate *r, unsigned who, unsigned kind, int64_t now_us)
{
	int64_t step, *empty_at, ahead;

	if (!r->per_second)
		return 0;
	step = 1000000 / r->per_second;
	empty_at = bucket(r, who, kind);
	if (*empty_at < now_us)
		*empty_at = now_us;
	ahead = *empty_at - now_us - step * (r->burst - 1);
	if (ahead > 0) {
		r->refused++;
		return ahead;
	}
	*empty_at += step;
	return 0;
}
