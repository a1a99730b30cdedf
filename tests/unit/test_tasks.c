#include "daemon/base/loop.h"
#include "daemon/work/msg.h"
#include "daemon/work/tasks.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SENT_MAX 600

static struct loop *loop;
static struct tasks *tasks;
static struct msg_task *sent[SENT_MAX];
static int nsent;
static int answers;
static char last[64];
static struct err last_err;

static void
on_send(struct msg *m, void *arg)
{
	(void)arg;
	cr_assert_lt(nsent, SENT_MAX);
	sent[nsent] = (struct msg_task *)(void *)m;
	buf_init(&sent[nsent]->answer, 1024);
	nsent++;
}

static void
on_answer(const char *json, size_t len, const struct err *e, void *arg)
{
	(void)len;
	answers++;
	snprintf(last, sizeof(last), "%s", json ? json : "");
	last_err = e ? *e : (struct err){ 0 };
	if (arg)
		loop_stop(arg);
}

static void
setup(void)
{
	struct err e = { 0 };

	loop = loop_new(&e);
	cr_assert_not_null(loop);
	tasks = tasks_new(loop, on_send, NULL);
}

static void
teardown(void)
{
	for (int i = 0; i < nsent; i++) {
		if (!sent[i])
			continue;
		buf_done(&sent[i]->answer);
		free(sent[i]->args);
		free(sent[i]);
	}
	tasks_free(tasks);
	loop_free(loop);
}

TestSuite(tasks, .init = setup, .fini = teardown);

static void
answer(int i, const char *json)
{
	sent[i]->ok = json != NULL;
	if (json)
		buf_str(&sent[i]->answer, json);
	else
		err_set(&sent[i]->err, ERR_INPUT, 65, "no such thing");
	tasks_answer(tasks, sent[i]);
	sent[i] = NULL;
}

Test(tasks, the_answer_reaches_the_asker)
{
	task_post(tasks, "sql:shops", "{}", "uid:0", on_answer, NULL);
	cr_assert_str_eq(sent[0]->op, "sql:shops");
	cr_assert_str_eq(sent[0]->actor, "uid:0");
	answer(0, "{\"items\":[]}");
	cr_assert_eq(answers, 1);
	cr_assert_str_eq(last, "{\"items\":[]}");
}

Test(tasks, a_refusal_keeps_its_exit_code)
{
	task_post(tasks, "sql:show", "{}", "uid:0", on_answer, NULL);
	answer(0, NULL);
	cr_assert_eq(last_err.kind, ERR_INPUT);
	cr_assert_eq(last_err.code, 65);
}

Test(tasks, an_asker_that_left_hears_nothing)
{
	uint64_t id = task_post(tasks, "sql:shops", "{}", "uid:0", on_answer, NULL);

	task_drop(tasks, id);
	answer(0, "{}");
	cr_assert_eq(answers, 0);
}

Test(tasks, answers_may_come_in_any_order)
{
	task_post(tasks, "a", "{}", "x", on_answer, NULL);
	task_post(tasks, "b", "{}", "x", on_answer, NULL);
	answer(1, "2");
	cr_assert_str_eq(last, "2");
	answer(0, "1");
	cr_assert_str_eq(last, "1");
	cr_assert_eq(answers, 2);
}

Test(tasks, above_the_cap_one_hears_to_try_again)
{
	int before;

	for (before = 0; nsent == before; before++) /* until one is not sent any more */
		task_post(tasks, "a", "{}", "x", on_answer, loop);
	loop_run(loop);
	cr_assert_eq(answers, 1);
	cr_assert_eq(last_err.code, 75);
	cr_assert_gt(last_err.hint[0], 0);
}
