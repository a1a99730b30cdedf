#include "daemon/work/worker.h"

#include "common/crypto.h"
#include "common/json.h"
#include "common/str.h"
#include "daemon/base/conf.h"
#include "daemon/base/counter.h"
#include "daemon/base/env.h"
#include "daemon/base/log.h"
#include "daemon/base/loop.h"
#include "daemon/grant/calendar.h"
#include "daemon/grant/issued.h"
#include "daemon/grant/refresh.h"
#include "daemon/grant/survey.h"
#include "daemon/grant/token.h"
#include "daemon/io/http.h"
#include "daemon/io/pg.h"
#include "daemon/store/jobs.h"
#include "daemon/sync/prune.h"
#include "daemon/sync/sweep.h"
#include "daemon/sync/sync.h"
#include "daemon/work/msg.h"
#include "daemon/work/op.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define PG_CONNS     5
#define PG_SPARE     1 /* for pages and ttctl: nobody waits behind a burst of polls */
#define PG_QUEUE_MAX 4096
#define HTTP_CONNS   64
#define TELL_MS      1000
#define SETTLE_MS    10
#define ANSWER_MAX   (16u << 20)

struct take {
	TAILQ_ENTRY(take) link;
	uint64_t id;
	void (*fn)(int64_t wait_ms, const struct err *e, void *arg);
	void *arg;
};

struct worker {
	struct env env; /* first: env_ops find the worker by it */
	int index;
	bool refreshes;
	struct loop *loop;
	struct mbox *in;
	struct mbox *control;
	struct sync sync;
	struct counters counters;
	struct timer tell;
	struct timer settle;
	struct msg_jobs jobs;
	TAILQ_HEAD(, take) takes;
	uint64_t next_take;
	struct msg_enqueue *puts; /* gathered in this turn */
	struct refresher *refresher;
	bool refreshing; /* until the refresher has stopped */
	struct calendar *calendar;
	struct survey *survey;
	int tasks; /* begun and not answered */
	bool stopping;
	struct msg *stop; /* answered when the last job, task, refresh and statement ended */
	pthread_t thread;
};

void *
msg_new(size_t size, enum msg_type type)
{
	struct msg *m = calloc(1, size);

	if (!m)
		abort();
	m->type = (int)type;
	return m;
}

static struct worker *
worker_of(struct env *env)
{
	return (struct worker *)(void *)env;
}

/* --- what the control thread gives ----------------------------------------------------------- */

static uint64_t
env_take(struct env *env, int64_t shop, bool interactive,
         void (*fn)(int64_t wait_ms, const struct err *e, void *arg), void *arg)
{
	struct worker *w = worker_of(env);
	struct take *t = calloc(1, sizeof(*t));
	struct msg_take *m = msg_new(sizeof(*m), MSG_TAKE);

	if (!t)
		abort();
	t->id = m->id = ++w->next_take;
	t->fn = fn;
	t->arg = arg;
	TAILQ_INSERT_TAIL(&w->takes, t, link);
	m->worker = w->index;
	m->shop = shop;
	m->interactive = interactive;
	mbox_post(w->control, &m->m);
	return t->id;
}

static struct take *
take_find(struct worker *w, uint64_t id)
{
	struct take *t;

	TAILQ_FOREACH (t, &w->takes, link)
		if (t->id == id)
			return t;
	return NULL;
}

static void
env_take_drop(struct env *env, uint64_t id)
{
	struct worker *w = worker_of(env);
	struct take *t = take_find(w, id);

	if (t) {
		TAILQ_REMOVE(&w->takes, t, link);
		free(t);
	}
}

static void
on_taken(struct worker *w, struct msg_take *m)
{
	struct take *t = take_find(w, m->id);

	if (t) {
		TAILQ_REMOVE(&w->takes, t, link);
		t->fn(m->wait_ms, m->err.kind ? &m->err : NULL, t->arg);
		free(t);
	}
	free(m);
}

static void
send_puts(void *arg)
{
	struct worker *w = arg;

	if (w->puts)
		mbox_post(w->control, &STEAL(w->puts)->m);
}

static void
env_enqueue(struct env *env, int64_t shop, const char *kind, int64_t delay_ms)
{
	struct worker *w = worker_of(env);
	enum kind k = kind_parse(kind);

	if (k == KIND_NONE)
		return;
	if (!w->puts) {
		w->puts = msg_new(sizeof(*w->puts), MSG_ENQUEUE);
		loop_defer(w->loop, send_puts, w);
	}
	w->puts->puts[w->puts->n++] = (struct queue_put){ shop, k, delay_ms };
	if (w->puts->n == MSG_PUTS)
		send_puts(w);
}

static const struct env_ops env_ops = {
	.take = env_take,
	.take_drop = env_take_drop,
	.enqueue = env_enqueue,
};

/* --- jobs ------------------------------------------------------------------------------------ */

static void
on_job_ended(struct job *j)
{
	struct msg_job *m = (struct msg_job *)(void *)((char *)j - offsetof(struct msg_job, job));
	struct worker *w = j->holder;

	TAILQ_REMOVE(&w->jobs, m, link);
	mbox_post(w->control, &m->m);
}

