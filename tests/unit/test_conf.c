#include "common/buf.h"
#include "common/crypto.h"
#include "common/own.h"
#include "daemon/base/conf.h"

#include <criterion/criterion.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

static char dir[] = "/tmp/test_conf.XXXXXX";

/* A file in the test's folder; its name, in memory that lives as long as the test. */
static const char *
put(const char *name, const char *text, mode_t mode)
{
	static char path[4][PATH_MAX];
	static int next;
	char *p = path[next++ % 4];
	FILE *f;

	snprintf(p, PATH_MAX, "%s/%s", dir, name);
	f = fopen(p, "w");
	cr_assert_not_null(f);
	cr_assert(fputs(text, f) >= 0);
	fclose(f);
	cr_assert_eq(chmod(p, mode), 0);
	return p;
}

static void
setup(void)
{
	cr_assert_eq(crypto_start(), 0);
	cr_assert_not_null(mkdtemp(dir));
	unsetenv("CREDENTIALS_DIRECTORY");
	put("secret", "s3cret\n", 0600);
	put("ring", "k1:AAAA:active\nk0:BBBB:decrypt\n", 0600);
}

static void
teardown(void)
{
	static const char *const names[] = { "secret", "ring",         "conf",
		                             "other",  "creds/secret", "creds" };
	char path[PATH_MAX];

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		snprintf(path, sizeof(path), "%s/%s", dir, names[i]);
		remove(path);
	}
	rmdir(dir);
}

TestSuite(conf, .init = setup, .fini = teardown);

#define REQUIRED                                                                                   \
	"[tiktok]\napp_key = k\napp_secret_file = secret\nservice_id = 7\n"                        \
	"[postgres]\nurl = postgresql:///ttsync\n[vault]\nkey_file = ring\n"

/* The required settings, then `more`, read as FILE in the test's folder. */
static const struct conf *
parse(const char *more, struct err *e)
{
	CLEANUP(buf_done) struct buf text;
	char file[PATH_MAX];

	buf_init(&text, 2 * CONF_BYTES_MAX);
	buf_printf(&text, REQUIRED "%s", more);
	snprintf(file, sizeof(file), "%s/conf", dir);
	return conf_parse(file, buf_text(&text), text.len, e);
}

/* `more` is refused with `says` in the text and `hint` in the hint. */
static void
refused(const char *more, const char *says, const char *hint)
{
	struct err e = { 0 };

	cr_assert_null(parse(more, &e), "%s was taken", more);
	cr_assert_eq(e.kind, ERR_INPUT);
	cr_assert_eq(e.code, EX_CONFIG);
	cr_assert(strstr(e.text, says), "\"%s\" is not in \"%s\"", says, e.text);
	cr_assert(strstr(e.hint, hint), "\"%s\" is not in \"%s\"", hint, e.hint);
}

static const struct conf *
taken(const char *more)
{
	struct err e = { 0 };
	const struct conf *c = parse(more, &e);

	cr_assert(c, "%s: %s", e.text, e.hint);
	return c;
}

static void
shows(const struct conf *c, enum conf_id id, const char *want)
{
	CLEANUP(buf_done) struct buf text;

	buf_init(&text, 4096);
	conf_show(c, id, &text);
	cr_assert_str_eq(buf_text(&text), want);
}

/* A file of the repository, to be freed. */
static char *
slurp(const char *name)
{
	CLEANUP(own_free) char *path = NULL;
	char *text = calloc(1, CONF_BYTES_MAX);
	FILE *f;

	cr_assert(asprintf(&path, "%s/%s", SOURCE_DIR, name) > 0);
	f = fopen(path, "r");
	cr_assert(f && text, "%s", path);
	cr_assert(fread(text, 1, CONF_BYTES_MAX - 1, f) > 0);
	fclose(f);
	return text;
}

/* How many lines begin with this. */
static int
lines_with(const char *text, const char *start)
{
	size_t len = strlen(start);
	int n = 0;

	for (const char *s = text; s; s = strchr(s, '\n')) {
		s += *s == '\n';
		n += !strncmp(s, start, len);
	}
	return n;
}

