#include "daemon/sync/walk.h"

#include "common/json.h"
#include "common/str.h"
#include "daemon/base/counter.h"
#include "daemon/base/env.h"
#include "daemon/base/log.h"
#include "daemon/io/pg.h"
#include "daemon/sync/sync.h"
#include "daemon/sync/walk_end.h"
#include "daemon/sync/walk_window.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* No state waits for ever: a call waits for its permission and its answer, a statement for others.
 */
static const int64_t deadline_ms[] = {
	[WALK_NEW] = 0,     [WALK_CALL] = 90000, [WALK_STORE] = 60000,
	[WALK_END] = 60000, [WALK_FAIL] = 30000, [WALK_OVER] = 0,
};

void
walk_enter(struct walk *w, enum walk_state next)
{
	timer_disarm(&w->deadline);
	w->state = next;
	if (deadline_ms[next] > 0)
		timer_arm(&w->deadline, deadline_ms[next]);
}

static void
on_deadline(void *arg)
{
	struct walk *w = arg;
	struct err e = { 0 };

	err_set(&e, ERR_TIMEOUT, 0, "%s took longer than %" PRId64 " s", w->ops->name,
	        deadline_ms[w->state] / 1000);
	log_event(LOG_ERROR, "sync.stuck", "shop=%" PRId64 " kind=%s state=%d", w->shop,
	          w->ops->name, (int)w->state);
	if (w->state == WALK_FAIL)
		return; /* walk_end.c hears of it yet: pg keeps its own deadline */
	walk_over(w, JOB_FAILED, POLICY_BACKOFF_MS, &e);
}

static void walk_call(struct walk *w);

/* Do what walk_window says. e: what it was stuck with. */
static void
walk_go(struct walk *w, enum walk_next next, const struct err *e)
{
	switch (next) {
	case WALK_NEXT_STUCK:
		walk_end_fail(w, TT_UNKNOWN, e, -1);
		return;
	case WALK_NEXT_CALL:
		walk_call(w);
		return;
	case WALK_NEXT_LATER:
		walk_end_close(w, false);
		return;
	case WALK_NEXT_END:
		walk_end_close(w, true);
		return;
	}
}

static void
walk_again(struct walk *w, const char *why, bool narrower)
{
	struct err e = { 0 };
	enum walk_next next = walk_window_again(w, why, narrower, &e);

	walk_go(w, next, &e);
}

/* --- one page -------------------------------------------------------------------------------- */

/* Rows that a first walk will have found at the end of its window, as far as is known. */
static int64_t
rows_in_sight(const struct walk *w)
{
	return w->done + (w->window_total > 0 ? w->window_total : w->window_rows);
}

/* A page of a first walk is stored, and where it goes on is known. */
static void
tell_progress(struct walk *w, int64_t of_all)
{
	struct pg_args a;
	struct buf mark;

	if (!w->ops->counts || w->claim.first_done || !w->now.rows)
		return;
	buf_init(&mark, JOBS_MARK_MAX - 1);
	walk_window_mark(w, &mark);
	pg_args_init(&a);
	pg_i64(&a, w->shop);
	pg_text(&a, w->ops->name);
	pg_i64(&a, w->claim.fence);
	pg_i64(&a, of_all);
	pg_i64(&a, w->cursor);
	pg_text(&a, mark.len && !mark.failed ? buf_text(&mark) : NULL);
	pg_run(w->env->pg, &jobs_progress, &a, 0, NULL, NULL);
	buf_done(&mark);
}

void
walk_stored(struct walk *w, const struct err *e)
{
	struct err stuck = { 0 };
	enum walk_next next;
	int64_t of_all;

	if (w->state != WALK_STORE)
		return;
	if (e) {
		walk_end_fail(w, TT_UNKNOWN, e, -1);
		return;
	}
	walk_window_count(w);
	of_all = rows_in_sight(w);
	next = walk_window_next(w, &stuck);
	tell_progress(w, of_all);
	if (w->cancelled)
		walk_end_release(w);
	else
		walk_go(w, next, &stuck);
}

