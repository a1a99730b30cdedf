/*
 * No buyer's data, no token, no secret stands anywhere behind a run in which everything happened:
 * not in PostgreSQL or Redis (dumps and files), logs at level debug, statistics, what ttctl prints,
 * pages, command line or environment; and the process gives no core.
 */
#include "common/json.h"
#include "tests/harness/harness.h"
#include "tests/harness/pgserver.h"
#include "tests/harness/proc.h"
#include "tests/harness/redisd.h"
#include "tests/harness/wait.h"
#include "tests/harness/web.h"
#include "tests/integration/markers.h"
#include "tests/integration/world.h"

#include <criterion/criterion.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A refresh that failed is tried again after a minute (T5), and the orders wait for its token. */
#define DEADLINE 150000
#define WORDS    6

static void
holds_none(const struct markers *m, const char *where, const char *bytes, size_t len)
{
	const char *found = markers_find(m, bytes, len, true);

	cr_assert_null(found, "%s in %s", found, where);
}

static void
text_holds_none(const struct markers *m, const char *where, const char *text)
{
	holds_none(m, where, text, strlen(text));
}

/* --- everything happens ---------------------------------------------------------------------- */

static void
faults_that_show_bodies(struct world *w)
{
	static const char *const kinds[] = { "malformed", "cut", "html", "5xx", "huge", "429" };

	for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
		WORLD_TIKTOK(w, "/fault", "{\"match\":\"/orders/search\",\"kind\":\"%s\"}",
		             kinds[i]);
	WORLD_TIKTOK(w, "/fault", "{\"match\":\"/api/v2/token/refresh\",\"kind\":\"malformed\"}");
}

static bool
refreshed(void *arg)
{
	return pgserver_num(((struct world *)arg)->pg, "SELECT min(gen) FROM ttsync.grants") >= 2;
}

/* A consent that was denied, a forged code, a link nobody made, wrong words. */
static void
wrong_things(struct world *w)
{
	const char *url, *location, *shop = world_begin(w, "42", "denied", &url);
	struct web_req q = { 0 };
	struct web_answer a;
	struct said s;

	world_consent(w, url, 1, true, &location);
	world_consent(w, url, 1, false, &location);
	TTCTL(w, &s, "reauthorize", shop);
	said_done(&s);
	q.url = harness_text(w->h,
	                     "http://127.0.0.1:%d/oauth/callback?code=ROW_CANARY-CODE-C-9-9-ffff"
	                     "&state=CANARYCANARYCANARYCANA",
	                     w->daemon[0].port);
	web_send(w->h, &q, &a);
	web_done(&a);
	free(world_line(w, 0, "{\"v\":1,\"id\":1,\"cmd\":\"no-verb\",\"argv\":7}\n"));
	TTCTL(w, &s, "show", "nobody");
	said_done(&s);
}

/* Returns the first shop. */
static const char *
live(struct world *w)
{
	const char *shop = world_connect(w, "42", "main", 1);

	world_connect(w, "42", "second", 2);
	WORLD_TIKTOK(w, "/order", "{\"all\":true,\"status\":\"AWAITING_SHIPMENT\",\"count\":30}");
	WORLD_TIKTOK(w, "/order", "{\"all\":true,\"cod\":true,\"on_hold\":true,\"count\":5}");
	WORLD_TIKTOK(w, "/order",
	             "{\"all\":true,\"seller_ships\":true,\"status\":\"IN_TRANSIT\",\"count\":5}");
	cr_assert(world_caught_up(w, DEADLINE));
	faults_that_show_bodies(w);
	WORLD_TIKTOK(w, "/update", "{\"all\":true,\"address\":true,\"count\":10}");
	WORLD_TIKTOK(w, "/advance", "{\"all\":true,\"status\":\"CANCELLED\",\"count\":3}");
	cr_assert(world_caught_up(w, DEADLINE));
	wrong_things(w);
	cr_assert(wait_for(refreshed, w, DEADLINE), "no token was refreshed");
	world_wait(w, shop, "synced");
	return shop;
}

/* --- what ttctl says ------------------------------------------------------------------------- */

#define SHOP_WORD    "%shop"
#define ORDER_WORD   "%order"
#define PRODUCT_WORD "%product"