/* The first line below `section` that begins with `start`, before the next line like `fence`. */
static const char *
line_in(const char *text, const char *section, const char *fence, const char *start)
{
	const char *s = strstr(text, section);

	while (s && (s = strchr(s, '\n'))) {
		s++;
		if (!strncmp(s, start, strlen(start)))
			return s;
		if (!strncmp(s, fence, strlen(fence)))
			return NULL;
	}
	return NULL;
}

Test(conf, the_example_shows_every_setting_with_its_default)
{
	CLEANUP(own_free) char *text = slurp("etc/ttsyncd.conf");
	int written = 0;

	for (const char *s = text; s; s = strchr(s, '\n')) {
		s += *s == '\n';
		written += *s != '[' && strcspn(s, "\n") > strcspn(s, "=") && strncmp(s, "# ", 2);
	}
	cr_assert_eq(written, CONF_ROWS);
	for (int i = 0; i < CONF_ROWS; i++) {
		const struct conf_row *row = &conf_rows[i];
		char section[64], set[64], shown[256];
		const char *line;

		snprintf(section, sizeof(section), "[%s]\n", row->section);
		snprintf(set, sizeof(set), "%s =", row->key);
		snprintf(shown, sizeof(shown), "#%s =%s%s\n", row->key, row->def[0] ? " " : "",
		         row->def);
		line = line_in(text, section, "[", set);
		if (!line)
			line = line_in(text, section, "[", shown);
		cr_assert(line, "etc/ttsyncd.conf lacks [%s] %s", row->section, row->key);
	}
}

Test(conf, the_example_lacks_nothing_but_what_has_to_be_filled_in)
{
	CLEANUP(own_free) char *text = slurp("etc/ttsyncd.conf");
	struct err e = { 0 };

	cr_assert_null(conf_parse("f", text, strlen(text), &e));
	cr_assert(strstr(e.text, "[tiktok] app_key is missing"), "%s", e.text);
}

Test(conf, the_manual_explains_every_setting)
{
	CLEANUP(own_free) char *page = slurp("etc/ttsyncd.conf.5");
	const char *settings = strstr(page, ".Sh SETTINGS");

	cr_assert_not_null(settings);
	cr_assert_eq(lines_with(settings, ".It Ic "), CONF_ROWS);
	for (int i = 0; i < CONF_ROWS; i++) {
		const struct conf_row *row = &conf_rows[i];
		char section[64], item[64], def[256];
		const char *line, *end;

		snprintf(section, sizeof(section), ".Ss [%s]", row->section);
		snprintf(item, sizeof(item), ".It Ic %s Ns ", row->key);
		line = line_in(settings, section, ".Ss", item);
		cr_assert(line, "ttsyncd.conf(5) lacks [%s] %s", row->section, row->key);
		end = strchr(line, '\n');
		snprintf(def, sizeof(def), "Pq %s", row->def);
		cr_assert(memmem(line, (size_t)(end - line), def, strlen(def)),
		          "[%s] %s: the default is %s", row->section, row->key, row->def);
		cr_assert_eq(row->reloadable,
		             !memcmp(end - 6, "reload", 6) || !memcmp(end - 5, "later", 5),
		             "[%s] %s", row->section, row->key);
	}
}

Test(conf, what_is_not_written_has_its_default)
{
	const struct conf *c = taken("");

	cr_assert_eq(c->daemon_workers, 0);
	cr_assert_eq(c->daemon_log_level, LOG_INFO);
	cr_assert_eq(c->sync_orders_interval_ms, 60000);
	cr_assert_eq(c->sync_overlap_ms, 600000);
	cr_assert_str_eq(c->tiktok_api_url, "https://open-api.tiktokglobalshop.com");
	cr_assert_str_eq(c->control_socket, "/run/ttsyncd/control.sock");
	cr_assert_eq(c->expiry_warn_days.n, 5);
	cr_assert_eq(c->expiry_warn_days.day[4], 1);
	cr_assert_not(c->postgres_auto_migrate);
	cr_assert_null(c->redis_password.text);
	cr_assert_eq(c->line[CONF_sync_overlap_ms], 0);
	cr_assert_eq(c->n_warn, 0, "%s", c->warn[0]);
	conf_unref(c);
}

