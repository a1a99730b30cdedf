/*
 * callback: TikTok's redirect after the seller's consent.
 *
 * The state is used up first, then the code is exchanged, the pair is spooled and stored, the shops
 * are read, the grant is bound to the shop that began it. Where a daemon died in between, the same
 * redirect goes on from what is stored. A consent that was begun at TikTok's has
 * no state: it renews what the same seller has connected, or is held until somebody says whose it
 * is. Each outcome is a word of its own; where the merchant may go on, a fresh link to the shop's
 * page stands beside it.
 */
#include "common/crypto.h"
#include "common/json.h"
#include "common/str.h"
#include "daemon/base/conf.h"
#include "daemon/base/env.h"
#include "daemon/base/log.h"
#include "daemon/base/loop.h"
#include "daemon/grant/api.h"
#include "daemon/grant/discover.h"
#include "daemon/grant/issued.h"
#include "daemon/grant/op.h"
#include "daemon/grant/secret.h"
#include "daemon/grant/token.h"
#include "daemon/io/pg.h"
#include "daemon/store/grants.h"
#include "daemon/tiktok/auth.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CODE_MAX  512
#define ERROR_MAX 64
#define ACTOR_MAX 96
#define TOKEN_MS  20000
#define URL_MAX   4096

struct callback {
	struct env *env;
	char code[CODE_MAX + 1];
	char error[ERROR_MAX];
	unsigned char state_hash[CRYPTO_HASH_BYTES];
	char actor[ACTOR_MAX];
	int64_t shop; /* 0: begun at TikTok's */
	int64_t grant_id;
	bool tried_again;
	struct secret link;
	char missing[256]; /* permissions that the pair lacks */
	struct issued issued;
	struct json *answer; /* while its outcome is being kept */
	op_done *done;
	void *arg;
};

static void exchange(struct callback *c);

static void
callback_free(void *arg)
{
	struct callback *c = arg;

	json_free(c->answer);
	explicit_bzero(c, sizeof(*c));
	free(c);
}

static void
end_error(struct callback *c, const struct err *e)
{
	c->done(NULL, 0, e, c->arg);
	loop_defer(c->env->loop, callback_free, c);
}

static void
end_doc(struct callback *c, const struct json *doc)
{
	struct buf text;

	buf_init(&text, 1u << 16);
	json_write(doc, &text);
	c->done(buf_text(&text), text.len, NULL, c->arg);
	buf_wipe(&text); /* a link may have been in it */
	buf_done(&text);
	loop_defer(c->env->loop, callback_free, c);
}

static struct json *
new_answer(const struct callback *c, const char *outcome)
{
	struct json *doc = json_obj();
	char id[24];

	json_put_str(doc, "outcome", outcome);
	snprintf(id, sizeof(id), "%" PRId64, c->shop);
	if (c->shop)
		json_put_str(doc, "shop_id", id);
	return doc;
}

/* Said, and nothing else: nobody may go on from here. */
static void
end_refused(struct callback *c, const char *outcome)
{
	CLEANUP(json_freep) struct json *doc = new_answer(c, outcome);

	end_doc(c, doc);
}

static void
on_outcome_kept(struct pg_result *r, const struct err *e, void *arg)
{
	struct callback *c = arg;

	if (r)
		json_put_str(c->answer, "link", c->link.text);
	else
		log_event(LOG_ERROR, "callback.not_noted", "shop=%" PRId64 " why=%s", c->shop,
		          LOGQ(e->text));
	end_doc(c, c->answer);
}

/* The authorization that this shop began is over, one way or the other: keep how, and let go on. */
static void
end_outcome(struct callback *c, const char *outcome, const char *key, const char *value)
{
	CLEANUP(json_freep) struct json *detail = json_obj();
	struct buf text;
	struct pg_args a;

	c->answer = new_answer(c, strcmp(outcome, "again") ? outcome : "authorized");
	if (key) {
		json_put_str(detail, key, value);
		json_put_str(c->answer, key, value);
	}
	if (!c->shop) {
		end_doc(c, c->answer);
		return;
	}
	buf_init(&text, 4096);
	json_write(detail, &text);
	pg_args_init(&a);
	pg_bytea(&a, c->state_hash, sizeof(c->state_hash));
	pg_i64(&a, c->shop);
	pg_text(&a, outcome);
	pg_text(&a, c->actor);
	pg_text(&a, buf_text(&text));
	pg_bytea(&a, c->link.hash, sizeof(c->link.hash));
	pg_i64(&a, SECRET_LINK_S);
	pg_run(c->env->pg, &grants_callback_outcome, &a, 0, on_outcome_kept, c);
	buf_done(&text);
}

