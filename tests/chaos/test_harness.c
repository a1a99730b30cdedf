/*
 * The harness holds what it promises: servers come back, nothing outlives a test.
 */
#include "common/own.h"
#include "tests/harness/certs.h"
#include "tests/harness/harness.h"
#include "tests/harness/pgserver.h"
#include "tests/harness/proc.h"
#include "tests/harness/redisd.h"
#include "tests/harness/wait.h"
#include "tests/harness/web.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

Test(harness, postgresql_survives_kill_and_pause)
{
	CLEANUP(harness_freep) struct harness *h = harness_new("self");
	struct pgserver *s = pgserver_start(h, (const char *const[]){ "max_connections=20", NULL });
	char *rows;

	pgserver_do(s, "CREATE TABLE t (n int, s text); INSERT INTO t VALUES (1, 'a'), (2, NULL)");
	pgserver_kill(s);
	cr_assert(access(pgserver_socket(s), F_OK) == 0, "a killed server leaves its socket");
	pgserver_restart(s);
	rows = pgserver_query(s, "SELECT n, s FROM t ORDER BY n");
	cr_assert_str_eq(rows, "1|a\n2|");
	free(rows);
	pgserver_pause(s);
	pgserver_continue(s);
	cr_assert_eq(pgserver_num(s, "SELECT count(*) FROM t"), 2);
	cr_assert_eq(pgserver_num(s, "SELECT current_setting('max_connections')"), 20);
	cr_assert_not(pgserver_try(s, "SELECT nonsense"));
	pgserver_stop(s);
	cr_assert_neq(access(pgserver_socket(s), F_OK), 0);
	pgserver_restart(s);
	cr_assert(pgserver_try(s, "SELECT 1"));
}

Test(harness, redis_keeps_what_it_answered_over_kill)
{
	CLEANUP(harness_freep) struct harness *h = harness_new("self");
	struct redisd *r = redisd_start(h, (const char *const[]){ "--maxmemory", "64mb", NULL });
	char *v;

	v = REDISD_CMD(r, "SET", "a", "b c");
	cr_assert_str_eq(v, "OK");
	free(v);
	redisd_kill(r);
	redisd_restart(r);
	v = REDISD_CMD(r, "GET", "a");
	cr_assert_str_eq(v, "b c");
	free(v);
	cr_assert_eq(REDISD_NUM(r, "EXISTS", "a", "z"), 1);
	redisd_pause(r);
	redisd_continue(r);
	redisd_stop(r);
}

Test(harness, a_program_is_run_with_input_output_and_code)
{
	CLEANUP(harness_freep) struct harness *h = harness_new("self");
	const char *script = "cat; echo wrong >&2; exit 7";
	const char *cat[] = { "sh", "-c", script, NULL };
	const char *hang[] = { "sh", "-c", "sleep 100", NULL };
	struct proc_run r;

	proc_run(h, cat, "in\n", 5000, &r);
	cr_assert_eq(r.code, 7);
	cr_assert_str_eq(r.out, "in\n");
	cr_assert_str_eq(r.err, "wrong\n");
	proc_run_done(&r);
	proc_run(h, hang, NULL, 50, &r);
	cr_assert_eq(r.code, -1);
	proc_run_done(&r);
}

Test(harness, a_spawned_program_gets_environment_log_and_signals)
{
	CLEANUP(harness_freep) struct harness *h = harness_new("self");
	const char *argv[] = { "sh", "-c",
		               "trap 'exit 3' TERM; echo $A; while :; do read x; sleep 0.01; done",
		               NULL };
	const char *env[] = { "A=bc", NULL };
	struct proc *p = proc_spawn(h, "prog", argv, &(struct proc_opts){ .env = env });

	cr_assert(wait_text(proc_log(p), "bc\n", 5000));
	cr_assert(proc_alive(p));
	cr_assert_eq(proc_stop(p, SIGTERM, 5000), 3);
	cr_assert_not(proc_alive(p));
}

Test(harness, https_is_spoken_to_a_server_with_our_certificate)
{
	CLEANUP(harness_freep) struct harness *h = harness_new("self");
	struct certs c = certs_make(h), other = certs_make(h);
	const char *port = harness_text(h, "%d", harness_port());
	const char *url = harness_text(h, "https://localhost:%s/", port);
	const char *argv[] = { "openssl", "s_server", "-accept", port,     "-cert", c.cert,
		               "-key",    c.key,      "-www",    "-quiet", NULL };
	struct web_answer a;
	char type[64];

	proc_spawn(h, "s_server", argv, NULL);
	cr_assert(wait_listen(port, 5000));
	web_send(h, &(struct web_req){ .url = url, .ca = c.ca }, &a);
	cr_assert_eq(a.status, 200, "%s", a.why);
	cr_assert_str_eq(web_header(&a, "content-type", type, sizeof(type)), "text/html");
	cr_assert(strstr(a.body, "TLS"));
	web_done(&a);
	web_send(h, &(struct web_req){ .url = url, .ca = other.ca }, &a);
	cr_assert_eq(a.status, 0);
	cr_assert(*a.why);
	web_done(&a);
}

static bool
is_gone(void *arg)
{
	pid_t pid = *(pid_t *)arg;

	waitpid(pid, NULL, WNOHANG);
	return kill(pid, 0) && errno == ESRCH;
}

static bool
dir_gone(void *arg)
{
	return access(arg, F_OK) != 0;
}

Test(harness, nothing_outlives_a_killed_test)
{
	struct {
		pid_t server;
		pid_t frozen;
		char dir[200];
	} said;
	int ends[2];
	pid_t test;

	/* so that we, not init, inherit what the killed test leaves, and can tell when it is gone
	 */
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	cr_assert_eq(pipe(ends), 0);
	test = fork();
	if (test == 0) {
		struct harness *h = harness_new("killed");
		struct pgserver *s = pgserver_start(h, NULL);
		const char *argv[] = { "sleep", "1000", NULL };
		struct proc *p = proc_spawn(h, "sleep", argv, NULL);

		pgserver_pause(s);
		proc_signal(p, SIGSTOP);
		said.server = pgserver_pid(s);
		said.frozen = proc_pid(p);
		snprintf(said.dir, sizeof(said.dir), "%s", harness_dir(h));
		if (write(ends[1], &said, sizeof(said)) != sizeof(said))
			abort();
		pause();
	}
	close(ends[1]);
	cr_assert_eq(read(ends[0], &said, sizeof(said)), sizeof(said));
	kill(test, SIGKILL);
	cr_assert_eq(waitpid(test, NULL, 0), test);
	cr_assert(wait_for(is_gone, &said.server, 10000));
	cr_assert(wait_for(is_gone, &said.frozen, 10000));
	cr_assert(wait_for(dir_gone, said.dir, 10000));
}
