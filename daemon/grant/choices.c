/*
 * choices: what a merchant can choose from, read anew from TikTok; and the confirmation of a
 * choice, which makes a real call with the token first.
 */
#include "common/json.h"
#include "common/str.h"
#include "daemon/base/conf.h"
#include "daemon/base/env.h"
#include "daemon/base/loop.h"
#include "daemon/grant/access.h"
#include "daemon/grant/discover.h"
#include "daemon/grant/op.h"
#include "daemon/grant/plans.h"
#include "daemon/grant/sql.h"
#include "daemon/io/pg.h"
#include "daemon/queue/kind.h"
#include "daemon/store/grants.h"

#include <stdlib.h>
#include <string.h>

#define ACTOR_MAX 96
/* Wider than any kind reads at once: each narrows it to what its search allows. */
#define SPAN_WIDEST_S (INT64_C(100) * 365 * 86400)

struct choice {
	struct env *env;
	struct access access;
	struct json *args;
	bool final;     /* a confirmation; else only the choices are asked for */
	bool from_page; /* by a merchant's link */
	char actor[ACTOR_MAX];
	op_done *done;
	void *arg;
};

static const struct pg_stmt api_confirm = { "api_confirm",
	                                    "SELECT ttsync.api_confirm($1::jsonb, $2)" };
/* A name of its own: "api_link" is that of the op sql:link, on the same connection. */
static const struct pg_stmt api_link = { "link_choices", "SELECT ttsync.api_link($1::jsonb, $2)" };

static void
choice_free(void *arg)
{
	struct choice *c = arg;

	json_free(c->args);
	explicit_bzero(c, sizeof(*c));
	free(c);
}

static void
choice_end(struct choice *c, const char *json, size_t len, const struct err *e)
{
	c->done(json, len, e, c->arg);
	loop_defer(c->env->loop, choice_free, c);
}

static void
on_document(struct pg_result *r, const struct err *e, void *arg)
{
	choice_end(arg, r ? pg_str(r, 0, 0) : NULL, r ? pg_strlen(r, 0, 0) : 0, e);
}

/* The kinds of polling work as a new shop begins them. */
static struct json *
new_kinds(int64_t overlap_s)
{
	struct json *list = json_arr();

	for (int i = KIND_NONE + 1; i < KIND_END; i++) {
		enum kind_begin begins = kind_begins((enum kind)i);
		struct json *k;

		if (begins == KIND_LATER)
			continue;
		k = json_obj();
		json_put_str(k, "kind", kind_name((enum kind)i));
		json_put_bool(k, "from_start", begins == KIND_AT_START);
		json_put_i64(k, "span_s", SPAN_WIDEST_S);
		json_put_i64(k, "overlap_s", overlap_s);
		json_add(list, k);
	}
	return list;
}

static void
confirm(struct choice *c, int64_t api_now_s)
{
	json_put(c->args, "kinds", new_kinds(c->env->conf->sync_overlap_ms / 1000));
	json_put(c->args, "allowed", plans_list(c->env->conf, true));
	json_put_i64(c->args, "api_now_s", api_now_s);
	sql_json(c->env, &api_confirm, c->args, c->actor, on_document, c);
}

static void
tell_choices(struct choice *c)
{
	struct pg_args a;

	if (c->from_page) {
		sql_json(c->env, &api_link, c->args, c->actor, on_document, c);
		return;
	}
	pg_args_init(&a);
	pg_i64(&a, c->access.shop);
	pg_run(c->env->pg, &grants_choices, &a, 0, on_document, c);
}

static void
on_discovered(enum tt_class class, const struct err *e, int64_t date_s, void *arg)
{
	struct choice *c = arg;
	struct err why = { 0 };

	if (e) {
		access_explain(c->env, &c->access, class, e, &why);
		choice_end(c, NULL, 0, &why);
	} else if (c->final) {
		/* the connection time is TikTok's clock at the call that proved the token */
		confirm(c, date_s >= 0 ? date_s : env_api_now(c->env).s);
	} else {
		tell_choices(c);
	}
}

static void
on_access(const struct access *a, const struct err *e, void *arg)
{
	struct choice *c = arg;
	struct discover_ask ask = { .depth = DISCOVER_WAREHOUSES };

	if (!a) {
		choice_end(c, NULL, 0, e);
		return;
	}
	c->access = *a;
	ask.grant_id = a->grant_id;
	ask.token = a->token;
	if (c->final)
		ask.only_shop = json_str(c->args, "tiktok_shop_id");
	discover_start(c->env, &ask, on_discovered, c);
}

static struct choice *
choice_new(struct env *env, const struct json *args, bool final, const char *actor, op_done *done,
           void *arg)
{
	struct choice *c = calloc(1, sizeof(*c));

	if (!c)
		abort();
	*c = (struct choice){
		.env = env, .args = json_copy(args), .final = final, .done = done, .arg = arg
	};
	str_copy(c->actor, sizeof(c->actor), actor);
	return c;
}

void
op_choices(struct env *env, const struct json *args, const char *actor, op_done *done, void *arg)
{
	access_find(env, json_str(args, "shop"), on_access,
	            choice_new(env, args, false, actor, done, arg));
}

void
op_confirm(struct env *env, const struct json *args, const char *actor, op_done *done, void *arg)
{
	access_find(env, json_str(args, "shop"), on_access,
	            choice_new(env, args, true, actor, done, arg));
}

/* --- the same from a merchant's page --------------------------------------------------------- */

static void
on_link_shop(struct pg_result *r, const struct err *e, void *arg)
{
	struct choice *c = arg;

	if (!r) {
		choice_end(c, NULL, 0, e);
		return;
	}
	json_put_str(c->args, "shop", pg_str(r, 0, 0));
	access_find(c->env, pg_str(r, 0, 0), on_access, c);
}

static void
from_page(struct choice *c)
{
	struct pg_args a;

	c->from_page = true;
	pg_args_init(&a);
	pg_text(&a, json_str(c->args, "link_hash"));
	pg_run(c->env->pg, &grants_link_shop, &a, 0, on_link_shop, c);
}

void
op_link_choices(struct env *env, const struct json *args, const char *actor, op_done *done,
                void *arg)
{
	from_page(choice_new(env, args, false, actor, done, arg));
}

void
op_link_confirm(struct env *env, const struct json *args, const char *actor, op_done *done,
                void *arg)
{
	from_page(choice_new(env, args, true, actor, done, arg));
}
