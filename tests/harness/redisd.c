#include "tests/harness/redisd.h"

#include "common/own.h"
#include "tests/harness/harness.h"
#include "tests/harness/proc.h"
#include "tests/harness/wait.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define WORDS_MAX 64
#define START_MS  15000
#define STOP_MS   10000
#define CMD_MS    10000

struct redisd {
	struct harness *harness;
	struct proc *proc;
	const char *socket;
	const char *argv[WORDS_MAX];
};

static bool
accepts(void *arg)
{
	struct redisd *r = arg;
	const char *argv[] = { "redis-cli", "-s", r->socket, "ping", NULL };
	struct proc_run run;
	bool pong;

	if (!proc_alive(r->proc))
		return true;
	if (!wait_listen(r->socket, 0))
		return false;
	proc_run(r->harness, argv, NULL, CMD_MS, &run);
	pong = !strncmp(run.out, "PONG", 4);
	proc_run_done(&run);
	return pong;
}

static void
launch(struct redisd *r)
{
	unlink(r->socket); /* a killed server leaves it behind */
	r->proc = proc_spawn(r->harness, "redis", r->argv, NULL);
	if (!wait_for(accepts, r, START_MS) || !proc_alive(r->proc))
		harness_die(proc_log(r->proc), "Redis does not start");
}

struct redisd *
redisd_start(struct harness *h, const char *const *args)
{
	struct redisd *r = harness_alloc(sizeof(*r));
	const char *dir = harness_path(h, "redis");
	const char *base[] = { "redis-server",
		               "--port",
		               "0",
		               "--unixsocket",
		               NULL,
		               "--dir",
		               NULL,
		               "--appendonly",
		               "yes",
		               "--appendfsync",
		               "no",
		               "--save",
		               "",
		               "--daemonize",
		               "no" };
	int n = 0;

	harness_at_end(h, free, r);
	r->harness = h;
	r->socket = harness_path(h, "redis.sock");
	base[4] = r->socket;
	base[6] = dir;
	mkdir(dir, 0700);
	for (size_t i = 0; i < ARRAY_LEN(base); i++)
		r->argv[n++] = base[i];
	for (; args && *args; args++) {
		if (n == WORDS_MAX - 1)
			harness_die(NULL, "more than %d words for redis-server", WORDS_MAX);
		r->argv[n++] = *args;
	}
	launch(r);
	return r;
}

const char *
redisd_socket(const struct redisd *r)
{
	return r->socket;
}

const char *
redisd_log(const struct redisd *r)
{
	return proc_log(r->proc);
}

pid_t
redisd_pid(const struct redisd *r)
{
	return proc_pid(r->proc);
}

void
redisd_stop(struct redisd *r)
{
	proc_stop(r->proc, SIGTERM, STOP_MS);
}

void
redisd_kill(struct redisd *r)
{
	proc_kill(r->proc);
}

void
redisd_restart(struct redisd *r)
{
	launch(r);
}

void
redisd_pause(struct redisd *r)
{
	proc_signal(r->proc, SIGSTOP);
}

void
redisd_continue(struct redisd *r)
{
	proc_signal(r->proc, SIGCONT);
}

char *
redisd_cmd(struct redisd *r, const char *const *words)
{
	const char *argv[WORDS_MAX] = { "redis-cli", "-s", r->socket, "-e" };
	struct proc_run run;
	char *out;
	int n = 4;

	while (*words && n < WORDS_MAX - 1)
		argv[n++] = *words++;
	if (*words)
		harness_die(NULL, "more than %d words for redis-cli", WORDS_MAX);
	proc_run(r->harness, argv, NULL, CMD_MS, &run);
	if (run.code != 0)
		harness_die(proc_log(r->proc), "redis-cli %s: %s%s", argv[4], run.out, run.err);
	out = STEAL(run.out);
	while (run.out_len && out[run.out_len - 1] == '\n')
		out[--run.out_len] = '\0';
	proc_run_done(&run);
	return out;
}

int64_t
redisd_num(struct redisd *r, const char *const *words)
{
	CLEANUP(own_free) char *out = redisd_cmd(r, words);

	return strtoll(out, NULL, 10);
}
