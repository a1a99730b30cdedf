#include "tests/chaos/pgrig.h"

#include "common/clock.h"
#include "tests/harness/harness.h"

static void
on_change(bool up, void *arg)
{
	struct pgrig *g = arg;

	g->changes++;
	g->up = up;
}

void
pgrig_begin(struct pgrig *g, const char *url, int conns)
{
	struct pg_conf conf = {
		.url = url, .app_name = "chaos", .conns = conns, .queue_max = 10000
	};
	struct err e = { 0 };

	*g = (struct pgrig){ 0 };
	rig_begin(&g->rig);
	g->pg = pg_new(g->rig.loop, &conf, &e);
	if (!g->pg)
		harness_die(NULL, "%s", e.text);
	pg_on_change(g->pg, on_change, g);
}

const char *
pgrig_end(struct pgrig *g)
{
	pg_free(g->pg);
	return rig_end(&g->rig);
}

static bool
is_up(void *arg)
{
	return pg_up(arg);
}

static bool
is_down(void *arg)
{
	return !pg_up(arg);
}

bool
pgrig_wait_up(struct pgrig *g, bool up, int ms)
{
	return rig_run(&g->rig, up ? is_up : is_down, g->pg, ms);
}

static void
on_answer(struct pg_result *r, const struct err *e, void *arg)
{
	struct call *c = arg;

	c->times++;
	c->took_ms = mono_now().ms - c->began_ms;
	c->ok = r != NULL;
	if (r) {
		c->rows = pg_rows(r);
		c->num = c->rows ? pg_num(r, 0, 0) : 0;
	} else {
		c->why = *e;
	}
}

static void
begin(struct call *c)
{
	*c = (struct call){ .began_ms = mono_now().ms };
}

void
call_next(struct pgrig *g, struct call *c, int64_t n, int timeout_ms)
{
	static const struct pg_stmt next = { "chaos_next", "SELECT $1 + 1" };
	struct pg_args a;

	begin(c);
	pg_args_init(&a);
	pg_i64(&a, n);
	c->id = pg_run(g->pg, &next, &a, timeout_ms, on_answer, c);
}

void
call_sleep(struct pgrig *g, struct call *c, int64_t seconds, int timeout_ms)
{
	static const struct pg_stmt nap = { "chaos_sleep", "SELECT pg_sleep($1)" };
	struct pg_args a;

	begin(c);
	pg_args_init(&a);
	pg_i64(&a, seconds);
	c->id = pg_run(g->pg, &nap, &a, timeout_ms, on_answer, c);
}

void
call_stmt(struct pgrig *g, struct call *c, const struct pg_stmt *s, int timeout_ms)
{
	begin(c);
	c->id = pg_run(g->pg, s, NULL, timeout_ms, on_answer, c);
}

void
call_script(struct pgrig *g, struct call *c, const char *sql, int timeout_ms)
{
	begin(c);
	c->id = pg_script(g->pg, sql, timeout_ms, on_answer, c);
}

bool
call_wait(struct pgrig *g, const struct call *c, int ms)
{
	return rig_count(&g->rig, &c->times, 1, ms);
}

bool
pgrig_recovers(struct pgrig *g, int ms)
{
	int64_t end = mono_now().ms + ms;
	struct call c;

	do {
		int64_t left = end - mono_now().ms;

		call_next(g, &c, 41, left > 1 ? (int)left : 1);
		if (!call_wait(g, &c, ms + 1000))
			return false;
	} while (!c.ok && mono_now().ms < end);
	return c.ok && c.num == 42;
}
