#include "daemon/grant/issued.h"

#include "common/json.h"
#include "common/str.h"
#include "daemon/base/conf.h"
#include "daemon/base/env.h"
#include "daemon/base/failpoint.h"
#include "daemon/base/log.h"
#include "daemon/base/loop.h"
#include "daemon/grant/spool.h"
#include "daemon/grant/vault.h"
#include "daemon/grant/wake.h"
#include "daemon/io/pg.h"
#include "daemon/store/grants.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define REPLAY_MAX 256 /* files of one replay; what remains comes with the next start */
#define BOX_MAX    4096

/* --- the spool file -------------------------------------------------------------------------- */

static struct vault_place
spool_place(const char *pair_id)
{
	return (
	    struct vault_place){ .table = "spool", .column = "pair", .id = pair_id, .gen = "1" };
}

static struct spool_name
spool_name_of(const struct issued *i)
{
	struct spool_name n = { .grant = i->grant_id };

	str_copy(n.attempt, sizeof(n.attempt), i->pair_id);
	return n;
}

static void
write_text(const struct issued *i, struct buf *out)
{
	CLEANUP(json_freep) struct json *doc = json_obj();
	struct json *scopes = json_arr();
	char code[2 * CRYPTO_HASH_BYTES + 1];

	for (int k = 0; k < i->tokens.nscopes; k++)
		json_add_str(scopes, i->tokens.scopes[k]);
	json_put_i64(doc, "grant_id", i->grant_id);
	json_put_i64(doc, "gen", i->gen);
	json_put_i64(doc, "at", i->at_s);
	crypto_hex(i->code_hash, sizeof(i->code_hash), code);
	json_put_str(doc, "code_hash", code);
	json_put_str(doc, "access", i->tokens.access);
	json_put_str(doc, "refresh", i->tokens.refresh);
	json_put_i64(doc, "access_expires", i->tokens.access_expires.s);
	json_put_i64(doc, "refresh_expires", i->tokens.refresh_expires.s);
	json_put_str(doc, "open_id", i->tokens.open_id);
	json_put_str(doc, "seller_name", i->tokens.seller_name);
	json_put_str(doc, "region", i->tokens.region);
	json_put_bool(doc, "scopes_known", i->tokens.scopes_known);
	json_put(doc, "scopes", scopes);
	json_write(doc, out);
}

static bool
copy_key(const struct json *doc, const char *key, char *dst, size_t room)
{
	const char *s = json_str(doc, key);

	return s && str_copy(dst, room, s);
}

static int
read_text(const struct json *doc, struct issued *i, struct err *e)
{
	const struct json *scopes = json_get(doc, "scopes");
	struct tt_tokens *t = &i->tokens;

	if (json_i64(doc, "grant_id", &i->grant_id) || json_i64(doc, "gen", &i->gen) ||
	    json_i64(doc, "at", &i->at_s) ||
	    json_i64(doc, "access_expires", &t->access_expires.s) ||
	    json_i64(doc, "refresh_expires", &t->refresh_expires.s) ||
	    !copy_key(doc, "access", t->access, sizeof(t->access)) ||
	    !copy_key(doc, "refresh", t->refresh, sizeof(t->refresh)) ||
	    !copy_key(doc, "open_id", t->open_id, sizeof(t->open_id)))
		return err_set(e, ERR_PARSE, 0, "a spooled pair is not complete");
	copy_key(doc, "seller_name", t->seller_name, sizeof(t->seller_name));
	copy_key(doc, "region", t->region, sizeof(t->region));
	if (json_str(doc, "code_hash"))
		crypto_unhex(json_str(doc, "code_hash"), i->code_hash, sizeof(i->code_hash));
	t->scopes_known = json_flag(doc, "scopes_known");
	for (size_t k = 0; k < json_len(scopes) && t->nscopes < TT_SCOPES_MAX; k++) {
		const char *s = json_text(json_at(scopes, k));

		if (s && str_copy(t->scopes[t->nscopes], TT_SCOPE_LEN, s))
			t->nscopes++;
	}
	return 0;
}

