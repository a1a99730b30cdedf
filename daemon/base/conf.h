/*
 * conf: the configuration, read and checked as a whole, then never changed.
 *
 * A struct conf is a snapshot with a reference count: each thread holds its own reference, reload
 * posts a new snapshot. The rows are in conf.def. Secrets lie in locked memory, are read once and
 * are shown by nothing here.
 *
 * Units:  fields of durations end in _ms; rates are calls a second.
 * Errors: ERR_INPUT, code EX_CONFIG (78); the text begins with FILE:LINE, or FILE where something
 *         is missing; the hint says what would be right.
 * Owner:  whoever called conf_load or conf_ref calls conf_unref; strings live as long as the conf.
 */
#ifndef TTSYNC_CONF_H
#define TTSYNC_CONF_H

#include "common/err.h"
#include "daemon/base/log.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CONF_FILE      "/etc/ttsyncd/ttsyncd.conf"
#define CONF_BYTES_MAX (1u << 20)
#define CONF_DAYS_MAX  16
#define CONF_WARN_MAX  8
#define CONF_DAY_MS    INT64_C(86400000)

struct buf;

/* A file of a ~_file key: its resolved name, "" if the key is not set. */
struct conf_secret {
	char *file;
	char
	    *text; /* locked, len bytes and a NUL, the last line's end taken off; NULL if not set */
	size_t len;
};

struct conf_days {
	int n;
	int day[CONF_DAYS_MAX]; /* most first, each once */
};

/* What a row's type is in struct conf. */
#define CONF_C_INT      int64_t
#define CONF_C_DURATION int64_t
#define CONF_C_BOOL     bool
#define CONF_C_LEVEL    enum log_level
#define CONF_C_FORMAT   enum log_format
#define CONF_C_TEXT     const char * /* "" when empty, never NULL; so are all texts */
#define CONF_C_NAME     const char * /* letters, digits, '_', '-' */
#define CONF_C_WORDS    const char * /* different names, commas between, no blanks */
#define CONF_C_PATH     const char * /* absolute */
#define CONF_C_FILE     const char * /* where it was found; it was readable */
#define CONF_C_URL      const char * /* https, or http to this machine; no '/' at its end */
#define CONF_C_PGURL    const char *
#define CONF_C_REDISURL const char *
#define CONF_C_LISTEN   const char * /* "1.2.3.4:80", "[::1]:80" */
#define CONF_C_DAYS     struct conf_days
#define CONF_C_SECRET   struct conf_secret

enum conf_id {
#define SETTING(section, key, field, ...) CONF_##field,
#include "daemon/base/conf.def"
#undef SETTING
	CONF_ROWS
};

struct conf {
#define SETTING(section, key, field, type, ...) CONF_C_##type field;
#include "daemon/base/conf.def"
#undef SETTING
	/* Where each row was set: its line, 0 for a default. */
	int line[CONF_ROWS];
	/* After conf_reload: the file says something else, which waits for the next start. */
	bool waits[CONF_ROWS];
	/* What a person should know, though it is no error: permissions of files. */
	char warn[CONF_WARN_MAX][200];
	int n_warn;
	atomic_int refs;
};

/* What a row says, for `config show`, `config check` and reload. */
struct conf_row {
	const char *section;
	const char *key;
	const char *def;
	const char *help;
	int64_t min;
	int64_t max;
	size_t offset; /* of its field in struct conf */
	const struct conf_type *type;
	bool reloadable; /* takes effect on reload; else with the next start */
};
extern const struct conf_row conf_rows[CONF_ROWS];

/* Read and check a file and all files it names. crypto_start must have run. NULL and *e. */
const struct conf *conf_load(const char *file, struct err *e);
/* The same from memory; `file` is what messages call it and what relative names are beside. */
const struct conf *conf_parse(const char *file, const char *text, size_t len, struct err *e);

/*
 * conf_load while `old` is in use: rows that are not reloadable keep the old value, and say in
 * `waits` that the file has another.
 */
const struct conf *conf_reload(const struct conf *old, const char *file, struct err *e);

const struct conf *conf_ref(const struct conf *c);
/* The last one wipes and frees. NULL is fine. */
void conf_unref(const struct conf *c);

/* A row's value as it could be written in the file; passwords in URLs are starred out. */
void conf_show(const struct conf *c, enum conf_id id, struct buf *out);
/* Do two snapshots differ in this row (also: in what a secret's file holds)? */
bool conf_differs(const struct conf *a, const struct conf *b, enum conf_id id);

/* Place of a plan in [plans] order, 0 the lowest; -1 for a plan not named there. */
int conf_plan_rank(const struct conf *c, const char *plan);
/* May a store on this plan connect a shop? No for an unknown plan. */
bool conf_plan_ok(const struct conf *c, const char *plan);

#endif
