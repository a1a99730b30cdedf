#include "tests/integration/world.h"

#include "common/buf.h"
#include "common/json.h"
#include "tests/harness/faketime.h"
#include "tests/harness/harness.h"
#include "tests/harness/pgserver.h"
#include "tests/harness/proc.h"
#include "tests/harness/redisd.h"
#include "tests/harness/wait.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define CONF_MAX   16384
#define WORDS_MAX  48
#define MIGRATE_MS 60000
#define STOP_MS    40000

/* --- configuration --------------------------------------------------------------------------- */

static size_t
key_len(const char *line)
{
	return strcspn(line, " =");
}

static const char *
replaced(const struct world_setting *list, const char *section, const char *line)
{
	for (; list && list->section; list++)
		if (!strcmp(list->section, section) && key_len(list->line) == key_len(line) &&
		    !strncmp(list->line, line, key_len(line)))
			return list->line;
	return NULL;
}

/* One section: the lines given, replaced where asked for, then lines that only the list has. */
static void
put_section(struct buf *b, const char *name, char *lines, const struct world_setting *first,
            const struct world_setting *second)
{
	const struct world_setting *lists[] = { first, second };

	buf_printf(b, "[%s]\n", name);
	for (char *l = strsep(&lines, "\n"); l; l = strsep(&lines, "\n"))
		if (*l && !replaced(first, name, l) && !replaced(second, name, l))
			buf_printf(b, "%s\n", l);
	for (size_t i = 0; i < ARRAY_LEN(lists); i++)
		for (const struct world_setting *s = lists[i]; s && s->section; s++)
			if (!strcmp(s->section, name) && (i || !replaced(second, name, s->line)))
				buf_printf(b, "%s\n", s->line);
}

#define SECTION(b, name, first, second, ...)                                                       \
	do {                                                                                       \
		CLEANUP(own_free) char *lines_ = NULL;                                             \
		if (asprintf(&lines_, __VA_ARGS__) < 0)                                            \
			abort();                                                                   \
		put_section((b), (name), lines_, (first), (second));                               \
	} while (0)

const char *
world_conf(struct world *w, int n, const char *name, const struct world_setting *more)
{
	const struct world_daemon *d = &w->daemon[n];
	const struct world_setting *own = w->opts.conf;
	const char *dir = harness_dir(w->h), *path;
	struct buf b;

	buf_init(&b, CONF_MAX);
	SECTION(&b, "daemon", own, more, "workers = 2\nlog_level = debug\nstate_dir = %s\n",
	        d->state_dir);
	SECTION(&b, "tiktok", own, more,
	        "app_key = %s\napp_secret_file = %s/app_secret\nservice_id = 7000000000000000001\n"
	        "api_url = %s\nauth_url = %s\nauthorize_url = %s/open/authorize\nca_file = %s\n",
	        WORLD_APP_KEY, dir, w->tiktok, w->tiktok, w->tiktok, w->certs.ca);
	SECTION(&b, "postgres", own, more, "url = %s\n", pgserver_url(w->pg));
	SECTION(&b, "redis", own, more, "url = unix://%s\n", redisd_socket(w->redis));
	SECTION(&b, "vault", own, more, "key_file = %s/keys\n", dir);
	SECTION(&b, "control", own, more, "socket = %s\n", d->control);
	SECTION(&b, "stats", own, more, "socket = %s\n", d->stats);
	SECTION(&b, "http", own, more, "listen = 127.0.0.1:%d\n", d->port);
	SECTION(&b, "sync", own, more,
	        "orders_interval = 1s\nproducts_interval = 2s\noverlap = 30s\n");
	SECTION(&b, "plans", own, more, "%s", "");
	SECTION(&b, "retention", own, more, "%s", "");
	path = harness_write(w->h, name, buf_text(&b));
	buf_done(&b);
	return path;
}

static void
write_secret(struct world *w, const char *name, const char *text)
{
	if (chmod(harness_write(w->h, name, text), 0600))
		harness_die(NULL, "chmod of %s", name);
}

static void
place_daemons(struct world *w)
{
	write_secret(w, "app_secret", WORLD_APP_SECRET "\n");
	write_secret(w, "keys", "k1:" WORLD_KEY ":active\n");
	for (int i = 0; i < WORLD_DAEMONS; i++) {
		struct world_daemon *d = &w->daemon[i];

		d->name = harness_text(w->h, "ttsyncd%d", i);
		d->control = harness_path(w->h, "control%d.sock", i);
		d->stats = harness_path(w->h, "stats%d.sock", i);
		d->state_dir = harness_path(w->h, "state%d", i);
		d->log = harness_path(w->h, "ttsyncd%d.log", i);
		if (mkdir(d->state_dir, 0700))
			harness_die(NULL, "mkdir %s", d->state_dir);
		d->conf = world_conf(w, i, harness_text(w->h, "ttsyncd%d.conf", i), NULL);
	}
}

