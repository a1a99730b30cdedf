/*
 * script: the queue's Lua, put together from its files, and the keys of a partition.
 *
 * Every script is `#!lua`, the tables of kind.def, head.lua, epoch.lua (but for repair) and its own
 * file. All of them take the same eight keys, then the epoch.
 *
 * Errors: out of memory at start.
 * Owner:  embedded; script_done frees the texts.
 * Source: reliability.md 2.
 */
#ifndef TTSYNC_SCRIPT_H
#define TTSYNC_SCRIPT_H

#include "common/err.h"
#include "daemon/io/redis.h"

enum script {
	SCRIPT_ENQUEUE = 0,
	SCRIPT_CLAIM,
	SCRIPT_FINISH,
	SCRIPT_CANCEL,
	SCRIPT_PAUSE,
	SCRIPT_DEPTH,
	SCRIPT_DEAD,
	SCRIPT_REPAIR,
	SCRIPT_END
};

#define SCRIPT_KEYS      8
#define SCRIPT_KEY_MAX   96
#define SCRIPT_PARTITION 64 /* characters of a partition's name, at most */

struct scripts {
	struct redis_script script[SCRIPT_END];
	char *text[SCRIPT_END];
	char key[SCRIPT_KEYS][SCRIPT_KEY_MAX]; /* meta first */
};

/* partition: "" or letters, digits, '-' and '_'. */
int script_init(struct scripts *s, const char *partition, struct err *e);
void script_done(struct scripts *s);
/* Is this a name for a partition? "" is. */
int script_partition_ok(const char *name, struct err *e);

#endif
