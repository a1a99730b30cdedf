/*
 * poll_orders: the kinds of job that read orders: what is new and changed, and, when a gap was
 * caught up, the gap once more to compare it (reconcile: it finds nothing where nothing was missed,
 * and what it finds is stored and told).
 *
 * A page is scanned before any tree is made of it (orders_scan.h). Rows behind the stored cursor
 * were most likely read before: PostgreSQL is asked which of them differ. What is new or differs is
 * read by allow-list and stored; rows from before the connection are only counted. An order that
 * cannot be read, or that PostgreSQL refuses, is set aside by its id with the reason, and the page
 * goes on.
 */
#include "common/json.h"
#include "common/str.h"
#include "daemon/base/conf.h"
#include "daemon/base/counter.h"
#include "daemon/base/env.h"
#include "daemon/base/log.h"
#include "daemon/store/orders.h"
#include "daemon/sync/store_pages.h"
#include "daemon/sync/sync.h"
#include "daemon/sync/walk.h"
#include "daemon/tiktok/buyer_code.h"
#include "daemon/tiktok/orders.h"
#include "daemon/tiktok/orders_flat.h"
#include "daemon/tiktok/orders_scan.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define ROWS_MAX ORDERS_PAGE_SIZE

struct bad_row {
	char id[21];
	char why[120];
};

/* A page on its way: scanned, probed, read, stored, and what could not be set aside. */
struct page {
	struct walk *walk;
	struct buyer_key buyers;
	bool scanned;
	struct buf body; /* the spans of scan point into it */
	struct scan_row scan[ROWS_MAX];
	int nscan;

	struct probe_item probe;
	struct probe_row probe_rows[ROWS_MAX];
	int probe_at[ROWS_MAX]; /* probe row -> scan row */

	struct json *trees[ROWS_MAX]; /* the row's strings live there; NULL: in the body */
	struct tt_order
	    *rows; /* room for ROWS_MAX, NULL until one is read: most polls bring none */
	int n;

	struct orders_item store;
	int stored; /* rows before it are committed or set aside */
	int chunk;  /* rows of the statement under way */
	struct bad_row bad[ROWS_MAX];
	int nbad;
	uint64_t problem_id;
};

static void store_next(struct page *p);

static int64_t
floor_of(const struct claim *c)
{
	return c->connected_s;
}

static int64_t
interval_ms(const struct conf *c)
{
	return c->sync_orders_interval_ms;
}

/* A gap is compared once. */
static int64_t
no_interval(const struct conf *c)
{
	(void)c;
	return -1;
}

static bool
is_check(const struct walk *w)
{
	return w->ops == &walk_reconcile;
}

static void
request(struct tt_call *c, struct window win, const char *token)
{
	orders_search_request(c, win.lo, win.hi, token);
}

static void
page_reset(struct page *p)
{
	for (int i = 0; i < p->n; i++) {
		orders_free_lines(&p->rows[i]);
		json_free(p->trees[i]);
	}
	p->n = p->nscan = p->nbad = p->stored = p->chunk = p->probe.n = 0;
	buf_reset(&p->body);
}

static void *
page_new(struct walk *w)
{
	const struct conf_secret *secret = &w->env->conf->tiktok_app_secret;
	struct page *p = calloc(1, sizeof(*p));

	if (!p)
		abort(); /* bounded by the slots */
	p->walk = w;
	buyer_key_make(&p->buyers, secret->text, secret->len, w->shop);
	buf_init(&p->body, 8u << 20);
	return p;
}

static void
page_free(void *arg)
{
	struct page *p = arg;

	group_leave(&p->probe.item);
	group_leave(&p->store.in.item);
	if (p->problem_id)
		pg_forget(p->walk->env->pg, p->problem_id);
	page_reset(p);
	buf_done(&p->body);
	free(p->rows);
	free(p);
}

