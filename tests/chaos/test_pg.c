/*
 * pg.c against a real server that is stopped, frozen, killed, cut off (reliability.md 9: F15 to
 * F20). Each caller hears exactly one answer within its deadline, the pool comes back, the loop
 * never stands still, no descriptor stays open.
 */
#include "common/clock.h"
#include "common/own.h"
#include "tests/chaos/pgrig.h"
#include "tests/chaos/proxy.h"
#include "tests/harness/harness.h"
#include "tests/harness/pgserver.h"
#include "tests/harness/wait.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define SOON_MS    3000
#define RECOVER_MS 8000 /* the longest back-off and a server's start */
#define SLACK_MS   250

#define END(g)                                                                                     \
	do {                                                                                       \
		const char *wrong = pgrig_end(g);                                                  \
                                                                                                   \
		cr_assert_null(wrong, "%s", wrong);                                                \
	} while (0)

static struct harness *h;
static struct pgserver *server;
static struct pgrig g;

static void
setup(void)
{
	h = harness_new("pg");
	server = pgserver_start(h, (const char *const[]){ "max_connections=20", NULL });
}

static void
teardown(void)
{
	harness_free(h);
}

TestSuite(chaos_pg, .init = setup, .fini = teardown);

/* A proxy before the server, and the URL through it. */
static struct proxy *
proxy_before(struct pgserver *s, const char **ret_url)
{
	static int no;
	const char *dir = harness_path(h, "px%d", ++no);

	mkdir(dir, 0700);
	*ret_url = harness_text(h, "postgresql://postgres@/postgres?host=%s", dir);
	return proxy_start(h, harness_text(h, "%s/.s.PGSQL.5432", dir), pgserver_socket(s));
}

Test(chaos_pg, statements_wait_for_a_server_that_comes_later)
{
	struct call c;

	pgserver_stop(server);
	pgrig_begin(&g, pgserver_url(server), 2);
	call_next(&g, &c, 1, 20000);
	rig_watch(&g.rig, 300);
	cr_assert_eq(c.times, 0);
	cr_assert_not(pg_up(g.pg));
	cr_assert_eq(pg_why(g.pg)->kind, ERR_IO);
	pgserver_restart(server);
	cr_assert(call_wait(&g, &c, RECOVER_MS));
	cr_assert(c.ok && c.num == 2, "%s", c.why.text);
	END(&g);
}

Test(chaos_pg, what_a_person_waits_for_goes_before_work)
{
	static const struct pg_stmt page = { "rig_page", "SELECT 1::int8, pg_sleep(0.1)" };
	static const struct pg_stmt job = { "rig_job", "SELECT 2::int8, pg_sleep(0.5)" };
	struct call running, work[2], first, second;

	pgrig_begin(&g, pgserver_url(server), 1);
	cr_assert(pgrig_recovers(&g, RECOVER_MS));
	call_sleep(&g, &running, 1, 20000);
	rig_watch(&g.rig, 50);
	for (size_t i = 0; i < ARRAY_LEN(work); i++)
		call_stmt(&g, &work[i], &job, 20000);
	call_stmt(&g, &first, &page, 20000);
	pg_first(g.pg, first.id);
	call_stmt(&g, &second, &page, 20000);
	pg_first(g.pg, second.id);
	cr_assert(call_wait(&g, &first, RECOVER_MS));
	cr_assert_eq(running.times, 1, "what runs is let finish");
	cr_assert_eq(second.times, 0, "in the order they came");
	cr_assert_eq(work[0].times, 0);
	cr_assert(call_wait(&g, &second, RECOVER_MS));
	cr_assert_eq(work[0].times, 0);
	cr_assert(call_wait(&g, &work[1], RECOVER_MS));
	cr_assert(first.ok && second.ok && work[0].ok && work[1].ok);
	END(&g);
}

