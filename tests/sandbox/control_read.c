#include "tests/sandbox/control.h"

#include "common/str.h"
#include "tests/sandbox/jw.h"

#include <string.h>

static void
write_order(const struct order *one, struct buf *out)
{
	jw_open(out, '{');
	jw_int(out, "buyer", (int64_t)one->buyer);
	jw_int(out, "create_time", one->create_time);
	jw_id(out, "id", one->id);
	jw_bool(out, "is_cod", one->cod);
	jw_int(out, "lines", (int64_t)one->n_lines);
	jw_id(out, "package_id", one->package);
	jw_str(out, "status", orders_status_name(one->status));
	jw_money(out, "total_amount", orders_total(one));
	jw_int(out, "update_time", one->update_time);
	jw_close(out, '}');
}

static void
write_product(const struct product *p, struct buf *out)
{
	jw_open(out, '{');
	jw_int(out, "create_time", p->create_time);
	jw_id(out, "id", p->id);
	jw_int(out, "skus", (int64_t)p->n_skus);
	jw_str(out, "status", products_status_name(p->status));
	jw_str(out, "title", p->title);
	jw_int(out, "update_time", p->update_time);
	jw_close(out, '}');
}

static void
write_shop(const struct shop *shop, struct buf *out)
{
	jw_open(out, '{');
	jw_bool(out, "active", shop->active);
	jw_str(out, "cipher", shop->cipher);
	jw_arr(out, "orders");
	for (size_t i = 0; i < shop->by_create.n; i++)
		write_order(shop->by_create.rows[i].row, out);
	jw_close(out, ']');
	jw_arr(out, "products");
	for (size_t i = 0; i < shop->products.n; i++)
		write_product(shop->products.rows[i].row, out);
	jw_close(out, ']');
	jw_int(out, "seller", shop->seller->no);
	jw_int(out, "shop", shop->no);
	jw_id(out, "shop_id", shop->id);
	jw_arr(out, "warehouses");
	for (size_t i = 0; i < shop->n_warehouses; i++)
		jw_item_id(out, shop->warehouses[i].id);
	jw_close(out, ']');
	jw_close(out, '}');
}

static void
write_grant(const struct seller *who, int64_t now, struct buf *out)
{
	const struct grant *g = &who->grant;
	unsigned good = 0;

	for (unsigned i = 1; i <= g->access.n; i++)
		good += grants_access(g, i, now) == GRANTS_GOOD;
	jw_open(out, '{');
	jw_int(out, "access_gen", g->access.n);
	jw_int(out, "access_good", good);
	jw_int(out, "ends", g->ends);
	jw_bool(out, "granted", g->granted);
	jw_int(out, "inflight", g->inflight);
	jw_int(out, "inflight_max", g->inflight_max);
	jw_int(out, "refresh_gen", g->refresh.n);
	jw_int(out, "refreshes", g->refreshes);
	jw_int(out, "seller", who->no);
	jw_close(out, '}');
}

int
control_truth(struct control *c)
{
	const struct shops *s = &c->w->shops;
	int64_t now = world_now(c->w);
	struct shop *one = NULL;

	if (request_param(c->rq, "shop_id") && control_shop(c, true, &one))
		return -1;
	jw_open(c->out, '{');
	jw_arr(c->out, "grants");
	for (size_t i = 0; i < s->n_sellers; i++)
		write_grant(s->sellers[i], now, c->out);
	jw_close(c->out, ']');
	jw_int(c->out, "now", now);
	jw_int(c->out, "seed", (int64_t)c->w->seed);
	jw_arr(c->out, "shops");
	for (size_t i = 0; i < s->n_all; i++)
		if (!one || one == s->all[i])
			write_shop(s->all[i], c->out);
	jw_close(c->out, ']');
	jw_close(c->out, '}');
	return 0;
}

static void
write_call(const struct call_row *r, struct buf *out)
{
	jw_open(out, '{');
	jw_int(out, "code", r->code);
	jw_str(out, "endpoint", r->endpoint);
	if (r->fault)
		jw_str(out, "fault", r->fault);
	jw_int(out, "http", r->http);
	jw_str(out, "method", r->method);
	jw_int(out, "n", (int64_t)r->n);
	jw_str(out, "path", r->path);
	jw_str(out, "request_id", r->request_id);
	jw_int(out, "rows", r->rows);
	jw_int(out, "seller", r->seller);
	jw_id(out, "shop_id", r->shop);
	jw_int(out, "time_ms", r->time_ms);
	jw_int(out, "token_in", r->token_in);
	jw_int(out, "token_out", r->token_out);
	jw_close(out, '}');
}

int
control_calls(struct control *c)
{
	const char *since_text = request_param(c->rq, "since");
	const char *limit_text = request_param(c->rq, "limit");
	int64_t since = 0, limit = CALLS_KEPT;
	const struct call_row *r;

	if ((since_text && (str_i64(since_text, &since) || since < 0)) ||
	    (limit_text && (str_i64(limit_text, &limit) || limit < 0)))
		return err_set(c->e, ERR_INPUT, 0, "since and limit are numbers");
	jw_open(c->out, '{');
	jw_arr(c->out, "calls");
	for (uint64_t n = (uint64_t)since; limit-- > 0 && (r = calls_after(&c->w->calls, n));
	     n = r->n)
		write_call(r, c->out);
	jw_close(c->out, ']');
	jw_int(c->out, "last", (int64_t)c->w->calls.n);
	jw_close(c->out, '}');
	return 0;
}

static void
write_sums(const struct calls *calls, struct buf *out)
{
	jw_obj(out, "endpoints");
	for (size_t i = 0; i < calls->n_sums; i++) {
		const struct call_sum *s = &calls->sums[i];

		jw_obj(out, s->endpoint);
		jw_int(out, "calls", (int64_t)s->calls);
		jw_int(out, "failed", (int64_t)s->failed);
		jw_int(out, "faults", (int64_t)s->faults);
		jw_int(out, "rows", (int64_t)s->rows);
		jw_close(out, '}');
	}
	jw_close(out, '}');
}

static void
write_faults(const struct faults *f, struct buf *out)
{
	jw_obj(out, "faults");
	for (enum fault_kind k = FAULT_NONE + 1; k < FAULT_KINDS; k++)
		if (f->hits[k])
			jw_int(out, faults_word(k), (int64_t)f->hits[k]);
	jw_close(out, '}');
}

int
control_stats(struct control *c)
{
	const struct world *w = c->w;
	unsigned most = 0;

	for (size_t i = 0; i < w->shops.n_sellers; i++)
		if (w->shops.sellers[i]->grant.inflight_max > most)
			most = w->shops.sellers[i]->grant.inflight_max;
	jw_open(c->out, '{');
	jw_int(c->out, "cache_bytes", (int64_t)w->orders.cache_bytes);
	jw_int(c->out, "calls", (int64_t)w->calls.n);
	write_sums(&w->calls, c->out);
	write_faults(&w->faults, c->out);
	jw_int(c->out, "orders", (int64_t)w->orders.made);
	jw_int(c->out, "rate_refused", (int64_t)(w->shop_rate.refused + w->seller_rate.refused));
	jw_int(c->out, "refresh_inflight_max", most);
	jw_obj(c->out, "traffic");
	jw_int(c->out, "created", (int64_t)w->traffic.created);
	jw_bool(c->out, "on", w->traffic.on);
	jw_int(c->out, "updated", (int64_t)w->traffic.updated);
	jw_close(c->out, '}');
	jw_close(c->out, '}');
	return 0;
}
