#include "daemon/sync/walk.h"

#include "common/crypto.h"
#include "common/json.h"
#include "common/str.h"
#include "daemon/base/conf.h"
#include "daemon/base/counter.h"
#include "daemon/base/env.h"
#include "daemon/base/log.h"
#include "daemon/grant/discover.h"
#include "daemon/grant/token.h"
#include "daemon/io/pg.h"
#include "daemon/store/grants.h"
#include "daemon/sync/sync.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* No state waits for ever: a call waits for its permission and its answer, a statement for others.
 */
static const int64_t deadline_ms[] = {
	[WALK_NEW] = 0,     [WALK_CALL] = 90000, [WALK_STORE] = 60000,
	[WALK_END] = 60000, [WALK_FAIL] = 30000, [WALK_OVER] = 0,
};

static void walk_call(struct walk *w);
static void walk_next_window(struct walk *w);

static void
walk_enter(struct walk *w, enum walk_state next)
{
	timer_disarm(&w->deadline);
	w->state = next;
	if (deadline_ms[next] > 0)
		timer_arm(&w->deadline, deadline_ms[next]);
}

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

/* The job is over: free the walk and tell its holder. */
static void
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

/* --- failing and letting go ------------------------------------------------------------------ */

static void
release(struct walk *w)
{
	struct pg_args a;

	jobs_release_args(&a, w->shop, w->claim.fence);
	pg_run(w->env->pg, &jobs_release, &a, 0, NULL, NULL);
	count(w->env->counters, COUNT_JOBS_RELEASED, 1);
	walk_over(w, JOB_RELEASED, 0, NULL);
}

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

/* Whose list is read again. */
struct reread {
	struct env *env;
	int64_t shop;
	int64_t grant_id;
	char pair_id[TOKEN_UUID_MAX];
	struct err why;
};

static void
on_left(struct pg_result *r, const struct err *e, void *arg)
{
	struct reread *x = arg;

	(void)e; /* the database is away: the next refusal leads here again */
	if (r && pg_truth(r, 0, 0))
		log_event(LOG_ERROR, "shop.ended", "shop=%" PRId64 " state=disconnected why=%s",
		          x->shop, LOGQ(x->why.text));
	free(x);
}

/*
 * The list is new: the cipher is another one, or the seller took the shop out. Where not even the
 * list is given, the token is the matter, and the token host knows (4.3).
 */
static void
on_shops_read(enum tt_class class, const struct err *e, int64_t date_s, void *arg)
{
	struct reread *x = arg;
	struct pg_args a;

	(void)date_s;
	pg_args_init(&a);
	if (!e) {
		pg_i64(&a, x->shop);
		pg_text(&a, x->why.text);
		pg_run(x->env->pg, &grants_shop_left, &a, 0, on_left, x);
		return;
	}
	log_event(LOG_WARN, "sync.shops_not_read", "shop=%" PRId64 " why=%s", x->shop,
	          LOGQ(e->text));
	if (class == TT_REFRESH || class == TT_TOKEN_MISMATCH) {
		pg_i64(&a, x->grant_id);
		pg_text(&a, x->pair_id);
		pg_text(&a, e->text);
		pg_run(x->env->pg, &grants_refused, &a, 0, NULL, NULL);
	}
	free(x);
}

/* Token and cipher do not fit: the grant's shops have other ciphers by now (4.1, 101000). */
static void
read_shops_again(const struct walk *w, const struct err *why)
{
	struct discover_ask ask = { .grant_id = w->claim.grant_id, .token = w->token };
	struct reread *x = calloc(1, sizeof(*x));

	if (!x)
		abort();
	*x = (struct reread){
		.env = w->env, .shop = w->shop, .grant_id = w->claim.grant_id, .why = *why
	};
	str_copy(x->pair_id, sizeof(x->pair_id), w->claim.pair_id);
	discover_start(w->env, &ask, on_shops_read, x);
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
walk_fail(struct walk *w, enum tt_class class, const struct err *why, int64_t retry_after_s)
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
		read_shops_again(w, why);
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
		return; /* on_failed comes: pg keeps its own deadline */
	walk_over(w, JOB_FAILED, POLICY_BACKOFF_MS, &e);
}

/* --- ending a slice -------------------------------------------------------------------------- */

static void
on_end(struct group_item *i, const struct err *e)
{
	struct walk *w = (struct walk *)(void *)((char *)i - offsetof(struct walk, end));

	if (w->state == WALK_OVER)
		return;
	if (e) {
		walk_fail(w, TT_UNKNOWN, e, -1);
		return;
	}
	count(w->env->counters, COUNT_JOBS_DONE, 1);
	walk_over(w, JOB_DONE, w->next_ms, NULL);
}

static void
walk_close(struct walk *w, bool finished)
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