/* --- binding --------------------------------------------------------------------------------- */

static void
on_bound(struct pg_result *r, const struct err *e, void *arg)
{
	struct callback *c = arg;
	struct err why = { 0 };
	CLEANUP(json_freep)
	struct json *doc = r ? json_parse(pg_str(r, 0, 0), pg_strlen(r, 0, 0), &why) : NULL;

	if (!doc) {
		end_error(c, r ? &why : e);
		return;
	}
	if (c->shop)
		json_put_str(doc, "link", c->link.text);
	end_doc(c, doc);
}

static void
bind_grant(struct callback *c)
{
	struct pg_args a;

	pg_args_init(&a);
	if (!c->shop) {
		pg_i64(&a, c->grant_id);
		pg_text(&a, c->actor);
		pg_run(c->env->pg, &grants_seller_center_end, &a, 0, on_bound, c);
		return;
	}
	pg_bytea(&a, c->state_hash, sizeof(c->state_hash));
	pg_i64(&a, c->shop);
	pg_i64(&a, c->grant_id);
	pg_text(&a, c->actor);
	pg_bytea(&a, c->link.hash, sizeof(c->link.hash));
	pg_i64(&a, SECRET_LINK_S);
	pg_run(c->env->pg, &grants_callback_end, &a, 0, on_bound, c);
}

static void
on_discovered(enum tt_class class, const struct err *e, int64_t date_s, void *arg)
{
	struct callback *c = arg;

	(void)date_s;
	if (class == TT_SCOPE)
		end_outcome(c, "permission_missing", "missing", "seller.authorization.info");
	else if (e)
		end_error(c, e);
	else
		bind_grant(c);
}

static void
read_shops(struct callback *c, int64_t grant_id, const char *token)
{
	struct discover_ask ask = { .grant_id = grant_id,
		                    .token = token,
		                    .depth = DISCOVER_WAREHOUSES,
		                    .shops_suffice = true };

	c->grant_id = grant_id;
	discover_start(c->env, &ask, on_discovered, c);
}

static void
on_stored(int64_t grant_id, bool won, const struct err *e, void *arg)
{
	struct callback *c = arg;

	(void)won;
	if (e) {
		log_event(LOG_ERROR, "callback.not_stored", "shop=%" PRId64 " why=%s", c->shop,
		          LOGQ(e->text));
		end_error(c, e);
		return;
	}
	if (c->missing[0])
		end_outcome(c, "permission_missing", "missing", c->missing);
	else
		read_shops(c, grant_id, c->issued.tokens.access);
}

/* The code was exchanged by a daemon that died before it had bound the grant: go on from there. */
static void
on_token(struct pg_result *r, const struct err *e, void *arg)
{
	struct callback *c = arg;
	char *token = c->issued.tokens.access;
	struct err why = { 0 };
	const void *box;
	size_t len = 0;

	if (!r || pg_rows(r) != 1) {
		end_error(c, r ? &why : e);
		return;
	}
	box = pg_bytes(r, 0, 2, &len);
	if (!box || token_open(c->env->vault, TOKEN_ACCESS, pg_str(r, 0, 0), pg_str(r, 0, 1), box,
	                       len, token, &why))
		end_error(c, &why);
	else
		read_shops(c, c->grant_id, token);
}

static void
pick_up(struct callback *c)
{
	struct pg_args a;

	pg_args_init(&a);
	pg_i64(&a, c->grant_id);
	pg_run(c->env->pg, &grants_token, &a, 0, on_token, c);
}

/* --- exchanging the code --------------------------------------------------------------------- */

static void
keep_tokens(struct callback *c, const struct json *root)
{
	struct tt_tokens *t = &c->issued.tokens;
	struct err e = { 0 };

	if (auth_read_tokens(root, env_api_now(c->env), t, &e)) {
		end_error(c, &e);
		return;
	}
	if (t->user_type != 0) {
		end_outcome(c, "wrong_account", NULL, NULL);
		return;
	}
	/* kept all the same: for shops that are connected it replaced the pair before it */
	auth_missing_scopes(t, c->missing, sizeof(c->missing));
	token_uuid(c->issued.pair_id);
	c->issued.at_s = env_api_now(c->env).s;
	crypto_sha256(c->code, strlen(c->code), c->issued.code_hash);
	if (issued_spool(c->env, &c->issued, &e)) /* PostgreSQL may still keep it */
		log_event(LOG_ERROR, "spool.not_written", "why=%s", LOGQ(e.text));
	issued_put(c->env, &c->issued, on_stored, c);
}

