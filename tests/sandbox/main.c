/*
 * ttshop-sandbox: a TikTok Shop that runs on this machine.
 *
 * Exit: 0 after SIGTERM or SIGINT, 64 for words it does not know, 69 where it cannot listen.
 */
#include "common/crypto.h"
#include "tests/sandbox/options.h"
#include "tests/sandbox/server.h"
#include "tests/sandbox/world.h"

#include <malloc.h>
#include <stdio.h>
#include <sysexits.h>

/* Written beside and moved, so that whoever waits for it never reads half. */
static int
write_port_file(const char *path, const char *address, struct err *e)
{
	char tmp[4096];
	FILE *f;

	if ((size_t)snprintf(tmp, sizeof(tmp), "%s.new", path) >= sizeof(tmp))
		return err_set(e, ERR_INPUT, 0, "--port-file: name too long");
	f = fopen(tmp, "we");
	if (!f)
		return err_set(e, ERR_INPUT, 0, "--port-file %s: cannot be written", path);
	fprintf(f, "%s\n", address);
	if (fclose(f) || rename(tmp, path))
		return err_set(e, ERR_INPUT, 0, "--port-file %s: cannot be written", path);
	return 0;
}

static int
fail(const struct err *e)
{
	fprintf(stderr, "ttshop-sandbox: %s\n", e->text);
	return e->kind == ERR_INPUT ? EX_USAGE : EX_UNAVAILABLE;
}

static int
serve(struct world *w, const struct options *opt)
{
	struct err e = { 0 };
	struct server *s = server_new(w, &e);

	if (!s)
		return fail(&e);
	if (opt->port_file && write_port_file(opt->port_file, server_address(s), &e)) {
		server_free(s);
		return fail(&e);
	}
	fprintf(stderr, "ttshop-sandbox: %s://%s, %zu sellers, %zu shops\n",
	        opt->tls_cert ? "https" : "http", server_address(s), w->shops.n_sellers,
	        w->shops.n_all);
	server_run(s);
	server_free(s);
	return 0;
}

int
main(int argc, char **argv)
{
	struct err e = { 0 };
	struct options opt;
	struct world w;
	int rc;

	if (options_read(&opt, argc, argv, &e)) {
		fprintf(stderr, "ttshop-sandbox: %s\ntry: ttshop-sandbox --help\n", e.text);
		return EX_USAGE;
	}
	if (opt.help) {
		options_help(stdout);
		return 0;
	}
	if (opt.version) {
		puts("ttshop-sandbox " TTSYNC_VERSION);
		return 0;
	}
	/* pages come from the heap: mapping and unmapping each costs more than writing it */
	mallopt(M_MMAP_THRESHOLD, 64 << 20);
	mallopt(M_TRIM_THRESHOLD, 256 << 20);
	if (crypto_start()) {
		fputs("ttshop-sandbox: no random numbers here\n", stderr);
		return EX_OSERR;
	}
	if (world_init(&w, &opt, &e))
		return fail(&e);
	rc = serve(&w, &opt);
	world_done(&w);
	return rc;
}
