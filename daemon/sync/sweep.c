#include "daemon/sync/sweep.h"

#include "common/str.h"
#include "daemon/base/counter.h"
#include "daemon/base/env.h"
#include "daemon/base/log.h"
#include "daemon/io/pg.h"
#include "daemon/store/jobs.h"

#include <inttypes.h>
#include <stdlib.h>

/* Overdue kinds are spread: that many a second. */
#define SPREAD_PER_S 500
#define PAGES_MAX    10000

struct sweep {
	struct env *env;
	bool everything;
	int64_t after_shop;
	char after_kind[32];
	int64_t found;
	int pages;
	void (*done)(bool swept, void *arg);
	void *arg;
};

static void next_page(struct sweep *s);

static void
sweep_end(struct sweep *s, bool swept)
{
	if (s->found)
		log_event(LOG_INFO, "queue.swept", "kinds=%" PRId64 " everything=%s", s->found,
		          s->everything ? "yes" : "no");
	s->done(swept, s->arg);
	free(s);
}

static void
on_page(struct pg_result *r, const struct err *e, void *arg)
{
	struct sweep *s = arg;
	int rows = r ? pg_rows(r) : 0;

	(void)e; /* the next sweep comes in a minute */
	for (int i = 0; i < rows; i++) {
		int64_t due = pg_num(r, i, 2), spread = s->found * 1000 / SPREAD_PER_S;

		s->env->ops->enqueue(s->env, pg_num(r, i, 0), pg_str(r, i, 1),
		                     due > 0 ? due : spread);
		s->found += 1;
	}
	count(s->env->counters, COUNT_QUEUE_SWEPT, rows);
	if (!r || rows < SWEEP_PAGE || ++s->pages == PAGES_MAX) {
		sweep_end(s, r != NULL);
		return;
	}
	s->after_shop = pg_num(r, rows - 1, 0);
	str_copy(s->after_kind, sizeof(s->after_kind), pg_str(r, rows - 1, 1));
	next_page(s);
}

static void
next_page(struct sweep *s)
{
	struct pg_args a;

	pg_args_init(&a);
	pg_i64(&a, s->after_shop);
	pg_text(&a, s->after_kind);
	pg_bool(&a, s->everything);
	pg_i64(&a, SWEEP_LATE_S);
	pg_i64(&a, SWEEP_PAGE);
	pg_run(s->env->pg, &jobs_sweep, &a, 0, on_page, s);
}

static void
on_turn(struct pg_result *r, const struct err *e, void *arg)
{
	struct sweep *s = arg;

	(void)e;
	if (!r || !pg_truth(r, 0, 0))
		sweep_end(s, false);
	else
		next_page(s);
}

void
sweep_start(struct env *env, bool everything, void (*done)(bool swept, void *arg), void *arg)
{
	struct sweep *s = calloc(1, sizeof(*s));
	struct pg_args a;

	if (!s)
		abort();
	*s = (struct sweep){ .env = env, .everything = everything, .done = done, .arg = arg };
	if (everything) { /* whoever saw Redis forget rebuilds: twice is harmless, not at all is not
		           */
		next_page(s);
		return;
	}
	pg_args_init(&a);
	pg_text(&a, "sweep");
	pg_text(&a, env->owner);
	pg_i64(&a, SWEEP_HOLD_S);
	pg_run(env->pg, &jobs_chore, &a, 0, on_turn, s);
}