static struct walk *
walk_of(struct group_item *i)
{
	return (struct walk *)(void *)((char *)i - offsetof(struct walk, end));
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

/* --- windows --------------------------------------------------------------------------------- */

static bool
slice_is_full(const struct walk *w)
{
	return w->seq >= POLICY_SLICE_PAGES ||
	       loop_now(w->env->loop).ms - w->began.ms >= POLICY_SLICE_MS;
}

static void
window_begin(struct walk *w)
{
	w->page_token[0] = '\0';
	w->window_pages = 0;
	w->window_rows = 0;
	w->window_total = -1;
	walk_call(w);
}

/* The window was no good to the end: again, and after some times again but narrower. */
static void
window_again(struct walk *w, const char *why, bool narrower)
{
	struct err e = { 0 };
	int64_t span = w->span;

	count(w->env->counters, COUNT_WINDOW_RESTARTS, 1);
	if (narrower || ++w->restarts > POLICY_RESTARTS) {
		w->restarts = 0;
		w->span = policy_halve(w->win.hi - w->win.lo < span ? w->win.hi - w->win.lo : span);
		if (w->span >= span) {
			err_set(&e, ERR_REMOTE, 0, "%s, also in the smallest window", why);
			walk_fail(w, TT_UNKNOWN, &e, -1);
			return;
		}
	}
	walk_next_window(w);
}

static void
walk_next_window(struct walk *w)
{
	if (!policy_window(w->cursor, w->ops->floor(&w->claim), w->back, w->claim.until_s, w->span,
	                   env_api_now(w->env), &w->win)) {
		walk_close(w, true);
		return;
	}
	window_begin(w);
}

static void
window_done(struct walk *w)
{
	/* rows that left while we read may have pulled others past us */
	if (w->window_pages > 1 && w->now.page.total >= 0 && w->now.page.total < w->window_total) {
		window_again(w, "rows keep leaving the window while it is read", false);
		return;
	}
	w->restarts = 0;
	w->done += w->window_rows;
	w->cursor = w->win.hi > w->cursor ? w->win.hi : w->cursor;
	w->back = 0;
	if (w->window_pages <= 1 && w->span < w->ops->span_max_s)
		w->span = w->span > w->ops->span_max_s / 2 ? w->ops->span_max_s : w->span * 2;
	if (w->win.last)
		walk_close(w, true);
	else if (slice_is_full(w))
		walk_close(w, false);
	else
		walk_next_window(w);
}

/* FNV-1a: enough to see a token again. */
static uint64_t
token_hash(const char *s)
{
	uint64_t h = UINT64_C(14695981039346656037);

	for (; *s; s++)
		h = (h ^ (unsigned char)*s) * UINT64_C(1099511628211);
	return h;
}

static void
next_token(struct walk *w)
{
	uint64_t h = token_hash(w->next_token);

	for (int i = 0; i < w->window_pages - 1 && i < WALK_TOKENS_MAX; i++) {
		if (w->tokens_seen[i] == h) {
			window_again(w, "page tokens go in a circle", false);
			return;
		}
	}
	if (w->window_pages >= w->ops->window_pages || w->window_pages >= WALK_TOKENS_MAX) {
		window_again(w, "the window has too many pages", true);
		return;
	}
	w->tokens_seen[w->window_pages - 1] = h;
	memcpy(w->page_token, w->next_token, sizeof(w->page_token));
	walk_call(w);
}

static void
page_done(struct walk *w)
{
	bool by_key = w->ops->by_key && w->now.ascending && !w->page_token[0];

	if (!w->next_token[0]) {
		window_done(w);
	} else if (by_key && w->now.last_time > w->win.lo && w->now.last_time < w->win.hi) {
		/* all before the page's last second is in: go on from there */
		w->win.lo = w->now.last_time;
		w->cursor = w->win.lo > w->cursor ? w->win.lo : w->cursor;
		w->back = w->cursor - w->win.lo;
		w->done += w->now.before_last;
		w->restarts = 0;
		if (slice_is_full(w))
			walk_close(w, false);
		else
			window_begin(w);
	} else {
		next_token(w);
	}
}

static void
tell_progress(struct walk *w)
{
	struct pg_args a;

	if (!w->ops->counts || w->claim.first_done || !w->now.rows)
		return;
	pg_args_init(&a);
	pg_i64(&a, w->shop);
	pg_text(&a, w->ops->name);
	pg_i64(&a, w->claim.fence);
	pg_i64(&a, w->done + (w->window_total > 0 ? w->window_total : w->window_rows));
	pg_run(w->env->pg, &jobs_progress, &a, 0, NULL, NULL);
}

void
walk_stored(struct walk *w, const struct err *e)
{
	if (w->state != WALK_STORE)
		return;
	if (e) {
		walk_fail(w, TT_UNKNOWN, e, -1);
		return;
	}
	w->seq++;
	w->window_pages++;
	w->window_rows += w->now.rows;
	if (w->window_pages == 1)
		w->window_total = w->now.page.total;
	tell_progress(w);
	if (w->cancelled)
		release(w);
	else
		page_done(w);
}

/* --- one page -------------------------------------------------------------------------------- */

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
		walk_fail(w, TT_UNKNOWN, &e, -1);
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
		window_again(w, "TikTok refuses its page token", false);
	} else if (a->verdict.class == TT_PARAM || a->verdict.class == TT_TOO_DEEP) {
		window_again(w, a->err->text, true);
	} else {
		walk_fail(w, a->verdict.class, a->err, a->verdict.retry_after_s);
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

struct walk *
walk_start(struct sync *s, struct job *j, const struct walk_ops *ops, const struct claim *c,
           const char *token)
{
	struct walk *w = calloc(1, sizeof(*w));

	if (!w)
		abort(); /* bounded by the slots */
	w->sync = s;
	w->env = s->env;
	w->ops = ops;
	w->job = j;
	w->shop = j->shop;
	w->claim = *c;
	w->cursor = c->cursor_s > ops->floor(c) ? c->cursor_s : ops->floor(c);
	w->span = c->span_s < ops->span_max_s ? c->span_s : ops->span_max_s;
	w->done = c->first_done ? 0 : c->done;
	w->back = c->back_s;
	w->window_total = -1;
	w->began = loop_now(s->env->loop);
	str_copy(w->token, sizeof(w->token), token);
	timer_init(&w->deadline, s->env->loop, on_deadline, w);
	w->page = ops->page_new(w);
	s->running++;
	walk_next_window(w);
	return w;
}

void
walk_cancel(struct walk *w)
{
	w->cancelled = true;
	if (w->state == WALK_CALL)
		release(w);
}
