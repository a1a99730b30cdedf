#include "tests/harness/proc.h"

#include "common/clock.h"
#include "tests/harness/harness.h"
#include "tests/harness/wait.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define CODE_NOEXEC 127
#define EXEC_MS     30000
#define KILL_MS     30000 /* a killed process that is not gone by then hangs in the kernel */

struct proc {
	struct harness *harness;
	pid_t pid;
	int pidfd;
	int code; /* -1 while it runs */
	const char *log;
};

extern char **environ;

/* Everything the child needs, made before the fork: after it only plain system calls are safe. */
struct plan {
	const char *const *argv;
	char **env;
	int in, out, err;
	int told; /* closed by the exec: until then the child holds copies of all we hold */
	bool switch_user;
	uid_t uid;
	gid_t gid;
	int death_signal;
	pid_t parent;
};

static _Noreturn void
child_run(const struct plan *p)
{
	sigset_t none;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGPIPE, SIG_DFL);
	if (dup2(p->in, 0) < 0 || dup2(p->out, 1) < 0 || dup2(p->err, 2) < 0)
		_exit(CODE_NOEXEC);
	if (p->told != 3 && dup2(p->told, 3) < 0)
		_exit(CODE_NOEXEC);
	fcntl(3, F_SETFD, FD_CLOEXEC);
	close_range(4, ~0U, 0);
	if (p->switch_user && (setgroups(0, NULL) || setgid(p->gid) || setuid(p->uid)))
		_exit(CODE_NOEXEC);
	prctl(PR_SET_PDEATHSIG, p->death_signal); /* after setuid, which clears it */
	if (getppid() != p->parent)
		_exit(CODE_NOEXEC);
	execvpe(p->argv[0], (char *const *)(uintptr_t)p->argv, p->env);
	_exit(CODE_NOEXEC);
}

static size_t
env_len(const char *const *list)
{
	size_t n = 0;

	while (list && list[n])
		n++;
	return n;
}

/* Our environment with more before it, the harness's last of that: getenv takes the first of a
 * name. */
static char **
env_with(const char *const *more, const char *const *all)
{
	const char *const *lists[] = { more, all, (const char *const *)environ };
	size_t at = 0;
	char **env =
	    harness_alloc((env_len(more) + env_len(all) + env_len(lists[2]) + 1) * sizeof(*env));

	for (size_t k = 0; k < ARRAY_LEN(lists); k++)
		for (size_t i = 0; lists[k] && lists[k][i]; i++)
			env[at++] = (char *)(uintptr_t)lists[k][i];
	return env;
}

static void
make_pipe(int ends[2])
{
	if (pipe2(ends, O_CLOEXEC))
		harness_die(NULL, "no pipe: %s", strerror(errno));
}

static pid_t
start(struct harness *h, struct plan *p, const struct proc_opts *opts)
{
	const struct passwd *pw = NULL;
	int told[2];
	pid_t pid;

	p->env = env_with(opts ? opts->env : NULL, harness_env_of(h, p->argv[0]));
	p->death_signal = opts && opts->death_signal ? opts->death_signal : SIGKILL;
	p->parent = getpid();
	if (opts && opts->user && geteuid() == 0) {
		pw = getpwnam(opts->user);
		if (!pw)
			harness_die(NULL, "no user %s", opts->user);
		p->switch_user = true;
		p->uid = pw->pw_uid;
		p->gid = pw->pw_gid;
	}
	make_pipe(told);
	p->told = told[1];
	fflush(NULL);
	pid = fork();
	if (pid < 0)
		harness_die(NULL, "cannot fork: %s", strerror(errno));
	if (pid == 0)
		child_run(p);
	close(told[1]);
	wait_fd(told[0], POLLHUP, EXEC_MS);
	close(told[0]);
	free(p->env);
	harness_hold(h, pid);
	return pid;
}

