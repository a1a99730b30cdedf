#include "daemon/grant/refresh.h"

#include "common/crypto.h"
#include "common/str.h"
#include "daemon/base/conf.h"
#include "daemon/base/counter.h"
#include "daemon/base/env.h"
#include "daemon/base/failpoint.h"
#include "daemon/base/log.h"
#include "daemon/base/loop.h"
#include "daemon/grant/api.h"
#include "daemon/grant/issued.h"
#include "daemon/grant/spool.h"
#include "daemon/grant/token.h"
#include "daemon/io/pg.h"
#include "daemon/store/grants.h"
#include "daemon/tiktok/shops.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define LOOK_MS         1000 /* between two looks when nothing is due */
#define MORE_MS         250  /* after a grant was done: there may be more */
#define TOKEN_MS        20000
#define VAULT_RETRY_S   600
#define REFUSED_FIRST_S 60
#define REFUSED_S       900   /* below 100 tries a day (T5) */
#define REPLAY_MS       30000 /* between two tries to put what the spool holds */
#define URL_MAX         4096

/* The grant being refreshed. */
struct attempt {
	char id[TOKEN_UUID_MAX];
	int64_t grant_id;
	int64_t gen;
	int refusals;
	char open_id[128];
	char access[TT_TOKEN_MAX + 1];
	char refresh[TT_TOKEN_MAX + 1];
	char prev_refresh[TT_TOKEN_MAX + 1]; /* "" where there was none */
	bool tried_prev;
	bool expired; /* TikTok said so of the current pair */
};

struct refresher {
	struct env *env;
	struct timer timer;
	struct attempt at;
	struct issued issued;
	struct api *api;
	uint64_t pg_id;
	struct mono replay_at;      /* not before */
	void (*stopped)(void *arg); /* NULL: it goes on */
	void *stopped_arg;
};

static void ask_token_host(struct refresher *r, const char *refresh_token);

static void
rest(struct refresher *r, int64_t ms)
{
	explicit_bzero(&r->at, sizeof(r->at));
	explicit_bzero(&r->issued, sizeof(r->issued));
	if (r->stopped)
		r->stopped(r->stopped_arg);
	else
		timer_arm(&r->timer, ms);
}

/* --- how an attempt ends --------------------------------------------------------------------- */

static void
on_fail_noted(struct pg_result *res, const struct err *e, void *arg)
{
	struct refresher *r = arg;
	const char *now = res ? pg_str(res, 0, 0) : NULL;

	r->pg_id = 0;
	if (!res)
		log_event(LOG_ERROR, "refresh.not_noted", "grant=%" PRId64 " why=%s",
		          r->at.grant_id, LOGQ(e->text));
	else if (!strcmp(now, "reauthorize")) {
		count(r->env->counters, COUNT_TOKEN_REAUTH, 1);
		log_event(LOG_ERROR, "grant.ended", "grant=%" PRId64 " next=%s", r->at.grant_id,
		          LOGQ("the seller must authorize again: ttctl reauthorize SHOP"));
	}
	rest(r, MORE_MS);
}

static void
fail(struct refresher *r, const char *verdict, const char *why, int64_t retry_s)
{
	struct pg_args a;

	log_event(LOG_WARN, "refresh.failed",
	          "grant=%" PRId64 " verdict=%s not_before_s=%" PRId64 " why=%s", r->at.grant_id,
	          verdict, retry_s, LOGQ(why));
	pg_args_init(&a);
	pg_i64(&a, r->at.grant_id);
	pg_text(&a, r->at.id);
	pg_text(&a, verdict);
	pg_text(&a, why);
	pg_i64(&a, retry_s);
	r->pg_id = pg_run(r->env->pg, &grants_refresh_fail, &a, 0, on_fail_noted, r);
}

static void
fail_transient(struct refresher *r, const struct err *e, int64_t retry_after_s)
{
	count(r->env->counters, COUNT_TOKEN_TRANSIENT, 1);
	fail(r, "transient", e->text, retry_after_s > 0 ? retry_after_s : 0);
}

/* --- refused: is the access token dead as well? ---------------------------------------------- */