Test(chaos_pg, without_a_server_the_deadline_tells_why)
{
	struct call c;

	pgserver_stop(server);
	pgrig_begin(&g, pgserver_url(server), 2);
	call_next(&g, &c, 1, 300);
	cr_assert(call_wait(&g, &c, SOON_MS));
	cr_assert_eq(c.why.kind, ERR_IO);
	cr_assert(c.took_ms >= 290 && c.took_ms < 300 + SLACK_MS, "%d ms", (int)c.took_ms);
	cr_assert(strstr(c.why.text, "connect"), "%s", c.why.text);
	END(&g);
}

Test(chaos_pg, stopped_and_started_again)
{
	struct call running, later;

	pgrig_begin(&g, pgserver_url(server), 3);
	cr_assert(pgrig_recovers(&g, SOON_MS));
	call_sleep(&g, &running, 30, 20000);
	rig_watch(&g.rig, 50);
	pgserver_stop(server);
	cr_assert(call_wait(&g, &running, SOON_MS));
	cr_assert_eq(running.why.kind, ERR_IO, "%s", running.why.text);
	cr_assert(pgrig_wait_up(&g, false, SOON_MS));
	call_next(&g, &later, 5, 20000);
	pgserver_restart(server);
	cr_assert(call_wait(&g, &later, RECOVER_MS));
	cr_assert(later.ok);
	cr_assert(pg_up(g.pg) && g.up);
	cr_assert_eq(running.times + later.times, 2);
	END(&g);
}

Test(chaos_pg, killed_in_the_middle_of_a_statement)
{
	struct call c[3];

	pgrig_begin(&g, pgserver_url(server), 3);
	cr_assert(pgrig_recovers(&g, SOON_MS));
	for (int i = 0; i < 3; i++)
		call_sleep(&g, &c[i], 30, 20000);
	rig_watch(&g.rig, 50);
	pgserver_kill(server);
	for (int i = 0; i < 3; i++) {
		cr_assert(call_wait(&g, &c[i], SOON_MS));
		cr_assert_eq(c[i].why.kind, ERR_IO, "%s", c[i].why.text);
	}
	pgserver_restart(server);
	cr_assert(pgrig_recovers(&g, RECOVER_MS));
	cr_assert_eq(c[0].times + c[1].times + c[2].times, 3);
	cr_assert_eq(pg_pending(g.pg), 0);
	END(&g);
}

Test(chaos_pg, frozen_server_costs_no_more_than_the_deadline)
{
	struct call c[8];

	pgrig_begin(&g, pgserver_url(server), 2);
	cr_assert(pgrig_recovers(&g, SOON_MS));
	pgserver_pause(server);
	for (int i = 0; i < 8; i++)
		call_next(&g, &c[i], i, 400);
	for (int i = 0; i < 8; i++) {
		cr_assert(call_wait(&g, &c[i], SOON_MS));
		cr_assert_eq(c[i].times, 1);
		cr_assert(c[i].why.kind == ERR_TIMEOUT || c[i].why.kind == ERR_IO);
		cr_assert(c[i].took_ms < 400 + SLACK_MS, "%d ms", (int)c[i].took_ms);
	}
	pgserver_continue(server);
	cr_assert(pgrig_recovers(&g, RECOVER_MS));
	END(&g);
}

Test(chaos_pg, frozen_at_connect_ends_after_five_seconds_and_is_tried_again)
{
	const char *url;
	struct proxy *p = proxy_before(server, &url);
	struct call c;

	PROXY_SET(p, .mode = PROXY_FREEZE);
	pgrig_begin(&g, url, 1);
	call_next(&g, &c, 1, 15000);
	rig_watch(&g.rig, PG_CONNECT_MS + 100);
	cr_assert_eq(pg_why(g.pg)->kind, ERR_TIMEOUT, "%s", pg_why(g.pg)->text);
	cr_assert_eq(c.times, 0);
	PROXY_SET(p, .mode = PROXY_PASS);
	cr_assert(call_wait(&g, &c, RECOVER_MS));
	cr_assert(c.ok);
	END(&g);
}

