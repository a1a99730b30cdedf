#include "daemon/sync/prune.h"

#include "daemon/base/conf.h"
#include "daemon/base/env.h"
#include "daemon/base/log.h"
#include "daemon/io/pg.h"
#include "daemon/store/jobs.h"

#include <inttypes.h>

static void
on_pruned(struct pg_result *r, const struct err *e, void *arg)
{
	(void)arg;
	if (!r)
		log_event(LOG_WARN, "prune.failed", "why=%s", LOGQ(e->text));
	else if (pg_num(r, 0, 0) > 0)
		log_event(LOG_INFO, "prune.done", "rows=%" PRId64, pg_num(r, 0, 0));
}

static void
on_turn(struct pg_result *r, const struct err *e, void *arg)
{
	struct env *env = arg;
	struct pg_args a;

	(void)e; /* the database is away: the next hour */
	if (!r || !pg_truth(r, 0, 0))
		return;
	pg_args_init(&a);
	pg_i64(&a, env->conf->retention_history_ms / 1000);
	pg_i64(&a, env->conf->retention_outbox_ms / 1000);
	pg_i64(&a, PRUNE_ROWS);
	pg_run(env->pg, &jobs_prune, &a, 0, on_pruned, NULL);
}

void
prune_start(struct env *env)
{
	struct pg_args a;

	pg_args_init(&a);
	pg_text(&a, "prune");
	pg_text(&a, env->owner);
	pg_i64(&a, PRUNE_HOLD_S);
	pg_run(env->pg, &jobs_chore, &a, 0, on_turn, env);
}
