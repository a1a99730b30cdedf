#include "daemon/queue/script.h"

#include "common/buf.h"
#include "common/own.h"
#include "daemon/queue/kind.h"
#include "text/cancel_lua.h"
#include "text/claim_lua.h"
#include "text/dead_lua.h"
#include "text/depth_lua.h"
#include "text/enqueue_lua.h"
#include "text/epoch_lua.h"
#include "text/finish_lua.h"
#include "text/head_lua.h"
#include "text/pause_lua.h"
#include "text/repair_lua.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TEXT_MAX 65536

/*
 * With a bare "#!lua" Redis refuses a script before its first write when it is out of memory; with
 * allow-oom it runs: work under way can always be ended.
 */
#define GROWS   "#!lua\n"
#define SHRINKS "#!lua flags=allow-oom\n"
#define READS   "#!lua flags=no-writes,allow-oom\n"

static const struct row {
	const char *name;
	const char *flags;
	const char *check; /* of the epoch, or "" */
	const char *body;
} rows[SCRIPT_END] = {
	[SCRIPT_ENQUEUE] = { "enqueue", GROWS, text_epoch_lua, text_enqueue_lua },
	[SCRIPT_CLAIM] = { "claim", GROWS, text_epoch_lua, text_claim_lua },
	[SCRIPT_FINISH] = { "finish", SHRINKS, text_epoch_lua, text_finish_lua },
	[SCRIPT_CANCEL] = { "cancel", SHRINKS, text_epoch_lua, text_cancel_lua },
	[SCRIPT_PAUSE] = { "pause", SHRINKS, text_epoch_lua, text_pause_lua },
	[SCRIPT_DEPTH] = { "depth", READS, text_epoch_lua, text_depth_lua },
	[SCRIPT_DEAD] = { "dead", READS, text_epoch_lua, text_dead_lua },
	[SCRIPT_REPAIR] = { "repair", SHRINKS, "", text_repair_lua },
};

static void
add_kinds(struct buf *b)
{
	buf_str(b, "local KINDS = { ");
	for (int k = KIND_NONE + 1; k < KIND_END; k++)
		buf_printf(b, "'%s', ", kind_name((enum kind)k));
	buf_str(b, "}\nlocal BONUS = { ");
	for (int k = KIND_NONE + 1; k < KIND_END; k++)
		buf_printf(b, "%s = %" PRId64 ", ", kind_name((enum kind)k),
		           kind_bonus_ms((enum kind)k));
	buf_str(b, "}\n");
}

/* The whole text, allocated, or NULL. */
static char *
compose(const struct row *r)
{
	CLEANUP(buf_done) struct buf b;

	buf_init(&b, TEXT_MAX);
	buf_str(&b, r->flags);
	add_kinds(&b);
	buf_str(&b, text_head_lua);
	buf_str(&b, r->check);
	buf_str(&b, r->body);
	return b.failed ? NULL : strdup(buf_text(&b));
}

int
script_partition_ok(const char *name, struct err *e)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz"
				      "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_";
	size_t len = strlen(name);

	if (len > SCRIPT_PARTITION || strspn(name, letters) != len)
		return err_set(e, ERR_INPUT, 0,
		               "a partition's name is up to %d letters, digits, '-' or '_'",
		               SCRIPT_PARTITION);
	return 0;
}

int
script_init(struct scripts *s, const char *partition, struct err *e)
{
	static const char *const names[SCRIPT_KEYS] = { "meta",   "pend",  "ready", "delayed",
		                                        "leased", "token", "dead",  "gate" };

	*s = (struct scripts){ 0 };
	if (script_partition_ok(partition, e))
		return -1;
	for (int i = 0; i < SCRIPT_KEYS; i++)
		snprintf(s->key[i], sizeof(s->key[i]), "{ttq%s%s}:%s", *partition ? ":" : "",
		         partition, names[i]);
	for (int i = 0; i < SCRIPT_END; i++) {
		s->text[i] = compose(&rows[i]);
		if (!s->text[i])
			goto fail;
		s->script[i] = (struct redis_script){ .name = rows[i].name, .text = s->text[i] };
	}
	return 0;
fail:
	script_done(s);
	return err_set(e, ERR_NOMEM, 0, "no memory for the queue's scripts");
}

void
script_done(struct scripts *s)
{
	for (int i = 0; i < SCRIPT_END; i++) {
		free(s->text[i]);
		s->text[i] = NULL;
	}
}
