/*
 * options: the command line.
 *
 * Every option is a row of option.def; --help is written from it.
 *
 * Units: as each row says.
 */
#ifndef SANDBOX_OPTIONS_H
#define SANDBOX_OPTIONS_H

#include "common/err.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct options {
#define TEXT(field, name, arg, preset, help)          const char *field;
#define NUM(field, name, arg, preset, min, max, help) int64_t field;
#define FLAG(field, name, help)                       bool field;
#include "tests/sandbox/option.def"
#undef TEXT
#undef NUM
#undef FLAG
	bool help;
	bool version;
};

/* 0, or -1 with ERR_INPUT. Texts point into argv. */
int options_read(struct options *o, int argc, char **argv, struct err *e);
void options_preset(struct options *o);
void options_help(FILE *to);

#endif