int
issued_spool(const struct env *env, const struct issued *i, struct err *e)
{
	struct vault_place at = spool_place(i->pair_id);
	struct spool_name name = spool_name_of(i);
	struct buf text, box;
	int rc;

	buf_init(&text, VAULT_PLAIN_MAX);
	buf_init(&box, VAULT_PLAIN_MAX + BOX_MAX);
	write_text(i, &text);
	rc = vault_seal(env->vault, &at, buf_text(&text), text.len, &box, e);
	if (!rc)
		rc = spool_put(env->spool, &name, buf_text(&box), box.len, e);
	failpoint("issued.spooled");
	buf_wipe(&text);
	buf_done(&text);
	buf_done(&box);
	return rc;
}

static int
spool_read(const struct env *env, const struct spool_name *name, struct issued *i, struct err *e)
{
	struct vault_place at = spool_place(name->attempt);
	struct buf box, text;
	struct json *doc = NULL;
	int rc;

	memset(i, 0, sizeof(*i));
	str_copy(i->pair_id, sizeof(i->pair_id), name->attempt);
	buf_init(&box, SPOOL_BOX_MAX);
	buf_init(&text, VAULT_PLAIN_MAX);
	rc = spool_get(env->spool, name, &box, e);
	if (!rc)
		rc = vault_open(env->vault, &at, buf_text(&box), box.len, &text, e);
	if (!rc)
		doc = json_parse(buf_text(&text), text.len, e);
	rc = doc ? read_text(doc, i, e) : -1;
	json_free(doc);
	buf_wipe(&text);
	buf_done(&text);
	buf_done(&box);
	return rc;
}

/* --- into PostgreSQL ------------------------------------------------------------------------- */

struct put {
	struct env *env;
	struct spool_name name;
	bool refresh;
	issued_fn *fn;
	void *arg;
};

/* Is the pair the current one now? Work that waited for it goes to the queue. */
static bool
read_won(struct env *env, struct pg_result *r)
{
	CLEANUP(json_freep)
	struct json *doc = json_parse(pg_str(r, 0, 0), pg_strlen(r, 0, 0), NULL);

	wake_post(env, json_get(doc, "_enqueue"));
	return json_flag(doc, "won");
}

static void
on_put(struct pg_result *r, const struct err *e, void *arg)
{
	struct put *p = arg;
	struct err rm = { 0 };
	int64_t id = p->name.grant;
	bool won = true;

	failpoint("issued.committed");
	if (r && p->refresh)
		won = read_won(p->env, r);
	else if (r)
		id = pg_num(r, 0, 0);
	if (r && spool_remove(p->env->spool, &p->name, &rm))
		log_event(LOG_WARN, "spool.not_removed", "attempt=%s why=%s", p->name.attempt,
		          LOGQ(rm.text));
	failpoint("issued.removed");
	p->fn(id, won, e, p->arg);
	free(p);
}

static void
scopes_arg(struct pg_args *a, const struct tt_tokens *t)
{
	struct pg_col c;

	if (!t->scopes_known) {
		pg_null(a);
		return;
	}
	pg_col_init(&c, PG_TEXT);
	for (int k = 0; k < t->nscopes; k++)
		pg_col_text(&c, t->scopes[k]);
	pg_array(a, &c);
	pg_col_done(&c);
}

/* The parameters both statements share: pair, boxes, expiry, and what is left of the access token.
 */
static int
put_args(const struct env *env, const struct issued *i, struct pg_args *a, struct err *e)
{
	const struct tt_tokens *t = &i->tokens;
	struct buf access, refresh;
	int rc;

	buf_init(&access, BOX_MAX);
	buf_init(&refresh, BOX_MAX);
	rc = token_seal(env->vault, TOKEN_ACCESS, t->open_id, i->pair_id, t->access, &access, e);
	if (!rc)
		rc = token_seal(env->vault, TOKEN_REFRESH, t->open_id, i->pair_id, t->refresh,
		                &refresh, e);
	if (!rc) {
		pg_text(a, i->pair_id);
		pg_bytea(a, buf_text(&access), access.len);
		pg_bytea(a, buf_text(&refresh), refresh.len);
		pg_i64(a, t->access_expires.s);
		pg_i64(a, t->refresh_expires.s);
		pg_i64(a, t->access_expires.s - env_api_now(env).s);
	}
	buf_done(&access);
	buf_done(&refresh);
	return rc;
}

