#include "daemon/sync/walk_end.h"

#include "common/crypto.h"
#include "daemon/base/conf.h"
#include "daemon/base/counter.h"
#include "daemon/base/env.h"
#include "daemon/base/log.h"
#include "daemon/io/pg.h"
#include "daemon/sync/reread.h"
#include "daemon/sync/sync.h"

#include <inttypes.h>
#include <stddef.h>

/* --- let go ---------------------------------------------------------------------------------- */

void
walk_end_release(struct walk *w)
{
	struct pg_args a;

	jobs_release_args(&a, w->shop, w->claim.fence);
	pg_run(w->env->pg, &jobs_release, &a, 0, NULL, NULL);
	count(w->env->counters, COUNT_JOBS_RELEASED, 1);
	walk_over(w, JOB_RELEASED, 0, NULL);
}

/* --- failed ---------------------------------------------------------------------------------- */

static const char *
end_reason(enum tt_class c)
{
	switch (c) {
	case TT_SCOPE:
		return "permission_missing";
	case TT_SHOP_INACTIVE:
		return "shop_deactivated";
	case TT_UNKNOWN:
	case TT_OK:
	case TT_RETRY:
	case TT_THROTTLED:
	case TT_TRANSPORT:
	case TT_CLOCK:
	case TT_REFRESH:
	case TT_TOKEN_MISMATCH:
	case TT_CODE_REFUSED:
	case TT_STATE_MISMATCH:
	case TT_GRANT_DEAD:
	case TT_CONFIG:
	case TT_BUG:
	case TT_PARAM:
	case TT_NOT_OURS:
	case TT_TOO_DEEP:
		return NULL; /* not a verdict about the shop (tiktok-shop-api.md 4.3) */
	}
	return NULL;
}

/* When the kind is due again; below 0: not before something changes. */
static int64_t
next_after(const struct walk *w, enum tt_class class, int64_t retry_after_s)
{
	uint32_t chance;

	if (class == TT_SHOP_INACTIVE)
		return POLICY_INACTIVE_MS;
	if (end_reason(class))
		return -1;
	crypto_random(&chance, sizeof(chance));
	return policy_backoff_ms(w->claim.attempts + 1, retry_after_s, chance);
}

static void
on_failed(struct pg_result *r, const struct err *e, void *arg)
{
	struct walk *w = arg;

	if (r && pg_str(r, 0, 0))
		log_event(LOG_ERROR, "shop.ended", "shop=%" PRId64 " state=%s why=%s next=%s",
		          w->shop, pg_str(r, 0, 0), LOGQ(w->job->why.text),
		          LOGQ("ttctl show SHOP"));
	(void)e; /* the database is away: the queue's own back-off and the sweep bring the kind back
	          */
	walk_over(w, JOB_FAILED, w->next_ms, NULL);
}

void
walk_end_fail(struct walk *w, enum tt_class class, const struct err *why, int64_t retry_after_s)
{
	struct job_failure f = { .why = why->text, .ends = end_reason(class) };
	struct pg_args a;

	if (why->kind == ERR_FENCED) {
		count(w->env->counters, COUNT_JOBS_FENCED, 1);
		walk_over(w, JOB_DONE, POLICY_BUSY_MS, why);
		return;
	}
	w->next_ms = next_after(w, class, retry_after_s);
	f.retry_s = w->next_ms < 0 ? 0 : (w->next_ms + 999) / 1000;
	f.refused = class == TT_REFRESH ? w->claim.pair_id : NULL;
	if (class == TT_TOKEN_MISMATCH)
		reread_start(w->env, w->shop, &w->claim, w->token, why);
	f.span_s = w->span != w->claim.span_s ? w->span : 0;
	w->job->why = *why;
	count(w->env->counters, COUNT_JOBS_FAILED, 1);
	log_event(LOG_WARN, "sync.failed",
	          "shop=%" PRId64 " kind=%s attempt=%d retry_ms=%" PRId64 " why=%s", w->shop,
	          w->ops->name, w->claim.attempts + 1, w->next_ms, LOGQ(why->text));
	walk_enter(w, WALK_FAIL);
	jobs_fail_args(&a, w->shop, w->ops->name, w->claim.fence, &f);
	pg_run(w->env->pg, &jobs_fail, &a, 0, on_failed, w);
}

/* --- closed ---------------------------------------------------------------------------------- */

static struct walk *
walk_of(struct group_item *i)
{
	return (struct walk *)(void *)((char *)i - offsetof(struct walk, end));
}

static void
on_end(struct group_item *i, const struct err *e)
{
	struct walk *w = walk_of(i);

	if (w->state == WALK_OVER)
		return;
	if (e) {
		walk_end_fail(w, TT_UNKNOWN, e, -1);
		return;
	}
	count(w->env->counters, COUNT_JOBS_DONE, 1);
	walk_over(w, JOB_DONE, w->next_ms, NULL);
}

void
walk_end_close(struct walk *w, bool finished)
{
	uint32_t chance;

	crypto_random(&chance, sizeof(chance));
	w->finished = finished;
	w->next_ms = finished ? policy_interval_ms(w->ops->interval_ms(w->env->conf), chance) : 0;
	walk_enter(w, WALK_END);
	w->end.weight = 1;
	w->end.done = on_end;
	group_add(&w->sync->ends, &w->end);
}

static void
ends_fill(struct env *env, struct pg_args *a, struct group_item *const *items, int n)
{
	struct job_end ends[GROUP_ITEMS_MAX];

	(void)env;
	for (int k = 0; k < n; k++) {
		struct walk *w = walk_of(items[k]);
		bool counted = w->ops->counts && !w->claim.first_done;

		ends[k] = (struct job_end){
			.shop = w->shop,
			.kind = w->ops->name,
			.fence = w->claim.fence,
			.cursor_s = w->cursor,
			.span_s = w->span,
			.resume_s = w->cursor - w->back,
			.finished = w->finished,
			.next_s = (w->next_ms + 999) / 1000,
			.done = counted ? w->done : -1,
			.total =
			    w->finished || w->window_total < w->done ? w->done : w->window_total,
		};
	}
	jobs_close_args(a, ends, n);
}

/*
 * A shop that is not in the answer is another daemon's by now: its walk ends as fenced. Beside a
 * shop stands the kind of work that its end begins.
 */
static int
ends_read(struct pg_result *r, struct group_item *const *items, const int *weights, int n,
          struct err *e)
{
	(void)weights;
	(void)e;
	for (int k = 0; k < n; k++) {
		struct walk *w = items[k] ? walk_of(items[k]) : NULL;
		int row = 0;

		while (w && row < pg_rows(r) && pg_num(r, row, 0) != w->shop)
			row++;
		if (w && row == pg_rows(r))
			w->next_ms = POLICY_BUSY_MS;
		else if (w && pg_str(r, row, 1))
			w->env->ops->enqueue(w->env, w->shop, pg_str(r, row, 1), 0);
	}
	return 0;
}

const struct group_ops walk_ends = {
	.stmt = &jobs_close,
	.max_weight = GROUP_ITEMS_MAX,
	.max_flights = 1,
	.fill = ends_fill,
	.read = ends_read,
};