/* TikTok could not be asked: the merchant may open the same redirect again. */
static void
give_back(struct callback *c)
{
	struct pg_args a;

	pg_args_init(&a);
	pg_bytea(&a, c->state_hash, sizeof(c->state_hash));
	pg_run(c->env->pg, &grants_callback_undo, &a, 0, NULL, NULL);
}

static void
on_tokens(const struct api_answer *a, void *arg)
{
	struct callback *c = arg;

	if (a->verdict.class == TT_TRANSPORT && !c->tried_again) {
		c->tried_again = true; /* the code may still be unused: the answer tells */
		exchange(c);
	} else if (a->verdict.class == TT_CODE_REFUSED) {
		end_outcome(c, "code_refused", NULL, NULL);
	} else if (a->err) {
		if (c->shop)
			give_back(c);
		end_error(c, a->err);
	} else {
		keep_tokens(c, a->root);
	}
}

static void
exchange(struct callback *c)
{
	const struct conf *conf = c->env->conf;
	struct buf url;

	buf_init(&url, URL_MAX);
	auth_get_url(&url, conf->tiktok_auth_url, conf->tiktok_app_key,
	             conf->tiktok_app_secret.text, c->code);
	api_token_start(c->env, &url, TOKEN_MS, on_tokens, c);
	buf_done(&url);
}

/* --- begun at TikTok's ------------------------------------------------------------------------ */

static void
on_passed(struct pg_result *r, const struct err *e, void *arg)
{
	struct callback *c = arg;

	if (!r)
		end_error(c, e);
	else if (!pg_truth(r, 0, 0))
		end_refused(c, "busy");
	else
		exchange(c);
}

/* --- the state ------------------------------------------------------------------------------- */

static void
on_begun(struct pg_result *r, const struct err *e, void *arg)
{
	struct callback *c = arg;
	struct err none = { 0 };
	const char *word;

	if (!r || pg_rows(r) != 1) {
		if (r)
			err_set(&none, ERR_PARSE, 0, "the state has no shop");
		end_error(c, r ? &none : e);
		return;
	}
	c->shop = pg_num(r, 0, 0);
	c->grant_id = pg_num(r, 0, 2);
	word = pg_str(r, 0, 1);
	if (!strcmp(word, "connect") || !strcmp(word, "reauthorize"))
		(c->grant_id ? pick_up : exchange)(c);
	else if (!strcmp(word, "denied"))
		end_outcome(c, word, "error", c->error);
	else if (!strcmp(word, "again"))
		end_outcome(c, word, NULL, NULL);
	else
		end_refused(c, word);
}

static void
use_state(struct callback *c, const char *state, const char *session_hex)
{
	unsigned char session[CRYPTO_HASH_BYTES], code[CRYPTO_HASH_BYTES];
	struct pg_args a;

	crypto_sha256(state, strlen(state), c->state_hash);
	crypto_sha256(c->code, strlen(c->code), code);
	pg_args_init(&a);
	pg_bytea(&a, c->state_hash, sizeof(c->state_hash));
	pg_text(&a, c->error[0] ? c->error : NULL);
	pg_text(&a, c->actor);
	if (session_hex && !crypto_unhex(session_hex, session, sizeof(session)))
		pg_bytea(&a, session, sizeof(session));
	else
		pg_null(&a);
	pg_bytea(&a, code, sizeof(code));
	pg_run(c->env->pg, &grants_callback_begin, &a, 0, on_begun, c);
}

void
op_callback(struct env *env, const struct json *args, const char *actor, op_done *done, void *arg)
{
	const char *code = json_str(args, "code"), *state = json_str(args, "state");
	const char *error = json_str(args, "error");
	enum auth_outcome outcome = auth_read_callback(code, state, error);
	struct callback *c = calloc(1, sizeof(*c));

	if (!c)
		abort();
	*c = (struct callback){ .env = env, .done = done, .arg = arg };
	str_copy(c->actor, sizeof(c->actor), actor);
	secret_make(&c->link);
	if (code && !str_copy(c->code, sizeof(c->code), code))
		outcome = AUTH_DENIED;
	if (outcome == AUTH_DENIED && !(error && *error && str_copy(c->error, ERROR_MAX, error)))
		str_copy(c->error, ERROR_MAX, "denied");
	if (outcome != AUTH_NO_STATE)
		use_state(c, state, json_str(args, "session_hash"));
	else if (auth_read_callback(code, "none", error) == AUTH_CODE)
		pg_run(env->pg, &grants_seller_center_pass, NULL, 0, on_passed, c);
	else
		end_refused(c, "no_state");
}
