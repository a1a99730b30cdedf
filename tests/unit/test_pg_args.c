#include "daemon/base/loop.h"
#include "daemon/io/pg.h"

#include <criterion/criterion.h>
#include <string.h>

/* What becomes of values and of pools without a server: no statement here reaches one. */

#define DEADLINE_MS 5000

static struct loop *l;
static struct pg *p;
static struct timer deadline;
static int heard;
static struct err why;
static bool inside_run;

static void
on_deadline(void *arg)
{
	(void)arg;
	cr_assert_fail("no answer within %d ms", DEADLINE_MS);
}

static struct pg *
pool(const char *url, int queue_max, struct err *e)
{
	struct pg_conf conf = {
		.url = url, .app_name = "unit", .conns = 1, .queue_max = queue_max
	};

	return pg_new(l, &conf, e);
}

static void
setup(void)
{
	struct err e = { 0 };

	l = loop_new(&e);
	p = pool("postgresql://nobody@/none?host=/nonexistent", 4, &e);
	cr_assert_not_null(p, "%s", e.text);
	timer_init(&deadline, l, on_deadline, NULL);
	timer_arm(&deadline, DEADLINE_MS);
}

static void
teardown(void)
{
	pg_free(p);
	timer_done(&deadline);
	loop_free(l);
}

TestSuite(pg, .init = setup, .fini = teardown);

static void
on_answer(struct pg_result *r, const struct err *e, void *arg)
{
	cr_assert_null(r);
	cr_assert_not(inside_run, "an answer comes on a later turn");
	why = *e;
	heard++;
	if (arg && heard == *(int *)arg)
		loop_stop(l);
}

static const struct pg_stmt stmt = { "unit", "SELECT 1" };

static void
run(struct pg_args *a, int64_t timeout_ms, int *want)
{
	inside_run = true;
	cr_assert_neq(pg_run(p, &stmt, a, timeout_ms, on_answer, want), 0);
	inside_run = false;
}

Test(pg, without_a_server_the_deadline_ends_the_wait)
{
	int want = 1;

	run(NULL, 50, &want);
	cr_assert_eq(pg_pending(p), 1);
	loop_run(l);
	cr_assert_eq(why.kind, ERR_IO);
	cr_assert(strstr(why.text, "/nonexistent"), "%s", why.text);
	cr_assert_eq(pg_pending(p), 0);
	cr_assert_not(pg_up(p));
}

Test(pg, more_than_may_wait_are_refused)
{
	int want = 2;

	for (int i = 0; i < 4; i++)
		run(NULL, 60000, NULL);
	run(NULL, 60000, &want);
	run(NULL, 60000, &want);
	loop_run(l);
	cr_assert_eq(why.kind, ERR_NOMEM);
	cr_assert_eq(heard, 2);
	cr_assert_eq(pg_pending(p), 4);
}

Test(pg, forgotten_statements_call_nobody)
{
	uint64_t waiting = pg_run(p, &stmt, NULL, 10, on_answer, NULL);
	struct pg_args a;
	uint64_t refused;
	int want = 1;

	pg_args_init(&a);
	pg_time(&a, INT64_MAX);
	refused = pg_run(p, &stmt, &a, 10, on_answer, NULL);
	pg_forget(p, waiting);
	pg_forget(p, refused);
	pg_forget(p, 12345);
	cr_assert_eq(pg_pending(p), 0);
	run(NULL, 30, &want);
	loop_run(l);
	cr_assert_eq(heard, 1);
}

