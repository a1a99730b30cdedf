#include "daemon/work/start.h"

#include "common/buf.h"
#include "common/json.h"
#include "common/str.h"
#include "daemon/base/conf.h"
#include "daemon/base/counter.h"
#include "daemon/base/env.h"
#include "daemon/base/log.h"
#include "daemon/base/loop.h"
#include "daemon/grant/issued.h"
#include "daemon/grant/vault.h"
#include "daemon/io/pg.h"
#include "daemon/store/grants.h"
#include "daemon/store/schema.h"

#include <string.h>

#define CANARY_MAX 4096
#define SERVER_MIN 150000 /* PostgreSQL 15 */

static const struct pg_stmt server_stmt = {
	"server_version",
	"SELECT current_setting('server_version_num')::int",
};

static const struct pg_stmt version_stmt = {
	"schema_version",
	/* code is newer than the table */
	"SELECT m.version, to_jsonb(m)->>'code' FROM ttsync.schema_migration m"
	" ORDER BY m.version DESC LIMIT 1",
};

/* A loop of its own that runs until one thing was answered. */
struct start {
	struct loop *loop;
	struct pg *pg;
	const struct vault *vault;
	int64_t server;
	int64_t version;
	char code[SCHEMA_CODE_MAX];
	size_t canaries_made;
	int waiting; /* answers still to come */
	struct err err;
};

static void
answered(struct start *s, const struct err *e)
{
	if (e && !s->err.kind)
		s->err = *e;
	if (--s->waiting <= 0)
		loop_stop(s->loop);
}

/* Turn until all answers came; -1 when one was an error. */
static int
turn(struct start *s, struct err *e)
{
	if (s->waiting > 0)
		loop_run(s->loop);
	if (!s->err.kind)
		return 0;
	*e = s->err;
	return -1;
}

static void
on_script(struct pg_result *r, const struct err *e, void *arg)
{
	(void)r;
	answered(arg, e);
}

static int
migrate(struct start *s, struct err *e)
{
	struct buf sql;
	int rc;

	buf_init(&sql, SCHEMA_SCRIPT_MAX);
	rc = schema_script(&sql, e);
	if (!rc) {
		s->waiting = 1;
		pg_script(s->pg, buf_text(&sql), START_MIGRATE_MS, on_script, s);
		rc = turn(s, e);
	}
	buf_done(&sql);
	return rc;
}

static void
on_server(struct pg_result *r, const struct err *e, void *arg)
{
	struct start *s = arg;

	s->server = r ? pg_num(r, 0, 0) : 0;
	answered(s, e);
}

static int
check_server(struct start *s, struct err *e)
{
	s->waiting = 1;
	pg_run(s->pg, &server_stmt, NULL, START_WAIT_MS, on_server, s);
	if (turn(s, e))
		return -1;
	if (s->server >= SERVER_MIN)
		return 0;
	err_set(e, ERR_INPUT, 78, "PostgreSQL is version %d, the oldest that will do is %d",
	        (int)(s->server / 10000), SERVER_MIN / 10000);
	return err_hint(e, "give [postgres] url of a newer server");
}

static void
on_version(struct pg_result *r, const struct err *e, void *arg)
{
	struct start *s = arg;

	s->version = 0;
	s->code[0] = '\0';
	if (r && pg_rows(r)) {
		s->version = pg_num(r, 0, 0);
		if (pg_str(r, 0, 1))
			str_copy(s->code, sizeof(s->code), pg_str(r, 0, 1));
	}
	if (e && e->kind == ERR_REMOTE && e->code == PG_STATE('4', '2', 'P', '0', '1'))
		e = NULL; /* no such table: there is no schema yet */
	answered(s, e);
}

static int
read_version(struct start *s, struct err *e)
{
	s->waiting = 1;
	pg_run(s->pg, &version_stmt, NULL, START_WAIT_MS, on_version, s);
	return turn(s, e);
}

/* --- keys ------------------------------------------------------------------------------------ */

static void
on_canaries(struct pg_result *r, const struct err *e, void *arg)
{
	struct start *s = arg;
	struct err why = { 0 };

	for (int i = 0; r && i < pg_rows(r) && !why.kind; i++) {
		size_t len = 0;
		const void *box = pg_bytes(r, i, 1, &len);

		if (!box || vault_canary_check(s->vault, pg_str(r, i, 0), box, len, &why)) {
			why.kind = ERR_INPUT;
			why.code = 78;
			if (!why.hint[0])
				err_hint(
				    &why,
				    "give back the key ring that this database was written with");
		}
	}
	answered(s, e ? e : why.kind ? &why : NULL);
}

static void
on_canary_put(struct pg_result *r, const struct err *e, void *arg)
{
	(void)r;
	answered(arg, e);
}

/* Canaries that are there must open; then every key gets one. */
static int
check_keys(struct start *s, struct err *e)
{
	s->waiting = 1;
	pg_run(s->pg, &grants_canaries, NULL, 0, on_canaries, s);
	if (turn(s, e))
		return -1;
	for (size_t i = 0; i < vault_keys(s->vault); i++) {
		struct pg_args a;
		struct buf box;

		buf_init(&box, CANARY_MAX);
		if (vault_canary_make(s->vault, vault_key_id(s->vault, i), &box, e)) {
			buf_done(&box);
			return -1;
		}
		pg_args_init(&a);
		pg_text(&a, vault_key_id(s->vault, i));
		pg_bytea(&a, buf_text(&box), box.len);
		buf_done(&box);
		s->waiting++;
		pg_run(s->pg, &grants_canary_put, &a, 0, on_canary_put, s);
	}
	return turn(s, e);
}

/* --- spool ----------------------------------------------------------------------------------- */

static void
on_replayed(int put, int failed, void *arg)
{
	if (put || failed)
		log_event(failed ? LOG_ERROR : LOG_INFO, "spool.at_start", "put=%d failed=%d", put,
		          failed);
	answered(arg, NULL);
}

static int
replay(struct start *s, const struct conf *c, struct spool *spool, struct err *e)
{
	struct counters counters = { 0 };
	struct env env = { .loop = s->loop,
		           .pg = s->pg,
		           .conf = c,
		           .vault = s->vault,
		           .spool = spool,
		           .counters = &counters };

	s->waiting = 1;
	issued_replay(&env, on_replayed, s);
	return turn(s, e);
}

int
start_database(const struct conf *c, const struct vault *v, struct spool *spool,
               bool with_migration, struct err *e)
{
	struct pg_conf pg = {
		.url = c->postgres_url, .app_name = "ttsyncd start", .conns = 1, .queue_max = 64
	};
	struct start s = { .vault = v };
	int rc = -1;

	s.loop = loop_new(e);
	s.pg = s.loop ? pg_new(s.loop, &pg, e) : NULL;
	if (s.pg)
		rc = check_server(&s, e);
	if (!rc)
		rc = read_version(&s, e);
	if (!rc && with_migration && s.version <= schema_version()) {
		rc = migrate(&s, e);
		if (!rc)
			rc = read_version(&s, e);
	}
	if (!rc)
		rc = schema_check(s.version, s.code, e);
	if (!rc && v)
		rc = check_keys(&s, e);
	if (!rc && spool)
		rc = replay(&s, c, spool, e);
	pg_free(s.pg);
	loop_free(s.loop);
	return rc;
}
