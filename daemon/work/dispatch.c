#include "daemon/work/dispatch.h"

#include "daemon/base/conf.h"
#include "daemon/base/log.h"
#include "daemon/base/loop.h"
#include "daemon/base/mbox.h"
#include "daemon/grant/token.h"
#include "daemon/io/redis.h"
#include "daemon/queue/rates.h"
#include "daemon/work/msg.h"
#include "daemon/work/tasks.h"
#include "daemon/work/worker.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define WORKERS_MAX       64
#define DEFAULT_PARTITION "ttq" /* of conf.def */
#define SWEEP_MS          60000
#define DEPTH_MS          2000
#define MIN_REQUEUE_MS    1000
#define UNREADY_MS        200 /* until a sweep asks again whether the queue takes anything */

struct crew {
	struct worker *worker;
	struct counters counters;
	int jobs; /* sent and not back */
	bool pg_up;
	int64_t longest_ms;
	int64_t api_offset_s;
};

struct dispatch {
	struct loop *loop;
	struct redis *redis;
	const struct conf *conf;
	struct counters *counters;
	struct mbox *mbox;
	struct queue *queue;
	struct rates *rates;
	struct tasks *tasks;
	struct crew crew[WORKERS_MAX];
	int nworkers;
	int next_task; /* worker of the next task, in turn */
	int jobs;
	char owner[TOKEN_UUID_MAX];
	struct timer sweep;
	struct timer depth_timer;
	bool sweeping;
	bool rebuild; /* the next sweep takes everything */
	bool epoch_asked;
	struct queue_depth depth;
	bool depth_known;
	struct mono moved; /* when a job last began or ended */
	bool draining;
	int stopped; /* workers that let go of everything */
	void (*drained)(void *arg);
	void *drained_arg;
};

/* --- jobs ------------------------------------------------------------------------------------ */

static void
claim_more(struct dispatch *d)
{
	int free_slots = (int)d->conf->daemon_slots - d->jobs;

	queue_claim(d->queue, d->draining || free_slots < 0 ? 0 : free_slots);
}

static struct crew *
least_loaded(struct dispatch *d, int *ret_index)
{
	int best = 0;

	for (int i = 1; i < d->nworkers; i++)
		if (d->crew[i].jobs < d->crew[best].jobs)
			best = i;
	*ret_index = best;
	return &d->crew[best];
}

static void
on_jobs(const struct queue_job *jobs, int n, void *arg)
{
	struct dispatch *d = arg;

	d->moved = loop_now(d->loop);
	for (int i = 0; i < n; i++) {
		struct msg_job *m = msg_new(sizeof(*m), MSG_JOB);
		struct crew *c = least_loaded(d, &m->worker);

		m->q = jobs[i];
		m->job.shop = jobs[i].shop;
		m->job.kind = jobs[i].kind;
		c->jobs++;
		d->jobs++;
		worker_post(c->worker, &m->m);
	}
	claim_more(d);
}

static void
on_lost(const struct queue_job *job, void *arg)
{
	struct dispatch *d = arg;

	log_event(LOG_WARN, "queue.lease_lost", "shop=%" PRId64 " kind=%s", job->shop,
	          kind_name(job->kind));
	for (int i = 0; i < d->nworkers; i++) {
		struct msg_lost *m = msg_new(sizeof(*m), MSG_LOST);

		m->shop = job->shop;
		worker_post(d->crew[i].worker, &m->m);
	}
}

static void
on_job_ended(struct dispatch *d, struct msg_job *m)
{
	d->crew[m->worker].jobs--;
	d->jobs--;
	d->moved = loop_now(d->loop);
	switch (m->job.outcome) {
	case JOB_DONE:
		queue_done(d->queue, &m->q, m->job.next_ms);
		break;
	case JOB_FAILED:
		if (m->job.next_ms < 0)
			queue_done(d->queue, &m->q, -1);
		else
			queue_fail(d->queue, &m->q,
			           m->job.next_ms > MIN_REQUEUE_MS ? m->job.next_ms
			                                           : MIN_REQUEUE_MS,
			           true, 0, err_name(m->job.why.kind));
		break;
	case JOB_RELEASED:
	case JOB_NONE:
		queue_release(d->queue, &m->q);
		break;
	}
	free(m);
	claim_more(d);
}