/* The frame alone where the scan understood the page; else the whole tree. */
static struct json *
parse(const char *body, size_t len, void *arg, struct err *e)
{
	struct walk *w = arg;
	struct page *p = w->page;
	struct json *frame = NULL;
	struct buf text;

	page_reset(p);
	buf_init(&text, 1u << 20);
	p->nscan = orders_scan(body, len, p->scan, ROWS_MAX, &text);
	p->scanned = p->nscan >= 0;
	if (p->scanned)
		frame = json_parse(buf_text(&text), text.len, e);
	buf_done(&text);
	if (!frame) {
		p->scanned = false;
		p->nscan = 0;
		return json_parse(body, len, e);
	}
	return frame;
}

/* --- setting aside --------------------------------------------------------------------------- */

static void
set_aside(struct page *p, const char *id, const char *why)
{
	count(p->walk->env->counters, COUNT_ORDERS_BAD, 1);
	log_event(LOG_ERROR, "orders.unreadable", "shop=%" PRId64 " order=%s why=%s", p->walk->shop,
	          id[0] ? id : "?", LOGQ(why));
	if (!id[0] || p->nbad == ROWS_MAX)
		return;
	str_copy(p->bad[p->nbad].id, sizeof(p->bad[0].id), id);
	strncpy(p->bad[p->nbad].why, why, sizeof(p->bad[0].why) - 1);
	p->nbad++;
}

static void
on_problem(struct pg_result *r, const struct err *e, void *arg)
{
	struct page *p = arg;

	(void)r;
	p->problem_id = 0;
	walk_stored(p->walk, e);
}

static void
tell_problems(struct page *p)
{
	struct pg_col ids, whys;
	struct pg_args a;

	pg_col_init(&ids, PG_TEXT);
	pg_col_init(&whys, PG_TEXT);
	for (int i = 0; i < p->nbad; i++) {
		pg_col_text(&ids, p->bad[i].id);
		pg_col_text(&whys, p->bad[i].why);
	}
	pg_args_init(&a);
	pg_i64(&a, p->walk->shop);
	pg_i64(&a, p->walk->claim.fence);
	pg_array(&a, &ids);
	pg_array(&a, &whys);
	pg_col_done(&ids);
	pg_col_done(&whys);
	p->problem_id = pg_run(p->walk->env->pg, &orders_problem, &a, 0, on_problem, p);
}

/* --- storing --------------------------------------------------------------------------------- */

/* What was created behind the stored cursor is new: how late did it come? */
static void
measure_delay(struct page *p)
{
	int64_t now_s = env_api_now(p->walk->env).s;

	if (is_check(p->walk))
		return;
	for (int i = p->stored; i < p->stored + p->chunk; i++)
		if (p->rows[i].create_time >= p->walk->claim.cursor_s)
			observe(p->walk->env->counters, HIST_INGEST_DELAY_POLL,
			        (double)(now_s - p->rows[i].create_time));
}

static void
on_store(struct group_item *i, const struct err *e)
{
	struct page *p = (struct page *)(void *)((char *)i - offsetof(struct page, store.in.item));
	struct err fenced = { 0 };

	if (e && pg_refused_rows(e) && p->chunk > 1) {
		p->chunk /= 2; /* find the row that is refused */
	} else if (e && pg_refused_rows(e)) {
		set_aside(p, p->rows[p->stored].id, e->text);
		p->stored++;
		p->chunk = p->n - p->stored;
	} else if (e) {
		walk_stored(p->walk, e);
		return;
	} else if (!p->store.in.owned) {
		err_set(&fenced, ERR_FENCED, 0, "another daemon has this shop now");
		walk_stored(p->walk, &fenced);
		return;
	} else {
		count(p->walk->env->counters,
		      is_check(p->walk) ? COUNT_ORDERS_RECONCILE : COUNT_ORDERS_POLL,
		      p->store.in.written);
		measure_delay(p);
		p->stored += p->chunk;
		p->chunk = p->n - p->stored;
	}
	store_next(p);
}

static void
store_next(struct page *p)
{
	if (p->stored < p->n) {
		p->store = (struct orders_item){
			.in = { .item = { .weight = p->chunk, .done = on_store },
			        .shop = p->walk->shop,
			        .fence = p->walk->claim.fence },
			.seq = p->walk->seq + 1,
			.check = is_check(p->walk),
			.rows = p->rows + p->stored,
			.n = p->chunk,
		};
		group_add(&p->walk->sync->orders, &p->store.in.item);
	} else if (p->nbad) {
		tell_problems(p);
	} else {
		walk_stored(p->walk, NULL);
	}
}

