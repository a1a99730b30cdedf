#include "daemon/grant/access.h"

#include "common/str.h"
#include "daemon/base/env.h"
#include "daemon/grant/token.h"
#include "daemon/io/pg.h"
#include "daemon/store/grants.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define EXIT_NO          1
#define EXIT_REAUTHORIZE 4
#define EXIT_UNAVAILABLE 69
#define EXIT_AGAIN       75

struct find {
	struct env *env;
	access_fn *fn;
	void *arg;
};

static int
read_row(const struct env *env, struct pg_result *r, struct access *a, struct err *e)
{
	const char *grant_state = pg_str(r, 0, 3);
	const void *box;
	size_t len = 0;

	a->shop = pg_num(r, 0, 0);
	a->grant_id = pg_num(r, 0, 2);
	str_copy(a->state, sizeof(a->state), pg_str(r, 0, 1));
	if (!grant_state) {
		err_set(e, ERR_INPUT, EXIT_NO, "the authorization at TikTok is not done yet");
		err_tag(e, "not_authorized");
		return err_hint(e, "get a fresh link: ttctl reauthorize %" PRId64, a->shop);
	}
	if (!strcmp(grant_state, "reauthorize") || !strcmp(grant_state, "ended")) {
		err_set(e, ERR_INPUT, EXIT_REAUTHORIZE, "the authorization at TikTok has ended");
		err_tag(e, "authorization_ended");
		return err_hint(e, "ttctl reauthorize %" PRId64, a->shop);
	}
	box = pg_bytes(r, 0, 6, &len);
	if (!box)
		return err_set(e, ERR_PARSE, 0, "the grant has no access token");
	return token_open(env->vault, TOKEN_ACCESS, pg_str(r, 0, 4), pg_str(r, 0, 5), box, len,
	                  a->token, e);
}

static void
on_row(struct pg_result *r, const struct err *e, void *arg)
{
	struct find *f = arg;
	struct access a = { 0 };
	struct err why = { 0 };

	if (!r)
		f->fn(NULL, e, f->arg);
	else if (pg_rows(r) != 1 || read_row(f->env, r, &a, &why))
		f->fn(NULL, &why, f->arg);
	else
		f->fn(&a, NULL, f->arg);
	explicit_bzero(&a, sizeof(a));
	free(f);
}

void
access_find(struct env *env, const char *word, access_fn *fn, void *arg)
{
	struct find *f = calloc(1, sizeof(*f));
	struct pg_args a;

	if (!f)
		abort();
	*f = (struct find){ env, fn, arg };
	pg_args_init(&a);
	pg_text(&a, word);
	pg_run(env->pg, &grants_shop_access, &a, 0, on_row, f);
}

void
access_explain(struct env *env, const struct access *a, enum tt_class class, const struct err *e,
               struct err *ret)
{
	struct pg_args args;

	*ret = *e;
	switch (class) {
	case TT_REFRESH:
	case TT_TOKEN_MISMATCH:
		pg_args_init(&args);
		pg_i64(&args, a->grant_id);
		pg_run(env->pg, &grants_refresh_ask, &args, 0, NULL, NULL);
		err_set(ret, ERR_INPUT, EXIT_AGAIN,
		        "TikTok does not take the access token; it is being renewed");
		err_tag(ret, "token_refused");
		err_hint(ret, "try again in a few seconds");
		return;
	case TT_SCOPE:
	case TT_SHOP_INACTIVE:
	case TT_GRANT_DEAD:
		err_set(ret, ERR_INPUT, EXIT_REAUTHORIZE, "%s", e->text);
		err_tag(ret, class == TT_SCOPE ? "permission_missing" : "shop_deactivated");
		err_hint(ret, "ttctl reauthorize %" PRId64, a->shop);
		return;
	case TT_THROTTLED:
	case TT_TRANSPORT:
	case TT_RETRY:
	case TT_UNKNOWN:
		err_set(ret, ERR_INPUT, EXIT_UNAVAILABLE, "TikTok cannot be asked now: %s",
		        e->text);
		err_tag(ret, "tiktok_unavailable");
		err_hint(ret, "try again in a minute");
		return;
	case TT_OK:
	case TT_CLOCK:
	case TT_CODE_REFUSED:
	case TT_STATE_MISMATCH:
	case TT_CONFIG:
	case TT_BUG:
	case TT_PARAM:
	case TT_NOT_OURS:
	case TT_TOO_DEEP:
		return;
	}
}