void
issued_put(struct env *env, const struct issued *i, issued_fn *fn, void *arg)
{
	struct put *p = calloc(1, sizeof(*p));
	struct pg_args a;
	struct err e = { 0 };
	int rc;

	if (!p)
		abort();
	*p = (struct put){ .env = env,
		           .name = spool_name_of(i),
		           .refresh = i->grant_id != 0,
		           .fn = fn,
		           .arg = arg };
	pg_args_init(&a);
	if (p->refresh) {
		pg_i64(&a, i->grant_id);
		pg_i64(&a, i->gen);
		rc = put_args(env, i, &a, &e);
		scopes_arg(&a, &i->tokens);
		pg_text(&a, "refresh");
	} else {
		pg_text(&a, env->conf->tiktok_app_key);
		pg_text(&a, i->tokens.open_id);
		pg_text(&a, i->tokens.seller_name);
		pg_text(&a, i->tokens.region);
		scopes_arg(&a, &i->tokens);
		rc = put_args(env, i, &a, &e);
		pg_bytea(&a, i->code_hash, sizeof(i->code_hash));
	}
	if (rc)
		a.failed = true; /* told by the callback, like any other failure */
	pg_run(env->pg, p->refresh ? &grants_refresh_put : &grants_put, &a, 0, on_put, p);
	failpoint("issued.sent");
}

/* --- replay ---------------------------------------------------------------------------------- */

struct replay {
	struct env *env;
	struct spool_name names[REPLAY_MAX];
	size_t n;
	size_t next;
	int put;
	int failed;
	void (*done)(int put, int failed, void *arg);
	void *arg;
};

static void replay_next(struct replay *r);

static void
on_replayed(int64_t grant_id, bool won, const struct err *e, void *arg)
{
	struct replay *r = arg;

	if (e) {
		r->failed++;
		log_event(LOG_ERROR, "spool.replay_failed", "attempt=%s why=%s",
		          r->names[r->next - 1].attempt, LOGQ(e->text));
	} else {
		r->put++;
		log_event(LOG_WARN, "spool.replayed", "grant=%" PRId64 " current=%s", grant_id,
		          won ? "yes" : "no");
	}
	replay_next(r);
}

static void
replay_end(void *arg)
{
	struct replay *r = arg;

	r->done(r->put, r->failed, r->arg);
	free(r);
}

static void
replay_next(struct replay *r)
{
	while (r->next < r->n) {
		struct spool_name *name = &r->names[r->next++];
		struct issued i;
		struct err e = { 0 };

		if (spool_read(r->env, name, &i, &e)) {
			r->failed++;
			log_event(LOG_ERROR, "spool.unreadable", "attempt=%s why=%s", name->attempt,
			          LOGQ(e.text));
			continue;
		}
		issued_put(r->env, &i, on_replayed, r);
		tt_tokens_wipe(&i.tokens);
		return;
	}
	loop_defer(r->env->loop, replay_end, r);
}

void
issued_replay(struct env *env, void (*done)(int put, int failed, void *arg), void *arg)
{
	struct replay *r = calloc(1, sizeof(*r));
	struct err e = { 0 };

	if (!r)
		abort();
	r->env = env;
	r->done = done;
	r->arg = arg;
	if (spool_list(env->spool, r->names, REPLAY_MAX, &r->n, &e)) {
		r->failed = 1;
		log_event(LOG_ERROR, "spool.unreadable", "why=%s", LOGQ(e.text));
	}
	replay_next(r);
}