/* --- reading --------------------------------------------------------------------------------- */

/* Where the next order is read into. */
static struct tt_order *
next_row(struct page *p)
{
	if (!p->rows && !(p->rows = calloc(ROWS_MAX, sizeof(*p->rows))))
		abort(); /* bounded by the slots */
	return &p->rows[p->n];
}

static void
count_buyer(struct page *p, const int64_t dropped[BUYER_FIELDS])
{
	static const enum counter_id buyer[BUYER_FIELDS] = {
		[BUYER_RECIPIENT] = COUNT_BUYER_RECIPIENT, [BUYER_EMAIL] = COUNT_BUYER_EMAIL,
		[BUYER_NOTE] = COUNT_BUYER_NOTE,           [BUYER_ID] = COUNT_BUYER_ID,
		[BUYER_OTHER] = COUNT_BUYER_OTHER,
	};

	for (int i = 0; i < BUYER_FIELDS; i++)
		count(p->walk->env->counters, buyer[i], dropped[i]);
}

/* o was read, from this tree (NULL: from the body): keep it where it is ours. */
static void
keep_row(struct page *p, struct tt_order *o, struct json *tree, int64_t hash)
{
	if (o->create_time < p->walk->claim.connected_s) {
		count(p->walk->env->counters, COUNT_ORDERS_BEFORE, 1);
		orders_free_lines(o);
		json_free(tree);
		return;
	}
	o->hash = hash;
	p->trees[p->n++] = tree;
}

/* Read one order's tree, which the page owns from here on. */
static void
read_tree(struct page *p, struct json *tree, int64_t hash)
{
	int64_t dropped[BUYER_FIELDS] = { 0 };
	struct tt_order *o = next_row(p);
	struct err e = { 0 };
	int rc = orders_read_one(tree, &p->buyers, o, dropped, &e);

	count_buyer(p, dropped);
	if (rc) {
		set_aside(p, o->id, e.text);
		json_free(tree);
		return;
	}
	keep_row(p, o, tree, hash);
}

/* Read one order where it stands in the body; what is unusual there, by its tree. */
static void
read_span(struct page *p, const struct scan_row *s)
{
	int64_t dropped[BUYER_FIELDS] = { 0 };
	char *text = p->body.data + s->at;
	struct tt_order *o = next_row(p);
	struct err e = { 0 };
	struct json *tree;

	if (orders_flat_one(text, s->len, &p->buyers, o, dropped) == 0) {
		count_buyer(p, dropped);
		keep_row(p, o, NULL, s->hash);
	} else if ((tree = json_parse(text, s->len, &e))) {
		read_tree(p, tree, s->hash);
	} else {
		set_aside(p, s->id, e.text);
	}
}

static void
store_all(struct page *p)
{
	p->chunk = p->n;
	store_next(p);
}

static void
on_probe(struct group_item *i, const struct err *e)
{
	struct page *p = (struct page *)(void *)((char *)i - offsetof(struct page, probe.item));
	int same = 0;

	if (e) {
		walk_stored(p->walk, e);
		return;
	}
	for (int k = 0; k < p->probe.n; k++) {
		if (p->probe_rows[k].differs)
			read_span(p, &p->scan[p->probe_at[k]]);
		else
			same++;
	}
	count(p->walk->env->counters, COUNT_ORDERS_UNCHANGED, same);
	store_all(p);
}

/* Of an order that stands twice on a page, the newer one. */
static bool
is_superseded(const struct page *p, int at)
{
	for (int i = 0; i < p->nscan; i++)
		if (i != at && !memcmp(p->scan[i].id, p->scan[at].id, sizeof(p->scan[i].id)) &&
		    (p->scan[i].update_time > p->scan[at].update_time ||
		     (p->scan[i].update_time == p->scan[at].update_time && i > at)))
			return true;
	return false;
}

