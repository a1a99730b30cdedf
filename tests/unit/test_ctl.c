/*
 * ttctl itself against a control socket whose tasks are made up here, in a child process.
 */
#include "common/buf.h"
#include "common/exits.h"
#include "common/json.h"
#include "ctl/client.h"
#include "daemon/base/counter.h"
#include "daemon/base/log.h"
#include "daemon/base/loop.h"
#include "daemon/control/control.h"

#include <criterion/criterion.h>
#include <grp.h>
#include <pty.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static char dir[] = "/tmp/ctlXXXXXX";
static char path[64];
static pid_t daemon_pid;
static struct buf out, err;

/* The daemon's side. */

static struct loop *l;
static struct timer soon;
static task_fn *ask_fn;
static void *ask_arg;
static const char *ask_json;
static struct err ask_err;

#define URL                                                                                        \
	"https://services.tiktokshop.com/open/authorize?service_id=7000000000000000001&state=AAAA"

/* What was asked for, as a link. */
static const char *
begun(const char *args)
{
	static char doc[1024];
	CLEANUP(json_freep) struct json *j = json_parse(args, strlen(args), NULL);

	snprintf(doc, sizeof(doc),
	         "{\"shop_id\":\"17\",\"alias\":\"%s\",\"store\":\"%s\",\"authorize_url\":\"" URL
	         "\",\"state_expires_at\":\"2026-11-25T10:00:00+07:00\",\"connect_url\":\"u\"}",
	         json_str(j, "alias"), json_str(j, "store"));
	return doc;
}

/* As the database answers: nothing is deleted before the alias was typed. */
static const char *
ended(const char *args)
{
	CLEANUP(json_freep) struct json *j = json_parse(args, strlen(args), NULL);
	const char *typed = json_str(j, "confirm");

	if (typed && !strcmp(typed, "main"))
		return "{\"shop_id\":\"17\",\"open_orders\":3,\"stops\":[\"orders\"],"
		       "\"stays\":{\"orders\":0,\"history\":5},\"state\":\"disconnected\"}";
	err_set(&ask_err, ERR_INPUT, 64,
	        "shop 17 has 3 open orders; to delete all its data, type its alias");
	err_hint(&ask_err, "see what there is: ttctl disconnect 17 --purge --dry-run");
	err_tag(&ask_err, typed ? "confirmation_differs" : "confirmation_needed");
	return NULL;
}

static void
on_soon(void *arg)
{
	(void)arg;
	ask_fn(ask_json, ask_json ? strlen(ask_json) : 0, ask_json ? NULL : &ask_err, ask_arg);
}

static uint64_t
post(const char *op, const char *args, const char *actor, task_fn *fn, void *fn_arg, void *arg)
{
	(void)actor;
	(void)arg;
	ask_fn = fn;
	ask_arg = fn_arg;
	ask_json = NULL;
	err_set(&ask_err, ERR_INPUT, 65, "no shop 'x'");
	err_hint(&ask_err, "see them all: ttctl shops");
	err_tag(&ask_err, "unknown_shop");
	if (!strcmp(op, "sql:disconnect"))
		ask_json = ended(args);
	else if (!strcmp(op, "sql:shops"))
		ask_json =
		    "{\"schema_version\":1,\"items\":[{\"shop_id\":\"17\",\"alias\":\"ร้านหลัก\","
		    "\"state\":\"expiring\",\"counts\":{\"orders\":48}}],\"exit\":1}";
	else if (!strcmp(op, "sql:history"))
		ask_json = strstr(args, "after")
		               ? NULL
		               : "{\"items\":[{\"history_id\":1,\"event\":\"a\"}]}";
	else if (!strcmp(op, "sql:orders"))
		_exit(1);
	else if (!strcmp(op, "sql:status"))
		ask_json = "{\"shops\":{\"connected\":3}}";
	else if (!strcmp(op, "sql:shops_ics"))
		ask_json = "{\"schema_version\":1,\"calendar\":\"BEGIN:VCALENDAR\\r\\nEND:"
			   "VCALENDAR\\r\\n\"}";
	else if (!strcmp(op, "connect"))
		ask_json = begun(args);
	timer_arm(&soon, 0);
	return 1;
}

static void
drop(uint64_t id, void *arg)
{
	(void)id;
	(void)arg;
	timer_disarm(&soon);
}

static struct json *
facts(void *arg)
{
	(void)arg;
	return json_obj();
}

static int
stats(struct buf *to, void *arg)
{
	(void)arg;
	return buf_str(to, "x 1\n");
}

