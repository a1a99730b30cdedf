#include "daemon/work/op.h"

#include "common/crypto.h"
#include "common/json.h"
#include "common/str.h"
#include "daemon/base/conf.h"
#include "daemon/base/env.h"
#include "daemon/grant/plans.h"
#include "daemon/grant/sql.h"
#include "daemon/grant/wake.h"
#include "daemon/io/pg.h"
#include "daemon/work/msg.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ANSWER_MAX (16u << 20)

static const struct {
	const char *name;
	op_fn *fn;
} machines[] = {
#define OP(name) { #name, op_##name },
#define SQL_OP(name)
#include "daemon/work/op.def"
#undef OP
#undef SQL_OP
};

static const struct {
	const char *name;
	struct pg_stmt stmt;
} functions[] = {
#define OP(name)
#define SQL_OP(name)                                                                               \
	{ "sql:" #name, { "api_" #name, "SELECT ttsync.api_" #name "($1::jsonb, $2)" } },
#include "daemon/work/op.def"
#undef OP
#undef SQL_OP
};

/* Who asks, and what this one request does: " #" and eight hex digits behind it (ttsync.note). */
#define ACTOR_MAX (MSG_ACTOR_MAX + 16)

struct run {
	struct env *env;
	char actor[ACTOR_MAX];
	op_done *done;
	void *arg;
};

static void
on_done(const char *json, size_t len, const struct err *e, void *arg)
{
	struct run *r = arg;
	CLEANUP(json_freep) struct json *doc = NULL;
	struct buf text;

	buf_init(&text, ANSWER_MAX);
	if (json && memmem(json, len, "\"_enqueue\"", 10) && (doc = json_parse(json, len, NULL))) {
		wake_post(r->env, json_get(doc, "_enqueue"));
		json_del(doc, "_enqueue");
		json_write(doc, &text);
		json = buf_text(&text);
		len = text.len;
	}
	r->done(json, len, e, r->arg);
	buf_done(&text);
	free(r);
}

static void
on_rows(struct pg_result *res, const struct err *e, void *arg)
{
	on_done(res ? pg_str(res, 0, 0) : NULL, res ? pg_strlen(res, 0, 0) : 0, e, arg);
}

static void
refuse(struct run *r, const char *text)
{
	struct err e = { 0 };

	err_set(&e, ERR_PARSE, 0, "%s", text);
	on_done(NULL, 0, &e, r);
}

/* What functions have to know of the configuration. */
static void
put_settings(const struct conf *c, const char *name, struct json *args)
{
	struct json *days;
	char day[16];

	if (!strcmp(name, "sql:store_set")) {
		json_put(args, "plans", plans_list(c, false));
		json_put(args, "allowed", plans_list(c, true));
	} else if (!strcmp(name, "sql:shops_ics")) {
		days = json_arr();
		for (int i = 0; i < c->expiry_warn_days.n; i++) {
			snprintf(day, sizeof(day), "%d", c->expiry_warn_days.day[i]);
			json_add_str(days, day);
		}
		json_put(args, "warn_days", days);
	}
}

void
op_begin(struct env *env, const char *name, const char *args, const char *actor, op_done *done,
         void *arg)
{
	CLEANUP(json_freep) struct json *doc = json_parse(args, strlen(args), NULL);
	struct run *r = calloc(1, sizeof(*r));
	uint32_t correlation;

	if (!r)
		abort();
	*r = (struct run){ .env = env, .done = done, .arg = arg };
	crypto_random(&correlation, sizeof(correlation));
	snprintf(r->actor, sizeof(r->actor), "%s #%08" PRIx32, actor, correlation);
	if (!json_is_obj(doc)) {
		refuse(r, "an op's arguments are no JSON object");
		return;
	}
	put_settings(env->conf, name, doc);
	for (size_t i = 0; i < ARRAY_LEN(machines); i++) {
		if (!strcmp(machines[i].name, name)) {
			machines[i].fn(env, doc, r->actor, on_done, r);
			return;
		}
	}
	for (size_t i = 0; i < ARRAY_LEN(functions); i++) {
		if (!strcmp(functions[i].name, name)) {
			pg_first(env->pg,
			         sql_json(env, &functions[i].stmt, doc, r->actor, on_rows, r));
			return;
		}
	}
	refuse(r, "no such op");
}