/* Each value that PostgreSQL has no room for fails its statement, and only that. */
Test(pg, value_that_does_not_fit_fails_its_statement)
{
	struct pg_col times, ints;
	struct pg_args a;
	int want = 4;

	pg_col_init(&times, PG_TIME);
	pg_col_init(&ints, PG_INT4);
	pg_col_time(&times, INT64_MAX);
	pg_col_i64(&ints, INT64_C(1) << 31);
	pg_args_init(&a);
	pg_array(&a, &times);
	run(&a, 60000, &want);
	pg_args_init(&a);
	pg_array(&a, &ints);
	run(&a, 60000, &want);
	pg_args_init(&a);
	pg_time(&a, INT64_MIN + 1);
	run(&a, 60000, &want);
	pg_args_init(&a);
	for (int i = 0; i <= PG_PARAMS_MAX; i++)
		pg_i64(&a, i);
	run(&a, 60000, &want);
	loop_run(l);
	cr_assert_eq(why.kind, ERR_NOMEM);
	pg_col_done(&times);
	pg_col_done(&ints);
}

Test(pg, array_is_written_in_the_binary_format)
{
	static const unsigned char want[] = { 0, 0, 0, 1, 0, 0, 0, 1, 0, 0,   0,   25,  0,   0,  0,
		                              2, 0, 0, 0, 1, 0, 0, 0, 1, 'a', 255, 255, 255, 255 };
	static const unsigned char want_empty[] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 20 };
	struct pg_col texts, more, none;
	struct pg_args a;

	pg_col_init(&texts, PG_TEXT);
	pg_col_init(&more, PG_TEXT);
	pg_col_init(&none, PG_INT8);
	pg_col_text(&texts, "a");
	pg_col_text(&more, NULL);
	pg_col_cat(&texts, &more);
	pg_args_init(&a);
	pg_array(&a, &texts);
	pg_array(&a, &none);
	cr_assert_not(a.failed);
	cr_assert_eq(a.v[0].len, sizeof(want));
	cr_assert_eq(memcmp(a.vals.data + a.v[0].at, want, sizeof(want)), 0);
	cr_assert_eq(a.v[1].len, sizeof(want_empty));
	cr_assert_eq(memcmp(a.vals.data + a.v[1].at, want_empty, sizeof(want_empty)), 0);
	pg_args_done(&a);
	pg_col_done(&texts);
	pg_col_done(&more);
	pg_col_done(&none);
}

Test(pg, url_whose_host_must_be_looked_up_is_refused)
{
	static const char *const bad[] = {
		"postgresql://db.example/x",
		"host=/run,db.example",
		"host=localhost dbname=x",
		"postgresql://u:secret@[::1",
		"nonsense",
	};
	static const char *const good[] = {
		"host=/run,10.0.0.1,::1",      "postgresql://u@127.0.0.1:5433/x",
		"postgresql://u@[::1]/x",      "host=db.example hostaddr=10.0.0.1",
		"postgresql:///x?host=/a/b/c", "dbname=x",
	};
	struct err e = { 0 };

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		cr_assert_null(pool(bad[i], 1, &e), "%s", bad[i]);
		cr_assert_eq(e.kind, ERR_INPUT);
		cr_assert_null(strstr(e.text, "secret"));
	}
	for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++) {
		struct pg *other = pool(good[i], 1, &e);

		cr_assert_not_null(other, "%s: %s", good[i], e.text);
		pg_free(other);
	}
}

static bool
refuses(int state)
{
	struct err e = { .kind = ERR_REMOTE, .code = state };

	return pg_refused_rows(&e);
}

Test(pg, a_row_at_fault_is_told_from_a_server_at_fault)
{
	struct err lost = { .kind = ERR_IO, .code = PG_STATE('2', '2', '0', '0', '3') };

	cr_assert(refuses(PG_STATE('2', '1', '0', '0', '0')), "one row twice in a statement");
	cr_assert(refuses(PG_STATE('2', '2', '0', '0', '3')), "number out of range");
	cr_assert(refuses(PG_STATE('2', '3', '5', '0', '2')), "not null");
	cr_assert(refuses(PG_STATE('5', '4', '0', '0', '0')), "row too large for its index");
	cr_assert_not(refuses(PG_STATE('5', '3', '1', '0', '0')), "disk full");
	cr_assert_not(refuses(PG_STATE('4', '0', 'P', '0', '1')), "deadlock");
	cr_assert_not(pg_refused_rows(&lost));
}
