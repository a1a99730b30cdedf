#include "tests/harness/harness.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define LOG_TAIL     4000 /* bytes of a log shown by harness_die */
#define CHILDREN_MAX 256

struct ending {
	struct ending *next;
	void (*fn)(void *arg);
	void *arg;
};

struct harness {
	char *dir;
	pid_t *held; /* HARNESS_PROCS_MAX pids, shared with the guard; 0 is a free place */
	pid_t guard;
	int guard_fd; /* the guard acts when the last copy of this end is closed */
	struct ending *endings;
	const char *env[HARNESS_ENV_MAX + 1];
	int nenv;
};

static bool
keep_dir(void)
{
	const char *s = getenv("HARNESS_KEEP");

	return s && *s && strcmp(s, "0") != 0;
}

static void
show_tail(const char *path)
{
	char buf[LOG_TAIL];
	FILE *f = fopen(path, "r");
	size_t n;

	if (!f)
		return;
	if (fseek(f, -(long)sizeof(buf), SEEK_END))
		rewind(f);
	n = fread(buf, 1, sizeof(buf), f);
	fprintf(stderr, "--- end of %s ---\n%.*s\n", path, (int)n, buf);
	fclose(f);
}

void
harness_die(const char *log, const char *fmt, ...)
{
	va_list ap;

	fputs("harness: ", stderr);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	if (log)
		show_tail(log);
	fflush(stderr);
	abort();
}

void *
harness_alloc(size_t size)
{
	void *p = calloc(1, size);

	if (!p)
		harness_die(NULL, "no memory for %zu bytes", size);
	return p;
}

int
harness_fd(int fd)
{
	int high;

	if (fd < 0)
		return fd;
	high = fcntl(fd, F_DUPFD_CLOEXEC, HARNESS_FD_MIN);
	if (high < 0)
		harness_die(NULL, "no descriptor: %s", strerror(errno));
	close(fd);
	return high;
}

void
harness_env(struct harness *h, const char *text)
{
	if (h->nenv == HARNESS_ENV_MAX)
		harness_die(NULL, "more than %d variables", HARNESS_ENV_MAX);
	h->env[h->nenv++] = text;
}

const char *const *
harness_env_of(const struct harness *h, const char *program)
{
	static const char *const none[] = { NULL };

	return strncmp(program, "redis-", 6) != 0 ? h->env : none;
}

/* --- processes ------------------------------------------------------------------------------- */

int
harness_children(pid_t pid, pid_t *ret, int max)
{
	char path[64];
	FILE *f;
	int n = 0;

	snprintf(path, sizeof(path), "/proc/%d/task/%d/children", (int)pid, (int)pid);
	f = fopen(path, "re");
	while (f && n < max && fscanf(f, "%d", &ret[n]) == 1)
		n++;
	if (f)
		fclose(f);
	return n;
}

/* Breadth first into one list, so that no parent is killed before its children are known. */
void
harness_kill_tree(pid_t pid)
{
	pid_t all[CHILDREN_MAX] = { pid };
	int n = 1;

	for (int i = 0; i < n && n < CHILDREN_MAX; i++)
		n += harness_children(all[i], all + n, CHILDREN_MAX - n);
	for (int i = 0; i < n; i++)
		kill(all[i], SIGKILL);
}

static int
remove_one(const char *path, const struct stat *st, int type, struct FTW *at)
{
	(void)st;
	(void)type;
	(void)at;
	remove(path);
	return 0;
}

static void
remove_dir(const char *dir)
{
	if (keep_dir())
		fprintf(stderr, "harness: kept %s\n", dir);
	else
		nftw(dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

/* The guard: waits until the test is gone, then ends what it left behind. */
static _Noreturn void
guard_run(const struct harness *h, int fd)
{
	char c;

	prctl(PR_SET_NAME, "harness-guard");
	for (int no = 1; no < NSIG; no++)
		signal(no, SIG_IGN); /* a ^C at the terminal is for the test */
	while (read(fd, &c, 1) < 0 && errno == EINTR)
		;
	for (int i = 0; i < HARNESS_PROCS_MAX; i++)
		if (h->held[i])
			harness_kill_tree(h->held[i]);
	remove_dir(h->dir);
	_exit(0);
}

static void
guard_start(struct harness *h)
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC))
		harness_die(NULL, "no pipe: %s", strerror(errno));
	fflush(NULL);
	h->guard = fork();
	if (h->guard < 0)
		harness_die(NULL, "no guard process: %s", strerror(errno));
	if (h->guard == 0) {
		int null = open("/dev/null", O_RDWR);

		dup2(ends[0], 3); /* nothing of the test's may stay open through us */
		close_range(4, ~0U, 0);
		if (!keep_dir() && null >= 0)
			dup2(null, 2);
		if (null >= 0) {
			dup2(null, 0);
			dup2(null, 1);
		}
		guard_run(h, 3);
	}
	close(ends[0]);
	h->guard_fd = harness_fd(ends[1]);
}

