/*
 * sync_products: the kind of job that reads new and changed products with their SKUs and stock.
 *
 * The search has no sort parameter and gives 10,000 results at most: windows are walked by page
 * token, and halved where TikTok says they are too deep.
 */
#include "common/json.h"
#include "daemon/base/conf.h"
#include "daemon/base/counter.h"
#include "daemon/base/env.h"
#include "daemon/base/log.h"
#include "daemon/sync/store_pages.h"
#include "daemon/sync/sync.h"
#include "daemon/sync/walk.h"
#include "daemon/tiktok/products.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* TikTok Shop opened in 2021: no product is older. 2020-01-01. */
#define FIRST_PRODUCT_S INT64_C(1577836800)

struct page {
	struct walk *walk;
	struct json *rows; /* the rows' strings live in it */
	struct tt_product row[PRODUCTS_PAGE_SIZE];
	int n;
	struct products_item store;
};

static int64_t
floor_of(const struct claim *c)
{
	(void)c;
	return FIRST_PRODUCT_S;
}

static int64_t
interval_ms(const struct conf *c)
{
	return c->sync_products_interval_ms;
}

static void
request(struct tt_call *c, struct window win, const char *token)
{
	products_search_request(c, win.lo, win.hi, token);
}

static void *
page_new(struct walk *w)
{
	struct page *p = calloc(1, sizeof(*p));

	if (!p)
		abort(); /* bounded by the slots */
	p->walk = w;
	return p;
}

static void
page_reset(struct page *p)
{
	for (int i = 0; i < p->n; i++)
		products_free_one(&p->row[i]);
	p->n = 0;
	json_free(STEAL(p->rows));
}

static void
page_free(void *arg)
{
	struct page *p = arg;

	group_leave(&p->store.in.item);
	page_reset(p);
	free(p);
}

static void
on_store(struct group_item *i, const struct err *e)
{
	struct page *p = (struct page *)(void *)((char *)i - offsetof(struct page, store.in.item));
	struct err fenced = { 0 };

	if (!e && !p->store.in.owned) {
		err_set(&fenced, ERR_FENCED, 0, "another daemon has this shop now");
		e = &fenced;
	}
	if (!e)
		count(p->walk->env->counters, COUNT_PRODUCTS, p->store.in.written);
	walk_stored(p->walk, e);
}

/* The newer of two rows of one product; a product is stored once a page. */
static bool
is_repeat(struct page *p, struct tt_product *one)
{
	for (int i = 0; i < p->n; i++) {
		if (strcmp(p->row[i].id, one->id) != 0)
			continue;
		if (one->update_time > p->row[i].update_time) {
			products_free_one(&p->row[i]);
			p->row[i] = *one;
		} else {
			products_free_one(one);
		}
		return true;
	}
	return false;
}

static void
read_rows(struct page *p)
{
	for (size_t i = 0; i < json_len(p->rows); i++) {
		struct tt_product *one = &p->row[p->n];
		struct err e = { 0 };

		if (products_read_one(json_at(p->rows, i), one, &e))
			log_event(LOG_ERROR, "products.unreadable",
			          "shop=%" PRId64 " product=%s why=%s", p->walk->shop,
			          one->id[0] ? one->id : "?", LOGQ(e.text));
		else if (!is_repeat(p, one))
			p->n++;
	}
}

static int
take(struct walk *w, const struct api_answer *a, struct walk_page *ret, struct err *e)
{
	struct page *p = w->page;

	page_reset(p);
	if (page_read(a->root, "products", &ret->page, e))
		return -1;
	ret->rows = (int)json_len(ret->page.rows);
	if (ret->rows > PRODUCTS_PAGE_SIZE)
		return err_set(e, ERR_PARSE, 0, "%d products on a page of %d", ret->rows,
		               PRODUCTS_PAGE_SIZE);
	p->rows = json_copy(ret->page.rows);
	read_rows(p);
	if (!p->n)
		return 1;
	p->store = (struct products_item){
		.in = { .item = { .weight = p->n, .done = on_store },
		        .shop = w->shop,
		        .fence = w->claim.fence },
		.rows = p->row,
		.n = p->n,
	};
	group_add(&w->sync->products, &p->store.in.item);
	return 0;
}

const struct walk_ops walk_products = {
	.name = "products",
	.counts = true,
	.span_max_s = INT64_C(50) * 365 * 86400,
	.window_pages = PRODUCTS_DEEPEST / PRODUCTS_PAGE_SIZE,
	.floor = floor_of,
	.interval_ms = interval_ms,
	.page_new = page_new,
	.page_free = page_free,
	.request = request,
	.take = take,
};
