#include "daemon/sync/sync.h"

#include "common/str.h"
#include "daemon/base/counter.h"
#include "daemon/base/env.h"
#include "daemon/base/log.h"
#include "daemon/base/loop.h"
#include "daemon/grant/token.h"
#include "daemon/store/jobs.h"
#include "daemon/sync/policy.h"
#include "daemon/sync/store_pages.h"
#include "daemon/sync/walk.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define LEASE_S       60
#define QUARANTINE_MS 3600000

/* A job on its way to a walk: first the lease, then the walk. */
struct job_run {
	struct group_item item; /* in sync->claims */
	struct sync *sync;
	struct job *job;
	struct claim claim;
	bool cancelled;
};

const struct walk_ops *
job_walk(enum kind k)
{
	static const struct walk_ops *const walks[KIND_END] = {
#define KIND(id, name, bonus, begins) [KIND_##id] = &walk_##name,
#include "daemon/queue/kind.def"
#undef KIND
	};

	return k > KIND_NONE && k < KIND_END ? walks[k] : NULL;
}

static struct job_run *
run_of(struct group_item *i)
{
	return (struct job_run *)(void *)((char *)i - offsetof(struct job_run, item));
}

static void
run_end(struct job_run *r, enum job_outcome outcome, int64_t next_ms, const struct err *why)
{
	struct job *j = r->job;

	group_leave(&r->item);
	free(r);
	j->run = NULL;
	j->outcome = outcome;
	j->next_ms = next_ms;
	if (why)
		j->why = *why;
	j->ended(j);
}

/* The lease is held: give it back, with the failure where there was one. */
static void
give_back(struct job_run *r, const struct err *why)
{
	struct job_failure f = { .why = why ? why->text : NULL,
		                 .retry_s = POLICY_BACKOFF_MAX_MS / 1000 };
	struct pg_args a;

	if (why) {
		jobs_fail_args(&a, r->job->shop, kind_name(r->job->kind), r->claim.fence, &f);
		pg_run(r->sync->env->pg, &jobs_fail, &a, 0, NULL, NULL);
	} else {
		jobs_release_args(&a, r->job->shop, r->claim.fence);
		pg_run(r->sync->env->pg, &jobs_release, &a, 0, NULL, NULL);
	}
}

/* Leased: open the token and walk. A token that does not open stops this shop alone. */
static void
run_walk(struct job_run *r)
{
	struct sync *s = r->sync;
	struct job *j = r->job;
	char token[TT_TOKEN_MAX + 1];
	struct err e = { 0 };

	if (token_open(s->env->vault, TOKEN_ACCESS, r->claim.open_id, r->claim.pair_id,
	               r->claim.box, r->claim.box_len, token, &e)) {
		log_event(LOG_ERROR, "vault.refused", "shop=%" PRId64 " why=%s", j->shop,
		          LOGQ(e.text));
		give_back(r, &e);
		run_end(r, JOB_FAILED, POLICY_BACKOFF_MAX_MS, &e);
		return;
	}
	j->walk = walk_start(s, j, job_walk(j->kind), &r->claim, token);
	j->run = NULL;
	free(r);
	explicit_bzero(token, sizeof(token));
}

static void
on_claimed(struct group_item *i, const struct err *e)
{
	struct job_run *r = run_of(i);

	if (e) {
		run_end(r, JOB_FAILED, POLICY_BACKOFF_MS, e);
		return;
	}
	if (r->cancelled) {
		if (r->claim.verdict == CLAIM_RUN)
			give_back(r, NULL);
		run_end(r, JOB_RELEASED, 0, NULL);
		return;
	}
	switch (r->claim.verdict) {
	case CLAIM_RUN:
		run_walk(r);
		return;
	case CLAIM_BUSY:
		run_end(r, JOB_DONE, POLICY_BUSY_MS, NULL);
		return;
	case CLAIM_QUARANTINE:
		log_event(LOG_ERROR, "sync.quarantined", "shop=%" PRId64 " kind=%s", r->job->shop,
		          kind_name(r->job->kind));
		run_end(r, JOB_DONE, QUARANTINE_MS, NULL);
		return;
	case CLAIM_WAIT:
		run_end(r, JOB_DONE, r->claim.wait_ms, NULL);
		return;
	case CLAIM_STOP:
		run_end(r, JOB_DONE, -1, NULL);
		return;
	}
}

static void
claims_fill(struct env *env, struct pg_args *a, struct group_item *const *items, int n)
{
	struct pg_col shops, kinds;

	pg_col_init(&shops, PG_INT8);
	pg_col_init(&kinds, PG_TEXT);
	for (int k = 0; k < n; k++) {
		pg_col_i64(&shops, run_of(items[k])->job->shop);
		pg_col_text(&kinds, kind_name(run_of(items[k])->job->kind));
	}
	pg_args_init(a);
	pg_array(a, &shops);
	pg_array(a, &kinds);
	pg_text(a, env->owner);
	pg_i64(a, LEASE_S);
	pg_col_done(&shops);
	pg_col_done(&kinds);
}

static int
claims_read(struct pg_result *r, struct group_item *const *items, const int *weights, int n,
            struct err *e)
{
	(void)weights;
	if (pg_rows(r) != n)
		return err_set(e, ERR_PARSE, 0, "%d answers to %d claims", pg_rows(r), n);
	for (int k = 0; k < n; k++) {
		struct err why = { 0 };

		if (items[k] && jobs_read_claim(r, k, &run_of(items[k])->claim, &why)) {
			log_event(LOG_ERROR, "sync.bad_claim", "shop=%" PRId64 " why=%s",
			          run_of(items[k])->job->shop, LOGQ(why.text));
			run_of(items[k])->claim.verdict = CLAIM_STOP;
		}
	}
	return 0;
}

static const struct group_ops claims = {
	.stmt = &jobs_claim,
	.max_weight = GROUP_ITEMS_MAX,
	.max_flights = 1,
	.fill = claims_fill,
	.read = claims_read,
};

void
sync_init(struct sync *s, struct env *env)
{
	memset(s, 0, sizeof(*s));
	s->env = env;
	group_init(&s->claims, env, &claims);
	group_init(&s->probes, env, &probe_group);
	group_init(&s->orders, env, &orders_group);
	group_init(&s->products, env, &products_group);
	group_init(&s->ends, env, &walk_ends);
}

void
sync_start(struct sync *s, struct job *j)
{
	struct job_run *r = calloc(1, sizeof(*r));

	if (!r)
		abort(); /* bounded by the slots */
	r->sync = s;
	r->job = j;
	r->item.weight = 1;
	r->item.done = on_claimed;
	j->run = r;
	group_add(&s->claims, &r->item);
}

void
sync_cancel(struct sync *s, struct job *j)
{
	(void)s;
	if (j->run)
		j->run->cancelled = true;
	else if (j->walk)
		walk_cancel(j->walk);
}