static const char *const verbs[][WORDS] = {
	{ "status" },
	{ "store", "set", "42", "--name=x", "--plan=pro" },
	{ "store", "list" },
	{ "shops" },
	{ "show", SHOP_WORD },
	{ "choices", SHOP_WORD },
	{ "confirm", SHOP_WORD, "--shop=1", "--warehouse=1" },
	{ "sync", SHOP_WORD },
	{ "wait", SHOP_WORD, "--for=connected" },
	{ "orders", SHOP_WORD },
	{ "order", ORDER_WORD },
	{ "products", SHOP_WORD },
	{ "product", PRODUCT_WORD },
	{ "history", SHOP_WORD },
	{ "shops", "--ics" },
	{ "pause", SHOP_WORD, "--for=1h", "--reason=x" },
	{ "resume", SHOP_WORD },
	{ "disconnect", SHOP_WORD, "--dry-run" },
	{ "held" },
	{ "attach", "1", "--store=42", "--alias=other" },
	{ "privacy", "report" },
	{ "queue" },
	{ "stats" },
	{ "help" },
	/* these print links, which are for the one who asked */
	{ "connect", "--store=42", "--alias=main" },
	{ "reauthorize", "nobody" },
};

static bool
is_listed(const char *verb)
{
	char words[64];

	for (size_t i = 0; i < ARRAY_LEN(verbs); i++) {
		snprintf(words, sizeof(words), "%s %s", verbs[i][0],
		         verbs[i][1] ? verbs[i][1] : "");
		if (!strncmp(words, verb, strlen(verb)) && words[strlen(verb)] == ' ')
			return true;
		if (!strcmp(words, verb))
			return true;
	}
	return false;
}

static const char *
first(struct world *w, const char *sql)
{
	CLEANUP(own_free) char *v = pgserver_query(w->pg, sql);

	return harness_text(w->h, "%s", v);
}

static const char *
meant(struct world *w, const char *word, const char *shop)
{
	if (!strcmp(word, SHOP_WORD))
		return shop;
	if (!strcmp(word, ORDER_WORD))
		return first(w, "SELECT order_id FROM ttsync.v_order LIMIT 1");
	if (!strcmp(word, PRODUCT_WORD))
		return first(w, "SELECT product_id FROM ttsync.v_product LIMIT 1");
	return word;
}

static void
say(struct world *w, const struct markers *m, const char *const verb[WORDS], const char *shop,
    const char *form)
{
	const char *words[WORDS + 2] = { form };
	struct said s;

	for (int i = 0; i < WORDS && verb[i]; i++)
		words[i + 1] = meant(w, verb[i], shop);
	world_ctl(w, 0, &s, words);
	cr_assert(*s.out || *s.err || !s.code, "%s %s fails without a word", form, verb[0]);
	text_holds_none(m, verb[0], s.out);
	text_holds_none(m, verb[0], s.err);
	said_done(&s);
}

static void
every_verb_is_clean(struct world *w, const struct markers *m, const char *shop)
{
	static const char *const forms[] = { "--lang=th", "--json", "--jsonl", "--plain" };
	const struct json *items;
	struct said help;

	for (size_t i = 0; i < ARRAY_LEN(verbs); i++)
		for (size_t k = 0; k < ARRAY_LEN(forms); k++)
			say(w, m, verbs[i], shop, forms[k]);
	TTCTL(w, &help, "help");
	items = json_get(help.doc, "items");
	cr_assert_gt(json_len(items), 10, "%s", help.out);
	for (size_t i = 0; i < json_len(items); i++)
		cr_assert(is_listed(json_str(json_at(items, i), "verb")), "%s was not tried",
		          json_str(json_at(items, i), "verb"));
	said_done(&help);
}

/* --- where to look --------------------------------------------------------------------------- */

static void
pages_are_clean(struct world *w, const struct markers *m)
{
	CLEANUP(own_free) char *metrics = world_metrics(w, 0);
	static const char *const paths[] = { "/readyz", "/healthz", "/connect/unknown" };
	struct web_answer a;

	cr_assert(strstr(metrics, "ttsyncd_buyer_fields_dropped_total"));
	text_holds_none(m, "/metrics", metrics);
	for (size_t i = 0; i < ARRAY_LEN(paths); i++) {
		struct web_req q = { .url = harness_text(w->h, "http://127.0.0.1:%d%s",
			                                 w->daemon[0].port, paths[i]) };

		web_send(w->h, &q, &a);
		cr_assert_gt(a.status, 0);
		holds_none(m, paths[i], a.body, a.body_len);
		text_holds_none(m, paths[i], a.headers);
		web_done(&a);
	}
}

static void
process_is_clean(struct world *w, const struct markers *m)
{
	static const char *const names[] = { "cmdline", "environ", "status" };

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		CLEANUP(own_free)
		char *text = harness_read(
		    harness_text(w->h, "/proc/%d/%s", (int)proc_pid(w->daemon[0].proc), names[i]));

		text_holds_none(m, names[i], text);
	}
}