/* --- permissions to call --------------------------------------------------------------------- */

static void
on_take_answer(int64_t wait_ms, const struct err *e, void *arg)
{
	struct msg_take *m = arg;
	struct dispatch *d = m->dispatch;

	m->wait_ms = wait_ms;
	if (e)
		m->err = *e;
	worker_post(d->crew[m->worker].worker, &m->m);
}

/* --- the queue's epoch, and the sweep -------------------------------------------------------- */

static struct worker *
any_worker(struct dispatch *d)
{
	d->next_task = (d->next_task + 1) % d->nworkers;
	return d->crew[d->next_task].worker;
}

static void
on_epoch_missing(void *arg)
{
	struct dispatch *d = arg;

	if (d->epoch_asked)
		return;
	d->epoch_asked = true;
	log_event(LOG_WARN, "queue.forgotten", "next=%s", LOGQ("rebuild from PostgreSQL"));
	worker_post(any_worker(d), msg_new(sizeof(struct msg_epoch), MSG_EPOCH));
}

static void
sweep_now(struct dispatch *d)
{
	struct msg_sweep *m;

	if (d->sweeping || d->draining)
		return;
	if (!queue_ready(d->queue)) { /* it would take nothing of what is put */
		timer_arm(&d->sweep, UNREADY_MS);
		return;
	}
	d->sweeping = true;
	m = msg_new(sizeof(*m), MSG_SWEEP);
	m->everything = d->rebuild;
	d->rebuild = false; /* what is forgotten from now on is for the next */
	worker_post(any_worker(d), &m->m);
}

static void
on_epoch(struct dispatch *d, struct msg_epoch *m)
{
	d->epoch_asked = false;
	if (m->epoch > 0) {
		queue_set_epoch(d->queue, m->epoch);
		d->rebuild = true;
		sweep_now(d);
	}
	free(m);
}

static void
on_swept(struct dispatch *d, struct msg_sweep *m)
{
	d->sweeping = false;
	if (m->everything && !m->swept)
		d->rebuild = true;
	free(m);
	timer_arm(&d->sweep, d->rebuild ? MIN_REQUEUE_MS : SWEEP_MS);
}

static void
on_sweep_timer(void *arg)
{
	struct dispatch *d = arg;

	timer_arm(&d->sweep, SWEEP_MS);
	sweep_now(d);
}

static void
on_depth(const struct queue_depth *depth, const struct err *e, void *arg)
{
	struct dispatch *d = arg;

	d->depth_known = !e;
	if (!e)
		d->depth = *depth;
}

static void
on_depth_timer(void *arg)
{
	struct dispatch *d = arg;

	timer_arm(&d->depth_timer, DEPTH_MS);
	if (queue_ready(d->queue))
		queue_depth(d->queue, on_depth, d);
	else
		d->depth_known = false;
}

/* --- messages -------------------------------------------------------------------------------- */

static void
on_counters(struct dispatch *d, struct msg_counters *m)
{
	struct crew *c = &d->crew[m->worker];

	c->counters = m->c;
	c->pg_up = m->pg_up;
	c->api_offset_s = m->api_offset_s;
	if (m->longest_ms > c->longest_ms)
		c->longest_ms = m->longest_ms;
	free(m);
}

static void
on_stopped(struct dispatch *d, struct msg *m)
{
	free(m);
	if (++d->stopped == d->nworkers && d->drained)
		d->drained(d->drained_arg);
}

