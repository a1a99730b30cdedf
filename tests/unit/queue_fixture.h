/*
 * queue_fixture: a Redis of the test's own on a unix socket in a temporary folder, a loop, and
 * questions asked in sequence. For the tests, the bench and the chaos tests of the queue.
 *
 * Failures abort, so that it serves Criterion tests and plain programs alike. The server dies with
 * the process that started it.
 */
#ifndef TTSYNC_QUEUE_FIXTURE_H
#define TTSYNC_QUEUE_FIXTURE_H

#include "common/crypto.h"
#include "common/str.h"
#include "daemon/base/counter.h"
#include "daemon/base/loop.h"
#include "daemon/io/redis.h"
#include "daemon/queue/queue.h"

#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define FIX_DEADLINE_MS 15000
#define FIX_UNUSED      __attribute__((unused))
#define OWNER_A         "aaaaaaaa-0000-4000-8000-000000000001"
#define OWNER_B         "bbbbbbbb-0000-4000-8000-000000000002"

static struct loop *loop;
static struct redis *redis;
static struct counters counters;
static struct timer fix_deadline;
static const char *fix_waits_for = "nothing";
static char fix_dir[64];
static char fix_url[128];
static pid_t fix_server;
static char answer[1 << 16]; /* of the last ask(): elements separated by blanks; "-" and an error */
static bool answered_;

#define DIE(...)                                                                                   \
	do {                                                                                       \
		fprintf(stderr, "%s:%d: ", __FILE__, __LINE__);                                    \
		fprintf(stderr, __VA_ARGS__);                                                      \
		fprintf(stderr, "\n");                                                             \
		abort();                                                                           \
	} while (0)

/* Turn the loop until cond holds; every callback of a test calls loop_stop. */
#define WAIT(cond)                                                                                 \
	do {                                                                                       \
		fix_waits_for = #cond;                                                             \
		timer_arm(&fix_deadline, FIX_DEADLINE_MS);                                         \
		while (!(cond))                                                                    \
			loop_run(loop);                                                            \
		timer_disarm(&fix_deadline);                                                       \
	} while (0)

static void
fix_late(void *arg)
{
	(void)arg;
	DIE("waited %d ms for: %s", FIX_DEADLINE_MS, fix_waits_for);
}

/* Read the server's log until it says that it is ready. */
static void
fix_wait_ready(int fd)
{
	char text[16384] = "";
	size_t len = 0;
	struct pollfd p = { .fd = fd, .events = POLLIN };

	while (!strstr(text, "ready to accept connections")) {
		ssize_t n;

		if (poll(&p, 1, FIX_DEADLINE_MS) != 1)
			DIE("redis-server does not start: %s", text);
		n = read(fd, text + len, sizeof(text) - 1 - len);
		if (n <= 0)
			DIE("redis-server ended: %s", text);
		len += (size_t)n;
		text[len] = '\0';
	}
}

/* Start (again) in the same folder; extra: one more option and its value, or NULL. */
static void
server_start(const char *option, const char *value)
{
	char sock[80];
	int fds[2], nul;

	if (pipe(fds))
		DIE("pipe");
	snprintf(sock, sizeof(sock), "%s/s", fix_dir);
	fix_server = fork();
	if (fix_server < 0)
		DIE("fork");
	if (!fix_server) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		nul = open("/dev/null", O_RDONLY);
		dup2(nul, 0);
		dup2(fds[1], 1);
		if (chdir(fix_dir))
			_exit(126);
		execlp("redis-server", "redis-server", "--port", "0", "--unixsocket", sock,
		       "--save", "", "--appendfsync", "always", option ? option : "--loglevel",
		       value ? value : "notice", (char *)NULL);
		_exit(127);
	}
	close(fds[1]);
	fix_wait_ready(fds[0]);
	fcntl(fds[0], F_SETFD, FD_CLOEXEC); /* left open: a server that logs must not meet EPIPE */
}

FIX_UNUSED static void
server_kill(void)
{
	kill(fix_server, SIGKILL);
	waitpid(fix_server, NULL, 0);
}