static void
on_probe(const struct api_answer *a, void *arg)
{
	struct refresher *r = arg;
	struct err why = { 0 };

	r->api = NULL;
	switch (a->verdict.class) {
	case TT_REFRESH:
	case TT_GRANT_DEAD:
	case TT_TOKEN_MISMATCH: /* of a call without a cipher: the token has no shop (2.7) */
		err_set(&why, ERR_AUTH, 0,
		        "TikTok takes neither the refresh token nor the access token [request %s]",
		        a->verdict.request_id);
		fail(r, r->at.expired ? "expired" : "dead", why.text, 0);
		return;
	case TT_UNKNOWN:
	case TT_OK:
	case TT_RETRY:
	case TT_THROTTLED:
	case TT_TRANSPORT:
	case TT_CLOCK:
	case TT_SCOPE:
	case TT_SHOP_INACTIVE:
	case TT_CODE_REFUSED:
	case TT_STATE_MISMATCH:
	case TT_CONFIG:
	case TT_BUG:
	case TT_PARAM:
	case TT_NOT_OURS:
	case TT_TOO_DEEP:
		/* unclear is not dead: it lives as long as the access token does */
		fail(r, "refused",
		     "TikTok refuses the refresh token; the access token still stands", REFUSED_S);
		return;
	}
}

static void
probe_access(struct refresher *r)
{
	struct api_ask ask = { .token = r->at.access, .interactive = true };

	shops_request(&ask.call);
	r->api = api_start(r->env, &ask, on_probe, r);
}

static void
refused(struct refresher *r, int64_t code, const struct err *e)
{
	count(r->env->counters, COUNT_TOKEN_REFUSED, 1);
	r->at.expired = r->at.expired || code == TT_REFRESH_EXPIRED;
	if (r->at.refusals == 0) {
		fail(r, "refused", e->text, REFUSED_FIRST_S);
	} else if (r->at.prev_refresh[0] && !r->at.tried_prev) {
		r->at.tried_prev =
		    true; /* a lost answer may have left the old pair standing (2.5) */
		ask_token_host(r, r->at.prev_refresh);
	} else {
		probe_access(r);
	}
}

/* --- an answer ------------------------------------------------------------------------------- */

static void
on_stored(int64_t grant_id, bool won, const struct err *e, void *arg)
{
	struct refresher *r = arg;

	if (e) {
		/* the pair is in the spool: put before anything else is claimed */
		log_event(LOG_ERROR, "refresh.not_stored", "grant=%" PRId64 " why=%s", grant_id,
		          LOGQ(e->text));
	} else {
		count(r->env->counters, COUNT_TOKEN_OK, 1);
		log_event(LOG_INFO, "refresh.done", "grant=%" PRId64 " current=%s", grant_id,
		          won ? "yes" : "no");
	}
	rest(r, MORE_MS);
}

static void
keep(struct refresher *r, const struct json *root)
{
	struct err e = { 0 };

	if (auth_read_tokens(root, env_api_now(r->env), &r->issued.tokens, &e)) {
		fail_transient(r, &e, -1);
		return;
	}
	if (strcmp(r->issued.tokens.open_id, r->at.open_id) != 0) {
		err_set(&e, ERR_PARSE, 0, "the token host answered for another seller");
		fail_transient(r, &e, -1);
		return;
	}
	r->issued.grant_id = r->at.grant_id;
	r->issued.gen = r->at.gen;
	r->issued.at_s = env_api_now(r->env).s;
	str_copy(r->issued.pair_id, sizeof(r->issued.pair_id), r->at.id);
	failpoint("refresh.answered");
	if (issued_spool(r->env, &r->issued, &e))
		log_event(LOG_ERROR, "spool.not_written", "grant=%" PRId64 " why=%s",
		          r->at.grant_id, LOGQ(e.text));
	issued_put(r->env, &r->issued, on_stored, r);
}

static void
on_answer(const struct api_answer *a, void *arg)
{
	struct refresher *r = arg;

	r->api = NULL;
	if (!a->err)
		keep(r, a->root);
	else if (a->verdict.class == TT_GRANT_DEAD || a->verdict.class == TT_CODE_REFUSED)
		refused(r, a->verdict.code, a->err);
	else
		fail_transient(r, a->err, a->verdict.retry_after_s);
}

static void
ask_token_host(struct refresher *r, const char *refresh_token)
{
	const struct conf *c = r->env->conf;
	struct buf url;

	buf_init(&url, URL_MAX);
	auth_refresh_url(&url, c->tiktok_auth_url, c->tiktok_app_key, c->tiktok_app_secret.text,
	                 refresh_token);
	r->api = api_token_start(r->env, &url, TOKEN_MS, on_answer, r);
	buf_done(&url);
}

/* --- a claim --------------------------------------------------------------------------------- */

