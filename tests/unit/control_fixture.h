/*
 * control_fixture: the control socket over a task layer that answers what it is told, and clients
 * of it on the same loop. For the tests of control/.
 */
#ifndef TTSYNC_CONTROL_FIXTURE_H
#define TTSYNC_CONTROL_FIXTURE_H

#include "common/frame.h"
#include "common/json.h"
#include "daemon/base/counter.h"
#include "daemon/base/log.h"
#include "daemon/control/control.h"
#include "daemon/control/peer.h"
#include "daemon/io/sock.h"
#include "tests/unit/client_fixture.h"

#define HALF_MS 120

static struct control *c;
static struct counters counters;
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

/* The next line that came; the caller frees it. */
static char *
line(struct client *cl)
{
	const char *end = NULL;
	size_t len;
	char *got;

	UNTIL((end = strchr(buf_text(&cl->in), '\n')) || cl->over);
	cr_assert(end, "closed without a line");
	len = (size_t)(end - buf_text(&cl->in));
	got = strndup(buf_text(&cl->in), len);
	buf_drop(&cl->in, len + 1);
	return got;
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
	socket_begin();
	timer_init(&task.soon, l, on_soon, NULL);
	c = control_new(l, &conf, &e);
	cr_assert(c, "%s", e.text);
}

static void
end(void)
{
	control_free(c);
	timer_done(&task.soon);
	socket_end();
}

#endif
