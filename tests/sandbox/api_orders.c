#include "tests/sandbox/api.h"
#include "tests/sandbox/cursor.h"
#include "tests/sandbox/gateway.h"
#include "tests/sandbox/jw.h"
#include "tests/sandbox/order_json.h"
#include "tests/sandbox/param.h"
#include "tests/sandbox/search.h"

#include <stdio.h>
#include <string.h>

#define DETAIL_MAX 50
#define ROW_BYTES  4096 /* of an ordinary order */

/* Query part: sort and page size. The order without sort_order is what was seen live: oldest first.
 */
static int
read_query(struct call *c, struct search *s)
{
	static const char *const fields[] = { "create_time", "update_time", NULL };
	static const char *const orders[] = { "ASC", "DESC", NULL };
	int field = 0, order = 0;

	if (param_page_size(c, SEARCH_PAGE_MAX, &s->page_size) ||
	    param_word(c, "sort_field", fields, &field) ||
	    param_word(c, "sort_order", orders, &order))
		return -1;
	s->by_update = field == 1;
	s->descending = order == 1;
	return 0;
}

static int
read_words(struct call *c, struct search *s)
{
	const char *status = NULL, *shipping = NULL, *buyer = NULL;

	if (param_body_str(c, "order_status", &status) ||
	    param_body_str(c, "shipping_type", &shipping) ||
	    param_body_str(c, "buyer_user_id", &buyer))
		return -1;
	s->status = status ? orders_status(status) : ORDER_NONE;
	if (status && !s->status)
		return gateway_bad_param(c, "order_status");
	if (shipping && strcmp(shipping, "TIKTOK") != 0 && strcmp(shipping, "SELLER") != 0)
		return gateway_bad_param(c, "shipping_type");
	if (shipping)
		s->shipping = !strcmp(shipping, "SELLER");
	s->buyer = param_id(buyer);
	return buyer && !s->buyer ? gateway_bad_param(c, "buyer_user_id") : 0;
}

static int
read_filter(struct call *c, struct search *s)
{
	if (param_body_int(c, "create_time_ge", &s->create_ge) ||
	    param_body_int(c, "create_time_lt", &s->create_lt) ||
	    param_body_int(c, "update_time_ge", &s->update_ge) ||
	    param_body_int(c, "update_time_lt", &s->update_lt) ||
	    param_body_bool(c, "is_buyer_request_cancel", &s->cancel_asked) ||
	    param_body_ids(c, "warehouse_ids", s->warehouses, SEARCH_PLACE_MAX, &s->n_warehouses))
		return -1;
	return read_words(c, s);
}

static int
read_cursor(struct call *c, struct search *s, uint64_t walk)
{
	const char *text = request_param(c->rq, "page_token");
	struct cursor at;

	if (!text || !*text)
		return 0;
	if (cursor_open(c->w->page_key, text, &at) || at.params != walk ||
	    c->now - at.issued >= c->w->opt->page_token_life)
		return gateway_bad_param(c, "page_token");
	s->started = at.started;
	s->after_time = at.time;
	s->after_id = at.id;
	return 0;
}

/* Two rows change while the client walks: one it is about to get, one it may have got already. */
static void
move_rows(struct call *c, const struct search *s)
{
	const struct timeline *t = &c->shop->by_update;
	size_t first = timeline_at(t, s->update_ge, 0);
	struct order *old = first < t->n ? t->rows[first].row : NULL;
	struct search_page page;

	search_run(s, c->shop, c->w->seed, &page);
	if (page.n)
		orders_changed(&c->w->orders, page.rows[0], c->now);
	if (s->started && old)
		orders_changed(&c->w->orders, old, c->now);
}

/* The token of the next page, "" at the end; faults bend it. */
static void
next_token(struct call *c, const struct search *s, const struct search_page *page, uint64_t walk,
           char dst[CURSOR_TEXT_MAX])
{
	struct cursor at = { .params = walk, .issued = c->now };
	const char *own = request_param(c->rq, "page_token");

	dst[0] = '\0';
	if (c->fault.kind == FAULT_TOKEN_CYCLE && own && *own) {
		snprintf(dst, CURSOR_TEXT_MAX, "%s", own);
		return;
	}
	if (c->fault.kind == FAULT_DUPLICATE_PAGE || c->fault.kind == FAULT_TOKEN_CYCLE) {
		at.started = s->started;
		at.time = s->after_time;
		at.id = s->after_id;
		at.salt = ++c->w->cycles;
	} else if (page->more) {
		const struct order *last = page->rows[page->n - 1];

		at.started = true;
		at.time = s->by_update ? last->update_time : last->create_time;
		at.id = last->id;
	} else {
		return;
	}
	cursor_seal(c->w->page_key, &at, dst);
}