/* Wherever in the start-up, prepare or answer the line ends. */
Test(chaos_pg, answers_cut_after_every_byte)
{
	const char *url;
	struct proxy *p = proxy_before(server, &url);
	int heard_ok = 0, heard_io = 0;

	for (int n = 1; n <= 600; n += n < 120 ? 1 : 37) {
		struct call c, d;

		PROXY_SET(p, .cut_after = n);
		pgrig_begin(&g, url, 1);
		call_next(&g, &c, n, 150);
		call_next(&g, &d, n, 150);
		cr_assert(call_wait(&g, &c, SOON_MS) && call_wait(&g, &d, SOON_MS));
		rig_watch(&g.rig, 1);
		cr_assert_eq(c.times, 1);
		cr_assert_eq(d.times, 1);
		cr_assert(!c.ok || c.num == n + 1);
		cr_assert(c.ok || c.why.kind == ERR_IO || c.why.kind == ERR_TIMEOUT);
		heard_ok += c.ok;
		heard_io += !c.ok;
		END(&g);
	}
	cr_assert(heard_ok > 0 && heard_io > 20, "%d answered, %d not", heard_ok, heard_io);
}

Test(chaos_pg, running_statement_cut_leaves_the_others_alone)
{
	const char *url;
	struct proxy *p = proxy_before(server, &url);
	struct call lost, good;

	pgrig_begin(&g, url, 2);
	cr_assert(pgrig_recovers(&g, SOON_MS));
	call_sleep(&g, &lost, 30, 10000);
	rig_watch(&g.rig, 50);
	PROXY_SET(p, .cut_at_once = true);
	cr_assert(call_wait(&g, &lost, SOON_MS));
	cr_assert_eq(lost.why.kind, ERR_IO);
	call_next(&g, &good, 7, 5000);
	cr_assert(call_wait(&g, &good, RECOVER_MS));
	cr_assert(good.ok && good.num == 8);
	cr_assert_eq(lost.times, 1);
	END(&g);
}

Test(chaos_pg, thousands_of_statements_over_a_line_that_keeps_breaking)
{
	enum { CALLS = 3000, ROUNDS = 60 };
	static struct call calls[CALLS];
	const char *url;
	struct proxy *p = proxy_before(server, &url);
	unsigned seed = (unsigned)mono_us();
	int ok = 0;

	printf("seed %u\n", seed);
	srand(seed);
	pgrig_begin(&g, url, 4);
	for (int r = 0, n = 0; r < ROUNDS; r++) {
		PROXY_SET(p, .cut_after = rand() % 20000 + 1, .delay_ms = rand() % 3,
		          .cut_at_once = rand() % 3 == 0);
		for (int i = 0; i < CALLS / ROUNDS; i++, n++)
			call_next(&g, &calls[n], n, rand() % 400 + 50);
		rig_watch(&g.rig, rand() % 40);
	}
	PROXY_SET(p, .mode = PROXY_PASS);
	for (int n = 0; n < CALLS; n++)
		cr_assert(call_wait(&g, &calls[n], SOON_MS));
	rig_watch(&g.rig, 100);
	for (int n = 0; n < CALLS; n++) {
		cr_assert_eq(calls[n].times, 1);
		cr_assert(!calls[n].ok || calls[n].num == n + 1,
		          "an answer went to the wrong caller");
		ok += calls[n].ok;
	}
	cr_assert_eq(pg_pending(g.pg), 0);
	cr_assert_gt(ok, 0);
	cr_assert(pgrig_recovers(&g, RECOVER_MS));
	END(&g);
}

Test(chaos_pg, slow_line_is_no_failure)
{
	static const struct pg_stmt wide = { "chaos_wide", "SELECT repeat('x', 30000)" };
	const char *url;
	struct proxy *p = proxy_before(server, &url);
	struct call c;

	pgrig_begin(&g, url, 1);
	cr_assert(pgrig_recovers(&g, SOON_MS));
	PROXY_SET(p, .bytes_per_s = 60000);
	call_stmt(&g, &c, &wide, 5000);
	cr_assert(call_wait(&g, &c, 6000));
	cr_assert(c.ok && c.took_ms > 300, "%d ms: %s", (int)c.took_ms, c.why.text);
	END(&g);
}