Test(conf, what_is_shown_can_be_read_again)
{
	const struct conf *a = taken("[daemon]\nworkers = 3\n[redis]\npassword_file = secret\n"
	                             "[sync]\noverlap = 90s\n[stats]\nlisten = [::1]:1\n");
	const struct conf *b;
	CLEANUP(buf_done) struct buf text;
	struct err e = { 0 };

	buf_init(&text, 1 << 16);
	for (int i = 0; i < CONF_ROWS; i++) {
		buf_printf(&text, "[%s]\n%s = ", conf_rows[i].section, conf_rows[i].key);
		conf_show(a, (enum conf_id)i, &text);
		buf_chr(&text, '\n');
	}
	b = conf_parse("f", buf_text(&text), text.len, &e);
	cr_assert(b, "%s", e.text);
	for (int i = 0; i < CONF_ROWS; i++) {
		cr_assert_eq(b->line[i], 2 * i + 2);
		cr_assert_not(conf_differs(a, b, (enum conf_id)i), "%s", conf_rows[i].key);
	}
	conf_unref(a);
	conf_unref(b);
}

Test(conf, public_url_is_the_listening_address_where_it_is_not_given)
{
	const struct conf *c = taken("[http]\nlisten = [::1]:99\n");

	cr_assert_str_eq(c->http_public_url, "http://[::1]:99");
	conf_unref(c);
}

Test(conf, blanks_comments_and_indentation_do_not_matter)
{
	const struct conf *c = taken("[sync]\r\n; a comment\r\n\toverlap=5m ; and one here\r\n"
	                             "# one more\r\n\r\n  orders_interval  =  2s\r\n");

	cr_assert_eq(c->sync_overlap_ms, 300000);
	cr_assert_eq(c->sync_orders_interval_ms, 2000);
	cr_assert_eq(c->line[CONF_sync_overlap_ms], 11);
	conf_unref(c);
}

Test(conf, an_error_names_file_and_line_and_what_would_be_right)
{
	refused("[snyc]\n", "/conf:9: there is no section [snyc]", "[sync]?");
	refused("[sync]\noverlapp = 1m\n", "/conf:10: [sync] has no overlapp", "overlap?");
	refused("[sync]\noverlap = 1m\noverlap = 2m\n", ":11: [sync] overlap is set a second",
	        "line 10");
	refused("[sync]\nnonsense\n", "/conf:10: neither [section] nor key", "comment");
	refused("nonsense\n[sync]\noverlap = x\n", "/conf:9: neither", "comment");
	refused("[sync] overlap=1m\n", "/conf:9: text behind [sync]", "");
	refused("[sync\n", "/conf:9: a section's name has no ]", "");
	refused("[sync]\noverlap = \xff\n", "/conf:10: not text in UTF-8", "");
}

Test(conf, a_key_before_any_section_is_refused)
{
	struct err e = { 0 };

	cr_assert_null(conf_parse("f", "overlap = 1m\n", 13, &e));
	cr_assert_str_eq(e.text, "f:1: overlap stands before the first [section]");
}

Test(conf, a_nul_byte_is_refused)
{
	static const char text[] = "[sync]\noverlap = 1m\0\n";
	struct err e = { 0 };

	cr_assert_null(conf_parse("f", text, sizeof(text) - 1, &e));
	cr_assert_str_eq(e.text, "f:2: not text in UTF-8");
}

Test(conf, a_line_that_inih_would_cut_is_refused)
{
	char line[400];

	snprintf(line, sizeof(line), "[postgres]\n;%0300d\n", 0);
	refused(line, ":10: longer than 197 bytes", "");
}

