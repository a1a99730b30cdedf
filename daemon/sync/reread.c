#include "daemon/sync/reread.h"

#include "common/str.h"
#include "daemon/base/env.h"
#include "daemon/base/log.h"
#include "daemon/grant/discover.h"
#include "daemon/grant/token.h"
#include "daemon/io/pg.h"
#include "daemon/store/grants.h"
#include "daemon/store/jobs.h"

#include <inttypes.h>
#include <stdlib.h>

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

void
reread_start(struct env *env, int64_t shop, const struct claim *c, const char *token,
             const struct err *why)
{
	struct discover_ask ask = { .grant_id = c->grant_id, .token = token };
	struct reread *x = calloc(1, sizeof(*x));

	if (!x)
		abort();
	*x = (struct reread){ .env = env, .shop = shop, .grant_id = c->grant_id, .why = *why };
	str_copy(x->pair_id, sizeof(x->pair_id), c->pair_id);
	discover_start(env, &ask, on_shops_read, x);
}