static void
serve(int ready)
{
	static const struct control_ops ops = {
		.post = post, .drop = drop, .queue = facts, .facts = facts, .stats = stats
	};
	static struct counters counters;
	struct control_conf conf = { .socket = path,
		                     .admin_group = "",
		                     .monitor_group = "",
		                     .ops = &ops,
		                     .counters = &counters };
	struct err e;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	log_start(LOG_ERROR, LOG_TEXT);
	l = loop_new(&e);
	timer_init(&soon, l, on_soon, NULL);
	if (!control_new(l, &conf, &e) || write(ready, "", 1) != 1)
		_exit(1);
	loop_run(l);
}

/* ttctl's side. */

static void
begin(void)
{
	int ready[2];
	char c;

	cr_assert(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/s", dir);
	cr_assert_eq(pipe(ready), 0);
	daemon_pid = fork();
	if (!daemon_pid)
		serve(ready[1]);
	close(ready[1]);
	cr_assert_eq(read(ready[0], &c, 1), 1);
	close(ready[0]);
	buf_init(&out, 1 << 20);
	buf_init(&err, 1 << 20);
	setenv("TTCTL_SOCKET", path, 1);
	setenv("LC_ALL", "C", 1);
}

static void
end(void)
{
	char command[128];

	kill(daemon_pid, SIGKILL);
	waitpid(daemon_pid, NULL, 0);
	snprintf(command, sizeof(command), "rm -r %s", dir);
	cr_assert_eq(system(command), 0);
	buf_done(&out);
	buf_done(&err);
}

TestSuite(ctl, .init = begin, .fini = end, .timeout = 60);

static void
read_all(FILE *f, struct buf *to)
{
	char bytes[4096];
	size_t n;

	buf_reset(to);
	while ((n = fread(bytes, 1, sizeof(bytes), f)))
		buf_add(to, bytes, n);
}

/* Run ttctl; its exit code, `out` and `err` filled. */
static int
run(const char *words)
{
	char command[512], file[80];
	FILE *f;
	int status;

	snprintf(file, sizeof(file), "%s/err", dir);
	snprintf(command, sizeof(command), "exec " TTCTL " %s 2>%s", words, file);
	f = popen(command, "r");
	cr_assert(f);
	read_all(f, &out);
	status = pclose(f);
	f = fopen(file, "r");
	cr_assert(f);
	read_all(f, &err);
	fclose(f);
	cr_assert(WIFEXITED(status), "%s", words);
	return WEXITSTATUS(status);
}

/* The same on a terminal with so many columns, where somebody types; `out` has all that is seen. */
static int
run_on_terminal(const char *words, const char *typed, unsigned short columns)
{
	struct winsize size = { .ws_row = 50, .ws_col = columns };
	char command[512], bytes[4096];
	int fd, status;
	ssize_t n;
	pid_t pid;

	snprintf(command, sizeof(command), "exec " TTCTL " %s", words);
	pid = forkpty(&fd, NULL, NULL, &size);
	cr_assert_geq(pid, 0);
	if (!pid) {
		setenv("TERM", "xterm", 1);
		execl("/bin/sh", "sh", "-c", command, (char *)NULL);
		_exit(127);
	}
	cr_assert_eq(write(fd, typed, strlen(typed)), (ssize_t)strlen(typed));
	buf_reset(&out);
	while ((n = read(fd, bytes, sizeof(bytes))) > 0)
		buf_add(&out, bytes, (size_t)n);
	close(fd);
	cr_assert_eq(waitpid(pid, &status, 0), pid);
	cr_assert(WIFEXITED(status), "%s", words);
	return WEXITSTATUS(status);
}

#define SEEN(text)   cr_assert(strstr(buf_text(&out), text), "%s", buf_text(&out))
#define UNSEEN(text) cr_assert_null(strstr(buf_text(&out), text), "%s", buf_text(&out))

Test(ctl, what_is_missing_is_asked_for_on_a_terminal)
{
	cr_assert_eq(run_on_terminal("connect", "42\n\nร้านหลัก\n", 100), 0);
	SEEN("the store that the shop is connected to (--store): ");
	SEEN("once in a store (--alias): ");
	SEEN("ร้านหลัก");
	SEEN(URL);
	UNSEEN("missing");
	cr_assert_eq(run_on_terminal("--json connect --alias -x", "42\n", 100), 0);
	SEEN("\"alias\": \"-x\"");
	SEEN("\"store\": \"42\"");
	cr_assert_eq(run_on_terminal("--lang th show", "x\n", 100), 65);
	SEEN("ชื่อเรียก รหัสของเรา");
}

Test(ctl, without_a_terminal_or_with_no_input_the_missing_flag_is_named)
{
	cr_assert_eq(run("connect --store 42 </dev/null"), 64);
	cr_assert(strstr(buf_text(&err), "--alias is missing"), "%s", buf_text(&err));
	cr_assert_eq(run_on_terminal("--no-input connect", "42\nmain\n", 100), 64);
	SEEN("--store, --alias are missing");
	UNSEEN("(--store)");
	cr_assert_eq(run_on_terminal("connect --no-input --store 42", "", 100), 64);
	SEEN("--alias is missing");
	cr_assert_eq(run("--json connect </dev/null"), 64);
	cr_assert(strstr(buf_text(&err), "\"ask\":[{\"flag\":\"--store\",\"key\":\"store\""));
}

Test(ctl, an_input_that_ends_fails_as_if_nobody_had_been_asked)
{
	cr_assert_eq(run_on_terminal("connect", "42\n\004", 100), 64);
	SEEN("--store, --alias are missing");
}

Test(ctl, deleting_everything_wants_the_alias_typed)
{
	cr_assert_eq(run_on_terminal("disconnect 17 --purge", "main\n", 100), 0);
	SEEN("ttctl: shop 17 has 3 open orders");
	SEEN("typed to delete all its data (--confirm): ");
	SEEN("Open orders  3");
	cr_assert_eq(run_on_terminal("disconnect 17 --purge", "mian\n", 100), 64);
	cr_assert_eq(run("disconnect 17 --purge </dev/null"), 64);
	cr_assert_eq(run("disconnect 17 --purge --confirm main </dev/null"), 0);
	cr_assert_eq(strncmp(buf_text(&out), "Open orders", 11), 0, "what is at stake comes first");
}

Test(ctl, a_link_is_a_qr_code_too_where_a_terminal_has_the_room)
{
	cr_assert_eq(run_on_terminal("--color never connect --store 42 --alias a", "", 100), 0);
	SEEN("█████████");
	UNSEEN("\033[");
	cr_assert_eq(run_on_terminal("connect --store 42 --alias a", "", 100), 0);
	SEEN("\033[38;5;16;48;5;231m");
	cr_assert_eq(run_on_terminal("connect --store 42 --alias a", "", 30), 0);
	UNSEEN("▀");
	cr_assert_eq(run_on_terminal("connect --store 42 --alias a --json", "", 100), 0);
	UNSEEN("▀");
	cr_assert_eq(run_on_terminal("connect --store 42 --alias a --plain", "", 100), 0);
	UNSEEN("▀");
	cr_assert_eq(run("connect --store 42 --alias a"), 0);
	UNSEEN("▀");
	SEEN(URL);
}

Test(ctl, a_calendar_is_printed_as_it_is)
{
	cr_assert_eq(run("shops --ics"), 0);
	cr_assert_str_eq(buf_text(&out), "BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n");
	cr_assert_str_eq(buf_text(&err), "");
}

Test(ctl, a_table_and_the_verdict_as_exit_code)
{
	cr_assert_eq(run("shops --expiring-within 30d"), 1);
	cr_assert(strstr(buf_text(&out), "ร้านหลัก"));
	cr_assert(strstr(buf_text(&out), "expiring"));
	cr_assert_eq(run("shops --lang th"), 1);
	cr_assert(strstr(buf_text(&out), "ใกล้หมดอายุ"));
	cr_assert_str_eq(buf_text(&err), "");
}

Test(ctl, with_json_stdout_is_one_document)
{
	CLEANUP(json_freep) struct json *j = NULL;
	struct err e;

	cr_assert_eq(run("--json shops"), 1);
	j = json_parse(out.data, out.len, &e);
	cr_assert(j, "%s", e.text);
	cr_assert_str_eq(json_str(json_at(json_get(j, "items"), 0), "shop_id"), "17");
	cr_assert_null(json_get(j, "exit"));
}

Test(ctl, an_error_is_on_stderr_alone)
{
	cr_assert_eq(run("show x"), 65);
	cr_assert_str_eq(buf_text(&out), "");
	cr_assert_str_eq(buf_text(&err), "ttctl: no shop 'x'\n  see them all: ttctl shops\n");
	cr_assert_eq(run("show x --json"), 65);
	cr_assert_str_eq(buf_text(&out), "");
	cr_assert(strstr(buf_text(&err), "{\"error\":{\"code\":\"unknown_shop\""));
	cr_assert_eq(run("shps"), 64);
	cr_assert(strstr(buf_text(&err), "did you mean: ttctl shops"));
	cr_assert_eq(run("--jsn shops"), 64);
}

Test(ctl, nobody_there_is_69_with_a_hint)
{
	cr_assert_eq(run("-s /nonexistent/socket shops"), 69);
	cr_assert(strstr(buf_text(&err), "systemctl status ttsyncd"));
	cr_assert_eq(run("-s /nonexistent/socket --json shops"), 69);
	cr_assert(strstr(buf_text(&err), "\"retryable\":true"));
}

/* As somebody without any group: the exit code, and what is advised, in `err`. */
static int
refused_to(uid_t somebody)
{
	char hint[200] = "";
	int ends[2], status;
	pid_t pid;

	cr_assert_eq(pipe(ends), 0);
	pid = fork();
	if (!pid) {
		struct client cl;
		struct err e;

		if (setgroups(0, NULL) || setgid(somebody) || setuid(somebody) ||
		    !client_open(&cl, path, &e) || write(ends[1], e.hint, strlen(e.hint)) < 0)
			_exit(0);
		_exit((int)exits_of(&e));
	}
	close(ends[1]);
	waitpid(pid, &status, 0);
	cr_assert_geq(read(ends[0], hint, sizeof(hint) - 1), 0);
	close(ends[0]);
	buf_reset(&err);
	buf_str(&err, hint);
	return WEXITSTATUS(status);
}

Test(ctl, who_is_not_of_the_group_is_told_its_name)
{
	if (geteuid())
		cr_skip_test("only root can be somebody else");
	cr_assert_eq(chown(dir, 0, 4), 0);
	cr_assert_eq(chmod(dir, 0750), 0);
	cr_assert_eq(refused_to(65534), 77);
	cr_assert(strstr(buf_text(&err), "a member of the group adm "), "%s", buf_text(&err));
	cr_assert_eq(chmod(dir, 0755), 0);
	cr_assert_eq(chown(path, 0, 30), 0);
	cr_assert_eq(refused_to(65534), 77);
	cr_assert(strstr(buf_text(&err), "a member of the group dip "), "%s", buf_text(&err));
}

Test(ctl, without_words_it_is_status_and_the_verbs_used_most)
{
	int verbs = 0;

	cr_assert_eq(run(""), 0);
	cr_assert(strstr(buf_text(&out), "connected"));
	cr_assert(strstr(buf_text(&err), "ttctl shops"));
	for (const char *s = buf_text(&err); (s = strstr(s, "\n  ttctl ")); s++)
		verbs++;
	cr_assert_eq(verbs, 5);
	cr_assert_null(strstr(buf_text(&out), "ttctl shops"));
}

Test(ctl, help_and_version_need_no_daemon_and_verbs_do)
{
	cr_assert_eq(run("-s /nonexistent --help"), 0);
	cr_assert(strstr(buf_text(&out), "usage: ttctl"));
	cr_assert_eq(run("-s /nonexistent --version"), 0);
	cr_assert_eq(strncmp(buf_text(&out), "ttctl ", 6), 0);
	cr_assert_eq(run("help"), 0);
	cr_assert(strstr(buf_text(&out), "reauthorize"));
	cr_assert_eq(run("connect --help"), 0);
	cr_assert(strstr(buf_text(&out), "usage: ttctl connect"));
	cr_assert_eq(run("help exit-codes"), 0);
	cr_assert(strstr(buf_text(&out), " 69  "));
}

Test(ctl, following_ends_with_the_error_that_ended_it)
{
	cr_assert_eq(run("--jsonl history x --follow"), 65);
	cr_assert_str_eq(buf_text(&out), "{\"history_id\":1,\"event\":\"a\"}\n");
}

Test(ctl, statistics_are_the_text)
{
	cr_assert_eq(run("stats"), 0);
	cr_assert_str_eq(buf_text(&out), "x 1\n");
}

Test(ctl, a_daemon_that_dies_before_it_answered_is_69)
{
	cr_assert_eq(run("orders"), 69);
	cr_assert(strstr(buf_text(&err), "closed the connection"));
}

Test(ctl, watched_by_a_program_it_is_a_document_a_line)
{
	char command[300];
	char line[512];
	FILE *f;

	snprintf(command, sizeof(command), "exec " TTCTL " --watch=200ms shops");
	f = popen(command, "r");
	for (int i = 0; i < 2; i++) {
		cr_assert(fgets(line, sizeof(line), f));
		cr_assert_eq(strncmp(line, "{\"schema_version\":1", 19), 0);
	}
	pclose(f);
}
