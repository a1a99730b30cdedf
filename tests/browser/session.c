#include "tests/browser/session.h"

#include "common/buf.h"
#include "common/json.h"
#include "tests/browser/wire.h"
#include "tests/harness/harness.h"
#include "tests/harness/proc.h"
#include "tests/harness/wait.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#define ANSWER_MAX (64u << 20)
#define START_MS   60000
#define ASK_MS     90000
#define STOP_MS    20000

/* --- commands -------------------------------------------------------------------------------- */

struct json *
session_ask(struct browser *b, const char *method, const char *path, struct json *args)
{
	struct buf out, in;
	struct json *doc;
	char where[512];
	int status;

	buf_init(&out, ANSWER_MAX);
	buf_init(&in, ANSWER_MAX);
	if (args)
		json_write(args, &out);
	json_free(args);
	snprintf(where, sizeof(where), "/session%s%s%s", *b->session ? "/" : "", b->session, path);
	status = wire_ask(b->port, method, where, out.len ? buf_text(&out) : NULL, ASK_MS, &in);
	doc = json_parse(buf_text(&in), in.len, NULL);
	if (!doc)
		harness_die(proc_log(b->driver), "chromedriver: %s %s: status %d", method, path,
		            status);
	b->error[0] = '\0';
	if (status != 200) {
		const struct json *why = json_get(doc, "value");

		snprintf(b->error, sizeof(b->error), "%s", json_str(why, "error"));
		if (getenv("BROWSER_TRACE"))
			fprintf(stderr, "%s %s: %s\n", method, path, json_str(why, "message"));
		json_free(doc);
		doc = NULL;
	}
	buf_done(&out);
	buf_done(&in);
	return doc;
}

struct json *
session_args(const char *key, const char *value)
{
	struct json *args = json_obj();

	if (key)
		json_put_str(args, key, value);
	return args;
}

struct json *
session_must(struct browser *b, const char *method, const char *path, struct json *args)
{
	struct json *doc = session_ask(b, method, path, args);

	if (!doc)
		harness_die(proc_log(b->driver), "chromedriver: %s %s: %s", method, path, b->error);
	return doc;
}

const char *
session_told(struct browser *b, const char *path)
{
	CLEANUP(json_freep) struct json *doc = session_must(b, "GET", path, NULL);

	return harness_text(b->h, "%s", json_str(doc, "value") ? json_str(doc, "value") : "");
}

struct json *
session_devtools(struct browser *b, const char *cmd, struct json *params)
{
	struct json *args = session_args("cmd", cmd);

	json_put(args, "params", params);
	return session_must(b, "POST", "/goog/cdp/execute", args);
}

/* --- start and end --------------------------------------------------------------------------- */

static struct json *
words(const struct browser *b)
{
	/* clang-format off */
	static const char *const fixed[] = {
		"--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic",
		"--disable-dev-shm-usage", "--disable-background-networking",
		"--disable-component-update", "--disable-sync", "--disable-breakpad",
		"--disable-crash-reporter", "--disable-extensions", "--no-first-run",
		"--no-default-browser-check", "--no-proxy-server", "--mute-audio",
		"--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
	};
	/* clang-format on */
	struct json *list = json_arr();

	for (size_t i = 0; i < ARRAY_LEN(fixed); i++)
		json_add_str(list, fixed[i]);
	json_add_str(list, harness_text(b->h, "--accept-lang=%s", b->opts.lang));
	json_add_str(list, harness_text(b->h, "--lang=%s", b->opts.lang));
	json_add_str(
	    list, harness_text(b->h, "--user-data-dir=%s/profile%d", harness_dir(b->h), b->port));
	return list;
}

static struct json *
wishes(const struct browser *b)
{
	struct json *chrome = json_obj(), *prefs = json_obj(), *logs = json_obj();
	struct json *always = json_obj(), *caps = json_obj(), *all = json_obj();

	json_put_str(prefs, "intl.accept_languages", b->opts.lang);
	if (b->opts.no_script)
		json_put_i64(prefs, "profile.managed_default_content_settings.javascript", 2);
	json_put_str(chrome, "binary", "/usr/bin/chromium");
	json_put(chrome, "args", words(b));
	json_put(chrome, "prefs", prefs);
	json_put_str(logs, "browser", "ALL");
	json_put_str(always, "browserName", "chrome");
	json_put_bool(always, "acceptInsecureCerts", true);
	json_put(always, "goog:chromeOptions", chrome);
	json_put(always, "goog:loggingPrefs", logs);
	json_put(caps, "alwaysMatch", always);
	json_put(all, "capabilities", caps);
	return all;
}

static void
end(void *arg)
{
	struct browser *b = arg;

	browser_stop(b);
	free(b);
}

struct browser *
browser_start(struct harness *h, const struct browser_opts *o)
{
	struct browser *b = harness_alloc(sizeof(*b));
	CLEANUP(json_freep) struct json *doc = NULL;
	const char *argv[] = { "chromedriver", NULL, NULL };
	const char *env[] = { harness_text(h, "HOME=%s", harness_dir(h)),
		              harness_text(h, "TMPDIR=%s", harness_dir(h)), NULL };
	struct proc_opts opts = { .env = env, .death_signal = SIGTERM };

	*b = (struct browser){ .h = h, .port = harness_port(), .opts = *o };
	argv[1] = harness_text(h, "--port=%d", b->port);
	b->driver = proc_spawn(h, harness_text(h, "chromedriver%d", b->port), argv, &opts);
	harness_at_end(h, end, b);
	if (!wait_listen(harness_text(h, "%d", b->port), START_MS))
		harness_die(proc_log(b->driver), "chromedriver does not listen");
	doc = session_must(b, "POST", "", wishes(b));
	snprintf(b->session, sizeof(b->session), "%s",
	         json_str(json_get(doc, "value"), "sessionId"));
	b->tabs[0] = session_told(b, "/window");
	browser_resize(b, o->width);
	return b;
}

void
browser_stop(struct browser *b)
{
	if (!b->driver)
		return;
	json_free(session_ask(b, "DELETE", "", NULL));
	proc_stop(b->driver, SIGTERM, STOP_MS);
	b->driver = NULL;
}

struct harness *
browser_harness(const struct browser *b)
{
	return b->h;
}

const char *
browser_lang(const struct browser *b)
{
	return b->opts.lang;
}

int
browser_width(const struct browser *b)
{
	return b->opts.width;
}