Test(conf, values_outside_type_or_range_are_refused)
{
	refused("[daemon]\nworkers = 49\n", "49 is out of range", "0 to 48");
	refused("[daemon]\nworkers = many\n", "\"many\" is not a whole number", "0 to 48");
	refused("[daemon]\nworkers =\n", "\"\" is not a whole number", "0 to 48");
	refused("[daemon]\nlog_level = loud\n", "\"loud\" is no log level", "debug");
	refused("[daemon]\nlog_format = xml\n", "\"xml\" is no log format", "journal");
	refused("[daemon]\nstate_dir = x\n", "\"x\" is not an absolute path", "/");
	refused("[sync]\noverlap = 10\n", "\"10\" is not a duration", "0 to 1h");
	refused("[sync]\noverlap = 61m\n", "61m is out of range", "0 to 1h");
	refused("[redis]\npartition = {a}\n", "\"{a}\" is not a name", "letters");
	refused("[redis]\nurl = tcp://x\n", "not a URL of Redis", "unix:///");
	refused("[redis]\nurl = redis://u:p@127.0.0.1:1\n", "no place in the URL", "password_file");
	refused("[stats]\nlisten = 8380\n", "\"8380\" is not ADDRESS:PORT", "127.0.0.1");
	refused("[stats]\nlisten = localhost:80\n", "is not ADDRESS:PORT", "");
	refused("[stats]\nlisten = 127.0.0.1:0\n", "is not ADDRESS:PORT", "");
	refused("[stats]\nlisten = ::1:80\n", "is not ADDRESS:PORT", "");
	refused("[http]\npublic_url = http://example.com\n", "is not a usable URL", "https://");
	refused("[http]\npublic_url = https://u@example.com\n", "is not a usable URL", "user");
	refused("[http]\npublic_url = https://\n", "is not a usable URL", "");
	refused("[http]\npublic_url = http://localhost.example.com\n", "is not a usable URL", "");
	refused("[plans]\norder = a,,b\n", "list of different names", "at most 16");
	refused("[plans]\norder = a,b,a\n", "list of different names", "");
	refused("[expiry]\nwarn_days = 3,7\n", "not a falling list", "most first");
	refused("[expiry]\nwarn_days = 3,3\n", "not a falling list", "");
	refused("[expiry]\nwarn_days = 0\n", "not a falling list", "1 to 365");
	refused("[retention]\ninbox = 1h\n", "1h is out of range", "1d to 3650d");
}

Test(conf, the_required_plan_must_be_one_of_the_plans)
{
	refused("[plans]\nrequired = gold\n", "/conf:10: [plans] required: order does not name",
	        "free,basic,pro");
	refused("[plans]\norder = a, b\n", "/conf:10: [plans] required", "one of a,b");
}

Test(conf, plans_rank_in_their_order)
{
	const struct conf *c = taken("[plans]\norder = free, basic ,pro\n");

	cr_assert_str_eq(c->plans_order, "free,basic,pro");
	cr_assert_eq(conf_plan_rank(c, "pro"), 2);
	cr_assert_eq(conf_plan_rank(c, "pr"), -1);
	cr_assert_eq(conf_plan_rank(c, ""), -1);
	cr_assert(conf_plan_ok(c, "basic"));
	cr_assert(conf_plan_ok(c, "pro"));
	cr_assert_not(conf_plan_ok(c, "free"));
	cr_assert_not(conf_plan_ok(c, "unheard-of"));
	conf_unref(c);
}

