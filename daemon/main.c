/*
 * ttsyncd: options, configuration, and the exit code.
 */
#include "common/crypto.h"
#include "common/err.h"
#include "daemon/base/conf.h"
#include "daemon/base/log.h"
#include "daemon/daemon.h"

#include <getopt.h>
#include <locale.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sysexits.h>

static const char usage_text[] =
    "usage: ttsyncd [-c FILE] [--check-config] [--migrate] [--version] [--help]\n"
    "\n"
    "Keeps TikTok Shops of GoSell's merchants connected, their products and new orders current.\n"
    "Runs in the foreground; ttctl(1) speaks to it.\n"
    "\n"
    "  ttsyncd -c /etc/ttsyncd/ttsyncd.conf --check-config\n"
    "  ttsyncd -c /etc/ttsyncd/ttsyncd.conf --migrate\n"
    "\n"
    "  -c FILE          configuration, else " CONF_FILE "\n"
    "  --check-config   read and check it, touch nothing\n"
    "  --migrate        create or upgrade the database schema, then end\n"
    "  --version        print the version\n"
    "  --help           print this\n"
    "\n"
    "Ends with 0 after SIGTERM, 64 for wrong usage, 69 when a service it needs cannot be reached,\n"
    "78 for a wrong configuration, key or schema. See ttsyncd(8), ttsyncd.conf(5).\n";

struct options {
	const char *file;
	bool check;
	bool migrate;
};

static int
fail(const struct err *e)
{
	fprintf(stderr, "ttsyncd: %s\n", e->text);
	if (e->hint[0])
		fprintf(stderr, "ttsyncd: %s\n", e->hint);
	if (e->kind == ERR_INPUT)
		return e->code ? e->code : EX_CONFIG;
	return e->kind == ERR_IO || e->kind == ERR_TIMEOUT || e->kind == ERR_REMOTE ? EX_UNAVAILABLE
	                                                                            : EX_SOFTWARE;
}

/* 0: go on; else the exit code plus one. */
static int
read_options(int argc, char **argv, struct options *o)
{
	enum { OPT_CHECK = 256, OPT_MIGRATE, OPT_VERSION, OPT_HELP };
	static const struct option longs[] = {
		{ "check-config", no_argument, NULL, OPT_CHECK },
		{ "migrate", no_argument, NULL, OPT_MIGRATE },
		{ "version", no_argument, NULL, OPT_VERSION },
		{ "help", no_argument, NULL, OPT_HELP },
		{ NULL, 0, NULL, 0 },
	};
	int c;

	while ((c = getopt_long(argc, argv, "c:h", longs, NULL)) != -1) {
		switch (c) {
		case 'c':
			o->file = optarg;
			break;
		case OPT_CHECK:
			o->check = true;
			break;
		case OPT_MIGRATE:
			o->migrate = true;
			break;
		case OPT_VERSION:
			puts("ttsyncd " TTSYNC_VERSION);
			return 1 + EX_OK;
		case 'h':
		case OPT_HELP:
			fputs(usage_text, stdout);
			return 1 + EX_OK;
		default:
			fputs("try: ttsyncd --help\n", stderr);
			return 1 + EX_USAGE;
		}
	}
	if (optind < argc) {
		fprintf(stderr, "ttsyncd: what is \"%s\"? try: ttsyncd --help\n", argv[optind]);
		return 1 + EX_USAGE;
	}
	return 0;
}

int
main(int argc, char **argv)
{
	struct options o = { .file = CONF_FILE };
	const struct conf *c;
	struct err e = { 0 };
	int rc = read_options(argc, argv, &o);

	if (rc)
		return rc - 1;
	setlocale(LC_CTYPE, "C.UTF-8");
	/* keys and tokens are in memory: no core, no other process of this user looks in */
	prctl(PR_SET_DUMPABLE, 0);
	if (crypto_start()) {
		fputs("ttsyncd: the system gives no random numbers\n", stderr);
		return EX_OSERR;
	}
	c = conf_load(o.file, &e);
	if (!c)
		return fail(&e);
	log_start(c->daemon_log_level, c->daemon_log_format);
	for (int i = 0; i < c->n_warn; i++)
		log_event(LOG_WARN, "conf.warning", "text=%s", LOGQ(c->warn[i]));
	if (o.check)
		printf("%s: ok\n", o.file);
	else if (o.migrate)
		rc = daemon_migrate(c, &e);
	else
		rc = daemon_run(o.file, c, &e);
	conf_unref(c);
	return rc ? fail(&e) : EX_OK;
}
