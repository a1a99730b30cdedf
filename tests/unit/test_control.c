#include "common/frame.h"
#include "common/json.h"
#include "common/str.h"
#include "daemon/base/counter.h"
#include "daemon/base/log.h"
#include "daemon/base/loop.h"
#include "daemon/control/control.h"
#include "daemon/control/peer.h"
#include "daemon/io/sock.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define HALF_MS  120
#define GUARD_MS 10000

static struct loop *l;
static struct control *c;
static struct timer guard;
static struct counters counters;
static char dir[] = "/tmp/controlXXXXXX";
static char path[64];
static enum cmd_access rights = CMD_ADMIN;

/* The fake task layer: what was posted last, and how it is answered. */
static struct task {
	uint64_t id;
	char op[64];
	char args[512];
	char actor[PEER_ACTOR_MAX];
	task_fn *fn;
	void *arg;
	struct timer soon;
} task;
static uint64_t n_posted, dropped;
static const char *reply; /* NULL: none comes by itself */
static struct err reply_err;
static bool reply_fails;

static void
answer(const char *json)
{
	task.fn(json, strlen(json), NULL, task.arg);
}

static void
on_soon(void *arg)
{
	(void)arg;
	if (reply_fails)
		task.fn(NULL, 0, &reply_err, task.arg);
	else
		answer(reply);
}

static uint64_t
post(const char *op, const char *args, const char *actor, task_fn *fn, void *fn_arg, void *arg)
{
	(void)arg;
	task.id = ++n_posted;
	str_copy(task.op, sizeof(task.op), op);
	str_copy(task.args, sizeof(task.args), args);
	str_copy(task.actor, sizeof(task.actor), actor);
	task.fn = fn;
	task.arg = fn_arg;
	if (reply || reply_fails)
		timer_arm(&task.soon, 0);
	loop_stop(l);
	return task.id;
}

static void
drop(uint64_t id, void *arg)
{
	(void)arg;
	dropped = id;
	timer_disarm(&task.soon);
	loop_stop(l);
}

static struct json *
facts(void *arg)
{
	struct json *j = json_obj();

	(void)arg;
	json_put_str(j, "state", "up");
	return j;
}

static int
stats(struct buf *out, void *arg)
{
	(void)arg;
	return buf_str(out, "# TYPE x counter\nx 1\n");
}

static const struct control_ops ops = {
	.post = post,
	.drop = drop,
	.queue = facts,
	.facts = facts,
	.stats = stats,
};

static enum cmd_access
access_of(const struct sock_peer *p, void *arg)
{
	(void)p;
	(void)arg;
	return rights;
}

struct client {
	int fd;
	struct watch w;
	struct frame in;
	bool over;
};

static void
on_client(int fd, int what, void *p)
{
	struct client *cl = p;
	char tmp[4096];
	struct err e;
	ssize_t n = read(fd, tmp, sizeof(tmp));

	(void)what;
	if (n > 0) {
		frame_add(&cl->in, tmp, (size_t)n, &e);
	} else {
		cl->over = true;
		watch_set(&cl->w, fd, 0);
	}
	loop_stop(l);
}

static struct client *
client(void)
{
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	struct client *cl = calloc(1, sizeof(*cl));

	cr_assert(str_copy(un.sun_path, sizeof(un.sun_path), path));
	cl->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
	cr_assert_eq(connect(cl->fd, (struct sockaddr *)&un, sizeof(un)), 0);
	frame_init(&cl->in, FRAME_ANSWER_MAX);
	watch_init(&cl->w, l, on_client, cl);
	watch_set(&cl->w, cl->fd, WATCH_READ);
	return cl;
}

static void
leave(struct client *cl)
{
	watch_set(&cl->w, cl->fd, 0);
	watch_done(&cl->w);
	close(cl->fd);
	frame_done(&cl->in);
	free(cl);
}

static void
say(struct client *cl, const char *text)
{
	cr_assert_eq(send(cl->fd, text, strlen(text), MSG_NOSIGNAL), (ssize_t)strlen(text));
}