static void
on_msg(struct msg *m, void *arg)
{
	struct dispatch *d = arg;
	struct msg_take *take = (struct msg_take *)(void *)m;
	struct msg_enqueue *puts = (struct msg_enqueue *)(void *)m;

	switch ((enum msg_type)m->type) {
	case MSG_JOB:
		on_job_ended(d, (struct msg_job *)(void *)m);
		return;
	case MSG_TASK:
		tasks_answer(d->tasks, (struct msg_task *)(void *)m);
		return;
	case MSG_TAKE:
		take->dispatch = d;
		rates_take(d->rates, take->shop, 1, take->interactive, on_take_answer, take);
		return;
	case MSG_ENQUEUE:
		queue_enqueue_many(d->queue, puts->puts, (size_t)puts->n, NULL, NULL);
		free(m);
		return;
	case MSG_COUNTERS:
		on_counters(d, (struct msg_counters *)(void *)m);
		return;
	case MSG_EPOCH:
		on_epoch(d, (struct msg_epoch *)(void *)m);
		return;
	case MSG_SWEEP:
		on_swept(d, (struct msg_sweep *)(void *)m);
		return;
	case MSG_STOP:
		on_stopped(d, m);
		return;
	case MSG_NONE:
	case MSG_LOST:
	case MSG_CONF:
	case MSG_QUIT:
		abort(); /* never sent this way */
	}
}

static void
send_task(struct msg *m, void *arg)
{
	worker_post(any_worker(arg), m);
}

/* --- life ------------------------------------------------------------------------------------ */

static int
start_workers(struct dispatch *d, const struct dispatch_conf *c, struct err *e)
{
	int64_t want =
	    c->conf->daemon_workers > 0 ? c->conf->daemon_workers : sysconf(_SC_NPROCESSORS_ONLN);

	if (want < 1)
		want = 1;
	if (want > WORKERS_MAX)
		want = WORKERS_MAX;
	for (int i = 0; i < want; i++) {
		struct worker_conf w = {
			.index = i,
			.conf = c->conf,
			.vault = c->vault,
			.spool = c->spool,
			.control = d->mbox,
			.refreshes = i == 0,
		};

		d->crew[i].worker = worker_new(&w, e);
		if (!d->crew[i].worker)
			return -1;
		d->nworkers++;
	}
	return 0;
}

/* The default partition's keys carry no name: {ttq}:* and {tb}:*, as in the manual's rights. */
static const char *
partition_of(const struct conf *c)
{
	return strcmp(c->redis_partition, DEFAULT_PARTITION) ? c->redis_partition : "";
}

/* Half a second's calls may come at once: TikTok asks for pacing, not volleys (4.5). */
static struct rates *
make_rates(struct dispatch *d, const struct conf *c, struct err *e)
{
	struct rates_conf r = {
		.partition = partition_of(c),
		.app = c->tiktok_app_key,
		.app_rate = (double)c->tiktok_app_rate,
		.app_burst = (int)(c->tiktok_app_rate + 1) / 2,
		.shop_rate = (double)c->tiktok_shop_rate,
		.shop_burst = (int)(c->tiktok_shop_rate + 1) / 2,
	};

	return rates_new(d->loop, d->redis, d->counters, &r, e);
}

