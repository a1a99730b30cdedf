#include "daemon/control/req.h"

#include "common/exits.h"
#include "common/frame.h"
#include "common/json.h"
#include "common/str.h"
#include "daemon/base/loop.h"
#include "daemon/control/answer.h"
#include "daemon/control/args.h"
#include "daemon/control/cmd.h"
#include "daemon/control/control.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#define ID_TEXT_MAX 80

struct req {
	LIST_ENTRY(req) link;
	struct reqs *q;
	uint64_t conn;
	char id[ID_TEXT_MAX];
	const struct cmd *cmd;
	struct json *args;
	const char *actor;
	enum lang lang;
	bool view; /* still to be sent */
	bool bare;
	bool over;
	uint64_t task; /* 0: none runs */
	void (*on_task)(struct req *r, struct json *data, const struct err *why);
	struct timer timer;
	void (*on_timer)(struct req *r);
	void *state;
};

struct reqs {
	struct reqs_conf conf;
	LIST_HEAD(, req) running;
};

static void *
must(void *p)
{
	if (!p)
		abort();
	return p;
}

static void
req_free(void *arg)
{
	struct req *r = arg;

	json_free(r->args);
	free(r->state);
	free(r);
}

/* Nothing of it comes any more; its memory stays until the turn ends, callers may stand on it. */
static void
req_end(struct req *r)
{
	r->over = true;
	LIST_REMOVE(r, link);
	timer_done(&r->timer);
	if (r->task)
		r->q->conf.ops->drop(r->task, r->q->conf.ops->arg);
	loop_defer(r->q->conf.loop, req_free, r);
}

static void
on_timer(void *arg)
{
	struct req *r = arg;

	r->on_timer(r);
}

struct reqs *
reqs_new(const struct reqs_conf *conf)
{
	struct reqs *q = must(calloc(1, sizeof(*q)));

	q->conf = *conf;
	LIST_INIT(&q->running);
	return q;
}

void
reqs_free(struct reqs *q)
{
	if (!q)
		return;
	while (!LIST_EMPTY(&q->running))
		req_end(LIST_FIRST(&q->running));
	free(q);
}

void
reqs_drop(struct reqs *q, uint64_t conn)
{
	struct req *r, *next;

	for (r = LIST_FIRST(&q->running); r; r = next) {
		next = LIST_NEXT(r, link);
		if (r->conn == conn)
			req_end(r);
	}
}

void
req_answer(struct req *r, struct json *data, const struct err *why)
{
	if (data)
		req_done(r, data);
	else
		req_fail(r, why);
}

void
reqs_start(struct reqs *q, const struct req_ask *ask)
{
	struct req *r = must(calloc(1, sizeof(*r)));

	r->q = q;
	r->conn = ask->conn;
	snprintf(r->id, sizeof(r->id), "%s", ask->id);
	r->cmd = ask->cmd;
	r->args = ask->args;
	r->actor = ask->actor;
	r->lang = ask->lang;
	r->view = ask->view;
	r->bare = ask->bare;
	timer_init(&r->timer, q->conf.loop, on_timer, r);
	LIST_INSERT_HEAD(&q->running, r, link);
	if (r->cmd->op)
		req_post(r, r->cmd->op, r->args, req_answer);
	else
		r->cmd->run(r);
}

const struct json *
req_args(const struct req *r)
{
	return r->args;
}

const struct control_ops *
req_ops(const struct req *r)
{
	return r->q->conf.ops;
}

struct mono
req_now(const struct req *r)
{
	return loop_now(r->q->conf.loop);
}

void *
req_state(struct req *r, size_t size)
{
	if (!r->state)
		r->state = must(calloc(1, size));
	return r->state;
}

static void
on_task(const char *text, size_t len, const struct err *why, void *arg)
{
	struct req *r = arg;
	struct json *data = NULL;
	struct err e;

	r->task = 0;
	if (text) {
		data = json_parse(text, len, &e);
		why = data ? NULL : &e;
	}
	r->on_task(r, data, why);
}