static void
on_guard(void *arg)
{
	(void)arg;
	cr_assert_fail("nothing happened in time");
}

#define UNTIL(cond)                                                                                \
	do {                                                                                       \
		timer_arm(&guard, GUARD_MS);                                                       \
		while (!(cond))                                                                    \
			loop_run(l);                                                               \
		timer_disarm(&guard);                                                              \
	} while (0)

/* The next line that came; the caller frees it. */
static char *
line(struct client *cl)
{
	const char *s = NULL;
	size_t len;
	struct err e;

	UNTIL((s = frame_next(&cl->in, &len, &e)) || cl->over);
	cr_assert(s, "closed without a line");
	return strdup(s);
}

/* Ask and compare. */
#define ASK(cl, ask, want)                                                                         \
	do {                                                                                       \
		CLEANUP(own_free) char *got_ = NULL;                                               \
		say(cl, ask "\n");                                                                 \
		got_ = line(cl);                                                                   \
		cr_assert_str_eq(got_, want);                                                      \
	} while (0)

/* The next line holds text. */
#define HOLDS(cl, text)                                                                            \
	do {                                                                                       \
		CLEANUP(own_free) char *got_ = line(cl);                                           \
		cr_assert(strstr(got_, text), "%s", got_);                                         \
	} while (0)

static void
begin(void)
{
	struct control_conf conf = { .socket = path,
		                     .admin_group = "",
		                     .monitor_group = "",
		                     .ops = &ops,
		                     .counters = &counters,
		                     .access = access_of,
		                     .half_line_ms = HALF_MS };
	struct err e;

	log_start(LOG_ERROR, LOG_TEXT);
	cr_assert(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/s", dir);
	l = loop_new(&e);
	timer_init(&guard, l, on_guard, NULL);
	timer_init(&task.soon, l, on_soon, NULL);
	c = control_new(l, &conf, &e);
	cr_assert(c, "%s", e.text);
}

static void
end(void)
{
	control_free(c);
	timer_done(&guard);
	timer_done(&task.soon);
	loop_free(l);
	rmdir(dir);
}

TestSuite(control, .init = begin, .fini = end);

Test(control, a_task_answers_with_its_document)
{
	struct client *cl = client();

	reply = "{\"schema_version\":1,\"items\":[]}";
	ASK(cl, "{\"v\":1,\"id\":7,\"cmd\":\"shops\",\"args\":{\"store\":\"42\"}}",
	    "{\"id\":7,\"ok\":true,\"data\":{\"schema_version\":1,\"items\":[]}}");
	cr_assert_str_eq(task.op, "sql:shops");
	cr_assert_str_eq(task.args, "{\"store\":\"42\"}");
	cr_assert(strstr(task.actor, "uid:") == task.actor);
	ASK(cl, "{\"id\":\"x\",\"argv\":[\"shops\",\"--store\",\"42\"]}",
	    "{\"id\":\"x\",\"ok\":true,\"data\":{\"schema_version\":1,\"items\":[]}}");
	cr_assert_eq(counters.v[COUNT_CONTROL_REQUESTS], 2);
	leave(cl);
}

Test(control, a_verdict_stands_beside_the_data)
{
	struct client *cl = client();

	reply = "{\"items\":[],\"exit\":1}";
	ASK(cl, "{\"id\":1,\"cmd\":\"shops\"}",
	    "{\"id\":1,\"ok\":true,\"exit\":1,\"data\":{\"items\":[]}}");
	leave(cl);
}

Test(control, a_failed_task_keeps_code_hint_and_word)
{
	struct client *cl = client();

	reply_fails = true;
	err_set(&reply_err, ERR_INPUT, 65, "no shop 'x'");
	err_hint(&reply_err, "see them all: ttctl shops");
	err_tag(&reply_err, "unknown_shop");
	ASK(cl, "{\"id\":1,\"cmd\":\"show\",\"args\":{\"shop\":\"x\"}}",
	    "{\"id\":1,\"ok\":false,\"error\":{\"code\":\"unknown_shop\",\"message\":\"no shop "
	    "'x'\","
	    "\"hint\":\"see them all: ttctl shops\",\"retryable\":false,\"exit\":65}}");
	err_set(&reply_err, ERR_IO, 0, "no database");
	ASK(cl, "{\"id\":2,\"cmd\":\"show\",\"args\":{\"shop\":\"x\"}}",
	    "{\"id\":2,\"ok\":false,\"error\":{\"code\":\"unreachable\",\"message\":\"no "
	    "database\","
	    "\"hint\":null,\"retryable\":true,\"exit\":69}}");
	cr_assert_eq(counters.v[COUNT_CONTROL_REFUSED], 2);
	leave(cl);
}

Test(control, a_malformed_line_is_answered_and_ends_nothing_else)
{
	static const char *const bad[] = {
		"{",
		"",
		"null",
		"[]",
		"7",
		"{\"id\":1} x",
		"\"\\u0000\"",
		"{\"id\":1}",
		"{\"id\":{}}",
		"{\"id\":1.5,\"cmd\":\"help\"}",
		"{\"cmd\":5}",
		"{\"argv\":\"shops\"}",
		"[[[[[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]]]]]",
		"{\"id\":1,\"cmd\":\"h\xff\"}",
	};
	struct client *cl = client();

	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		say(cl, bad[i]);
		say(cl, "\n");
		HOLDS(cl, "\"code\":\"malformed\"");
	}
	reply = "{}";
	ASK(cl, "{\"id\":1,\"cmd\":\"store list\"}", "{\"id\":1,\"ok\":true,\"data\":{}}");
	cr_assert_eq(n_posted, 1);
	leave(cl);
}

