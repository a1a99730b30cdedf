#include "daemon/work/tasks.h"

#include "common/str.h"
#include "daemon/base/loop.h"
#include "daemon/work/msg.h"

#include <stdlib.h>
#include <string.h>

#define TASKS_MAX  512 /* waiting for an answer; above that a face hears "try again" */
#define EXIT_AGAIN 75

struct task {
	TAILQ_ENTRY(task) link;
	struct tasks *tasks;
	uint64_t id;
	struct timer deadline;
	bool refused; /* too many: told so on the next turn */
	task_fn *fn;
	void *arg;
};

struct tasks {
	struct loop *loop;
	void (*send)(struct msg *m, void *arg);
	void *arg;
	TAILQ_HEAD(, task) all;
	int n;
	uint64_t next_id;
};

struct tasks *
tasks_new(struct loop *l, void (*send)(struct msg *m, void *arg), void *arg)
{
	struct tasks *t = calloc(1, sizeof(*t));

	if (!t)
		abort();
	t->loop = l;
	t->send = send;
	t->arg = arg;
	TAILQ_INIT(&t->all);
	return t;
}

static void
task_end(struct task *t)
{
	TAILQ_REMOVE(&t->tasks->all, t, link);
	t->tasks->n--;
	timer_done(&t->deadline);
	free(t);
}

void
tasks_free(struct tasks *t)
{
	struct task *one;

	if (!t)
		return;
	while ((one = TAILQ_FIRST(&t->all)))
		task_end(one);
	free(t);
}

static void
on_deadline(void *arg)
{
	struct task *t = arg;
	task_fn *fn = t->fn;
	void *fn_arg = t->arg;
	struct err e = { 0 };

	if (t->refused)
		err_set(&e, ERR_INPUT, EXIT_AGAIN, "the daemon has %d requests waiting already",
		        TASKS_MAX);
	else
		err_set(&e, ERR_TIMEOUT, 0, "no answer within %d s", TASK_MS / 1000);
	err_tag(&e, t->refused ? "busy" : "timeout");
	err_hint(&e, "try again in a moment; see: ttctl status");
	task_end(t);
	fn(NULL, 0, &e, fn_arg);
}

uint64_t
task_post(struct tasks *tasks, const char *op, const char *args, const char *actor, task_fn *fn,
          void *arg)
{
	struct task *t = calloc(1, sizeof(*t));
	struct msg_task *m;

	if (!t)
		abort();
	t->tasks = tasks;
	t->id = ++tasks->next_id;
	t->fn = fn;
	t->arg = arg;
	t->refused = tasks->n >= TASKS_MAX;
	timer_init(&t->deadline, tasks->loop, on_deadline, t);
	timer_arm(&t->deadline, t->refused ? 0 : TASK_MS);
	TAILQ_INSERT_TAIL(&tasks->all, t, link);
	tasks->n++;
	if (t->refused)
		return t->id;
	m = msg_new(sizeof(*m), MSG_TASK);
	m->id = t->id;
	str_copy(m->op, sizeof(m->op), op);
	str_copy(m->actor, sizeof(m->actor), actor);
	m->args = strdup(args);
	if (!m->args)
		abort();
	tasks->send(&m->m, tasks->arg);
	return t->id;
}

static struct task *
task_find(struct tasks *tasks, uint64_t id)
{
	struct task *t;

	TAILQ_FOREACH (t, &tasks->all, link)
		if (t->id == id)
			return t;
	return NULL;
}

void
task_drop(struct tasks *tasks, uint64_t id)
{
	struct task *t = task_find(tasks, id);

	if (t)
		task_end(t);
}

void
tasks_answer(struct tasks *tasks, struct msg_task *m)
{
	struct task *t = task_find(tasks, m->id);

	if (t) {
		task_fn *fn = t->fn;
		void *arg = t->arg;

		task_end(t);
		fn(m->ok ? buf_text(&m->answer) : NULL, m->answer.len, m->ok ? NULL : &m->err, arg);
	}
	buf_done(&m->answer);
	free(m->args);
	free(m);
}
