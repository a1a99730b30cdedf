/*
 * Values go to a real server and come back as they were.
 */
#include "common/own.h"
#include "tests/chaos/pgrig.h"
#include "tests/harness/harness.h"
#include "tests/harness/pgserver.h"

#include <criterion/criterion.h>
#include <string.h>

#define SOON_MS 5000

static struct harness *h;
static struct pgrig g;
static int heard;

static void
setup(void)
{
	h = harness_new("values");
	pgrig_begin(&g, pgserver_url(pgserver_start(h, NULL)), 2);
}

static void
teardown(void)
{
	const char *wrong = pgrig_end(&g);

	harness_free(h);
	cr_assert_null(wrong, "%s", wrong);
}

TestSuite(chaos_pg_values, .init = setup, .fini = teardown);

static void
ask(const struct pg_stmt *s, struct pg_args *a, pg_fn *fn)
{
	pg_run(g.pg, s, a, 0, fn, NULL);
	cr_assert(rig_count(&g.rig, &heard, 1, SOON_MS));
}

static void
on_scalars(struct pg_result *r, const struct err *e, void *arg)
{
	(void)arg;
	heard++;
	cr_assert_not_null(r, "%s", e ? e->text : "");
	cr_assert_eq(pg_rows(r), 1);
	cr_assert_eq(pg_num(r, 0, 0), INT64_MIN);
	cr_assert(pg_truth(r, 0, 1));
	cr_assert_str_eq(pg_str(r, 0, 2), "ร้าน 'x'");
	cr_assert_eq(pg_strlen(r, 0, 2), strlen("ร้าน 'x'"));
	cr_assert_str_eq(pg_str(r, 0, 3), "2026-11-24 10:04:00+00");
	cr_assert_null(pg_str(r, 0, 4));
	cr_assert_null(pg_str(r, 0, 5));
	cr_assert_eq(pg_num(r, 0, 6), 3);
}

Test(chaos_pg_values, scalars_and_nulls)
{
	static const struct pg_stmt s = {
		"scalars", "SELECT $1, $2, $3, $4, $5::text, $6::timestamptz, length($7)"
	};
	struct pg_args a;

	pg_args_init(&a);
	pg_i64(&a, INT64_MIN);
	pg_bool(&a, true);
	pg_text(&a, "ร้าน 'x'");
	pg_time(&a, 1795514640);
	pg_null(&a);
	pg_time(&a, INT64_MIN);
	pg_bytea(&a, "a\0b", 3);
	ask(&s, &a, on_scalars);
}

static void
on_bytes(struct pg_result *r, const struct err *e, void *arg)
{
	(void)arg;
	heard++;
	cr_assert_not_null(r, "%s", e ? e->text : "");
	cr_assert_eq(pg_rows(r), 1000);
	for (int i = 0; i < 1000; i++) {
		size_t len = 0;
		const unsigned char *p = pg_bytes(r, i, 0, &len);

		cr_assert_eq(len, 4);
		cr_assert_eq(memcmp(p, "\0\1\xfe\xff", 4), 0);
		cr_assert_null(pg_bytes(r, i, 1, &len));
	}
}

Test(chaos_pg_values, bytes_of_many_rows)
{
	static const struct pg_stmt s = { "bytes",
		                          "SELECT $1, NULL::bytea FROM generate_series(1, 1000)" };
	struct pg_args a;

	pg_args_init(&a);
	pg_bytea(&a, "\0\1\xfe\xff", 4);
	ask(&s, &a, on_bytes);
}

static void
on_arrays(struct pg_result *r, const struct err *e, void *arg)
{
	(void)arg;
	heard++;
	cr_assert_not_null(r, "%s", e ? e->text : "");
	cr_assert_eq(pg_num(r, 0, 0), 100000);
	cr_assert_eq(pg_num(r, 0, 1), INT64_C(4999950000));
	cr_assert_eq(pg_num(r, 0, 2), 50000);
	cr_assert_eq(pg_num(r, 0, 3), 50000);
	cr_assert_eq(pg_num(r, 0, 4), 0);
	cr_assert_str_eq(pg_str(r, 0, 5), "2026-11-24 10:04:00+00");
}

Test(chaos_pg_values, columns_of_a_hundred_thousand_elements)
{
	static const struct pg_stmt s = {
		"arrays", "SELECT count(*), sum(n), count(t), count(*) FILTER (WHERE b), "
			  "cardinality($4), $5[1] "
			  "FROM unnest($1, $2, $3) AS u (n, t, b)"
	};
	struct pg_col n, t, b, none, at;
	struct pg_args a;

	pg_col_init(&n, PG_INT8);
	pg_col_init(&t, PG_TEXT);
	pg_col_init(&b, PG_BOOL);
	pg_col_init(&none, PG_INT4);
	pg_col_init(&at, PG_TIME);
	for (int i = 0; i < 100000; i++) {
		pg_col_i64(&n, i);
		pg_col_text(&t, i % 2 ? "some text of an order" : NULL);
		pg_col_bool(&b, i % 2);
	}
	pg_col_time(&at, 1795514640);
	pg_args_init(&a);
	pg_array(&a, &n);
	pg_array(&a, &t);
	pg_array(&a, &b);
	pg_array(&a, &none);
	pg_array(&a, &at);
	ask(&s, &a, on_arrays);
	pg_col_done(&n);
	pg_col_done(&t);
	pg_col_done(&b);
	pg_col_done(&none);
	pg_col_done(&at);
}

static void
on_refusal(struct pg_result *r, const struct err *e, void *arg)
{
	(void)arg;
	heard++;
	cr_assert_null(r);
	cr_assert_eq(e->kind, ERR_INPUT);
	cr_assert_eq(e->code, 65);
	cr_assert_str_eq(e->text, "no such shop");
	cr_assert_str_eq(e->hint, "look at the list");
	cr_assert_str_eq(e->tag, "no_shop");
}

Test(chaos_pg_values, our_own_functions_say_no_with_an_exit_code)
{
	pg_script(g.pg,
	          "DO $$ BEGIN RAISE EXCEPTION 'no such shop' USING ERRCODE = 'TT065', "
	          "HINT = 'look at the list', DETAIL = 'no_shop'; END $$",
	          0, on_refusal, NULL);
	cr_assert(rig_count(&g.rig, &heard, 1, SOON_MS));
}

Test(chaos_pg_values, script_is_one_transaction_and_its_first_error_counts)
{
	struct call c;

	call_script(&g, &c, "CREATE TABLE public.t (n int); SELECT nonsense; SELECT 1/0", 0);
	cr_assert(call_wait(&g, &c, SOON_MS));
	cr_assert_eq(c.why.kind, ERR_REMOTE);
	cr_assert_eq(c.why.code, PG_STATE('4', '2', '7', '0', '3'));
	call_script(&g, &c, "CREATE TABLE public.t (n int); SELECT count(*) FROM public.t", 0);
	cr_assert(call_wait(&g, &c, SOON_MS));
	cr_assert(c.ok && c.rows == 1, "%s", c.why.text);
	call_script(&g, &c, "COPY public.t FROM STDIN", 0);
	cr_assert(call_wait(&g, &c, SOON_MS));
	cr_assert_eq(c.why.kind, ERR_IO);
}