Test(control, unknown_versions_verbs_and_types_are_refused)
{
	struct client *cl = client();

	say(cl, "{\"v\":2,\"id\":1,\"cmd\":\"help\"}\n");
	HOLDS(cl, "{\"id\":1,\"ok\":false,\"error\":{\"code\":\"unsupported_version\"");
	say(cl, "{\"v\":\"one\",\"id\":1,\"cmd\":\"help\"}\n");
	HOLDS(cl, "unsupported_version");
	say(cl, "{\"id\":2,\"argv\":[\"shps\"]}\n");
	HOLDS(cl, "\"code\":\"unknown_command\",\"message\":\"no command 'shps'\",\"hint\":\"did "
	          "you mean");
	say(cl, "{\"id\":3,\"cmd\":\"show\",\"args\":{\"shop\":17}}\n");
	HOLDS(cl, "\"code\":\"usage\",\"message\":\"shop is a string\"");
	say(cl, "{\"id\":4,\"cmd\":\"show\",\"args\":[]}\n");
	HOLDS(cl, "\"exit\":64");
	cr_assert_eq(n_posted, 0);
	leave(cl);
}

Test(control, a_line_too_long_is_told_and_closed_and_others_go_on)
{
	struct client *cl = client(), *other = client();
	char *text = malloc(FRAME_REQUEST_MAX + 2);

	memset(text, ' ', FRAME_REQUEST_MAX + 1);
	text[FRAME_REQUEST_MAX + 1] = '\0';
	say(cl, text);
	HOLDS(cl, "\"message\":\"not a request: a line is longer than 65536 bytes\"");
	UNTIL(cl->over);
	reply = "{}";
	ASK(other, "{\"id\":1,\"cmd\":\"store list\"}", "{\"id\":1,\"ok\":true,\"data\":{}}");
	free(text);
	leave(cl);
	leave(other);
}

Test(control, half_a_line_has_a_deadline)
{
	struct client *cl = client();

	say(cl, "{\"id\":1,");
	HOLDS(cl, "\"code\":\"timed_out\"");
	UNTIL(cl->over);
	leave(cl);
}

