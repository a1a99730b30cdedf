#include "tests/harness/pgserver.h"

#include "common/own.h"
#include "tests/harness/harness.h"
#include "tests/harness/proc.h"
#include "tests/harness/wait.h"

#include <errno.h>
#include <libpq-fe.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define BIN          "/usr/lib/postgresql/15/bin/"
#define ARGS_MAX     64
#define START_MS     30000
#define STOP_MS      20000
#define BACKENDS_MAX 256

static const char *const defaults[] = {
	"fsync=off",           "full_page_writes=off", "listen_addresses=",
	"max_connections=100", "shared_buffers=64MB",  "log_min_messages=warning",
	"max_wal_size=512MB",
};

struct pgserver {
	struct harness *harness;
	struct proc *proc;
	const char *user; /* NULL: we are not root and run it ourselves */
	const char *dir;  /* the socket's */
	const char *data;
	const char *url;
	const char *socket;
	const char *settings[ARGS_MAX];
	int nsettings;
	PGconn *conn; /* for pgserver_query; opened when needed */
};

static void
conn_close(struct pgserver *s)
{
	PQfinish(s->conn);
	s->conn = NULL;
}

static void
server_free(void *arg)
{
	struct pgserver *s = arg;

	conn_close(s);
	free(s);
}

/* Another user than root who owns the files. */
static const char *
server_user(void)
{
	if (geteuid() != 0)
		return NULL;
	return getpwnam("postgres") ? "postgres" : "nobody";
}

static void
make_dir(const struct pgserver *s, const char *path)
{
	const struct passwd *pw = s->user ? getpwnam(s->user) : NULL;

	if (mkdir(path, 0700) || (pw && chown(path, pw->pw_uid, pw->pw_gid)))
		harness_die(NULL, "cannot make %s: %s", path, strerror(errno));
}

static void
init_data(struct pgserver *s)
{
	const char *argv[] = { BIN "initdb", "-D",      s->data, "-U",         "postgres",
		               "-A",         "trust",   "-N",    "--encoding", "UTF8",
		               "--locale",   "C.UTF-8", NULL };
	struct proc_opts opts = { .user = s->user };
	struct proc *p = proc_spawn(s->harness, "initdb", argv, &opts);

	if (proc_wait(p, START_MS) != 0)
		harness_die(proc_log(p), "initdb failed");
}

static bool
accepts(void *arg)
{
	struct pgserver *s = arg;

	return !proc_alive(s->proc) || PQping(s->url) == PQPING_OK;
}

/* Start and wait; false when it ended by itself. */
static bool
launch(struct pgserver *s)
{
	const char *argv[ARGS_MAX * 2 + 8] = { BIN "postgres", "-D", s->data, "-k", s->dir };
	struct proc_opts opts = { .user = s->user, .death_signal = SIGQUIT };
	int n = 5;

	for (int i = 0; i < s->nsettings; i++) {
		argv[n++] = "-c";
		argv[n++] = s->settings[i];
	}
	argv[n] = NULL;
	s->proc = proc_spawn(s->harness, "postgres", argv, &opts);
	if (!wait_for(accepts, s, START_MS))
		harness_die(proc_log(s->proc), "PostgreSQL does not accept");
	return proc_alive(s->proc);
}

struct pgserver *
pgserver_start(struct harness *h, const char *const *settings)
{
	struct pgserver *s = harness_alloc(sizeof(*s));

	harness_at_end(h, server_free, s);
	s->harness = h;
	s->user = server_user();
	s->dir = harness_path(h, "pg");
	s->data = harness_path(h, "pg/data");
	s->socket = harness_path(h, "pg/.s.PGSQL.5432");
	s->url = harness_text(h, "postgresql://postgres@/postgres?host=%s", s->dir);
	for (size_t i = 0; i < ARRAY_LEN(defaults); i++)
		s->settings[s->nsettings++] = defaults[i];
	for (; settings && *settings; settings++) {
		if (s->nsettings == ARGS_MAX)
			harness_die(NULL, "more than %d settings", ARGS_MAX);
		s->settings[s->nsettings++] = *settings;
	}
	make_dir(s, s->dir);
	chmod(s->dir, 0755);
	init_data(s);
	if (!launch(s))
		harness_die(proc_log(s->proc), "PostgreSQL does not start");
	return s;
}

