#include "tests/sandbox/api.h"

#include "common/json.h"
#include "tests/sandbox/cursor.h"
#include "tests/sandbox/gateway.h"
#include "tests/sandbox/jw.h"
#include "tests/sandbox/param.h"

#include <stdio.h>
#include <string.h>

#define PAGE_MAX      100
#define RESULTS_MAX   10000
#define SKU_FILTER    10
#define INVENTORY_IDS 600

struct filter {
	enum product_status status; /* PRODUCT_NONE: all but deleted ones */
	int64_t create_ge, create_le;
	int64_t update_ge, update_le; /* bounds included: unlike the orders' */
	const struct json *seller_skus;
	uint64_t sku_ids[SKU_FILTER];
	size_t n_sku_ids;
};

static int
read_filter(struct call *c, struct filter *f)
{
	const char *status = NULL;

	*f = (struct filter){ .create_ge = INT64_MIN,
		              .create_le = INT64_MAX,
		              .update_ge = INT64_MIN,
		              .update_le = INT64_MAX };
	if (param_body_str(c, "status", &status) ||
	    param_body_int(c, "create_time_ge", &f->create_ge) ||
	    param_body_int(c, "create_time_le", &f->create_le) ||
	    param_body_int(c, "update_time_ge", &f->update_ge) ||
	    param_body_int(c, "update_time_le", &f->update_le) ||
	    param_body_ids(c, "sku_ids", f->sku_ids, SKU_FILTER, &f->n_sku_ids))
		return -1;
	f->seller_skus = c->body ? json_get(c->body, "seller_skus") : NULL;
	if (f->seller_skus &&
	    (!json_is_arr(f->seller_skus) || json_len(f->seller_skus) > SKU_FILTER))
		return gateway_bad_param(c, "seller_skus");
	if (!status || !strcmp(status, "ALL"))
		return 0;
	f->status = products_status(status);
	return f->status ? 0 : gateway_bad_param(c, "status");
}

static bool
sku_fits(const struct filter *f, const struct sku *s)
{
	for (size_t i = 0; i < f->n_sku_ids; i++)
		if (f->sku_ids[i] == s->id)
			return true;
	for (size_t i = 0; i < json_len(f->seller_skus); i++) {
		const char *want = json_text(json_at(f->seller_skus, i));

		if (want && !strcmp(want, s->seller_sku))
			return true;
	}
	return !f->n_sku_ids && !json_len(f->seller_skus);
}

static bool
fits(const struct filter *f, const struct product *p)
{
	bool sku = !p->n_skus;

	if (f->status ? p->status != f->status : p->status == PRODUCT_DELETED)
		return false;
	if (p->create_time < f->create_ge || p->create_time > f->create_le ||
	    p->update_time < f->update_ge || p->update_time > f->update_le)
		return false;
	for (size_t i = 0; i < p->n_skus && !sku; i++)
		sku = sku_fits(f, &p->skus[i]);
	return sku;
}

struct page {
	const struct product *rows[PAGE_MAX];
	size_t n;
	size_t total;
	bool more;
};

/* Newest update first; start is how many places from the end on are left. */
static void
collect(const struct call *c, const struct filter *f, size_t start, size_t size, struct page *ret)
{
	const struct timeline *t = &c->shop->products;

	*ret = (struct page){ .n = 0 };
	for (size_t i = t->n; i-- > 0;) {
		const struct product *p = t->rows[i].row;

		if (!fits(f, p))
			continue;
		ret->total++;
		if (i >= start)
			continue;
		if (ret->n < size)
			ret->rows[ret->n++] = p;
		else
			ret->more = true;
	}
}

/* Places 0 .. *ret - 1 are still to be given. */
static int
read_cursor(struct call *c, size_t *ret)
{
	const char *text = request_param(c->rq, "page_token");
	int64_t time;
	uint64_t id;

	*ret = c->shop->products.n;
	if (!text || !*text)
		return 0;
	if (cursor_product_read(text, &time, &id))
		return gateway_bad_param(c, "page_token");
	*ret = timeline_at(&c->shop->products, time, id);
	return 0;
}

static void
next_token(const struct call *c, const struct page *page, char dst[CURSOR_TEXT_MAX])
{
	const char *own = request_param(c->rq, "page_token");
	const struct product *p = page->n ? page->rows[page->n - 1] : NULL;

	dst[0] = '\0';
	if (c->fault.kind == FAULT_TOKEN_CYCLE && own && *own)
		snprintf(dst, CURSOR_TEXT_MAX, "%s", own);
	else if (c->fault.kind == FAULT_DUPLICATE_PAGE && p) /* just before the first of the page */
		cursor_product(page->rows[0]->update_time, page->rows[0]->id + 1, dst);
	else if (page->more && p)
		cursor_product(p->update_time, p->id, dst);
}

int
api_products_search(struct call *c)
{
	char token[CURSOR_TEXT_MAX];
	struct filter f;
	struct page page;
	size_t size = 0, start;

	if (param_page_size(c, PAGE_MAX, &size) || read_filter(c, &f) || read_cursor(c, &start))
		return -1;
	collect(c, &f, start, size, &page);
	if (page.total > RESULTS_MAX)
		return gateway_fail(c, FAIL_TOO_MANY_PRODUCTS);
	if (c->fault.kind == FAULT_MOVE_ROWS && page.n) {
		products_touch(products_find(&c->w->products, page.rows[0]->id), c->now);
		collect(c, &f, start, size, &page);
	}
	next_token(c, &page, token);
	jw_open(c->data, '{');
	jw_str(c->data, "next_page_token", token);
	if (page.n) {
		jw_arr(c->data, "products");
		for (size_t i = 0; i < page.n; i++)
			products_write(page.rows[i], c->data);
		jw_close(c->data, ']');
	}
	jw_int(c->data, "total_count", (int64_t)page.total);
	jw_close(c->data, '}');
	c->rows = (int64_t)page.n;
	return 0;
}

int
api_products_detail(struct call *c)
{
	const struct product *p = products_find(&c->w->products, c->arg);

	if (!p || p->shop != c->shop || p->status == PRODUCT_DELETED || p->status == PRODUCT_FREEZE)
		return gateway_fail(c, FAIL_NO_PRODUCT);
	products_write_detail(p, c->data);
	return 0;
}

static bool
wanted(const struct product *p, const uint64_t *products, size_t n_products, const uint64_t *skus,
       size_t n_skus)
{
	for (size_t i = 0; i < n_skus; i++)
		for (size_t k = 0; k < p->n_skus; k++)
			if (p->skus[k].id == skus[i])
				return true;
	for (size_t i = 0; !n_skus && i < n_products; i++)
		if (products[i] == p->id)
			return true;
	return false;
}

int
api_products_inventory(struct call *c)
{
	uint64_t products[100], skus[INVENTORY_IDS];
	size_t n_products = 0, n_skus = 0;
	const struct timeline *t = &c->shop->products;

	if (param_body_ids(c, "product_ids", products, 100, &n_products) ||
	    param_body_ids(c, "sku_ids", skus, INVENTORY_IDS, &n_skus))
		return -1;
	if (!n_products && !n_skus)
		return gateway_missing_param(c, "body.product_ids");
	jw_open(c->data, '{');
	jw_arr(c->data, "inventory");
	for (size_t i = 0; i < t->n; i++)
		if (wanted(t->rows[i].row, products, n_products, skus, n_skus))
			products_write_inventory(t->rows[i].row, c->data);
	jw_close(c->data, ']');
	jw_close(c->data, '}');
	return 0;
}
