#include "tests/bench/figure.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

bool
figure_options(int argc, char **argv)
{
	if (argc == 1)
		return false;
	if (argc == 2 && !strcmp(argv[1], "--json"))
		return true;
	fprintf(stderr, "usage: %s [--json]\n", argv[0]);
	exit(EX_USAGE);
}

/* Three or four digits say what a benchmark knows. */
static int
decimals(double v)
{
	return v < 10 ? 3 : v < 100 ? 1 : 0;
}

void
figure_print(const struct figure *f, bool json)
{
	double ratio = f->yard_value > 0 ? f->value / f->yard_value : 0;

	printf(json ? "{\"name\":\"%s\",\"value\":%.*f,\"unit\":\"%s\",\"yardstick\":"
	              "{\"name\":\"%s\",\"value\":%.*f},\"ratio\":%.3f}\n"
	            : "%-26s %10.*f %-14s %28s %10.*f %8.2f\n",
	       f->name, decimals(f->value), f->value, f->unit, f->yard, decimals(f->yard_value),
	       f->yard_value, ratio);
	fflush(stdout);
}

static int
compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

double
figure_median(const double *values, int n)
{
	double sorted[FIGURE_ROUNDS_MAX];

	assert(n > 0 && n <= FIGURE_ROUNDS_MAX);
	memcpy(sorted, values, (size_t)n * sizeof(*values));
	qsort(sorted, (size_t)n, sizeof(*sorted), compare);
	return n % 2 ? sorted[n / 2] : (sorted[n / 2 - 1] + sorted[n / 2]) / 2;
}