/* A page is some hundred kB: one allocation instead of a doubling for each. */
static void
make_room(struct buf *b, size_t n)
{
	if (buf_extend(b, n))
		b->data[b->len -= n] = '\0';
}

static void
write_rows(struct call *c, struct order *const *rows, size_t n, bool all_keys)
{
	make_room(c->data, n * ROW_BYTES);
	jw_arr(c->data, "orders");
	for (size_t i = 0; i < n; i++) {
		const struct order_cut *cut = rows[i]->cuts;
		size_t len, behind;
		const char *text = orders_text(&c->w->orders, rows[i], c->now, &len);

		if (all_keys) {
			jw_raw(c->data, text, len);
			continue;
		}
		jw_raw(c->data, text, cut[0].at);
		behind = cut[0].at + cut[0].len;
		buf_add(c->data, text + behind, cut[1].at - behind);
		behind = cut[1].at + cut[1].len;
		buf_add(c->data, text + behind, len - behind);
	}
	jw_close(c->data, ']');
	c->rows = (int64_t)n;
}

int
api_orders_search(struct call *c)
{
	char token[CURSOR_TEXT_MAX];
	struct search_page page;
	struct search s;
	uint64_t walk = param_walk(c);

	search_init(&s);
	s.now = c->now;
	s.delayed = c->w->orders.index_delay > 0;
	if (read_query(c, &s) || read_filter(c, &s) || read_cursor(c, &s, walk))
		return -1;
	if (c->fault.kind == FAULT_MOVE_ROWS)
		move_rows(c, &s);
	search_run(&s, c->shop, c->w->seed, &page);
	next_token(c, &s, &page, walk, token);
	jw_open(c->data, '{');
	jw_str(c->data, "next_page_token", token);
	if (page.n)
		write_rows(c, page.rows, page.n, true);
	jw_int(c->data, "total_count", (int64_t)page.total);
	jw_close(c->data, '}');
	return 0;
}

/* The orders of a comma list; *ret_n of them are this shop's. -1 refused. */
static int
read_ids(struct call *c, struct order **rows, size_t *ret_n)
{
	const char *s = request_param(c->rq, "ids");
	size_t n = 0, asked = 0;

	if (!s)
		return gateway_missing_param(c, "ids");
	for (;;) {
		size_t len = strcspn(s, ",");
		char id[24] = "";
		struct order *one;

		if (len >= sizeof(id) || ++asked > DETAIL_MAX)
			return gateway_bad_param(c, "ids");
		memcpy(id, s, len);
		if (!param_id(id))
			return gateway_bad_param(c, "ids");
		one = orders_find(&c->w->orders, param_id(id));
		if (one && one->shop == c->shop)
			rows[n++] = one;
		else if (!strcmp(c->w->opt->unknown_orders, "fail"))
			return gateway_fail(c, FAIL_NOT_THIS_SHOP);
		if (!s[len])
			break;
		s += len + 1;
	}
	*ret_n = n;
	return 0;
}

static int
detail(struct call *c, bool all_keys)
{
	struct order *rows[DETAIL_MAX];
	size_t n = 0;

	if (read_ids(c, rows, &n))
		return -1;
	jw_open(c->data, '{');
	write_rows(c, rows, n, all_keys);
	jw_close(c->data, '}');
	return 0;
}

int
api_orders_detail(struct call *c)
{
	return detail(c, false);
}

int
api_orders_detail_202309(struct call *c)
{
	return detail(c, true);
}

int
api_orders_price(struct call *c)
{
	const struct order *one = orders_find(&c->w->orders, c->arg);

	if (!one || one->shop != c->shop)
		return gateway_fail(c, FAIL_NOT_THIS_SHOP);
	order_json_write_price(one, c->data);
	return 0;
}