Test(control, who_may_only_read_cannot_change)
{
	struct client *cl;

	rights = CMD_MONITOR;
	cl = client();
	say(cl, "{\"id\":1,\"cmd\":\"sync\",\"args\":{\"shop\":\"x\"}}\n");
	HOLDS(cl, "{\"id\":1,\"ok\":false,\"error\":{\"code\":\"not_permitted\"");
	cr_assert_eq(n_posted, 0);
	reply = "{}";
	ASK(cl, "{\"id\":2,\"cmd\":\"store list\"}", "{\"id\":2,\"ok\":true,\"data\":{}}");
	leave(cl);
}

Test(control, who_may_nothing_is_told_and_closed)
{
	struct client *cl;

	rights = CMD_NOBODY;
	cl = client();
	say(cl, "{\"id\":1,\"cmd\":\"help\"}\n{\"id\":2,\"cmd\":\"help\"}\n");
	HOLDS(cl, "\"code\":\"not_permitted\"");
	UNTIL(cl->over);
	cr_assert_eq(n_posted, 0);
	leave(cl);
}

Test(control, root_its_own_user_and_groups_have_their_rights)
{
	struct peer_groups g = {
		.admin = "adm", .admin_gid = 4, .monitor = "mon", .monitor_gid = 5
	};
	struct sock_peer p = { .uid = 0, .gid = 77 };
	struct err e;

	cr_assert_eq(peer_access(&g, &p), CMD_ADMIN);
	p.uid = geteuid();
	cr_assert_eq(peer_access(&g, &p), CMD_ADMIN);
	p.uid = 54321;
	cr_assert_eq(peer_access(&g, &p), CMD_NOBODY);
	peer_refusal(&g, CMD_NOBODY, &e);
	cr_assert(strstr(e.hint, "group mon"));
	p.n_groups = 2;
	p.groups[1] = 5;
	cr_assert_eq(peer_access(&g, &p), CMD_MONITOR);
	peer_refusal(&g, CMD_MONITOR, &e);
	cr_assert(strstr(e.hint, "group adm"));
	p.gid = 4;
	cr_assert_eq(peer_access(&g, &p), CMD_ADMIN);
	/* without names the ids mean nothing */
	g = (struct peer_groups){ 0 };
	p.gid = 0;
	cr_assert_eq(peer_access(&g, &p), CMD_NOBODY);
}

Test(control, a_group_nobody_knows_is_a_wrong_configuration)
{
	struct err e;

	cr_assert_eq(control_groups(c, "no-such-group-here", "", &e), -1);
	cr_assert_eq(e.code, 78);
	cr_assert_eq(control_groups(c, "root", "", &e), 0);
}

Test(control, a_client_that_leaves_takes_its_task_with_it)
{
	struct client *cl = client();

	say(cl, "{\"id\":1,\"cmd\":\"store list\"}\n");
	UNTIL(n_posted == 1);
	leave(cl);
	UNTIL(dropped == 1);
}

Test(control, a_client_that_stopped_writing_gets_its_answer_then_the_end)
{
	struct client *cl = client();

	say(cl, "{\"id\":1,\"cmd\":\"store list\"}\n");
	shutdown(cl->fd, SHUT_WR);
	UNTIL(n_posted == 1);
	reply = "{}";
	timer_arm(&task.soon, 20);
	HOLDS(cl, "\"ok\":true");
	UNTIL(cl->over);
	cr_assert_eq(dropped, 0);
	leave(cl);
}

Test(control, unanswered_requests_of_a_client_are_bounded)
{
	struct client *cl = client();

	for (int i = 0; i <= CONTROL_REQUESTS_MAX; i++)
		say(cl, "{\"id\":5,\"cmd\":\"store list\"}\n");
	HOLDS(cl, "{\"id\":5,\"ok\":false,\"error\":{\"code\":\"too_many_requests\"");
	cr_assert_eq(n_posted, CONTROL_REQUESTS_MAX);
	leave(cl);
}

