#include "daemon/sync/walk_window.h"

#include "common/buf.h"
#include "common/json.h"
#include "common/str.h"
#include "daemon/base/counter.h"
#include "daemon/base/env.h"
#include "daemon/sync/walk.h"

#include <string.h>

static bool
slice_is_full(const struct walk *w)
{
	return w->seq >= POLICY_SLICE_PAGES ||
	       loop_now(w->env->loop).ms - w->began.ms >= POLICY_SLICE_MS;
}

static enum walk_next
first_page(struct walk *w)
{
	w->page_token[0] = '\0';
	w->window_pages = 0;
	w->window_rows = 0;
	w->window_total = -1;
	w->marked = false;
	return WALK_NEXT_CALL;
}

static enum walk_next
window_open(struct walk *w)
{
	if (!policy_window(w->cursor, w->ops->floor(&w->claim), w->back, w->claim.until_s, w->span,
	                   env_api_now(w->env), &w->win))
		return WALK_NEXT_END;
	return first_page(w);
}

/* The mark names a page of a window that is still to be closed. */
static bool
take_mark(struct walk *w, const struct json *mark)
{
	const char *token = json_str(mark, "token");
	struct window win = { .last = json_flag(mark, "last") };
	int64_t pages, rows, total;

	if (!token || json_i64(mark, "lo", &win.lo) || json_i64(mark, "hi", &win.hi) ||
	    json_i64(mark, "pages", &pages) || json_i64(mark, "rows", &rows) ||
	    json_i64(mark, "total", &total))
		return false;
	if (win.hi <= w->cursor || pages < 1 || pages > WALK_TOKENS_MAX ||
	    !str_copy(w->page_token, sizeof(w->page_token), token))
		return false;
	w->win = win;
	w->back = w->cursor - win.lo;
	w->window_pages = (int)pages;
	w->window_rows = rows;
	w->window_total = total;
	w->marked = true;
	return true;
}

enum walk_next
walk_window_begin(struct walk *w)
{
	const struct claim *c = &w->claim;
	CLEANUP(json_freep) struct json *mark = NULL;
	int64_t floor = w->ops->floor(c);

	w->cursor = c->cursor_s > floor ? c->cursor_s : floor;
	w->span = c->span_s < w->ops->span_max_s ? c->span_s : w->ops->span_max_s;
	w->done = c->first_done ? 0 : c->done;
	w->back = c->back_s;
	w->window_total = -1;
	if (*c->mark)
		mark = json_parse(c->mark, strlen(c->mark), NULL);
	return take_mark(w, mark) ? WALK_NEXT_CALL : window_open(w);
}

void
walk_window_mark(const struct walk *w, struct buf *out)
{
	CLEANUP(json_freep) struct json *mark = NULL;

	if (!w->page_token[0])
		return;
	mark = json_obj();
	json_put_i64(mark, "lo", w->win.lo);
	json_put_i64(mark, "hi", w->win.hi);
	json_put_bool(mark, "last", w->win.last);
	json_put_str(mark, "token", w->page_token);
	json_put_i64(mark, "pages", w->window_pages);
	json_put_i64(mark, "rows", w->window_rows);
	json_put_i64(mark, "total", w->window_total);
	json_write(mark, out);
}

enum walk_next
walk_window_again(struct walk *w, const char *why, bool narrower, struct err *e)
{
	int64_t span = w->span;

	count(w->env->counters, COUNT_WINDOW_RESTARTS, 1);
	if (narrower || ++w->restarts > POLICY_RESTARTS) {
		w->restarts = 0;
		w->span = policy_halve(w->win.hi - w->win.lo < span ? w->win.hi - w->win.lo : span);
		if (w->span >= span) {
			err_set(e, ERR_REMOTE, 0, "%s, also in the smallest window", why);
			return WALK_NEXT_STUCK;
		}
	}
	return window_open(w);
}

static enum walk_next
window_done(struct walk *w, struct err *e)
{
	/* rows that left while we read may have pulled others past us */
	if (w->window_pages > 1 && w->now.page.total >= 0 && w->now.page.total < w->window_total)
		return walk_window_again(w, "rows keep leaving the window while it is read", false,
		                         e);
	/* so do those of a token that did not outlive the kill */
	if (w->marked && w->window_rows < w->window_total)
		return walk_window_again(w, "its page token leads past rows", false, e);
	w->restarts = 0;
	w->done += w->window_rows;
	w->cursor = w->win.hi > w->cursor ? w->win.hi : w->cursor;
	w->back = 0;
	if (w->window_pages <= 1 && w->span < w->ops->span_max_s)
		w->span = w->span > w->ops->span_max_s / 2 ? w->ops->span_max_s : w->span * 2;
	if (w->win.last)
		return WALK_NEXT_END;
	return slice_is_full(w) ? WALK_NEXT_LATER : window_open(w);
}

/* All before the page's last second is in: go on from there. */
static enum walk_next
next_key(struct walk *w)
{
	w->win.lo = w->now.last_time;
	w->cursor = w->win.lo > w->cursor ? w->win.lo : w->cursor;
	w->back = w->cursor - w->win.lo;
	w->done += w->now.before_last;
	w->restarts = 0;
	return slice_is_full(w) ? WALK_NEXT_LATER : first_page(w);
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

static enum walk_next
next_token(struct walk *w, struct err *e)
{
	uint64_t h = token_hash(w->next_token);

	for (int i = 0; i < w->window_pages - 1 && i < WALK_TOKENS_MAX; i++)
		if (w->tokens_seen[i] == h)
			return walk_window_again(w, "page tokens go in a circle", false, e);
	if (w->window_pages >= w->ops->window_pages || w->window_pages >= WALK_TOKENS_MAX)
		return walk_window_again(w, "the window has too many pages", true, e);
	w->tokens_seen[w->window_pages - 1] = h;
	memcpy(w->page_token, w->next_token, sizeof(w->page_token));
	return WALK_NEXT_CALL;
}

void
walk_window_count(struct walk *w)
{
	w->seq++;
	w->window_pages++;
	w->window_rows += w->now.rows;
	if (w->window_pages == 1)
		w->window_total = w->now.page.total;
}

enum walk_next
walk_window_next(struct walk *w, struct err *e)
{
	bool by_key = w->ops->by_key && w->now.ascending && !w->page_token[0];

	if (!w->next_token[0])
		return window_done(w, e);
	if (by_key && w->now.last_time > w->win.lo && w->now.last_time < w->win.hi)
		return next_key(w);
	return next_token(w, e);
}