static int
open_box(struct refresher *r, struct pg_result *res, int col, enum token_column kind,
         const char *pair, char dst[TT_TOKEN_MAX + 1], struct err *e)
{
	size_t len = 0;
	const void *box = pg_bytes(res, 0, col, &len);

	if (!box || !pair)
		return err_set(e, ERR_PARSE, 0, "the grant has no token");
	return token_open(r->env->vault, kind, r->at.open_id, pair, box, len, dst, e);
}

static void
on_claim(struct pg_result *res, const struct err *e, void *arg)
{
	struct refresher *r = arg;
	struct err why = { 0 };

	(void)e; /* the database is away: pg tells it once, we look again */
	r->pg_id = 0;
	if (!res || pg_rows(res) == 0) {
		rest(r, LOOK_MS);
		return;
	}
	r->at.grant_id = pg_num(res, 0, 0);
	r->at.gen = pg_num(res, 0, 2);
	r->at.refusals = (int)pg_num(res, 0, 3);
	if (!str_copy(r->at.open_id, sizeof(r->at.open_id), pg_str(res, 0, 1)) ||
	    open_box(r, res, 5, TOKEN_REFRESH, pg_str(res, 0, 4), r->at.refresh, &why) ||
	    open_box(r, res, 6, TOKEN_ACCESS, pg_str(res, 0, 4), r->at.access, &why)) {
		log_event(LOG_ERROR, "vault.refused", "grant=%" PRId64 " why=%s", r->at.grant_id,
		          LOGQ(why.text));
		fail(r, "transient", why.text, VAULT_RETRY_S);
		return;
	}
	failpoint("refresh.claimed");
	if (pg_str(res, 0, 8))
		open_box(r, res, 8, TOKEN_REFRESH, pg_str(res, 0, 7), r->at.prev_refresh, &why);
	ask_token_host(r, r->at.refresh);
}

static void
claim(struct refresher *r)
{
	struct pg_args a;

	token_uuid(r->at.id);
	pg_args_init(&a);
	pg_text(&a, r->env->owner);
	pg_text(&a, r->at.id);
	r->pg_id = pg_run(r->env->pg, &grants_refresh_claim, &a, 0, on_claim, r);
}

static void
on_replayed(int put, int failed, void *arg)
{
	struct refresher *r = arg;

	(void)put;
	if (failed)
		r->replay_at.ms = loop_now(r->env->loop).ms + REPLAY_MS;
	claim(r);
}

/*
 * Is there a pair that TikTok issued and PostgreSQL does not have yet? A grant must not be
 * refreshed with the token that this pair replaced. One that is just being put by a worker may be
 * seen as well: to put it twice changes nothing.
 */
static bool
spool_waits(struct refresher *r)
{
	struct spool_name name;
	size_t n = 0;

	return loop_now(r->env->loop).ms >= r->replay_at.ms &&
	       !spool_list(r->env->spool, &name, 1, &n, NULL) && n > 0;
}

static void
on_look(void *arg)
{
	struct refresher *r = arg;
	struct err e = { 0 };

	if (!pg_up(r->env->pg)) {
		timer_arm(&r->timer, LOOK_MS);
	} else if (spool_writable(r->env->spool, &e)) {
		log_event(LOG_ERROR, "refresh.stopped", "why=%s", LOGQ(e.text));
		timer_arm(&r->timer, LOOK_MS * 10);
	} else if (spool_waits(r)) {
		issued_replay(r->env, on_replayed, r);
	} else {
		claim(r);
	}
}

struct refresher *
refresher_new(struct env *env)
{
	struct refresher *r = calloc(1, sizeof(*r));

	if (!r)
		abort();
	r->env = env;
	timer_init(&r->timer, env->loop, on_look, r);
	timer_arm(&r->timer, (int64_t)crypto_uniform(LOOK_MS));
	return r;
}

void
refresher_stop(struct refresher *r, void (*stopped)(void *arg), void *arg)
{
	r->stopped = stopped;
	r->stopped_arg = arg;
	if (timer_armed(&r->timer)) { /* at rest */
		timer_disarm(&r->timer);
		stopped(arg);
	}
}

void
refresher_free(struct refresher *r)
{
	if (!r)
		return;
	timer_done(&r->timer);
	api_cancel(r->api);
	if (r->pg_id)
		pg_forget(r->env->pg, r->pg_id);
	explicit_bzero(r, sizeof(*r));
	free(r);
}