static void
fix_answer(const struct redis_reply *r, const struct err *e, void *arg)
{
	size_t len = 0;

	(void)arg;
	answered_ = true;
	answer[0] = '\0';
	if (e)
		snprintf(answer, sizeof(answer), "-%s", e->text);
	else if (redis_type(r) == REDIS_INT)
		snprintf(answer, sizeof(answer), "%" PRId64, redis_int(r));
	else if (redis_str(r))
		snprintf(answer, sizeof(answer), "%s", redis_str(r));
	for (size_t i = 0; redis_type(r) == REDIS_ARR && i < redis_len(r); i++) {
		const struct redis_reply *x = redis_at(r, i);

		len +=
		    (size_t)snprintf(answer + len, sizeof(answer) - len,
		                     redis_type(x) == REDIS_INT ? "%s%" PRId64 : "%s%.0" PRId64,
		                     i ? " " : "", redis_type(x) == REDIS_INT ? redis_int(x) : 0);
		if (redis_str(x))
			len += (size_t)snprintf(answer + len, sizeof(answer) - len, "%s",
			                        redis_str(x));
		if (len >= sizeof(answer))
			DIE("a very long answer");
	}
	loop_stop(loop);
}

/* Ask Redis with words up to a NULL; returns the answer as text. */
FIX_UNUSED __attribute__((sentinel)) static const char *
ask(const char *word, ...)
{
	const char *argv[32] = { word };
	int argc = 1;
	va_list ap;

	va_start(ap, word);
	while (argc < 32 && (argv[argc] = va_arg(ap, const char *)))
		argc++;
	va_end(ap);
	answered_ = false;
	redis_call(redis, argc, argv, NULL, fix_answer, NULL);
	WAIT(answered_);
	return answer;
}

/* An answer that is a whole number. */
FIX_UNUSED static int64_t
number(const char *text)
{
	int64_t v;

	if (str_i64(text, &v))
		DIE("not a number: %s", text);
	return v;
}

static void
fix_changed(bool up, void *arg)
{
	(void)up;
	(void)arg;
	loop_stop(loop);
}

static void
fix_connect(void)
{
	struct redis_conf conf = { .url = fix_url };
	struct err e = { 0 };

	redis = redis_new(loop, &conf, &e);
	if (!redis)
		DIE("%s", e.text);
	redis_on_change(redis, fix_changed, NULL);
	WAIT(redis_up(redis));
}

/* A loop, a server in a folder of its own (options: server_start), and redis, which is up. */
FIX_UNUSED static void
fix_begin(const char *option, const char *value)
{
	struct err e = { 0 };

	if (crypto_start())
		DIE("no random numbers");
	loop = loop_new(&e);
	if (!loop)
		DIE("%s", e.text);
	timer_init(&fix_deadline, loop, fix_late, NULL);
	str_copy(fix_dir, sizeof(fix_dir), "/tmp/ttq-XXXXXX");
	if (!mkdtemp(fix_dir))
		DIE("mkdtemp");
	snprintf(fix_url, sizeof(fix_url), "unix://%s/s", fix_dir);
	server_start(option, value);
	fix_connect();
}

FIX_UNUSED static void
fix_end(void)
{
	char cmd[96];

	if (redis)
		redis_free(redis);
	redis = NULL;
	timer_done(&fix_deadline);
	loop_free(loop);
	server_kill();
	snprintf(cmd, sizeof(cmd), "rm -rf %s", fix_dir);
	if (system(cmd))
		DIE("cannot remove %s", fix_dir);
}

/* ---- a queue and what it says ---- */

#define JOBS_MAX 4096

struct daemon {
	struct queue *queue;
	struct queue_job job[JOBS_MAX]; /* given out, oldest first */
	int jobs;
	struct queue_job lost[JOBS_MAX];
	int losses;
	int missing; /* times on_epoch_missing was called */
	bool mute;   /* do not answer it */
	bool works;  /* ends every job at once and wishes for another */
	int64_t ended;
};

static void
fix_on_jobs(const struct queue_job *jobs, int n, void *arg)
{
	struct daemon *d = arg;

	for (int i = 0; i < n && d->works; i++)
		queue_done(d->queue, &jobs[i], 0);
	for (int i = 0; i < n && !d->works && d->jobs < JOBS_MAX; i++)
		d->job[d->jobs++] = jobs[i];
	if (d->works) {
		d->ended += n;
		queue_claim(d->queue, QUEUE_BATCH);
	}
	loop_stop(loop);
}