static void
take_scanned(struct page *p)
{
	struct walk *w = p->walk;

	p->probe = (struct probe_item){ .shop = w->shop, .rows = p->probe_rows };
	for (int i = 0; i < p->nscan; i++) {
		const struct scan_row *s = &p->scan[i];
		struct probe_row *r = &p->probe_rows[p->probe.n];

		if (s->create_time < w->claim.connected_s) {
			count(w->env->counters, COUNT_ORDERS_BEFORE, 1);
		} else if (is_superseded(p, i)) {
			continue;
		} else if (s->update_time >= w->claim.cursor_s && !is_check(w)) {
			read_span(p, s); /* not seen before: no need to ask */
		} else {
			memcpy(r->id, s->id, sizeof(r->id));
			r->update_time = s->update_time;
			r->hash = s->hash;
			r->differs = false;
			p->probe_at[p->probe.n++] = i;
		}
	}
	p->probe.item.weight = p->probe.n;
	p->probe.item.done = on_probe;
}

/* If the row read last stands earlier on the page as well, keep the newer of the two. */
static void
drop_repeat(struct page *p)
{
	int last = p->n - 1, gone;

	for (int i = 0; i < last; i++) {
		if (strcmp(p->rows[i].id, p->rows[last].id) != 0)
			continue;
		gone = p->rows[i].update_time <= p->rows[last].update_time ? i : last;
		orders_free_lines(&p->rows[gone]);
		json_free(p->trees[gone]);
		p->rows[gone] = p->rows[last];
		p->trees[gone] = p->trees[last];
		p->n--;
		return;
	}
}

/* The scan did not understand the page: make its rows by the full reader. */
static void
take_tree(struct page *p, const struct json *rows)
{
	for (size_t i = 0; i < json_len(rows); i++) {
		struct json *tree = json_copy(json_at(rows, i));
		struct scan_row s = { 0 };
		struct buf text;
		int before = p->n;

		buf_init(&text, 1u << 20);
		if (json_write(tree, &text) || orders_scan_one(buf_text(&text), text.len, &s))
			s.hash = 0; /* then only a newer update time rewrites it */
		buf_done(&text);
		read_tree(p, tree, s.hash);
		if (p->n > before)
			drop_repeat(p);
	}
}

static void
describe(const struct page *p, struct walk_page *ret)
{
	ret->rows = p->scanned ? p->nscan : (int)json_len(ret->page.rows);
	ret->ascending = p->scanned;
	for (int i = 0; i < p->nscan; i++) {
		ret->ascending = ret->ascending && p->scan[i].update_time >= ret->last_time;
		if (p->scan[i].update_time > ret->last_time)
			ret->last_time = p->scan[i].update_time;
	}
	for (int i = 0; i < p->nscan; i++)
		ret->before_last += p->scan[i].update_time < ret->last_time;
}

static int
take(struct walk *w, const struct api_answer *a, struct walk_page *ret, struct err *e)
{
	struct page *p = w->page;

	if (page_read(a->root, "orders", &ret->page, e))
		return -1;
	describe(p, ret);
	if (ret->rows > ROWS_MAX)
		return err_set(e, ERR_PARSE, 0, "%d orders on a page of %d", ret->rows, ROWS_MAX);
	if (p->scanned && buf_add(&p->body, a->body, a->body_len))
		return err_set(e, ERR_NOMEM, 0, "a page of %zu bytes", a->body_len);
	if (p->scanned)
		take_scanned(p);
	else
		take_tree(p, ret->page.rows);
	if (p->probe.n) {
		group_add(&w->sync->probes, &p->probe.item);
		return 0;
	}
	if (!p->n && !p->nbad)
		return 1;
	store_all(p);
	return 0;
}

/* clang-format off */
#define READS_ORDERS                                                                               \
	.by_key = true, .span_max_s = POLICY_SPAN_MAX_S, .window_pages = POLICY_WINDOW_PAGES,      \
	.floor = floor_of, .page_new = page_new, .page_free = page_free, .request = request,       \
	.parse = parse, .take = take
/* clang-format on */

const struct walk_ops walk_orders = {
	.name = "orders",
	.interval_ms = interval_ms,
	READS_ORDERS,
};

const struct walk_ops walk_reconcile = {
	.name = "reconcile",
	.counts = true,
	.interval_ms = no_interval,
	READS_ORDERS,
};
