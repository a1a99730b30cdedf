/*
 * options: ttctl's own words. Whatever is not one of them is the daemon's to understand.
 *
 * Own long options may stand before or behind the verb, up to "--"; short ones, --help and
 * --version only before it.
 */
#ifndef TTCTL_OPTIONS_H
#define TTCTL_OPTIONS_H

#include "common/err.h"
#include "common/text.h"

#include <stdbool.h>
#include <stdint.h>

#define OPTIONS_SOCKET      "/run/ttsyncd/control.sock"
#define OPTIONS_WATCH_MS    2000
#define OPTIONS_WATCH_LEAST 200
#define OPTIONS_WATCH_MOST  86400000

enum format { FORMAT_TABLE = 0, FORMAT_JSON, FORMAT_JSONL, FORMAT_PLAIN };
enum when { WHEN_AUTO = 0, WHEN_ALWAYS, WHEN_NEVER };

struct options {
	const char *socket;
	enum format format;
	enum lang lang; /* never LANG_NONE */
	enum when colour;
	int64_t watch_ms; /* 0: once */
	bool no_header;
	bool no_input; /* nothing is asked on the terminal */
	bool help;     /* of ttctl itself */
	bool version;
	char **words; /* verb and arguments, in argv's own order; n_words of them */
	int n_words;
};

/*
 * Read argv, which is reordered: the words come together. ERR_INPUT, EXITS_USAGE; *o holds what was
 * read up to there, so that the error can be told in the format asked for.
 */
int options_read(struct options *o, int argc, char **argv, struct err *e);

#endif
