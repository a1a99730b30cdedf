#include "tests/unit/queue_fixture.h"

#include <criterion/criterion.h>

static int heard;
static struct err last;

static void
setup(void)
{
	fix_begin(NULL, NULL);
}

static void
teardown(void)
{
	fix_end();
}

static void
on_answer(const struct redis_reply *r, const struct err *e, void *arg)
{
	(void)arg;
	cr_assert_neq(!r, !e, "an answer or an error");
	heard++;
	last = e ? *e : (struct err){ 0 };
	loop_stop(loop);
}

static void
call(const char *word, const char *key)
{
	const char *argv[] = { word, key };

	redis_call(redis, key ? 2 : 1, argv, NULL, on_answer, NULL);
}

TestSuite(redis_conn, .init = setup, .fini = teardown, .timeout = 60);

Test(redis_conn, answers_keep_their_type)
{
	cr_assert_str_eq(ask("PING", NULL), "PONG");
	cr_assert_str_eq(ask("SET", "k", "7", NULL), "OK");
	cr_assert_str_eq(ask("GET", "k", NULL), "7");
	cr_assert_str_eq(ask("INCR", "k", NULL), "8");
	cr_assert_str_eq(ask("GET", "nothing", NULL), "");
	cr_assert_str_eq(ask("MGET", "k", "nothing", "k", NULL), "8  8");
}

Test(redis_conn, an_error_keeps_its_first_word)
{
	ask("SET", "k", "v", NULL);
	call("HLEN", "k");
	WAIT(heard == 1);
	cr_assert_eq(last.kind, ERR_REMOTE);
	cr_assert_str_eq(last.tag, "WRONGTYPE");
	cr_assert(redis_up(redis));
}

Test(redis_conn, values_may_hold_any_byte)
{
	const char *argv[] = { "SET", "k", "a\0b" };
	const size_t argl[] = { 3, 1, 3 };

	redis_call(redis, 3, argv, argl, on_answer, NULL);
	WAIT(heard == 1);
	cr_assert_str_eq(ask("STRLEN", "k", NULL), "3");
}

Test(redis_conn, while_down_a_command_fails_on_a_later_turn)
{
	server_kill();
	WAIT(!redis_up(redis));
	call("PING", NULL);
	cr_assert_eq(heard, 0);
	WAIT(heard == 1);
	cr_assert_eq(last.kind, ERR_IO);
	cr_assert_str_empty(redis_run_id(redis));
	server_start(NULL, NULL);
}

Test(redis_conn, a_server_that_returns_is_found_and_is_another)
{
	char id[64];

	snprintf(id, sizeof(id), "%s", redis_run_id(redis));
	cr_assert_eq(strlen(id), 40);
	server_kill();
	WAIT(!redis_up(redis));
	server_start(NULL, NULL);
	WAIT(redis_up(redis));
	cr_assert_str_neq(redis_run_id(redis), id);
}

Test(redis_conn, a_silent_server_is_given_up_within_two_seconds)
{
	struct mono from = mono_now();

	kill(fix_server, SIGSTOP);
	for (int i = 0; i < 10; i++)
		call("PING", NULL);
	WAIT(heard == 10);
	cr_assert_eq(last.kind, ERR_TIMEOUT);
	cr_assert_leq(mono_now().ms - from.ms, REDIS_TIMEOUT_MS + 200);
	cr_assert_not(redis_up(redis));
	kill(fix_server, SIGCONT);
	WAIT(redis_up(redis));
	cr_assert_str_eq(ask("PING", NULL), "PONG");
}

Test(redis_conn, commands_under_way_hear_of_a_killed_server)
{
	for (int i = 0; i < 100; i++)
		call("PING", NULL);
	server_kill();
	WAIT(heard == 100);
	cr_assert_eq(redis_pending(redis), 0);
	server_start(NULL, NULL);
	WAIT(redis_up(redis));
}

Test(redis_conn, a_read_only_server_is_left)
{
	ask("REPLICAOF", "127.0.0.1", "1", NULL);
	const char *argv[] = { "SET", "k", "v" };

	redis_call(redis, 3, argv, NULL, on_answer, NULL);
	WAIT(heard == 1);
	cr_assert_str_eq(last.tag, "READONLY");
	cr_assert_not(redis_up(redis));
	WAIT(redis_up(redis));
}

Test(redis_conn, a_script_runs_and_survives_being_forgotten)
{
	static struct redis_script s = { .name = "t", .text = "return KEYS[1] .. ARGV[1]" };
	const char *argv[] = { "k", "v" };

	for (int i = 0; i < 6; i++) {
		redis_eval(redis, &s, 1, 2, argv, fix_answer, NULL);
		answered_ = false;
		WAIT(answered_);
		cr_assert_str_eq(answer, "kv");
		if (i == 3) {
			cr_assert_eq(strlen(s.sha), 40);
			ask("SCRIPT", "FLUSH", NULL);
		}
	}
	for (int i = 0; i < 10; i++)
		redis_eval(redis, &s, 1, 2, argv, on_answer, NULL);
	ask("SCRIPT", "FLUSH", NULL);
	for (int i = 0; i < 10; i++)
		redis_eval(redis, &s, 1, 2, argv, on_answer, NULL);
	WAIT(heard == 20);
	cr_assert_eq(last.kind, ERR_NONE);
}

