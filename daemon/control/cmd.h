/*
 * cmd: the shape of a command of the control socket, and the table of all of them.
 *
 * A command is a file cmd_NAME.c and a row of cmd.def. Its arguments are parsed and checked before
 * anything of it runs; most commands name a task (work/task.h) and nothing more.
 */
#ifndef TTSYNC_CMD_H
#define TTSYNC_CMD_H

#include "common/err.h"
#include "daemon/control/view.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf;
struct json;
struct req;

enum cmd_id {
#define CMD(name) CMD_##name,
#include "daemon/control/cmd.def"
#undef CMD
	CMD_COUNT
};

/* Who may: the zero value is nobody, so that to forget it is to refuse. */
enum cmd_access { CMD_NOBODY = 0, CMD_MONITOR, CMD_ADMIN };

/* How a value is written; as on the command line, in JSON too. */
enum arg_type {
	ARG_NONE = 0,
	ARG_TEXT,    /* 1 to ARG_TEXT_MAX bytes without control characters */
	ARG_ID,      /* 1 to 20 digits; in JSON an integer as well */
	ARG_INT,     /* a decimal number of min to max; in JSON an integer as well */
	ARG_SECONDS, /* a duration, "90s", "30d", of min to max seconds; handed on as KEY_s */
	ARG_TIME,    /* RFC 3339, a date, or how long ago ("2h"); handed on as seconds since 1970 */
	ARG_WORD,    /* one of words */
	ARG_COUNTRY, /* two letters (ISO 3166); handed on as capitals */
	ARG_SWITCH   /* there or not; in JSON true or false */
};

#define ARG_TEXT_MAX 256

struct arg {
	const char *name; /* "SHOP": by its place; "--limit": by its name */
	const char *key;  /* its name in the JSON arguments; NULL ends a list */
	enum arg_type type;
	bool required;
	int64_t min;
	int64_t max;
	const char *words; /* "orders|products" */
	const char *value; /* what a flag's value is called, "ID"; NULL: by its type */
	const char *help;
	const char *help_th; /* of what is asked for where it is missing; NULL: never asked for */
};

/* What many commands take. */
#define ARG_SHOP_HELP    "alias, our id, or TikTok's shop id"
#define ARG_SHOP_HELP_TH "ชื่อเรียก รหัสของเรา หรือรหัสร้านของ TikTok"
#define ARG_SHOP                                                                                   \
	{                                                                                          \
		.name = "SHOP", .key = "shop", .type = ARG_TEXT, .required = true,                 \
		.help = ARG_SHOP_HELP, .help_th = ARG_SHOP_HELP_TH                                 \
	}
/* The store and the alias of a shop that begins; what the store is to it. */
#define ARG_STORE_OF(what, what_th)                                                                \
	{                                                                                          \
		.name = "--store", .key = "store", .type = ARG_TEXT, .required = true,             \
		.value = "ID", .help = what, .help_th = what_th                                    \
	}
#define ARG_ALIAS_HELP    "what you call the shop: 1 to 64 characters, once in a store"
#define ARG_ALIAS_HELP_TH "ชื่อเรียกร้าน 1 ถึง 64 ตัวอักษร ไม่ซ้ำกันในบัญชี"
#define ARG_ALIAS                                                                                  \
	{                                                                                          \
		.name = "--alias", .key = "alias", .type = ARG_TEXT, .required = true,             \
		.value = "NAME", .help = ARG_ALIAS_HELP, .help_th = ARG_ALIAS_HELP_TH              \
	}
#define ARG_LIMIT                                                                                  \
	{                                                                                          \
		.name = "--limit", .key = "limit", .type = ARG_INT, .min = 1, .max = 1000,         \
		.help = "how many at most, 1 to 1000"                                              \
	}

struct cmd {
	enum cmd_id id;
	const char *words; /* "store set" */
	const struct arg *args;
	const char *help;       /* one line */
	const char *more;       /* what else is worth knowing, whole lines; may be NULL */
	const char *example[2]; /* as typed */
	enum cmd_access access;
	bool often; /* named where nothing was asked */
	/* One of the two: the task that answers; a function that sees to req_done or req_fail. */
	const char *op;
	void (*run)(struct req *r);
	const struct view *view;
};

#define CMD(name) extern const struct cmd cmd_##name;
#include "daemon/control/cmd.def"
#undef CMD

/* By place in the table, 0 to CMD_COUNT - 1. */
const struct cmd *cmd_at(size_t i);
/* By its words, "store set". NULL and *e, whose hint names near ones. */
const struct cmd *cmd_find(const char *words, struct err *e);
/*
 * By the first elements of an argv; *ret_used of them are its words. An empty argv is `status`.
 * NULL and *e.
 */
const struct cmd *cmd_find_argv(const struct json *argv, size_t *ret_used, struct err *e);
/* "orders [SHOP] [--limit N]" */
void cmd_synopsis(const struct cmd *cmd, struct buf *out);
/* What a value of the argument is called: "DURATION", "orders|products". */
const char *arg_placeholder(const struct arg *a);
/* "read", "change" */
const char *cmd_access_name(enum cmd_access access);

#endif