static struct msg_job *
job_of_shop(struct worker *w, int64_t shop)
{
	struct msg_job *m;

	TAILQ_FOREACH (m, &w->jobs, link)
		if (m->job.shop == shop)
			return m;
	return NULL;
}

static void
on_job(struct worker *w, struct msg_job *m)
{
	bool twice = job_of_shop(w, m->job.shop) != NULL;

	m->job.ended = on_job_ended;
	m->job.holder = w;
	TAILQ_INSERT_TAIL(&w->jobs, m, link);
	if (w->stopping || twice) {
		/* a shop whose lease in Redis was lost may come again while its job still runs here
		 */
		m->job.outcome = w->stopping ? JOB_RELEASED : JOB_DONE;
		m->job.next_ms = 5000;
		on_job_ended(&m->job);
		return;
	}
	sync_start(&w->sync, &m->job);
}

static void
on_lost(struct worker *w, struct msg_lost *lost)
{
	struct msg_job *m = job_of_shop(w, lost->shop);

	if (m)
		sync_cancel(&w->sync, &m->job);
	free(lost);
}

static void
on_refresher_stopped(void *arg)
{
	((struct worker *)arg)->refreshing = false;
}

/* All leases are given back and all answers kept: say so. */
static void
on_settle(void *arg)
{
	struct worker *w = arg;

	bool busy = w->tasks || w->refreshing || (w->survey && survey_busy(w->survey));

	if (TAILQ_EMPTY(&w->jobs) && !busy && !pg_pending(w->env.pg))
		mbox_post(w->control, STEAL(w->stop));
	else
		timer_arm(&w->settle, SETTLE_MS);
}

/* Jobs are let go; what TikTok was asked for once (a refresh, a code's exchange) is waited for. */
static void
on_stop(struct worker *w, struct msg *m)
{
	struct msg_job *job, *next;

	w->stopping = true;
	w->stop = m;
	if (w->refreshing)
		refresher_stop(w->refresher, on_refresher_stopped, w);
	if (w->survey)
		survey_stop(w->survey);
	calendar_free(STEAL(w->calendar));
	for (job = TAILQ_FIRST(&w->jobs); job; job = next) {
		next = TAILQ_NEXT(job, link); /* cancelling may end it at once */
		sync_cancel(&w->sync, &job->job);
	}
	timer_arm(&w->settle, 0);
}

/* --- tasks, epoch, sweep --------------------------------------------------------------------- */

struct task {
	struct worker *w;
	struct msg_task *m;
};

static void
on_task_done(const char *json, size_t len, const struct err *e, void *arg)
{
	struct task *t = arg;

	t->m->ok = json != NULL;
	if (json)
		buf_add(&t->m->answer, json, len);
	if (t->m->answer.failed) {
		t->m->ok = false;
		err_set(&t->m->err, ERR_NOMEM, 0, "the answer is too long; ask for less");
	} else if (e) {
		t->m->err = *e;
	}
	t->w->tasks--;
	mbox_post(t->w->control, &t->m->m);
	free(t);
}

static void
on_task(struct worker *w, struct msg_task *m)
{
	struct task *t = calloc(1, sizeof(*t));

	if (!t)
		abort();
	*t = (struct task){ w, m };
	w->tasks++;
	buf_init(&m->answer, ANSWER_MAX);
	op_begin(&w->env, m->op, m->args, m->actor, on_task_done, t);
}

struct errand {
	struct worker *w;
	struct msg *m;
};

static struct errand *
errand_new(struct worker *w, struct msg *m)
{
	struct errand *x = calloc(1, sizeof(*x));

	if (!x)
		abort();
	*x = (struct errand){ w, m };
	return x;
}

static void
on_epoch_row(struct pg_result *r, const struct err *e, void *arg)
{
	struct errand *x = arg;

	(void)e;
	((struct msg_epoch *)(void *)x->m)->epoch = r ? pg_num(r, 0, 0) : 0;
	mbox_post(x->w->control, x->m);
	free(x);
}

static void
on_swept(bool swept, void *arg)
{
	struct errand *x = arg;

	send_puts(x->w); /* the answer must come behind the work it found */
	if (swept)
		prune_start(&x->w->env);
	((struct msg_sweep *)(void *)x->m)->swept = swept;
	mbox_post(x->w->control, x->m);
	free(x);
}

/* --- what it tells --------------------------------------------------------------------------- */

static void
on_tell(void *arg)
{
	struct worker *w = arg;
	struct msg_counters *m = msg_new(sizeof(*m), MSG_COUNTERS);
	struct msg_job *j;

	m->worker = w->index;
	m->c = w->counters;
	m->longest_ms = loop_longest_ms(w->loop);
	m->c.v[COUNT_LOOP_SLOW] = (int64_t)loop_slow_turns(w->loop);
	m->pg_up = pg_up(w->env.pg);
	m->api_offset_s = w->env.api_offset_s;
	TAILQ_FOREACH (j, &w->jobs, link)
		m->jobs++;
	mbox_post(w->control, &m->m);
	log_flush();
	timer_arm(&w->tell, TELL_MS);
}

