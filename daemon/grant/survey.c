#include "daemon/grant/survey.h"

#include "common/str.h"
#include "daemon/base/env.h"
#include "daemon/base/log.h"
#include "daemon/base/loop.h"
#include "daemon/grant/discover.h"
#include "daemon/grant/token.h"
#include "daemon/io/pg.h"
#include "daemon/store/grants.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define MORE_MS 250 /* after one was read: there may be more */

struct survey {
	struct env *env;
	struct timer timer;
	uint64_t pg_id;
	int64_t grant_id;
	bool busy;
	bool stopped;
};

static void
rest(struct survey *s, int64_t ms)
{
	s->pg_id = 0;
	s->busy = false;
	if (!s->stopped)
		timer_arm(&s->timer, ms);
}

static void
on_read(enum tt_class class, const struct err *e, int64_t date_s, void *arg)
{
	struct survey *s = arg;

	(void)class;
	(void)date_s;
	if (e)
		log_event(LOG_WARN, "survey.failed", "grant=%" PRId64 " why=%s", s->grant_id,
		          LOGQ(e->text));
	rest(s, MORE_MS);
}

static void
on_claim(struct pg_result *r, const struct err *e, void *arg)
{
	struct survey *s = arg;
	struct discover_ask ask = { .depth = DISCOVER_WAREHOUSES };
	char token[TT_TOKEN_MAX + 1];
	struct err why = { 0 };
	const void *box;
	size_t len = 0;

	(void)e; /* the database is away: pg tells it once, we look again */
	if (!r || pg_rows(r) == 0) {
		rest(s, SURVEY_LOOK_MS);
		return;
	}
	s->pg_id = 0;
	s->grant_id = ask.grant_id = pg_num(r, 0, 0);
	box = pg_bytes(r, 0, 3, &len);
	if (token_open(s->env->vault, TOKEN_ACCESS, pg_str(r, 0, 1), pg_str(r, 0, 2), box, len,
	               token, &why)) {
		log_event(LOG_ERROR, "vault.refused", "grant=%" PRId64 " why=%s", s->grant_id,
		          LOGQ(why.text));
		rest(s, MORE_MS);
		return;
	}
	ask.token = token;
	s->busy = true;
	discover_start(s->env, &ask, on_read, s);
	explicit_bzero(token, sizeof(token));
}

static void
on_look(void *arg)
{
	struct survey *s = arg;

	if (pg_up(s->env->pg))
		s->pg_id = pg_run(s->env->pg, &grants_survey_claim, NULL, 0, on_claim, s);
	else
		rest(s, SURVEY_LOOK_MS);
}

struct survey *
survey_new(struct env *env)
{
	struct survey *s = calloc(1, sizeof(*s));

	if (!s)
		abort();
	s->env = env;
	timer_init(&s->timer, env->loop, on_look, s);
	timer_arm(&s->timer, SURVEY_LOOK_MS);
	return s;
}

void
survey_stop(struct survey *s)
{
	s->stopped = true;
	timer_disarm(&s->timer);
}

bool
survey_busy(const struct survey *s)
{
	return s->busy;
}

void
survey_free(struct survey *s)
{
	if (!s)
		return;
	timer_done(&s->timer);
	if (s->pg_id)
		pg_forget(s->env->pg, s->pg_id);
	free(s);
}