const char *
pgserver_url(const struct pgserver *s)
{
	return s->url;
}

const char *
pgserver_socket(const struct pgserver *s)
{
	return s->socket;
}

const char *
pgserver_log(const struct pgserver *s)
{
	return proc_log(s->proc);
}

pid_t
pgserver_pid(const struct pgserver *s)
{
	return proc_pid(s->proc);
}

/* --- faults ---------------------------------------------------------------------------------- */

void
pgserver_stop(struct pgserver *s)
{
	conn_close(s);
	proc_stop(s->proc, SIGINT, STOP_MS);
}

void
pgserver_kill(struct pgserver *s)
{
	conn_close(s);
	proc_kill(s->proc);
}

void
pgserver_restart(struct pgserver *s)
{
	/* the last of the killed backends may still hold the shared memory for a moment */
	for (int i = 0; i < 50; i++)
		if (launch(s))
			return;
	harness_die(proc_log(s->proc), "PostgreSQL does not start again");
}

static void
signal_all(struct pgserver *s, int signo)
{
	pid_t pids[BACKENDS_MAX];
	int n;

	proc_signal(s->proc, signo);
	n = harness_children(proc_pid(s->proc), pids, BACKENDS_MAX);
	for (int i = 0; i < n; i++)
		kill(pids[i], signo);
}

void
pgserver_pause(struct pgserver *s)
{
	signal_all(s, SIGSTOP);
}

void
pgserver_continue(struct pgserver *s)
{
	signal_all(s, SIGCONT);
}

/* --- queries --------------------------------------------------------------------------------- */

/* A kept connection may have been cut by a fault since: then a new one. */
static PGresult *
run(struct pgserver *s, const char *sql)
{
	PGresult *r;

	if (s->conn && PQstatus(s->conn) == CONNECTION_OK) {
		r = PQexec(s->conn, sql);
		if (PQstatus(s->conn) == CONNECTION_OK)
			return r;
		PQclear(r);
	}
	conn_close(s);
	s->conn = PQconnectdb(s->url);
	return PQexec(s->conn, sql);
}

static bool
worked(const PGresult *r)
{
	ExecStatusType st = PQresultStatus(r);

	return st == PGRES_TUPLES_OK || st == PGRES_COMMAND_OK || st == PGRES_EMPTY_QUERY;
}

static PGresult *
must(struct pgserver *s, const char *sql)
{
	PGresult *r = run(s, sql);

	if (!worked(r))
		harness_die(proc_log(s->proc), "%.400s: %s", sql, PQerrorMessage(s->conn));
	return r;
}

char *
pgserver_query(struct pgserver *s, const char *sql)
{
	PGresult *r = must(s, sql);
	char *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	if (!f)
		harness_die(NULL, "no memory");
	for (int row = 0; row < PQntuples(r); row++)
		for (int col = 0; col < PQnfields(r); col++)
			fprintf(f, "%s%s", col ? "|" : row ? "\n" : "", PQgetvalue(r, row, col));
	fclose(f);
	PQclear(r);
	return text;
}

void
pgserver_do(struct pgserver *s, const char *sql)
{
	PQclear(must(s, sql));
}

void
pgserver_exec(struct pgserver *s, const char *sql)
{
	free(pgserver_query(s, sql));
}

int64_t
pgserver_num(struct pgserver *s, const char *sql)
{
	PGresult *r = must(s, sql);
	int64_t n = PQntuples(r) && PQnfields(r) ? strtoll(PQgetvalue(r, 0, 0), NULL, 10) : 0;

	PQclear(r);
	return n;
}

bool
pgserver_try(struct pgserver *s, const char *sql)
{
	PGresult *r = run(s, sql);
	bool ok = worked(r);

	PQclear(r);
	return ok;
}