Test(conf, each_required_setting_is_missed_by_name)
{
	for (int i = 0; i < CONF_ROWS; i++) {
		const struct conf_row *row = &conf_rows[i];
		struct err e = { 0 };
		char text[sizeof(REQUIRED)] = REQUIRED, key[64], *at;

		if (row->def[0] || row->min < 1)
			continue;
		snprintf(key, sizeof(key), "[%s]", row->section);
		at = strstr(text, key);
		snprintf(key, sizeof(key), "\n%s = ", row->key);
		at = at ? strstr(at, key) : NULL;
		cr_assert(at, "[%s] %s is not in REQUIRED", row->section, row->key);
		at[1] = '#';
		cr_assert_null(conf_parse("f", text, strlen(text), &e));
		snprintf(key, sizeof(key), "f: [%s] %s is missing", row->section, row->key);
		cr_assert_str_eq(e.text, key);
	}
}

Test(conf, a_url_loses_the_slash_at_its_end)
{
	const struct conf *c = taken("[http]\npublic_url = https://c.example.com/tt//\n");

	cr_assert_str_eq(c->http_public_url, "https://c.example.com/tt");
	conf_unref(c);
}

Test(conf, a_secret_is_read_without_its_line_end_and_never_shown)
{
	const struct conf *c = taken("");
	CLEANUP(buf_done) struct buf all;

	cr_assert_str_eq(c->tiktok_app_secret.text, "s3cret");
	cr_assert_eq(c->tiktok_app_secret.len, 6);
	cr_assert_str_eq(c->vault_key.text, "k1:AAAA:active\nk0:BBBB:decrypt");
	buf_init(&all, 1 << 16);
	for (int i = 0; i < CONF_ROWS; i++)
		conf_show(c, (enum conf_id)i, &all);
	cr_assert_null(strstr(buf_text(&all), "s3cret"));
	cr_assert_null(memmem(c, sizeof(*c), "s3cret", 6));
	conf_unref(c);
}

Test(conf, a_relative_secret_is_looked_up_among_the_credentials_first)
{
	char creds[PATH_MAX];
	const struct conf *c;

	snprintf(creds, sizeof(creds), "%s/creds", dir);
	cr_assert_eq(mkdir(creds, 0700), 0);
	put("creds/secret", "from systemd", 0400);
	setenv("CREDENTIALS_DIRECTORY", creds, 1);
	c = taken("");
	cr_assert_str_eq(c->tiktok_app_secret.text, "from systemd");
	cr_assert(strstr(c->vault_key.file, "/ring")); /* not there: beside the file */
	conf_unref(c);
}

Test(conf, a_secret_that_cannot_be_used_is_an_error)
{
	refused("[redis]\npassword_file = nowhere\n", "/conf:10: [redis] password_file: ", "");
	refused("[redis]\npassword_file = /\n", "not a file", "");
	put("other", "\n\n", 0600);
	refused("[redis]\npassword_file = other\n", "is empty", "");
	refused("[tiktok]\nca_file = nowhere\n", "/conf:10: [tiktok] ca_file: ", "");
}

Test(conf, a_secret_that_others_can_use_is_warned_of)
{
	const struct conf *c;

	put("other", "pw", 0604);
	c = taken("[redis]\npassword_file = other\n");
	cr_assert_eq(c->n_warn, 1);
	cr_assert(strstr(c->warn[0], "other holds a secret"), "%s", c->warn[0]);
	conf_unref(c);
}

Test(conf, a_file_that_others_can_write_is_warned_of)
{
	struct err e = { 0 };
	const struct conf *c = conf_load(put("conf", REQUIRED, 0666), &e);

	cr_assert(c, "%s", e.text);
	cr_assert_eq(c->n_warn, 1);
	cr_assert(strstr(c->warn[0], "can be written by others"), "%s", c->warn[0]);
	conf_unref(c);
}

Test(conf, a_file_that_is_not_there_is_named)
{
	struct err e = { 0 };

	cr_assert_null(conf_load("/nowhere/ttsyncd.conf", &e));
	cr_assert_str_eq(e.text, "/nowhere/ttsyncd.conf: No such file or directory");
	cr_assert_eq(e.code, EX_CONFIG);
}

Test(conf, a_file_above_its_cap_is_refused)
{
	struct err e = { 0 };
	const char *file = put("conf", "", 0600);

	cr_assert_eq(truncate(file, CONF_BYTES_MAX + 1), 0);
	cr_assert_null(conf_load(file, &e));
	cr_assert(strstr(e.text, "larger than"), "%s", e.text);
}