static void
walk_take(struct walk *w, const struct api_answer *a)
{
	struct err e = { 0 };
	int rc;

	walk_enter(w, WALK_STORE);
	memset(&w->now, 0, sizeof(w->now));
	rc = w->ops->take(w, a, &w->now, &e);
	/* the token points into the answer, which is gone when the page is stored */
	w->next_token[0] = '\0';
	if (w->now.page.token)
		str_copy(w->next_token, sizeof(w->next_token),
		         w->now.page.token); /* length was checked */
	if (rc < 0) {
		log_event(LOG_ERROR, "sync.bad_page", "shop=%" PRId64 " kind=%s request=%s why=%s",
		          w->shop, w->ops->name, LOGQ(a->verdict.request_id), LOGQ(e.text));
		walk_end_fail(w, TT_UNKNOWN, &e, -1);
	} else if (rc > 0) {
		walk_stored(w, NULL);
	}
}

static void
on_answer(const struct api_answer *a, void *arg)
{
	struct walk *w = arg;

	w->api = NULL;
	if (a->verdict.class == TT_OK) {
		walk_take(w, a);
	} else if (a->verdict.class == TT_PARAM && w->page_token[0]) {
		walk_again(w, "TikTok refuses its page token", false);
	} else if (a->verdict.class == TT_PARAM || a->verdict.class == TT_TOO_DEEP) {
		walk_again(w, a->err->text, true);
	} else {
		walk_end_fail(w, a->verdict.class, a->err, a->verdict.retry_after_s);
	}
}

static struct json *
parse_page(const char *body, size_t len, void *arg, struct err *e)
{
	struct walk *w = arg;

	return w->ops->parse(body, len, w, e);
}

static void
walk_call(struct walk *w)
{
	struct api_ask ask = {
		.cipher = w->claim.cipher,
		.token = w->token,
		.shop = w->shop,
		.parse = w->ops->parse ? parse_page : NULL,
	};

	w->ops->request(&ask.call, w->win, w->page_token[0] ? w->page_token : NULL);
	walk_enter(w, WALK_CALL);
	w->api = api_start(w->env, &ask, on_answer, w);
}

/* --- life ------------------------------------------------------------------------------------ */

static void
walk_free(void *arg)
{
	struct walk *w = arg;

	timer_done(&w->deadline);
	if (w->page)
		w->ops->page_free(w->page);
	explicit_bzero(w->token, sizeof(w->token));
	free(w);
}

void
walk_over(struct walk *w, enum job_outcome outcome, int64_t next_ms, const struct err *why)
{
	struct job *j = w->job;

	if (w->state == WALK_OVER)
		return;
	walk_enter(w, WALK_OVER);
	api_cancel(STEAL(w->api));
	group_leave(&w->end);
	w->sync->running--;
	loop_defer(w->env->loop, walk_free, w);
	j->walk = NULL;
	j->outcome = outcome;
	j->next_ms = next_ms;
	if (why)
		j->why = *why;
	j->ended(j);
}

struct walk *
walk_start(struct sync *s, struct job *j, const struct walk_ops *ops, const struct claim *c,
           const char *token)
{
	struct walk *w = calloc(1, sizeof(*w));
	struct err none = { 0 }; /* a window that opens is not stuck */

	if (!w)
		abort(); /* bounded by the slots */
	w->sync = s;
	w->env = s->env;
	w->ops = ops;
	w->job = j;
	w->shop = j->shop;
	w->claim = *c;
	w->began = loop_now(s->env->loop);
	str_copy(w->token, sizeof(w->token), token);
	timer_init(&w->deadline, s->env->loop, on_deadline, w);
	w->page = ops->page_new(w);
	s->running++;
	walk_go(w, walk_window_begin(w), &none);
	return w;
}

void
walk_cancel(struct walk *w)
{
	w->cancelled = true;
	if (w->state == WALK_CALL)
		walk_end_release(w);
}
