/*
 * connect: begin an authorization: a state for TikTok, a link for the merchant, both kept as
 * hashes.
 */
#include "common/crypto.h"
#include "common/json.h"
#include "daemon/base/conf.h"
#include "daemon/base/env.h"
#include "daemon/grant/op.h"
#include "daemon/grant/plans.h"
#include "daemon/grant/secret.h"
#include "daemon/grant/sql.h"
#include "daemon/io/pg.h"
#include "daemon/tiktok/auth.h"

#include <stdlib.h>
#include <string.h>

#define STATE_S 600
#define URL_MAX 2048

/* What an answer carries. */
enum links { LINK_PAGE = 1, LINK_TIKTOK = 2 };

struct connect {
	struct env *env;
	int links;
	struct secret state;
	struct secret link;
	op_done *done;
	void *arg;
};

static const struct pg_stmt api_connect = { "api_connect",
	                                    "SELECT ttsync.api_connect($1::jsonb, $2)" };
static const struct pg_stmt api_reauthorize = { "api_reauthorize",
	                                        "SELECT ttsync.api_reauthorize($1::jsonb, $2)" };
static const struct pg_stmt api_authorize = { "api_authorize",
	                                      "SELECT ttsync.api_authorize($1::jsonb, $2)" };
static const struct pg_stmt api_attach = { "api_attach",
	                                   "SELECT ttsync.api_attach($1::jsonb, $2)" };

static void
add_links(const struct connect *c, struct json *doc)
{
	const struct conf *conf = c->env->conf;
	struct buf url;

	buf_init(&url, URL_MAX);
	if (c->links & LINK_TIKTOK) {
		auth_page_url(&url, conf->tiktok_authorize_url, conf->tiktok_service_id,
		              c->state.text);
		json_put_str(doc, "authorize_url", buf_text(&url));
		buf_reset(&url);
	}
	if (c->links & LINK_PAGE) {
		buf_printf(&url, "%s%s/connect/%s", *conf->http_public_url ? "" : "http://",
		           *conf->http_public_url ? conf->http_public_url : conf->http_listen,
		           c->link.text);
		json_put_str(doc, "connect_url", buf_text(&url));
	}
	buf_done(&url);
}

static void
on_begun(struct pg_result *r, const struct err *e, void *arg)
{
	struct connect *c = arg;
	struct err why = { 0 };
	CLEANUP(json_freep)
	struct json *doc = r ? json_parse(pg_str(r, 0, 0), pg_strlen(r, 0, 0), &why) : NULL;
	struct buf text;

	buf_init(&text, 1u << 16);
	if (doc) {
		add_links(c, doc);
		json_write(doc, &text);
	}
	c->done(doc ? buf_text(&text) : NULL, text.len, doc ? NULL : r ? &why : e, c->arg);
	buf_done(&text);
	explicit_bzero(c, sizeof(*c));
	free(c);
}

static void
begin(struct env *env, const struct pg_stmt *stmt, int links, const struct json *args,
      const char *actor, op_done *done, void *arg)
{
	struct connect *c = calloc(1, sizeof(*c));
	CLEANUP(json_freep) struct json *doc = json_copy(args);

	if (!c)
		abort();
	*c = (struct connect){ .env = env, .links = links, .done = done, .arg = arg };
	secret_make(&c->state);
	secret_make(&c->link);
	json_put(doc, "allowed", plans_list(env->conf, true));
	json_put_str(doc, "state_hash", c->state.hash_hex);
	if (links & LINK_PAGE) {
		json_put_str(doc, "link_hash", c->link.hash_hex);
		json_put_i64(doc, "link_s", SECRET_LINK_S);
	}
	json_put_i64(doc, "state_s", STATE_S);
	sql_json(env, stmt, doc, actor, on_begun, c);
}

void
op_connect(struct env *env, const struct json *args, const char *actor, op_done *done, void *arg)
{
	begin(env, &api_connect, LINK_PAGE | LINK_TIKTOK, args, actor, done, arg);
}

void
op_reauthorize(struct env *env, const struct json *args, const char *actor, op_done *done,
               void *arg)
{
	begin(env, &api_reauthorize, LINK_PAGE | LINK_TIKTOK, args, actor, done, arg);
}

void
op_authorize(struct env *env, const struct json *args, const char *actor, op_done *done, void *arg)
{
	begin(env, &api_authorize, LINK_TIKTOK, args, actor, done, arg);
}

void
op_attach(struct env *env, const struct json *args, const char *actor, op_done *done, void *arg)
{
	begin(env, &api_attach, LINK_PAGE, args, actor, done, arg);
}