Test(conf, passwords_in_the_database_url_are_not_shown)
{
	static const struct {
		const char *url, *shown;
	} rows[] = {
		{ "postgresql:///ttsync", "postgresql:///ttsync" },
		{ "postgresql://u@h/db?x=a:b@c", "postgresql://u@h/db?x=a:b@c" },
		{ "postgres://u:p@ss@h:1/db", "postgres://u:*****@h:1/db" },
		{ "postgresql:///db?password=pw&host=/x",
		  "postgresql:///db?password=*****&host=/x" },
		{ "host=/x password=pw user=u", "host=/x password=***** user=u" },
		{ "password='p w' user=u", "password=***** user=u" },
		{ "user=u password=pw", "user=u password=*****" },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		char text[400];
		struct err e = { 0 };
		const struct conf *c;

		snprintf(
		    text, sizeof(text),
		    "[postgres]\nurl = %s\n"
		    "[tiktok]\napp_key = k\n"
		    "app_secret_file = %s/secret\nservice_id = 7\n[vault]\nkey_file = %s/ring\n",
		    rows[i].url, dir, dir);
		c = conf_parse("f", text, strlen(text), &e);
		cr_assert(c, "%s", e.text);
		shows(c, CONF_postgres_url, rows[i].shown);
		conf_unref(c);
	}
}

Test(conf, two_snapshots_differ_where_a_value_or_a_secret_does)
{
	const struct conf *a = taken("");
	const struct conf *b;

	put("secret", "S3cret\n", 0600);
	b = taken("[sync]\noverlap = 600s\norders_interval = 61s\n");
	for (int i = 0; i < CONF_ROWS; i++)
		cr_assert_eq(conf_differs(a, b, (enum conf_id)i),
		             i == CONF_sync_orders_interval_ms || i == CONF_tiktok_app_secret,
		             "[%s] %s", conf_rows[i].section, conf_rows[i].key);
	conf_unref(a);
	conf_unref(b);
}

Test(conf, a_reload_keeps_what_waits_for_the_next_start)
{
	struct err e = { 0 };
	const struct conf *old = taken("");
	const struct conf *c;

	put("secret", "another\n", 0600);
	c = conf_reload(old,
	                put("conf",
	                    REQUIRED "[redis]\npartition = p2\n[sync]\noverlap = 5m\n"
	                             "[daemon]\nworkers = 7\n",
	                    0600),
	                &e);
	cr_assert(c, "%s", e.text);
	cr_assert_eq(c->sync_overlap_ms, 300000);
	cr_assert_not(c->waits[CONF_sync_overlap_ms]);
	cr_assert_eq(c->daemon_workers, 0);
	cr_assert(c->waits[CONF_daemon_workers]);
	cr_assert_str_eq(c->redis_partition, "ttq");
	cr_assert(c->waits[CONF_redis_partition]);
	cr_assert_str_eq(c->tiktok_app_secret.text, "s3cret");
	cr_assert(c->waits[CONF_tiktok_app_secret]);
	cr_assert_not(c->waits[CONF_vault_key]);
	conf_unref(old);
	cr_assert_str_eq(c->tiktok_app_secret.text, "s3cret");
	conf_unref(c);
}

Test(conf, a_wrong_file_is_no_reload)
{
	struct err e = { 0 };
	const struct conf *old = taken("");

	cr_assert_null(conf_reload(old, put("conf", REQUIRED "[sync]\noverlap = x\n", 0600), &e));
	cr_assert_eq(e.code, EX_CONFIG);
	conf_unref(old);
}

Test(conf, the_last_reference_frees)
{
	const struct conf *c = taken("");

	cr_assert_eq(conf_ref(c), c);
	conf_unref(c);
	cr_assert_eq(c->daemon_slots, 128);
	conf_unref(c);
	conf_unref(NULL);
}
