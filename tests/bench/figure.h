/*
 * figure: what a benchmark prints: a measured value beside its yardstick.
 *
 * A yardstick is measured in the same run on the same machine, or is the aim ("aim"): a value alone
 * says little about a machine nobody knows.
 *
 * Units:  the caller's, named in unit; ratio is value by yardstick.
 */
#ifndef TTSYNC_BENCH_FIGURE_H
#define TTSYNC_BENCH_FIGURE_H

#include <stdbool.h>

#define FIGURE_ROUNDS_MAX 16

struct figure {
	const char *name; /* "ingest.new" */
	double value;
	const char *unit;
	const char *yard; /* what the yardstick is */
	double yard_value;
};

/* Read the command line: --json or nothing. Ends the program (64) on anything else. */
bool figure_options(int argc, char **argv);
/* One line to stdout, flushed: a row of the table, or a JSON object. */
void figure_print(const struct figure *f, bool json);
/* The middle of n values (at most FIGURE_ROUNDS_MAX), which stay as they are. */
double figure_median(const double *values, int n);

#endif