static void
on_pg_change(bool up, void *arg)
{
	struct worker *w = arg;

	if (up)
		log_event(LOG_INFO, "postgres.up", "worker=%d", w->index);
	else
		log_event(LOG_ERROR, "postgres.down", "worker=%d why=%s", w->index,
		          LOGQ(pg_why(w->env.pg)->text));
}

static void
on_msg(struct msg *m, void *arg)
{
	struct worker *w = arg;

	switch ((enum msg_type)m->type) {
	case MSG_JOB:
		on_job(w, (struct msg_job *)(void *)m);
		return;
	case MSG_LOST:
		on_lost(w, (struct msg_lost *)(void *)m);
		return;
	case MSG_TASK:
		on_task(w, (struct msg_task *)(void *)m);
		return;
	case MSG_TAKE:
		on_taken(w, (struct msg_take *)(void *)m);
		return;
	case MSG_EPOCH:
		pg_run(w->env.pg, &jobs_epoch, NULL, 0, on_epoch_row, errand_new(w, m));
		return;
	case MSG_SWEEP:
		sweep_start(&w->env, ((struct msg_sweep *)(void *)m)->everything, on_swept,
		            errand_new(w, m));
		return;
	case MSG_CONF:
		conf_unref(w->env.conf);
		w->env.conf = ((struct msg_conf *)(void *)m)->conf;
		free(m);
		return;
	case MSG_STOP:
		on_stop(w, m);
		return;
	case MSG_QUIT:
		free(m);
		loop_stop(w->loop);
		return;
	case MSG_NONE:
	case MSG_ENQUEUE:
	case MSG_COUNTERS:
		abort(); /* never sent this way */
	}
}

/* --- its life -------------------------------------------------------------------------------- */

static void
worker_free(struct worker *w)
{
	if (!w)
		return;
	refresher_free(w->refresher);
	calendar_free(w->calendar);
	survey_free(w->survey);
	timer_done(&w->tell);
	timer_done(&w->settle);
	http_free(w->env.http);
	pg_free(w->env.pg);
	mbox_free(w->in, NULL);
	loop_free(w->loop);
	conf_unref(w->env.conf);
	free(w->puts);
	free(w->stop);
	free(w);
}

static void *
thread_main(void *arg)
{
	struct worker *w = arg;

	loop_run(w->loop);
	log_flush();
	return NULL;
}

static int
open_io(struct worker *w, struct err *e)
{
	const struct conf *c = w->env.conf;
	struct http_conf http = {
		.ca_file = c->tiktok_ca_file,
		.max_conns = HTTP_CONNS,
		.max_conns_host = HTTP_CONNS,
		.plain_ok = true, /* conf takes http only to loopback */
	};
	struct pg_conf pg = { .url = c->postgres_url,
		              .app_name = "ttsyncd",
		              .conns = PG_CONNS,
		              .spare = PG_SPARE,
		              .queue_max = PG_QUEUE_MAX };

	w->env.http = http_new(w->loop, &http, e);
	w->env.pg = w->env.http ? pg_new(w->loop, &pg, e) : NULL;
	return w->env.pg ? 0 : -1;
}

struct worker *
worker_new(const struct worker_conf *c, struct err *e)
{
	struct worker *w = calloc(1, sizeof(*w));

	if (!w)
		abort();
	TAILQ_INIT(&w->jobs);
	TAILQ_INIT(&w->takes);
	w->index = c->index;
	w->control = c->control;
	w->env.conf = conf_ref(c->conf);
	w->env.vault = c->vault;
	w->env.spool = c->spool;
	w->env.ops = &env_ops;
	w->env.counters = &w->counters;
	token_uuid(w->env.owner);
	w->loop = w->env.loop = loop_new(e);
	w->in = w->loop ? mbox_new(w->loop, on_msg, w, e) : NULL;
	if (!w->in || open_io(w, e)) {
		worker_free(w);
		return NULL;
	}
	pg_on_change(w->env.pg, on_pg_change, w);
	sync_init(&w->sync, &w->env);
	timer_init(&w->tell, w->loop, on_tell, w);
	timer_init(&w->settle, w->loop, on_settle, w);
	timer_arm(&w->tell, TELL_MS);
	if (c->refreshes) {
		w->refresher = refresher_new(&w->env);
		w->calendar = calendar_new(&w->env);
		w->survey = survey_new(&w->env);
	}
	w->refreshing = c->refreshes;
	if (pthread_create(&w->thread, NULL, thread_main, w)) {
		err_set(e, ERR_NOMEM, 0, "cannot start a worker thread");
		worker_free(w);
		return NULL;
	}
	return w;
}

void
worker_post(struct worker *w, struct msg *m)
{
	mbox_post(w->in, m);
}

void
worker_join(struct worker *w)
{
	if (!w)
		return;
	pthread_join(w->thread, NULL);
	worker_free(w);
}