static int
code_of(int status)
{
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* Wait for the end of pid until its deadline. */
static int
reap(struct harness *h, pid_t pid, int pidfd, int ms)
{
	int status;

	if (!wait_fd(pidfd, POLLIN, ms))
		return -1;
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			harness_die(NULL, "lost process %d: %s", (int)pid, strerror(errno));
	harness_release(h, pid);
	return code_of(status);
}

static int
pidfd_of(pid_t pid)
{
	int fd = pidfd_open(pid, 0);

	if (fd < 0)
		harness_die(NULL, "no pidfd for %d: %s", (int)pid, strerror(errno));
	return harness_fd(fd);
}

static void
proc_free(void *arg)
{
	struct proc *p = arg;

	proc_kill(p);
	close(p->pidfd);
	free(p);
}

struct proc *
proc_spawn(struct harness *h, const char *name, const char *const *argv,
           const struct proc_opts *opts)
{
	struct proc *p = harness_alloc(sizeof(*p));
	struct plan plan = { .argv = argv };

	p->harness = h;
	p->code = -1;
	p->log = harness_path(h, "%s.log", name);
	plan.in = open("/dev/null", O_RDONLY | O_CLOEXEC);
	plan.out = plan.err = open(p->log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
	if (plan.in < 0 || plan.out < 0)
		harness_die(NULL, "cannot open %s: %s", p->log, strerror(errno));
	p->pid = start(h, &plan, opts);
	close(plan.in);
	close(plan.out);
	p->pidfd = pidfd_of(p->pid);
	harness_at_end(h, proc_free, p);
	return p;
}

pid_t
proc_pid(const struct proc *p)
{
	return p->pid;
}

const char *
proc_log(const struct proc *p)
{
	return p->log;
}

bool
proc_alive(struct proc *p)
{
	return proc_wait(p, 0) < 0;
}

int
proc_wait(struct proc *p, int ms)
{
	if (p->code < 0)
		p->code = reap(p->harness, p->pid, p->pidfd, ms);
	return p->code;
}

void
proc_signal(struct proc *p, int signo)
{
	if (p->code < 0)
		kill(p->pid, signo);
}

int
proc_stop(struct proc *p, int signo, int ms)
{
	proc_signal(p, signo);
	if (proc_wait(p, ms) < 0)
		proc_kill(p);
	return p->code;
}

void
proc_kill(struct proc *p)
{
	if (p->code >= 0)
		return;
	harness_kill_tree(p->pid);
	if (proc_wait(p, KILL_MS) < 0)
		harness_die(p->log, "process %d cannot be killed", (int)p->pid);
}

/* --- run to the end -------------------------------------------------------------------------- */

struct stream {
	int fd; /* -1: at its end */
	char *data;
	size_t len;
	size_t room;
};

static void
stream_read(struct stream *s)
{
	ssize_t n;

	if (s->room - s->len < 4096) {
		s->room = s->room ? s->room * 2 : 16384;
		s->data = realloc(s->data, s->room);
		if (!s->data)
			harness_die(NULL, "no memory for a program's output");
	}
	n = read(s->fd, s->data + s->len, s->room - s->len - 1);
	if (n > 0) {
		s->len += (size_t)n;
	} else if (n == 0 || errno != EINTR) {
		close(s->fd);
		s->fd = -1;
	}
}

static void
feed(struct stream *in)
{
	ssize_t n = write(in->fd, in->data + in->room, in->len - in->room);

	if (n > 0)
		in->room += (size_t)n; /* for the input, room counts what was written */
	if ((n < 0 && errno != EINTR && errno != EAGAIN) || in->room == in->len) {
		close(in->fd);
		in->fd = -1;
	}
}

/* Move bytes until both outputs are at their end, or the deadline. */
static void
converse(struct stream *in, struct stream *out, struct stream *err, int64_t end)
{
	while (out->fd >= 0 || err->fd >= 0) {
		struct pollfd p[3] = { { .fd = in->fd, .events = POLLOUT },
			               { .fd = out->fd, .events = POLLIN },
			               { .fd = err->fd, .events = POLLIN } };
		int64_t left = end - mono_now().ms;

		if (left <= 0 || (poll(p, 3, (int)left) < 0 && errno != EINTR))
			return;
		if (p[0].revents)
			feed(in);
		if (p[1].revents)
			stream_read(out);
		if (p[2].revents)
			stream_read(err);
	}
}

static void
close_stream(struct stream *s)
{
	if (s->fd >= 0)
		close(s->fd);
}

/* The text of a stream, also of one that never said anything. */
static char *
text_of(struct stream *s)
{
	close_stream(s);
	if (!s->data)
		s->data = harness_alloc(1);
	s->data[s->len] = '\0';
	return s->data;
}

void
proc_run(struct harness *h, const char *const *argv, const char *input, int ms,
         struct proc_run *ret)
{
	int64_t end = mono_now().ms + ms;
	struct plan plan = { .argv = argv };
	struct stream in = { .data = (char *)(uintptr_t)(input ? input : "") };
	struct stream out = { 0 }, err = { 0 };
	int i[2], o[2], e[2], pidfd;
	void (*old)(int) = signal(SIGPIPE, SIG_IGN);
	pid_t pid;

	make_pipe(i);
	make_pipe(o);
	make_pipe(e);
	plan.in = i[0];
	plan.out = o[1];
	plan.err = e[1];
	pid = start(h, &plan, NULL);
	close(i[0]);
	close(o[1]);
	close(e[1]);
	pidfd = pidfd_of(pid);
	in.fd = i[1];
	in.len = strlen(in.data);
	fcntl(in.fd, F_SETFL, O_NONBLOCK);
	out.fd = o[0];
	err.fd = e[0];
	converse(&in, &out, &err, end);
	close_stream(&in);
	ret->code = reap(h, pid, pidfd, end > mono_now().ms ? (int)(end - mono_now().ms) : 0);
	if (ret->code < 0) {
		harness_kill_tree(pid);
		reap(h, pid, pidfd, KILL_MS);
	}
	close(pidfd);
	signal(SIGPIPE, old);
	*ret = (struct proc_run){ ret->code, text_of(&out), out.len, text_of(&err), err.len };
}

void
proc_run_done(struct proc_run *r)
{
	free(r->out);
	free(r->err);
	*r = (struct proc_run){ 0 };
}