Test(control, an_answer_too_large_is_an_error_and_no_cut_connection)
{
	struct client *cl = client();
	struct buf big;

	buf_init(&big, 4 << 20);
	buf_str(&big, "{\"x\":\"");
	while (big.len < FRAME_ANSWER_MAX)
		buf_str(&big, "0123456789abcdef");
	buf_str(&big, "\"}");
	reply = buf_text(&big);
	say(cl, "{\"id\":1,\"cmd\":\"store list\"}\n");
	HOLDS(cl, "answer_too_large");
	reply = "{}";
	ASK(cl, "{\"id\":1,\"cmd\":\"store list\"}", "{\"id\":1,\"ok\":true,\"data\":{}}");
	buf_done(&big);
	leave(cl);
}

Test(control, a_task_that_answers_nonsense_is_our_fault)
{
	struct client *cl = client();

	reply = "{\"x\":";
	say(cl, "{\"id\":1,\"cmd\":\"store list\"}\n");
	HOLDS(cl, "\"code\":\"internal\"");
	leave(cl);
}

Test(control, a_view_comes_when_asked_for_and_in_the_language_asked_for)
{
	struct client *cl = client();

	reply = "{\"items\":[]}";
	say(cl, "{\"id\":1,\"cmd\":\"shops\",\"view\":true}\n");
	HOLDS(cl, "{\"key\":\"counts.orders\",\"title\":\"Orders\",\"kind\":\"number\"}");
	say(cl, "{\"id\":1,\"cmd\":\"shops\",\"view\":true,\"lang\":\"th\"}\n");
	HOLDS(cl, "{\"key\":\"alias\",\"title\":\"ชื่อเรียก\",\"kind\":\"text\"}");
	leave(cl);
}

Test(control, help_lists_every_command_with_its_arguments)
{
	struct client *cl = client();
	CLEANUP(own_free) char *got = NULL;
	CLEANUP(json_freep) struct json *j = NULL;
	const struct json *items;
	struct err e;

	say(cl, "{\"cmd\":\"help\"}\n");
	got = line(cl);
	j = json_parse(got, strlen(got), &e);
	items = json_get(json_get(j, "data"), "items");
	cr_assert_eq(json_len(items), CMD_COUNT);
	cr_assert_str_eq(json_str(json_at(items, CMD_show), "synopsis"), "show SHOP");
	cr_assert_str_eq(
	    json_str(json_at(json_get(json_at(items, CMD_show), "arguments"), 0), "key"), "shop");
	leave(cl);
}

Test(control, help_of_one_by_every_road)
{
	static const char *const asks[] = {
		"{\"id\":1,\"argv\":[\"help\",\"store\",\"set\"]}\n",
		"{\"id\":1,\"argv\":[\"store\",\"set\",\"--help\"]}\n",
		"{\"id\":1,\"argv\":[\"store\",\"set\",\"-h\",\"7\"]}\n",
		"{\"id\":1,\"cmd\":\"help\",\"args\":{\"topic\":\"store set\"}}\n",
		"{\"id\":1,\"cmd\":\"help\",\"args\":{\"topic\":\"store\"}}\n",
	};
	struct client *cl = client();

	for (size_t i = 0; i < ARRAY_LEN(asks); i++) {
		say(cl, asks[i]);
		HOLDS(cl, "usage: ttctl store set ID --name NAME --plan PLAN");
	}
	say(cl, "{\"id\":1,\"argv\":[\"help\",\"exit-codes\"]}\n");
	HOLDS(cl, " 75  timed_out");
	say(cl, "{\"id\":1,\"argv\":[\"help\",\"shps\"]}\n");
	HOLDS(cl, "did you mean: ttctl shops");
	leave(cl);
}

Test(control, status_stands_without_the_database)
{
	struct client *cl = client();

	reply_fails = true;
	err_set(&reply_err, ERR_IO, 0, "no database");
	ASK(cl, "{\"id\":1,\"cmd\":\"status\"}",
	    "{\"id\":1,\"ok\":true,\"exit\":69,\"data\":{\"schema_version\":1,\"daemon\":{"
	    "\"state\":\"up\"},"
	    "\"queue\":{\"state\":\"up\"},\"database\":\"away\",\"database_error\":\"no "
	    "database\"}}");
	leave(cl);
}