struct dispatch *
dispatch_new(const struct dispatch_conf *c, struct err *e)
{
	struct dispatch *d = calloc(1, sizeof(*d));
	static const struct queue_ops ops = { .on_jobs = on_jobs,
		                              .on_epoch_missing = on_epoch_missing,
		                              .on_lost = on_lost };
	struct queue_conf q = { .partition = partition_of(c->conf) };

	if (!d)
		abort();
	d->loop = c->loop;
	d->redis = c->redis;
	d->conf = conf_ref(c->conf);
	d->counters = c->counters;
	token_uuid(d->owner);
	q.owner = d->owner;
	d->moved = loop_now(c->loop);
	timer_init(&d->sweep, c->loop, on_sweep_timer, d);
	timer_init(&d->depth_timer, c->loop, on_depth_timer, d);
	d->tasks = tasks_new(c->loop, send_task, d);
	if (!(d->mbox = mbox_new(c->loop, on_msg, d, e)) ||
	    !(d->queue = queue_new(c->loop, c->redis, c->counters, &q, &ops, d, e)) ||
	    !(d->rates = make_rates(d, c->conf, e)) || start_workers(d, c, e)) {
		dispatch_free(d);
		return NULL;
	}
	/* whoever saw Redis forget may have died before it had put everything back */
	d->rebuild = true;
	timer_arm(&d->sweep, MIN_REQUEUE_MS);
	timer_arm(&d->depth_timer, 0);
	claim_more(d);
	return d;
}

void
dispatch_free(struct dispatch *d)
{
	if (!d)
		return;
	timer_done(&d->sweep);
	timer_done(&d->depth_timer);
	for (int i = 0; i < d->nworkers; i++)
		worker_post(d->crew[i].worker, msg_new(sizeof(struct msg), MSG_QUIT));
	for (int i = 0; i < d->nworkers; i++)
		worker_join(d->crew[i].worker);
	tasks_free(d->tasks);
	rates_free(d->rates);
	queue_free(d->queue);
	mbox_free(d->mbox, NULL);
	conf_unref(d->conf);
	free(d);
}

void
dispatch_redis(struct dispatch *d, bool up)
{
	if (up)
		sweep_now(d);
}

void
dispatch_drain(struct dispatch *d, void (*done)(void *arg), void *arg)
{
	d->draining = true;
	d->drained = done;
	d->drained_arg = arg;
	claim_more(d);
	for (int i = 0; i < d->nworkers; i++)
		worker_post(d->crew[i].worker, msg_new(sizeof(struct msg), MSG_STOP));
}

bool
dispatch_settled(const struct dispatch *d)
{
	return d->jobs == 0 && queue_settled(d->queue);
}

void
dispatch_reload(struct dispatch *d, const struct conf *c)
{
	struct rates *r = make_rates(d, c, NULL);

	if (r) { /* who waits for the old ones hears so and asks again */
		rates_free(d->rates);
		d->rates = r;
	}
	conf_unref(d->conf);
	d->conf = conf_ref(c);
	for (int i = 0; i < d->nworkers; i++) {
		struct msg_conf *m = msg_new(sizeof(*m), MSG_CONF);

		m->conf = conf_ref(c);
		worker_post(d->crew[i].worker, &m->m);
	}
	claim_more(d);
}

struct tasks *
dispatch_tasks(struct dispatch *d)
{
	return d->tasks;
}

void
dispatch_state(struct dispatch *d, struct dispatch_state *ret)
{
	memset(ret, 0, sizeof(*ret));
	for (int i = 0; i < d->nworkers; i++) {
		ret->postgres_up = ret->postgres_up || d->crew[i].pg_up;
		if (d->crew[i].longest_ms > ret->longest_turn_ms)
			ret->longest_turn_ms = d->crew[i].longest_ms;
		d->crew[i].longest_ms = 0;
		if (llabs(d->crew[i].api_offset_s) > llabs(ret->api_offset_s))
			ret->api_offset_s = d->crew[i].api_offset_s;
	}
	ret->redis_up = redis_up(d->redis);
	ret->queue_ready = queue_ready(d->queue);
	ret->workers = d->nworkers;
	ret->jobs = d->jobs;
	ret->idle_ms = loop_now(d->loop).ms - d->moved.ms;
	ret->depth = d->depth;
	ret->depth_known = d->depth_known;
}

void
dispatch_counters(const struct dispatch *d, struct counters *sum)
{
	for (int i = 0; i < d->nworkers; i++)
		counters_add(sum, &d->crew[i].counters);
}
