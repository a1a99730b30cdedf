#include "daemon/grant/discover.h"

#include "common/json.h"
#include "common/str.h"
#include "daemon/base/env.h"
#include "daemon/base/loop.h"
#include "daemon/grant/api.h"
#include "daemon/io/pg.h"
#include "daemon/store/grants.h"
#include "daemon/tiktok/auth.h"
#include "daemon/tiktok/shops.h"

#include <stdlib.h>
#include <string.h>

struct found {
	char id[21];
	char cipher[160];
};

struct discover {
	struct env *env;
	int64_t grant_id;
	enum discover_depth depth;
	char token[TT_TOKEN_MAX + 1];
	char only_shop[21];
	bool shops_suffice;
	struct found shops[SHOPS_MAX];
	int n;
	int next;
	int64_t date_s;
	discover_fn *fn;
	void *arg;
};

static void next_warehouses(struct discover *d);

static void
discover_free(void *arg)
{
	struct discover *d = arg;

	explicit_bzero(d->token, sizeof(d->token));
	free(d);
}

static void
discover_end(struct discover *d, enum tt_class class, const struct err *e)
{
	d->fn(class, e, d->date_s, d->arg);
	loop_defer(d->env->loop, discover_free, d);
}

static void
call(struct discover *d, struct api_ask *ask, const char *cipher, api_fn *fn)
{
	ask->token = d->token;
	ask->cipher = cipher;
	ask->interactive = true;
	api_start(d->env, ask, fn, d);
}

/* --- warehouses ------------------------------------------------------------------------------ */

static void
on_warehouses_put(struct pg_result *r, const struct err *e, void *arg)
{
	struct discover *d = arg;

	if (!r) {
		discover_end(d, TT_TRANSPORT, e);
		return;
	}
	d->next++;
	next_warehouses(d);
}

static void
put_warehouses(struct discover *d, const struct tt_warehouse *w, int n)
{
	enum { ID, NAME, ENTITY, STATUS, TYPE, SUB_TYPE, DEFAULT, COLS };
	struct pg_col c[COLS];
	struct pg_args a;

	for (int i = 0; i < COLS; i++)
		pg_col_init(&c[i], i == DEFAULT ? PG_BOOL : PG_TEXT);
	for (int i = 0; i < n; i++) {
		pg_col_text(&c[ID], w[i].id);
		pg_col_text(&c[NAME], w[i].name);
		pg_col_text(&c[ENTITY], w[i].entity_id);
		pg_col_text(&c[STATUS], w[i].effect_status);
		pg_col_text(&c[TYPE], w[i].type);
		pg_col_text(&c[SUB_TYPE], w[i].sub_type);
		pg_col_bool(&c[DEFAULT], w[i].is_default);
	}
	pg_args_init(&a);
	pg_text(&a, d->shops[d->next].id);
	for (int i = 0; i < COLS; i++) {
		pg_array(&a, &c[i]);
		pg_col_done(&c[i]);
	}
	pg_run(d->env->pg, &grants_warehouses_put, &a, 0, on_warehouses_put, d);
}

static void
on_warehouses(const struct api_answer *a, void *arg)
{
	struct discover *d = arg;
	struct tt_warehouse *w;
	struct err e = { 0 };
	int n;

	d->date_s = a->date_s;
	if (a->err && d->shops_suffice) {
		discover_end(d, TT_OK, NULL);
		return;
	}
	if (a->err) {
		discover_end(d, a->verdict.class, a->err);
		return;
	}
	w = calloc(WAREHOUSES_MAX, sizeof(*w));
	if (!w)
		abort();
	n = warehouses_read(a->root, w, &e);
	if (n < 0)
		discover_end(d, TT_UNKNOWN, &e);
	else
		put_warehouses(d, w, n);
	free(w);
}

static void
next_warehouses(struct discover *d)
{
	struct api_ask ask = { 0 };

	while (d->next < d->n && d->only_shop[0] && strcmp(d->only_shop, d->shops[d->next].id) != 0)
		d->next++;
	if (d->depth == DISCOVER_SHOPS || d->next == d->n) {
		discover_end(d, TT_OK, NULL);
		return;
	}
	warehouses_request(&ask.call);
	call(d, &ask, d->shops[d->next].cipher, on_warehouses);
}

/* --- shops ----------------------------------------------------------------------------------- */

static void
on_shops_put(struct pg_result *r, const struct err *e, void *arg)
{
	struct discover *d = arg;

	if (!r)
		discover_end(d, TT_TRANSPORT, e);
	else
		next_warehouses(d);
}

static void
put_shops(struct discover *d, const struct tt_shop *s, int n)
{
	enum { ID, CIPHER, NAME, REGION, TYPE, COLS };
	struct pg_col c[COLS];
	struct pg_args a;

	for (int i = 0; i < COLS; i++)
		pg_col_init(&c[i], PG_TEXT);
	for (int i = 0; i < n; i++) {
		if (!str_copy(d->shops[d->n].cipher, sizeof(d->shops[0].cipher), s[i].cipher))
			continue;
		str_copy(d->shops[d->n++].id, sizeof(d->shops[0].id), s[i].id);
		pg_col_text(&c[ID], s[i].id);
		pg_col_text(&c[CIPHER], s[i].cipher);
		pg_col_text(&c[NAME], s[i].name);
		pg_col_text(&c[REGION], s[i].region);
		pg_col_text(&c[TYPE], s[i].seller_type);
	}
	pg_args_init(&a);
	pg_i64(&a, d->grant_id);
	for (int i = 0; i < COLS; i++) {
		pg_array(&a, &c[i]);
		pg_col_done(&c[i]);
	}
	pg_run(d->env->pg, &grants_shops_put, &a, 0, on_shops_put, d);
}

static void
on_shops(const struct api_answer *a, void *arg)
{
	struct discover *d = arg;
	struct tt_shop s[SHOPS_MAX];
	struct err e = { 0 };
	int n;

	d->date_s = a->date_s;
	if (a->err) {
		discover_end(d, a->verdict.class, a->err);
		return;
	}
	n = shops_read(a->root, s, &e);
	if (n < 0)
		discover_end(d, TT_UNKNOWN, &e);
	else
		put_shops(d, s, n);
}

void
discover_start(struct env *env, const struct discover_ask *q, discover_fn *fn, void *arg)
{
	struct discover *d = calloc(1, sizeof(*d));
	struct api_ask ask = { 0 };

	if (!d)
		abort();
	*d = (struct discover){ .env = env,
		                .grant_id = q->grant_id,
		                .depth = q->depth,
		                .shops_suffice = q->shops_suffice,
		                .date_s = -1,
		                .fn = fn,
		                .arg = arg };
	str_copy(d->token, sizeof(d->token), q->token);
	if (q->only_shop)
		str_copy(d->only_shop, sizeof(d->only_shop), q->only_shop);
	shops_request(&ask.call);
	call(d, &ask, NULL, on_shops);
}
