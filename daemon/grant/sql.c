#include "daemon/grant/sql.h"

#include "common/json.h"
#include "daemon/base/env.h"

#define ARGS_MAX (1u << 20)

uint64_t
sql_json(struct env *env, const struct pg_stmt *stmt, const struct json *args, const char *actor,
         pg_fn *fn, void *arg)
{
	struct pg_args a;
	struct buf text;

	buf_init(&text, ARGS_MAX);
	json_write(args, &text);
	pg_args_init(&a);
	pg_text(&a, buf_text(&text));
	pg_text(&a, actor);
	a.failed = a.failed || text.failed;
	buf_done(&text);
	return pg_run(env->pg, stmt, &a, 0, fn, arg);
}