void
harness_hold(struct harness *h, pid_t pid)
{
	for (int i = 0; i < HARNESS_PROCS_MAX; i++) {
		if (!h->held[i]) {
			h->held[i] = pid;
			return;
		}
	}
	harness_die(NULL, "more than %d processes", HARNESS_PROCS_MAX);
}

void
harness_release(struct harness *h, pid_t pid)
{
	for (int i = 0; i < HARNESS_PROCS_MAX; i++)
		if (h->held[i] == pid)
			h->held[i] = 0;
}

void
harness_at_end(struct harness *h, void (*fn)(void *arg), void *arg)
{
	struct ending *e = harness_alloc(sizeof(*e));

	*e = (struct ending){ h->endings, fn, arg };
	h->endings = e;
}

/* --- the directory --------------------------------------------------------------------------- */

struct harness *
harness_new(const char *name)
{
	struct harness *h = harness_alloc(sizeof(*h));
	const char *tmp = getenv("TMPDIR");

	if (asprintf(&h->dir, "%s/tt-%s-XXXXXX", tmp && *tmp ? tmp : "/tmp", name) < 0)
		harness_die(NULL, "no memory");
	if (!mkdtemp(h->dir) || chmod(h->dir, 0711))
		harness_die(NULL, "cannot make %s: %s", h->dir, strerror(errno));
	h->held = mmap(NULL, HARNESS_PROCS_MAX * sizeof(*h->held), PROT_READ | PROT_WRITE,
	               MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (h->held == MAP_FAILED)
		harness_die(NULL, "no shared memory: %s", strerror(errno));
	guard_start(h);
	return h;
}

void
harness_free(struct harness *h)
{
	struct ending *e;

	if (!h)
		return;
	while ((e = h->endings)) {
		h->endings = e->next;
		e->fn(e->arg);
		free(e);
	}
	close(h->guard_fd); /* the guard removes the directory */
	while (waitpid(h->guard, NULL, 0) < 0 && errno == EINTR)
		;
	munmap(h->held, HARNESS_PROCS_MAX * sizeof(*h->held));
	free(h->dir);
	free(h);
}

const char *
harness_dir(const struct harness *h)
{
	return h->dir;
}

static char *__attribute__((format(printf, 2, 0)))
text_by(struct harness *h, const char *fmt, va_list ap)
{
	char *s;

	if (vasprintf(&s, fmt, ap) < 0)
		harness_die(NULL, "no memory");
	harness_at_end(h, free, s);
	return s;
}

const char *
harness_text(struct harness *h, const char *fmt, ...)
{
	va_list ap;
	char *s;

	va_start(ap, fmt);
	s = text_by(h, fmt, ap);
	va_end(ap);
	return s;
}

const char *
harness_path(struct harness *h, const char *fmt, ...)
{
	va_list ap;
	char *name;

	va_start(ap, fmt);
	name = text_by(h, fmt, ap);
	va_end(ap);
	return harness_text(h, "%s/%s", h->dir, name);
}

const char *
harness_write(struct harness *h, const char *name, const char *text)
{
	const char *path = harness_path(h, "%s", name);
	FILE *f = fopen(path, "we");

	if (!f || fputs(text, f) < 0 || fclose(f))
		harness_die(NULL, "cannot write %s: %s", path, strerror(errno));
	return path;
}

char *
harness_read(const char *path)
{
	FILE *f = fopen(path, "re");
	size_t len = 0, room = 0, n;
	char *s = NULL;

	do {
		if (room - len < 4096) {
			room = room ? room * 2 : 8192;
			s = realloc(s, room);
			if (!s)
				harness_die(NULL, "no memory for %s", path);
		}
		n = f ? fread(s + len, 1, room - len - 1, f) : 0;
		len += n;
	} while (n);
	s[len] = '\0';
	if (f)
		fclose(f);
	return s;
}

int
harness_port(void)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(a);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || bind(fd, (struct sockaddr *)&a, len) ||
	    getsockname(fd, (struct sockaddr *)&a, &len))
		harness_die(NULL, "no free port: %s", strerror(errno));
	close(fd);
	return ntohs(a.sin_port);
}

const char *
harness_program(struct harness *h, const char *name)
{
	const char *dir = getenv("HARNESS_PROGRAMS"), *slash;
	char self[PATH_MAX];
	ssize_t n;

	if (dir)
		return harness_text(h, "%s/%s", dir, name);
	n = readlink("/proc/self/exe", self, sizeof(self) - 1);
	if (n < 0)
		harness_die(NULL, "cannot read /proc/self/exe: %s", strerror(errno));
	self[n] = '\0';
	slash = strrchr(self, '/');
	return harness_text(h, "%.*s/%s", (int)(slash - self), self, name);
}