static void
read_only(bool on)
{
	char sql[100];

	snprintf(sql, sizeof(sql), "ALTER SYSTEM SET default_transaction_read_only = %s",
	         on ? "on" : "off");
	pgserver_do(server, "SET default_transaction_read_only = off");
	pgserver_do(server, sql);
	pgserver_do(server, "SELECT pg_reload_conf()");
}

Test(chaos_pg, read_only_server_is_left_until_it_can_be_written_again)
{
	static const struct pg_stmt put = { "chaos_put", "INSERT INTO public.t VALUES (1)" };
	struct call c;

	pgserver_do(server, "CREATE TABLE t (n int)");
	pgrig_begin(&g, pgserver_url(server), 1);
	call_stmt(&g, &c, &put, 5000);
	cr_assert(call_wait(&g, &c, SOON_MS));
	cr_assert(c.ok, "%s", c.why.text);
	read_only(true);
	do { /* the reload reaches a session between two statements */
		call_stmt(&g, &c, &put, 5000);
		cr_assert(call_wait(&g, &c, SOON_MS));
	} while (c.ok);
	cr_assert_eq(c.why.kind, ERR_IO, "%s", c.why.text);
	cr_assert_eq(c.why.code, PG_STATE('2', '5', '0', '0', '6'));
	rig_watch(&g.rig, 500);
	cr_assert_not(pg_up(g.pg));
	read_only(false);
	call_stmt(&g, &c, &put, 10000);
	cr_assert(call_wait(&g, &c, 10000));
	cr_assert(c.ok, "%s", c.why.text);
	END(&g);
}

Test(chaos_pg, of_two_hosts_the_one_that_can_be_written_is_used)
{
	CLEANUP(harness_freep) struct harness *other = harness_new("pg2");
	struct pgserver *replica = pgserver_start(
	    other, (const char *const[]){ "default_transaction_read_only=on", NULL });
	const char *url = harness_text(h, "user=postgres dbname=postgres host=%s/pg,%s/pg",
	                               harness_dir(other), harness_dir(h));

	cr_assert(pgserver_try(replica, "SELECT 1"));
	pgrig_begin(&g, url, 3);
	cr_assert(pgrig_wait_up(&g, true, 2000), "%s", pg_why(g.pg)->text);
	cr_assert(pgrig_recovers(&g, SOON_MS));
	END(&g);
}

static bool
nobody_sleeps(void *arg)
{
	return pgserver_num(arg, "SELECT count(*) FROM pg_stat_activity WHERE application_name = "
	                         "'chaos' AND state = 'active'") == 0;
}

Test(chaos_pg, server_gives_up_what_nobody_waits_for)
{
	struct call c;

	cr_assert(nobody_sleeps(server));
	pgrig_begin(&g, pgserver_url(server), 1);
	call_sleep(&g, &c, 50, 500);
	cr_assert(call_wait(&g, &c, SOON_MS));
	cr_assert_eq(c.why.kind, ERR_TIMEOUT);
	cr_assert(wait_for(nobody_sleeps, server, 5000));
	cr_assert(pgrig_recovers(&g, RECOVER_MS));
	END(&g);
}

Test(chaos_pg, lock_held_by_another_ends_after_three_seconds)
{
	static const struct pg_stmt count = { "chaos_count", "SELECT count(*) FROM public.t" };
	struct call locked, free_one;

	pgserver_do(server, "CREATE TABLE t (n int)");
	pgserver_do(server, "BEGIN; LOCK TABLE t");
	pgrig_begin(&g, pgserver_url(server), 2);
	call_stmt(&g, &locked, &count, 9000);
	call_next(&g, &free_one, 1, 1000);
	cr_assert(call_wait(&g, &free_one, SOON_MS));
	cr_assert(free_one.ok, "the other connection is not held up");
	cr_assert(call_wait(&g, &locked, 5000));
	cr_assert_eq(locked.why.kind, ERR_REMOTE);
	cr_assert_eq(locked.why.code, PG_STATE('5', '5', 'P', '0', '3'));
	END(&g);
}