void
req_post(struct req *r, const char *op, const struct json *args,
         void (*fn)(struct req *r, struct json *data, const struct err *why))
{
	const struct control_ops *ops = r->q->conf.ops;
	struct buf text;

	assert(!r->task && !r->over);
	buf_init(&text, FRAME_REQUEST_MAX);
	json_write(args, &text);
	assert(!text.failed); /* no longer than the request it came in, but for defaults */
	r->on_task = fn;
	r->task = ops->post(op, buf_text(&text), r->actor, on_task, r, ops->arg);
	buf_done(&text);
}

void
req_after(struct req *r, int64_t ms, void (*fn)(struct req *r))
{
	r->on_timer = fn;
	timer_arm(&r->timer, ms);
}

/* The commands used most, for somebody who asked for nothing. */
static char *
often_note(enum lang lang)
{
	struct buf note;

	buf_init(&note, 4096);
	buf_str(&note, lang == LANG_TH ? "คำสั่งที่ใช้บ่อย:" : "Used most:");
	for (size_t i = 0; i < CMD_COUNT; i++)
		if (cmd_at(i)->often) {
			buf_str(&note, "\n  ttctl ");
			cmd_synopsis(cmd_at(i), &note);
		}
	buf_str(&note, lang == LANG_TH ? "\nทั้งหมด: ttctl help" : "\nAll of them: ttctl help");
	return note.data;
}

/* How it looks, with the first line that goes out; NULL where nobody asked. */
static struct json *
take_view(struct req *r)
{
	struct json *view;

	if (!r->view)
		return NULL;
	r->view = false;
	view = view_json(r->cmd->view, r->lang);
	if (r->bare) {
		CLEANUP(own_free) char *note = often_note(r->lang);

		json_put_str(view, "note", note);
	}
	return view;
}

void
req_event(struct req *r, struct json *event, bool progress)
{
	CLEANUP(json_freep) struct json *view = progress ? NULL : take_view(r);
	struct buf line;

	buf_init(&line, FRAME_ANSWER_MAX);
	if (!answer_event(&line, r->id, progress, view, event))
		r->q->conf.send(r->conn, line.data, line.len, r->q->conf.arg);
	buf_done(&line);
	json_free(event);
}

void
req_done(struct req *r, struct json *data)
{
	CLEANUP(json_freep) struct json *view = take_view(r);
	CLEANUP(json_freep) struct json *more = json_copy(json_get(data, "more"));
	int64_t verdict = EXITS_DONE;
	struct buf line;
	struct err e;

	if (!json_i64(data, "exit", &verdict))
		json_del(data, "exit");
	json_del(data, "more");
	buf_init(&line, FRAME_ANSWER_MAX);
	if (answer_ok(&line, r->id, (int)verdict, view, more, data)) {
		err_set(&e, ERR_INPUT, EXITS_USAGE, "the answer is larger than %u bytes",
		        FRAME_ANSWER_MAX);
		err_hint(&e, "ask for less: --limit, one store, or one shop");
		err_tag(&e, "answer_too_large");
		req_fail(r, &e);
	} else {
		r->q->conf.send(r->conn, line.data, line.len, r->q->conf.arg);
		req_end(r);
		r->q->conf.ended(r->conn, true, r->q->conf.arg);
	}
	buf_done(&line);
	json_free(data);
}

/* What would have to be typed to go on, "confirm" of a command that destroys; NULL for nothing. */
static struct json *
confirmation(const struct req *r, const struct err *why)
{
	if (strcmp(why->tag, "confirmation_needed"))
		return NULL;
	return args_ask(r->cmd, args_bit(r->cmd, "confirm"), r->lang);
}

void
req_fail(struct req *r, const struct err *why)
{
	CLEANUP(json_freep) struct json *ask = confirmation(r, why);
	struct buf line;

	buf_init(&line, FRAME_ANSWER_MAX);
	answer_error(&line, r->id, why, ask);
	r->q->conf.send(r->conn, line.data, line.len, r->q->conf.arg);
	buf_done(&line);
	req_end(r);
	r->q->conf.ended(r->conn, false, r->q->conf.arg);
}
