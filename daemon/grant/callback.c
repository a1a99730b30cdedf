/*
 * callback: TikTok's redirect after the seller's consent.
 *
 * The state is used up first, then the code is exchanged, the pair is spooled and stored, the shops
 * are read, the grant is bound to the shop that began it. Each outcome is a word of its own.
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
#include "daemon/io/pg.h"
#include "daemon/store/grants.h"
#include "daemon/tiktok/auth.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CODE_MAX  512
#define ACTOR_MAX 64
#define TOKEN_MS  20000
#define URL_MAX   4096

struct callback {
	struct env *env;
	char code[CODE_MAX + 1];
	unsigned char state_hash[CRYPTO_HASH_BYTES];
	char actor[ACTOR_MAX];
	char purpose[16];
	int64_t shop;
	int64_t grant_id;
	bool tried_again;
	struct issued issued;
	op_done *done;
	void *arg;
};

static void exchange(struct callback *c);

static void
callback_free(void *arg)
{
	struct callback *c = arg;

	explicit_bzero(c, sizeof(*c));
	free(c);
}

static void
end_text(struct callback *c, const char *json, size_t len, const struct err *e)
{
	c->done(json, len, e, c->arg);
	loop_defer(c->env->loop, callback_free, c);
}

static void
end_doc(struct callback *c, const struct json *doc)
{
	struct buf text;

	buf_init(&text, 1u << 16);
	json_write(doc, &text);
	end_text(c, buf_text(&text), text.len, NULL);
	buf_done(&text);
}

/* An outcome that is not an error of ours; it stands in the shop's history too. */
static void
end_outcome(struct callback *c, const char *outcome, const char *missing)
{
	CLEANUP(json_freep) struct json *doc = json_obj();
	char event[80] = "authorization.", id[24];
	struct pg_args a;

	json_put_str(doc, "outcome", outcome);
	snprintf(id, sizeof(id), "%" PRId64, c->shop);
	if (c->shop)
		json_put_str(doc, "shop_id", id);
	if (missing)
		json_put_str(doc, "missing", missing);
	if (c->shop) {
		struct buf detail;

		buf_init(&detail, 4096);
		json_write(doc, &detail);
		strncat(event, outcome, sizeof(event) - strlen(event) - 1);
		pg_args_init(&a);
		pg_i64(&a, c->shop);
		pg_text(&a, c->actor);
		pg_text(&a, event);
		pg_text(&a, buf_text(&detail));
		pg_run(c->env->pg, &grants_note, &a, 0, NULL, NULL);
		buf_done(&detail);
	}
	end_doc(c, doc);
}

/* --- binding --------------------------------------------------------------------------------- */

static void
on_bound(struct pg_result *r, const struct err *e, void *arg)
{
	struct callback *c = arg;

	end_text(c, r ? pg_str(r, 0, 0) : NULL, r ? pg_strlen(r, 0, 0) : 0, e);
}

static void
on_discovered(enum tt_class class, const struct err *e, int64_t date_s, void *arg)
{
	struct callback *c = arg;
	struct pg_args a;

	(void)date_s;
	if (class == TT_SCOPE) {
		end_outcome(c, "permission_missing", "seller.authorization.info");
		return;
	}
	if (e) {
		end_text(c, NULL, 0, e);
		return;
	}
	pg_args_init(&a);
	pg_i64(&a, c->shop);
	pg_i64(&a, c->grant_id);
	pg_text(&a, c->purpose);
	pg_text(&a, c->actor);
	pg_run(c->env->pg, &grants_callback_end, &a, 0, on_bound, c);
}

static void
on_stored(int64_t grant_id, bool won, const struct err *e, void *arg)
{
	struct callback *c = arg;
	struct discover_ask ask = { .grant_id = grant_id, .token = c->issued.tokens.access };

	(void)won;
	if (e) {
		log_event(LOG_ERROR, "callback.not_stored", "shop=%" PRId64 " why=%s", c->shop,
		          LOGQ(e->text));
		end_text(c, NULL, 0, e);
		return;
	}
	c->grant_id = grant_id;
	discover_start(c->env, &ask, on_discovered, c);
}

/* --- exchanging the code --------------------------------------------------------------------- */

static void
keep_tokens(struct callback *c, const struct json *root)
{
	struct tt_tokens *t = &c->issued.tokens;
	struct err e = { 0 };
	char missing[256];

	if (auth_read_tokens(root, env_api_now(c->env), t, &e)) {
		end_text(c, NULL, 0, &e);
		return;
	}
	if (t->user_type != 0) {
		end_outcome(c, "wrong_account", NULL);
		return;
	}
	auth_missing_scopes(t, missing, sizeof(missing));
	if (missing[0]) {
		end_outcome(c, "permission_missing", missing);
		return;
	}
	token_uuid(c->issued.pair_id);
	c->issued.at_s = env_api_now(c->env).s;
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
		end_outcome(c, "code_refused", NULL);
	} else if (a->err) {
		give_back(c);
		end_text(c, NULL, 0, a->err);
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

/* --- the state ------------------------------------------------------------------------------- */

static void
on_begun(struct pg_result *r, const struct err *e, void *arg)
{
	struct callback *c = arg;
	CLEANUP(json_freep) struct json *doc = json_obj();
	struct err none = { 0 };
	const char *purpose;

	if (!r || pg_rows(r) != 1) {
		if (r)
			err_set(&none, ERR_PARSE, 0, "the state has no shop");
		end_text(c, NULL, 0, r ? &none : e);
		return;
	}
	c->shop = pg_num(r, 0, 0);
	purpose = pg_str(r, 0, 1);
	if (strcmp(purpose, "connect") != 0 && strcmp(purpose, "reauthorize") != 0) {
		/* reused, expired, denied: noted in the history by the same statement */
		json_put_str(doc, "outcome", purpose);
		json_put_str(doc, "shop_id", pg_str(r, 0, 0));
		end_doc(c, doc);
		return;
	}
	str_copy(c->purpose, sizeof(c->purpose), purpose);
	exchange(c);
}

void
op_callback(struct env *env, const struct json *args, const char *actor, op_done *done, void *arg)
{
	const char *code = json_str(args, "code"), *state = json_str(args, "state");
	const char *error = json_str(args, "error");
	enum auth_outcome outcome = auth_read_callback(code, state, error);
	struct callback *c = calloc(1, sizeof(*c));
	struct pg_args a;

	if (!c)
		abort();
	*c = (struct callback){ .env = env, .done = done, .arg = arg };
	str_copy(c->actor, sizeof(c->actor), actor);
	if (outcome == AUTH_NO_STATE) {
		end_outcome(c, "no_state", NULL);
		return;
	}
	if (outcome == AUTH_CODE && !str_copy(c->code, sizeof(c->code), code))
		outcome = AUTH_DENIED;
	crypto_sha256(state, strlen(state), c->state_hash);
	pg_args_init(&a);
	pg_bytea(&a, c->state_hash, sizeof(c->state_hash));
	pg_text(&a, outcome == AUTH_DENIED
	                ? (error && *error && strlen(error) < 64 ? error : "denied")
	                : NULL);
	pg_text(&a, actor);
	pg_run(env->pg, &grants_callback_begin, &a, 0, on_begun, c);
}
