#include "daemon/grant/calendar.h"

#include "common/json.h"
#include "daemon/base/conf.h"
#include "daemon/base/counter.h"
#include "daemon/base/env.h"
#include "daemon/base/log.h"
#include "daemon/base/loop.h"
#include "daemon/grant/plans.h"
#include "daemon/grant/wake.h"
#include "daemon/io/pg.h"
#include "daemon/store/grants.h"
#include "daemon/store/jobs.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define PLANS_MAX 4096

struct calendar {
	struct env *env;
	struct timer timer;
	uint64_t pg_id;
};

static void
rest(struct calendar *c)
{
	c->pg_id = 0;
	timer_arm(&c->timer, CALENDAR_MS);
}

static void
tell(struct calendar *c, const struct json *one)
{
	bool ended = !strcmp(json_str(one, "event"), "authorization.expired");
	int64_t shop = 0, days = 0;

	json_i64(one, "shop_id", &shop);
	json_i64(one, "days", &days);
	count(c->env->counters, ended ? COUNT_EXPIRED : COUNT_EXPIRY_WARNINGS, 1);
	log_event(ended ? LOG_ERROR : LOG_WARN,
	          ended ? "authorization.expired" : "authorization.expiring",
	          "shop=%" PRId64 " days=%" PRId64 " expires_at=%s next=%s", shop, days,
	          json_str(one, "expires_at"),
	          LOGQ("the seller authorizes again: ttctl reauthorize SHOP"));
}

static void
on_brought(struct pg_result *r, const struct err *e, void *arg)
{
	struct calendar *c = arg;
	CLEANUP(json_freep)
	struct json *doc = r ? json_parse(pg_str(r, 0, 0), pg_strlen(r, 0, 0), NULL) : NULL;
	const struct json *told = json_get(doc, "told");

	if (!r)
		log_event(LOG_WARN, "calendar.failed", "why=%s", LOGQ(e->text));
	for (size_t i = 0; i < json_len(told); i++)
		tell(c, json_at(told, i));
	wake_post(c->env, json_get(doc, "_enqueue"));
	rest(c);
}

static void
ask(struct calendar *c)
{
	const struct conf_days *warn = &c->env->conf->expiry_warn_days;
	CLEANUP(json_freep) struct json *allowed = plans_list(c->env->conf, true);
	struct pg_col days;
	struct pg_args a;
	struct buf text;

	pg_col_init(&days, PG_INT4);
	for (int i = 0; i < warn->n; i++)
		pg_col_i64(&days, warn->day[i]);
	buf_init(&text, PLANS_MAX);
	json_write(allowed, &text);
	pg_args_init(&a);
	pg_text(&a, buf_text(&text));
	pg_array(&a, &days);
	pg_col_done(&days);
	buf_done(&text);
	c->pg_id = pg_run(c->env->pg, &grants_calendar, &a, 0, on_brought, c);
}

static void
on_turn(struct pg_result *r, const struct err *e, void *arg)
{
	struct calendar *c = arg;

	(void)e; /* the database is away: pg tells it once, we look again */
	if (r && pg_truth(r, 0, 0))
		ask(c);
	else
		rest(c);
}

static void
on_look(void *arg)
{
	struct calendar *c = arg;
	struct pg_args a;

	if (!pg_up(c->env->pg)) {
		rest(c);
		return;
	}
	pg_args_init(&a);
	pg_text(&a, "calendar");
	pg_text(&a, c->env->owner);
	pg_i64(&a, CALENDAR_HOLD_S);
	c->pg_id = pg_run(c->env->pg, &jobs_chore, &a, 0, on_turn, c);
}

struct calendar *
calendar_new(struct env *env)
{
	struct calendar *c = calloc(1, sizeof(*c));

	if (!c)
		abort();
	c->env = env;
	timer_init(&c->timer, env->loop, on_look, c);
	timer_arm(&c->timer, 0);
	return c;
}

void
calendar_free(struct calendar *c)
{
	if (!c)
		return;
	timer_done(&c->timer);
	if (c->pg_id)
		pg_forget(c->env->pg, c->pg_id);
	free(c);
}
