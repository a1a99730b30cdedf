#include "daemon/work/op.h"

#include "common/json.h"
#include "common/str.h"
#include "daemon/base/env.h"
#include "daemon/grant/plans.h"
#include "daemon/grant/sql.h"
#include "daemon/io/pg.h"

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

struct run {
	struct env *env;
	op_done *done;
	void *arg;
};

static void
post_work(struct env *env, const struct json *list)
{
	for (size_t i = 0; i < json_len(list); i++) {
		const struct json *one = json_at(list, i);
		struct json *wrap = json_obj(); /* json_i64 reads by key */
		int64_t shop = 0, delay = 0;

		json_put(wrap, "s", json_copy(json_at(one, 0)));
		json_put(wrap, "d", json_copy(json_at(one, 2)));
		if (!json_i64(wrap, "s", &shop) && !json_i64(wrap, "d", &delay) &&
		    json_text(json_at(one, 1)))
			env->ops->enqueue(env, shop, json_text(json_at(one, 1)), delay);
		json_free(wrap);
	}
}

static void
on_done(const char *json, size_t len, const struct err *e, void *arg)
{
	struct run *r = arg;
	CLEANUP(json_freep) struct json *doc = NULL;
	struct buf text;

	buf_init(&text, ANSWER_MAX);
	if (json && memmem(json, len, "\"_enqueue\"", 10) && (doc = json_parse(json, len, NULL))) {
		post_work(r->env, json_get(doc, "_enqueue"));
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

void
op_begin(struct env *env, const char *name, const char *args, const char *actor, op_done *done,
         void *arg)
{
	CLEANUP(json_freep) struct json *doc = json_parse(args, strlen(args), NULL);
	struct run *r = calloc(1, sizeof(*r));

	if (!r)
		abort();
	*r = (struct run){ env, done, arg };
	if (!json_is_obj(doc)) {
		refuse(r, "an op's arguments are no JSON object");
		return;
	}
	if (!strcmp(name, "sql:store_set"))
		json_put(doc, "plans", plans_list(env->conf, false));
	for (size_t i = 0; i < ARRAY_LEN(machines); i++) {
		if (!strcmp(machines[i].name, name)) {
			machines[i].fn(env, doc, actor, on_done, r);
			return;
		}
	}
	for (size_t i = 0; i < ARRAY_LEN(functions); i++) {
		if (!strcmp(functions[i].name, name)) {
			sql_json(env, &functions[i].stmt, doc, actor, on_rows, r);
			return;
		}
	}
	refuse(r, "no such op");
}
