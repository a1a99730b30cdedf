#include "tests/bench/bed.h"

#include "common/json.h"
#include "tests/harness/harness.h"
#include "tests/harness/pgserver.h"
#include "tests/harness/proc.h"
#include "tests/harness/redisd.h"
#include "tests/harness/wait.h"
#include "tests/harness/web.h"

#include "tests/bench/usage.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define START_MS 60000
#define STOP_MS  60000
#define CURL_MS  300000

static const char *const durable[] = {
	"fsync=on",
	"full_page_writes=on",
	"synchronous_commit=on",
	"shared_buffers=128MB",
	"max_wal_size=1GB",
	NULL,
};

static const char *const redis_args[] = { "--appendfsync", "everysec", NULL };

static void
start_sandbox(struct bed *b, const struct bed_wish *w)
{
	int port = harness_port();
	const char *where = harness_text(b->h, "127.0.0.1:%d", port);
	const char *argv[] = {
		harness_program(b->h, "ttshop-sandbox"),
		"--listen",
		where,
		"--tls-cert",
		b->certs.cert,
		"--tls-key",
		b->certs.key,
		"--app-key",
		BED_APP_KEY,
		"--app-secret",
		BED_APP_SECRET,
		"--redirect-url",
		"http://127.0.0.1:1/oauth/callback",
		"--sellers",
		harness_text(b->h, "%d", w->sellers),
		"--shops",
		harness_text(b->h, "%d", w->shops),
		"--rate-limit",
		"0",
		"--mask",
		NULL,
	};

	b->api = harness_text(b->h, "https://%s", where);
	b->sandbox = proc_spawn(b->h, "sandbox", argv, NULL);
	if (!wait_listen(harness_text(b->h, "%d", port), START_MS))
		harness_die(proc_log(b->sandbox), "the sandbox does not start");
}

void
bed_interval(struct bed *b, const char *interval)
{
	const char *secret = harness_write(b->h, "app_secret", BED_APP_SECRET "\n");
	const char *ring;

	b->keys = "k1:c2VhbGVkIGJ5IGEgYmVuY2htYXJrOiBubyBzZWNyZXQ=:active\n";
	ring = harness_write(b->h, "keys", b->keys);
	b->stats = harness_path(b->h, "stats.sock");
	b->port = harness_port();
	b->conf = harness_write(
	    b->h, "ttsyncd.conf",
	    harness_text(
		b->h,
		"[daemon]\nlog_level = warn\nstate_dir = %s\n"
		"[tiktok]\napp_key = " BED_APP_KEY "\napp_secret_file = %s\n"
		"service_id = 7000000000000000001\napi_url = %s\nauth_url = %s\nca_file = %s\n"
		"app_rate = 1000000\nshop_rate = 100000\n"
		"[postgres]\nurl = %s\n[redis]\nurl = unix://%s\n[vault]\nkey_file = %s\n"
		"[control]\nsocket = %s\n[stats]\nsocket = %s\n[http]\nlisten = 127.0.0.1:%d\n"
		"[sync]\norders_interval = %s\n",
		harness_dir(b->h), secret, b->api, b->api, b->certs.ca, pgserver_url(b->pg),
		redisd_socket(b->redis), ring, harness_path(b->h, "control.sock"), b->stats,
		b->port, interval));
}

static void
migrate(struct bed *b)
{
	const char *argv[] = { harness_program(b->h, "ttsyncd"), "-c", b->conf, "--migrate", NULL };
	struct proc *p = proc_spawn(b->h, "migrate", argv, NULL);

	if (proc_wait(p, START_MS) != 0)
		harness_die(proc_log(p), "the schema was not made");
}

struct bed *
bed_open(const struct bed_wish *w)
{
	struct bed *b = harness_alloc(sizeof(*b));

	b->h = harness_new(w->name);
	b->pg = pgserver_start(b->h, durable);
	b->redis = redisd_start(b->h, redis_args);
	b->certs = certs_make(b->h);
	start_sandbox(b, w);
	bed_interval(b, w->orders_interval);
	migrate(b);
	return b;
}

void
bed_free(struct bed *b)
{
	if (!b)
		return;
	harness_free(b->h);
	free(b);
}

void
bed_start(struct bed *b)
{
	const char *argv[] = { harness_program(b->h, "ttsyncd"), "-c", b->conf, NULL };

	b->daemon = proc_spawn(b->h, "ttsyncd", argv, NULL);
}

void
bed_stop(struct bed *b)
{
	int code = b->daemon ? proc_stop(b->daemon, SIGTERM, STOP_MS) : 0;

	if (code != 0)
		harness_die(proc_log(b->daemon), "the daemon ended with %d", code);
	b->daemon = NULL;
	free(REDISD_CMD(b->redis, "FLUSHALL"));
}

struct json *
bed_ask(struct bed *b, const char *path, const char *body)
{
	struct web_req q = { .url = harness_text(b->h, "%s/_sandbox%s", b->api, path),
		             .body = body,
		             .ca = b->certs.ca,
		             .ms = CURL_MS };
	struct web_answer a;
	struct json *root;

	web_send(b->h, &q, &a);
	root = a.status == 200 ? json_parse(a.body, a.body_len, NULL) : NULL;
	if (!root)
		harness_die(proc_log(b->sandbox), "%s: status %d %s%s", path, a.status, a.body,
		            a.why);
	web_done(&a);
	return root;
}

double
bed_sample(struct bed *b, const char *name)
{
	struct web_req q = { .url = "http://localhost/metrics", .socket = b->stats };
	struct web_answer a;
	size_t len = strlen(name);
	double v = 0;

	web_send(b->h, &q, &a);
	for (const char *p = a.body; p; p = strchr(p, '\n')) {
		p += *p == '\n';
		if (!strncmp(p, name, len) && p[len] == ' ')
			v = strtod(p + len, NULL);
	}
	web_done(&a);
	return v;
}

char *
bed_curl(struct bed *b, const char *config)
{
	const char *argv[] = { "curl", "-q", "-K", "-", NULL };
	struct proc_run run;

	proc_run(b->h, argv, config, CURL_MS, &run);
	if (run.code != 0)
		harness_die(proc_log(b->sandbox), "curl ended with %d: %s", run.code, run.err);
	free(run.err);
	return run.out;
}

void
bed_cpu(const struct bed *b, struct bed_cpu *ret)
{
	*ret = (struct bed_cpu){
		.daemon = b->daemon ? usage_cpu_s(proc_pid(b->daemon)) : 0,
		.postgres = usage_cpu_s(pgserver_pid(b->pg)),
		.sandbox = usage_cpu_s(proc_pid(b->sandbox)),
		.redis = usage_cpu_s(redisd_pid(b->redis)),
	};
}