static void
dump_is_clean(struct world *w, const struct markers *m)
{
	const char *argv[] = { "/usr/lib/postgresql/15/bin/pg_dump", "--inserts",
		               pgserver_url(w->pg), NULL };
	struct proc_run run;

	proc_run(w->h, argv, NULL, DEADLINE, &run);
	cr_assert_eq(run.code, 0, "pg_dump: %s", run.err);
	cr_assert(strstr(run.out, "INSERT INTO ttsync.order_line"), "the dump holds the orders");
	holds_none(m, "pg_dump", run.out, run.out_len);
	proc_run_done(&run);
}

/* All files of the run: PostgreSQL's and Redis' data, write-ahead logs, all logs, the spool. */
static void
files_are_clean(struct world *w, const struct markers *m)
{
	/* the two that hold secrets, and what the sandbox says of itself */
	static const char *const except[] = { "app_secret", "keys", "sandbox.log", NULL };
	CLEANUP(own_free) char *log = harness_read(w->daemon[0].log);
	char *found, *saved = REDISD_CMD(w->redis, "SAVE");
	size_t bytes;

	cr_assert_str_eq(saved, "OK");
	free(saved);
	pgserver_exec(w->pg, "CHECKPOINT");
	cr_assert(strstr(log, "daemon.ready"));
	text_holds_none(m, "the log", log);
	found = markers_search(m, harness_dir(w->h), except, &bytes);
	cr_assert_null(found, "%s", found);
	cr_assert_gt(bytes, 10u << 20, "PostgreSQL's files were read");
}

/* The secret of a link, as it stands behind the last '/' or '='. */
static void
add_link(struct markers *m, const char *url)
{
	const char *slash = strrchr(url, '/'), *equals = strrchr(url, '=');

	markers_add(m, (slash > equals ? slash : equals) + 1);
}

Test(canary, nothing_of_buyers_and_no_secret_is_found_anywhere, .timeout = 300)
{
	static const char *const words[] = { "--access-lifetime", "16",    "--extra-keys",
		                             "--rotate-refresh",  "grace", NULL };
	struct world_opts o = { .name = "canary", .sellers = 2, .sandbox = words };
	CLEANUP(world_freep) struct world *w = world_new(&o);
	const char *shop = live(w);
	char authorize[2048], page[2048];
	struct markers m;
	struct said s;

	markers_init(&m);
	cr_assert_not_null(markers_find(&m, "x (+66)999420123 x", 18, true), "the search finds");
	cr_assert_not_null(markers_find(&m, "\"7499991234567890123\"", 21, true), "ids");
	every_verb_is_clean(w, &m, shop);
	TTCTL(w, &s, "reauthorize", shop);
	add_link(&m, said_str(&s, "authorize_url", authorize, sizeof(authorize)));
	add_link(&m, said_str(&s, "connect_url", page, sizeof(page)));
	said_done(&s);
	cr_assert_eq(world_consent(w, authorize, 1, false, NULL), 200);
	pages_are_clean(w, &m);
	process_is_clean(w, &m);
	dump_is_clean(w, &m);
	files_are_clean(w, &m);
	cr_assert_eq(world_stop(w, 0), 0);
	files_are_clean(w, &m);
}

/* --- no core --------------------------------------------------------------------------------- */

static bool
ended_or_ready(void *arg)
{
	struct world_daemon *d = arg;

	return !proc_alive(d->proc) || wait_text(d->log, "daemon.ready", 0);
}

/*
 * What belongs to root under /proc though the process is another user's may not be looked into, and
 * gives no core: the kernel's mark of a process that is not dumpable (proc(5)).
 */
Test(canary, the_process_gives_no_core)
{
	struct world_opts o = { .name = "core" };
	CLEANUP(world_freep) struct world *w = world_prepare(&o);
	struct proc_opts opts = { .user = geteuid() == 0 ? "postgres" : NULL };
	struct world_daemon *d = &w->daemon[1];
	const char *own = harness_path(w->h, "owned");
	struct world_setting places[] = {
		{ "daemon", harness_text(w->h, "state_dir = %s", own) },
		{ "control", harness_text(w->h, "socket = %s/control", own) },
		{ "stats", harness_text(w->h, "socket = %s/stats", own) },
		{ 0 },
	};
	const char *argv[] = { harness_program(w->h, "ttsyncd"), "-c",
		               world_conf(w, 1, "owned.conf", places), NULL };
	struct stat st;

	chmod(harness_path(w->h, "app_secret"), 0644);
	chmod(harness_path(w->h, "keys"), 0644);
	cr_assert_eq(mkdir(own, 0777), 0);
	chmod(own, 0777);
	d->proc = proc_spawn(w->h, d->name, argv, &opts);
	cr_assert(wait_for(ended_or_ready, d, DEADLINE) && proc_alive(d->proc));
	cr_assert_eq(stat(harness_text(w->h, "/proc/%d/environ", (int)proc_pid(d->proc)), &st), 0);
	cr_assert_eq(st.st_uid, 0, "it may be looked into");
}