Test(control, nothing_asked_is_status_with_the_verbs_used_most)
{
	struct client *cl = client();

	reply = "{\"shops\":{}}";
	say(cl, "{\"id\":1,\"argv\":[],\"view\":true}\n");
	HOLDS(cl, "Used most:\\n  ttctl connect");
	cr_assert_str_eq(task.op, "sql:status");
	leave(cl);
}

Test(control, stats_are_the_text_itself)
{
	struct client *cl = client();

	say(cl, "{\"id\":1,\"cmd\":\"stats\"}\n");
	HOLDS(cl, "\"text\":\"# TYPE x counter\\nx 1\\n\"");
	leave(cl);
}

Test(control, wait_ends_when_the_shop_is_there)
{
	struct client *cl = client();

	reply = "{\"shop_id\":\"17\",\"state\":\"connecting\"}";
	say(cl, "{\"id\":1,\"cmd\":\"wait\",\"args\":{\"shop\":\"x\",\"for\":\"connected\"}}\n");
	UNTIL(n_posted == 3);
	cr_assert_str_eq(task.op, "sql:show");
	cr_assert_str_eq(task.args, "{\"shop\":\"x\"}");
	reply = "{\"shop_id\":\"17\",\"state\":\"connected\"}";
	HOLDS(cl, "{\"id\":1,\"ok\":true,\"data\":{\"shop_id\":\"17\"");
	leave(cl);
}

Test(control, wait_for_synced_wants_everything_read)
{
	struct client *cl = client();

	reply = "{\"state\":\"connected\",\"last_success\":{\"orders\":\"t\"}}";
	say(cl, "{\"id\":1,\"cmd\":\"wait\",\"args\":{\"shop\":\"x\",\"for\":\"synced\"}}\n");
	UNTIL(n_posted == 2);
	reply = "{\"state\":\"connected\",\"last_success\":{\"orders\":\"t\",\"products\":\"t\"},"
		"\"progress\":{\"products\":{\"done\":3,\"total\":4}}}";
	UNTIL(n_posted == 4);
	HOLDS(cl,
	      "\"progress\":true,\"event\":{\"type\":\"progress\",\"state\":\"connected\",\"text\":"
	      "\"connected");
	reply = "{\"state\":\"connected\",\"last_success\":{\"orders\":\"t\",\"products\":\"t\"},"
		"\"progress\":{\"products\":{\"done\":4,\"total\":4}}}";
	HOLDS(cl, "\"ok\":true");
	leave(cl);
}

Test(control, wait_gives_up_in_time_even_without_an_answer)
{
	struct client *cl = client();

	say(cl,
	    "{\"id\":1,\"argv\":[\"wait\",\"x\",\"--for\",\"connected\",\"--timeout\",\"1s\"]}\n");
	HOLDS(cl, "\"message\":\"not connected after 1 s; last seen: nothing\"");
	cr_assert_eq(dropped, 1);
	leave(cl);
}

Test(control, wait_ends_where_the_seller_has_to_agree_again)
{
	struct client *cl = client();

	reply = "{\"shop_id\":\"17\",\"state\":\"disconnected\"}";
	say(cl, "{\"id\":1,\"cmd\":\"wait\",\"args\":{\"shop\":\"x\",\"for\":\"connected\"}}\n");
	HOLDS(cl, "\"hint\":\"ttctl reauthorize 17\",\"retryable\":false,\"exit\":4");
	leave(cl);
}