Test(chaos_pg, exhausted_connections_are_waited_for)
{
	struct pgrig greedy;
	struct call c;

	pgserver_do(server, "CREATE ROLE app LOGIN; ALTER ROLE app CONNECTION LIMIT 2");
	pgrig_begin(&greedy, harness_text(h, "user=app dbname=postgres host=%s/pg", harness_dir(h)),
	            2);
	cr_assert(pgrig_recovers(&greedy, SOON_MS));
	rig_watch(&greedy.rig, 100);
	pgrig_begin(&g, harness_text(h, "user=app dbname=postgres host=%s/pg", harness_dir(h)), 1);
	call_next(&g, &c, 1, 20000);
	rig_watch(&g.rig, 300);
	cr_assert_eq(c.times, 0);
	pg_free(greedy.pg);
	cr_assert(call_wait(&g, &c, RECOVER_MS));
	cr_assert(c.ok);
	pg_free(g.pg);
	rig_end(&g.rig);
	rig_end(&greedy.rig);
}

Test(chaos_pg, prepared_text_that_a_new_schema_made_useless_is_prepared_again)
{
	static const struct pg_stmt all = { "chaos_all", "SELECT * FROM public.t" };
	struct call c;

	pgserver_do(server, "CREATE TABLE t (n int); INSERT INTO t VALUES (3)");
	pgrig_begin(&g, pgserver_url(server), 1);
	call_stmt(&g, &c, &all, 2000);
	cr_assert(call_wait(&g, &c, SOON_MS) && c.num == 3);
	pgserver_do(server, "ALTER TABLE t ADD COLUMN m int");
	call_stmt(&g, &c, &all, 2000);
	cr_assert(call_wait(&g, &c, SOON_MS));
	cr_assert_eq(c.why.kind, ERR_IO, "%s", c.why.text);
	call_stmt(&g, &c, &all, 5000);
	cr_assert(call_wait(&g, &c, RECOVER_MS));
	cr_assert(c.ok && c.num == 3, "%s", c.why.text);
	END(&g);
}

Test(chaos_pg, freed_with_statements_running_and_waiting_calls_nobody)
{
	struct call c[5];

	pgrig_begin(&g, pgserver_url(server), 2);
	cr_assert(pgrig_recovers(&g, SOON_MS));
	for (int i = 0; i < 5; i++)
		call_sleep(&g, &c[i], 30, 10000);
	rig_watch(&g.rig, 50);
	pg_forget(g.pg, c[0].id);
	pg_forget(g.pg, c[4].id);
	END(&g);
	for (int i = 0; i < 5; i++)
		cr_assert_eq(c[i].times, 0);
}

struct news {
	int begun; /* listening began: what came before may have been missed */
	int heard;
	char last[64];
};

static void
on_news(const char *payload, void *arg)
{
	struct news *n = arg;

	if (!payload) {
		n->begun++;
		return;
	}
	n->heard++;
	snprintf(n->last, sizeof(n->last), "%s", payload);
}

Test(chaos_pg, notifications_come_again_after_the_server_came_again)
{
	struct news n = { 0 };

	pgrig_begin(&g, pgserver_url(server), 1);
	pg_listen(g.pg, "ttsync_event", on_news, &n);
	cr_assert(rig_count(&g.rig, &n.begun, 1, SOON_MS));
	pgserver_do(server, "NOTIFY ttsync_event, '17'");
	cr_assert(rig_count(&g.rig, &n.heard, 1, SOON_MS));
	cr_assert_str_eq(n.last, "17");
	pgserver_kill(server);
	rig_watch(&g.rig, 50);
	pgserver_restart(server);
	cr_assert(rig_count(&g.rig, &n.begun, 2, RECOVER_MS));
	pgserver_do(server, "NOTIFY ttsync_event, '18'");
	cr_assert(rig_count(&g.rig, &n.heard, 2, SOON_MS));
	cr_assert_str_eq(n.last, "18");
	pgserver_stop(server);
	END(&g);
}