/* --- sandbox --------------------------------------------------------------------------------- */

static void
start_sandbox(struct world *w, int callback_port)
{
	const struct world_opts *o = &w->opts;
	const char *port_file = harness_path(w->h, "sandbox.address");
	const char *argv[WORDS_MAX] = {
		harness_program(w->h, "ttshop-sandbox"),
		"--listen",
		"127.0.0.1:0",
		"--port-file",
		port_file,
		"--tls-cert",
		w->certs.cert,
		"--tls-key",
		w->certs.key,
		"--app-key",
		WORLD_APP_KEY,
		"--app-secret",
		WORLD_APP_SECRET,
		"--sellers",
		harness_text(w->h, "%d", o->sellers ? o->sellers : 1),
		"--shops",
		harness_text(w->h, "%d", o->shops ? o->shops : 1),
		"--products",
		harness_text(w->h, "%d", o->products ? o->products : 5),
		"--redirect-url",
		harness_text(w->h, "http://127.0.0.1:%d/oauth/callback", callback_port),
	};
	CLEANUP(own_free) char *address = NULL;
	int n = 21;

	for (int i = 0; o->sandbox && o->sandbox[i] && n < WORDS_MAX - 1; i++)
		argv[n++] = o->sandbox[i];
	w->sandbox = proc_spawn(w->h, "sandbox", argv, NULL);
	if (!wait_text(port_file, "\n", WORLD_READY_MS))
		harness_die(proc_log(w->sandbox), "the sandbox does not listen");
	address = harness_read(port_file);
	w->tiktok = harness_text(w->h, "https://%.*s", (int)strcspn(address, "\n"), address);
}

/* --- daemons --------------------------------------------------------------------------------- */

struct world *
world_prepare(const struct world_opts *o)
{
	static const char *const pg_settings[] = { "max_connections=60", NULL };
	struct world *w = harness_alloc(sizeof(*w));
	struct said said;

	w->opts = *o;
	w->h = harness_new(o->name);
	w->certs = certs_make(w->h);
	w->redis = redisd_start(w->h, NULL);
	if (o->clock)
		faketime_begin(w->h);
	w->pg = pgserver_start(w->h, pg_settings);
	for (int i = 0; i < WORLD_DAEMONS; i++)
		w->daemon[i].port = harness_port();
	start_sandbox(w, w->daemon[0].port);
	place_daemons(w);
	world_ttsyncd(w, &said,
	              (const char *const[]){ "-c", w->daemon[0].conf, "--migrate", NULL });
	if (said.code)
		harness_die(NULL, "ttsyncd --migrate ended with %d: %s", said.code, said.err);
	said_done(&said);
	return w;
}

struct world *
world_new(const struct world_opts *o)
{
	struct world *w = world_prepare(o);

	world_start(w, 0);
	return w;
}

void
world_free(struct world *w)
{
	if (w)
		harness_free(w->h);
	free(w);
}

/* A socket file of a killed daemon is still there: only an answer counts. */
static bool
listens_or_ended(void *arg)
{
	struct world_daemon *d = arg;
	int fd = wait_connect(d->control);

	if (fd >= 0)
		close(fd);
	return fd >= 0 || !proc_alive(d->proc);
}

void
world_start(struct world *w, int n)
{
	struct world_daemon *d = &w->daemon[n];
	const char *argv[] = { harness_program(w->h, "ttsyncd"), "-c", d->conf, NULL };

	d->proc = proc_spawn(w->h, d->name, argv, NULL);
	if (!wait_for(listens_or_ended, d, WORLD_READY_MS) || !proc_alive(d->proc))
		harness_die(d->log, "ttsyncd is not ready");
}

void
world_kill(struct world *w, int n)
{
	proc_kill(w->daemon[n].proc);
}

int
world_stop(struct world *w, int n)
{
	return proc_stop(w->daemon[n].proc, SIGTERM, STOP_MS);
}

void
world_move(struct world *w, int64_t seconds)
{
	int64_t before = pgserver_num(w->pg, "SELECT extract(epoch FROM clock_timestamp())");

	w->ahead_s += seconds;
	faketime_set(w->h, w->ahead_s);
	if (pgserver_num(w->pg, "SELECT extract(epoch FROM clock_timestamp())") <
	    before + seconds - 1)
		harness_die(NULL, "the clock of PostgreSQL does not move");
}

void
world_ttsyncd(struct world *w, struct said *ret, const char *const *words)
{
	const char *argv[WORDS_MAX] = { harness_program(w->h, "ttsyncd") };
	struct proc_run run;
	int n = 1;

	for (int i = 0; words[i] && n < WORDS_MAX - 1; i++)
		argv[n++] = words[i];
	proc_run(w->h, argv, NULL, MIGRATE_MS, &run);
	*ret = (struct said){ .code = run.code, .out = STEAL(run.out), .err = STEAL(run.err) };
	proc_run_done(&run);
}