static void
fix_on_missing(void *arg)
{
	static int64_t sequence = 100;
	struct daemon *d = arg;

	d->missing++;
	if (!d->mute)
		queue_set_epoch(d->queue, ++sequence);
	loop_stop(loop);
}

static void
fix_on_lost(const struct queue_job *job, void *arg)
{
	struct daemon *d = arg;

	if (d->losses < JOBS_MAX)
		d->lost[d->losses++] = *job;
	loop_stop(loop);
}

FIX_UNUSED static void
daemon_start(struct daemon *d, struct redis *r, struct queue_conf conf)
{
	static const struct queue_ops ops = { fix_on_jobs, fix_on_missing, fix_on_lost };
	struct err e = { 0 };

	d->jobs = d->losses = 0;
	if (!conf.partition)
		conf.partition = "";
	if (!conf.owner)
		conf.owner = OWNER_A;
	if (!conf.poll_ms)
		conf.poll_ms = 5;
	d->queue = queue_new(loop, r, &counters, &conf, &ops, d, &e);
	if (!d->queue)
		DIE("%s", e.text);
}

/* Ask Redis nothing until the queue can work. */
FIX_UNUSED static void
daemon_ready(struct daemon *d)
{
	while (!queue_ready(d->queue))
		ask("PING", NULL);
}

/* Wait until what the queue was told has reached Redis. */
FIX_UNUSED static void
daemon_settle(struct daemon *d)
{
	do
		ask("PING", NULL);
	while (!queue_settled(d->queue));
}

/* Claim one job and wait for it. */
FIX_UNUSED static struct queue_job
daemon_claim(struct daemon *d)
{
	d->jobs = 0;
	queue_claim(d->queue, 1);
	WAIT(d->jobs == 1);
	return d->job[0];
}

/* ---- invariants Q1 to Q4, and that scores tell the due times, in one atomic look ---- */

static const char check_lua[] =
    "local PEND, READY, DELAYED, LEASED, TOKEN = unpack(KEYS)\n"
    "local function set(list) local t = {} for _, s in ipairs(list) do t[s] = true end return t "
    "end\n"
    "local ready = set(redis.call('ZRANGE', READY, 0, -1))\n"
    "local delayed = set(redis.call('ZRANGE', DELAYED, 0, -1))\n"
    "local leased = set(redis.call('ZRANGE', LEASED, 0, -1))\n"
    "local rows = set(redis.call('HKEYS', TOKEN))\n"
    "local first = {}\n"
    "for _, f in ipairs(redis.call('HKEYS', PEND)) do\n"
    "  local s, k = string.match(f, '^([1-9]%d*)|(%l+)$')\n"
    "  local v = redis.call('HGET', PEND, f)\n"
    "  local d = string.match(v, '^(%d+),%d+$')\n"
    "  if not s or not d then return 'Q3 ' .. f .. ' = ' .. v end\n"
    "  first[s] = math.min(first[s] or math.huge, tonumber(d))\n"
    "end\n"
    "local all = {}\n"
    "for _, t in ipairs({ ready, delayed, leased, rows, first }) do\n"
    "  for s in pairs(t) do all[s] = true end\n"
    "end\n"
    "for s in pairs(all) do\n"
    "  local n = (ready[s] and 1 or 0) + (delayed[s] and 1 or 0) + (leased[s] and 1 or 0)\n"
    "  if n > 1 then return 'Q1 shop ' .. s end\n"
    "  local waits = (ready[s] or delayed[s]) and true or false\n"
    "  if waits ~= (first[s] ~= nil and not leased[s]) then return 'Q2 shop ' .. s end\n"
    "  if (leased[s] or false) ~= (rows[s] or false) then return 'Q4 shop ' .. s end\n"
    "  if delayed[s] and tonumber(redis.call('ZSCORE', DELAYED, s)) ~= first[s] then\n"
    "    return 'delayed score of ' .. s\n"
    "  end\n"
    "end\n"
    "return 'OK'\n";

FIX_UNUSED static const char *
check(void)
{
	static struct redis_script script = { .name = "check", .text = check_lua };
	static const char *const keys[] = { "{ttq}:pend", "{ttq}:ready", "{ttq}:delayed",
		                            "{ttq}:leased", "{ttq}:token" };

	answered_ = false;
	redis_eval(redis, &script, 5, 5, keys, fix_answer, NULL);
	WAIT(answered_);
	return answer;
}

#endif