Test(redis_conn, much_is_sent_and_read_in_order)
{
	static char big[300000];

	memset(big, 'x', sizeof(big) - 1);
	ask("SET", "big", big, NULL);
	for (int i = 0; i < 50; i++)
		call("GET", "big");
	WAIT(heard == 50);
	cr_assert_eq(last.kind, ERR_NONE);
}

Test(redis_conn, what_is_under_way_is_cancelled_by_the_end)
{
	call("PING", NULL);
	redis_free(redis);
	redis = NULL;
	WAIT(heard == 1);
	cr_assert_eq(last.kind, ERR_CANCELLED);
}

static void
free_it(const struct redis_reply *r, const struct err *e, void *arg)
{
	(void)r;
	(void)e;
	(void)arg;
	redis_free(redis);
	redis = NULL;
}

Test(redis_conn, it_may_be_freed_by_its_own_callback)
{
	const char *argv[] = { "PING" };

	redis_call(redis, 1, argv, NULL, free_it, NULL);
	call("PING", NULL);
	WAIT(heard == 1);
	cr_assert_null(redis);
}

/* Another connection with these words; why[] is what it said when it did not come up. */
static struct redis *
connect_as(const char *url, const char *user, const char *password)
{
	struct redis_conf conf = { url, user, password };
	struct err e = { 0 };
	struct redis *r = redis_new(loop, &conf, &e);

	cr_assert_not_null(r, "%s", e.text);
	redis_on_change(r, fix_changed, NULL);
	return r;
}

Test(redis_conn, a_password_and_a_user_open_it)
{
	struct redis *r;

	ask("ACL", "SETUSER", "shop", "on", ">secret", "~*", "+@all", NULL);
	r = connect_as(fix_url, "shop", "secret");
	WAIT(redis_up(r));
	redis_free(r);
	r = connect_as(fix_url, "shop", "wrong");
	while (strstr(redis_why(r)->text, "not connected"))
		ask("PING", NULL);
	cr_assert_not(redis_up(r));
	cr_assert_str_eq(redis_why(r)->tag, "WRONGPASS");
	cr_assert_null(strstr(redis_why(r)->text, "secret"));
	redis_free(r);
}

Test(redis_conn, a_database_is_selected)
{
	struct redis *other, *first = redis;
	char url[160];

	ask("SET", "k", "zero", NULL);
	snprintf(url, sizeof(url), "%s?db=3", fix_url);
	other = connect_as(url, "", "");
	WAIT(redis_up(other));
	redis = other;
	cr_assert_str_eq(ask("GET", "k", NULL), "");
	redis = first;
	redis_free(other);
}

Test(redis_conn, no_server_is_no_end)
{
	struct redis *r = connect_as("unix:///nonexistent/socket", "", "");

	while (strstr(redis_why(r)->text, "not connected"))
		ask("PING", NULL);
	cr_assert_eq(redis_why(r)->kind, ERR_IO);
	redis_free(r);
	r = connect_as("redis://127.0.0.1:1", "", "");
	while (strstr(redis_why(r)->text, "not connected"))
		ask("PING", NULL);
	cr_assert_eq(redis_why(r)->kind, ERR_IO);
	redis_free(r);
}

Test(redis_conn, only_paths_and_addresses_are_urls)
{
	static const char *const bad[] = { "",
		                           "localhost",
		                           "redis://localhost:6379",
		                           "redis://1.2.3.4:",
		                           "redis://[::1]1",
		                           "redis://1.2.3.4:0",
		                           "redis://1.2.3.4:99999",
		                           "redis://1.2.3.4/x",
		                           "unix://relative",
		                           "unix:///p?db=x",
		                           "redis://[::1",
		                           "http://1.2.3.4" };
	static const char *const good[] = { "unix:///p",         "unix:///p?db=2",
		                            "redis://127.0.0.1", "redis://127.0.0.1:1/2",
		                            "redis://[::1]:1",   "redis://[::1]" };
	struct err e = { 0 };

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct redis_conf conf = { bad[i], "", "" };

		cr_assert_null(redis_new(loop, &conf, &e), "%s", bad[i]);
		cr_assert_eq(e.kind, ERR_INPUT, "%s", bad[i]);
	}
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		struct redis_conf conf = { good[i], NULL, NULL };
		struct redis *r = redis_new(loop, &conf, &e);

		cr_assert_not_null(r, "%s: %s", good[i], e.text);
		redis_free(r);
	}
}