Test(control, follow_goes_on_where_it_left_off_until_the_client_leaves)
{
	struct client *cl = client();

	reply =
	    "{\"items\":[{\"history_id\":9,\"event\":\"b\"},{\"history_id\":8,\"event\":\"a\"}]}";
	say(cl, "{\"id\":1,\"argv\":[\"history\",\"x\",\"--follow\"],\"view\":true}\n");
	HOLDS(cl, "\"view\":{");
	reply = "{\"items\":[{\"history_id\":12,\"event\":\"c\"}]}";
	HOLDS(cl, "{\"id\":1,\"event\":{\"history_id\":9,\"event\":\"b\"}}");
	HOLDS(cl, "{\"id\":1,\"event\":{\"history_id\":12,\"event\":\"c\"}}");
	cr_assert_str_eq(task.args, "{\"shop\":\"x\",\"after\":9,\"limit\":1000}");
	reply = NULL;
	UNTIL(n_posted == 3);
	cr_assert_str_eq(task.args, "{\"shop\":\"x\",\"after\":12,\"limit\":1000}");
	leave(cl);
	UNTIL(dropped == 3);
}

Test(control, follow_keeps_its_filters)
{
	struct client *cl = client();

	reply = "{\"items\":[{\"history_id\":9,\"event\":\"shop.paused\"}]}";
	say(cl,
	    "{\"id\":1,\"argv\":[\"history\",\"x\",\"--follow\",\"--event\",\"shop.\",\"--actor\","
	    "\"timer\"]}\n");
	HOLDS(cl, "shop.paused");
	UNTIL(n_posted == 2);
	cr_assert_str_eq(task.args,
	                 "{\"shop\":\"x\",\"event\":\"shop.\",\"actor\":\"timer\",\"after\":9,"
	                 "\"limit\":1000}");
	leave(cl);
}

Test(control, wait_ends_where_the_authorization_came_to_nothing)
{
	struct client *cl = client();

	reply = "{\"shop_id\":\"17\",\"state\":\"pending\",\"next\":\"ttctl reauthorize 17\","
		"\"authorization\":{\"outcome\":null}}";
	say(cl, "{\"id\":1,\"cmd\":\"wait\",\"args\":{\"shop\":\"x\",\"for\":\"connected\"}}\n");
	UNTIL(n_posted == 2);
	reply = "{\"shop_id\":\"17\",\"state\":\"pending\",\"next\":\"ttctl reauthorize 17\","
		"\"authorization\":{\"outcome\":\"denied\"}}";
	HOLDS(
	    cl,
	    "came to nothing: the seller said no\",\"hint\":\"get a fresh link: ttctl reauthorize "
	    "17\",\"retryable\":false,\"exit\":1");
	leave(cl);
}

Test(control, shops_are_a_calendar_when_asked)
{
	struct client *cl = client();

	reply = "{\"calendar\":\"BEGIN:VCALENDAR\"}";
	say(cl, "{\"id\":1,\"argv\":[\"shops\",\"--ics\",\"--store\",\"42\"],\"view\":true}\n");
	HOLDS(cl, "\"text\":\"calendar\"");
	cr_assert_str_eq(task.op, "sql:shops_ics");
	leave(cl);
}

Test(control, what_destroys_says_what_has_to_be_typed)
{
	struct client *cl = client();

	reply_fails = true;
	err_set(&reply_err, ERR_INPUT, 64, "type its alias");
	err_tag(&reply_err, "confirmation_needed");
	say(cl, "{\"id\":1,\"argv\":[\"disconnect\",\"x\",\"--purge\"]}\n");
	HOLDS(cl, "\"ask\":[{\"flag\":\"--confirm\",\"key\":\"confirm\",\"prompt\":");
	say(cl, "{\"id\":2,\"argv\":[\"resume\",\"x\"]}\n");
	HOLDS(cl, "\"message\":\"type its alias\",\"hint\":null,\"retryable\":false,\"exit\":64}");
	leave(cl);
}

Test(control, closing_with_requests_under_way)
{
	struct client *cl = client();

	say(cl, "{\"id\":1,\"cmd\":\"store list\"}\n");
	UNTIL(n_posted == 1);
	control_free(c);
	c = NULL;
	cr_assert_eq(dropped, 1);
	leave(cl);
}
