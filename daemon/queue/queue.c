#include "daemon/queue/queue.h"

#include "common/str.h"
#include "daemon/base/counter.h"
#include "daemon/base/log.h"
#include "daemon/base/loop.h"
#include "daemon/queue/epoch.h"
#include "daemon/queue/looks.h"
#include "daemon/queue/outbox.h"
#include "daemon/queue/puts.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROWS    256
#define TICK_MS 1000 /* at most; a quarter of renew_ms where that is less */

LIST_HEAD(row, held);

/* A job given out, under a lease that is renewed here. */
struct held {
	LIST_ENTRY(held) link;
	struct queue_job job;
	struct mono renewed; /* when the claim or renewal was sent that was granted last */
	bool renewing;
};

struct queue {
	struct loop *loop;
	struct counters *counters;
	struct queue_ops ops;
	void *arg;
	char owner[40];
	int64_t lease_ms;
	int64_t renew_ms;
	int64_t poll_ms;
	int64_t tick_ms;
	int abandoned_max;
	struct epoch *epoch;
	struct outbox outbox;
	struct puts puts;
	struct looks looks;
	struct row rows[ROWS]; /* held jobs by shop: a shop is leased once */
	int held;
	int wish;
	int asked; /* jobs asked for by the claim under way, 0: none is */
	struct mono asked_at;
	uint64_t claims;
	struct timer poll;
	struct timer tick;
	bool sending; /* send() is to come at the end of this turn */
	bool closed;
};

static void send(void *arg);

static void
send_later(struct queue *q)
{
	if (!q->sending) {
		q->sending = true;
		loop_defer(q->loop, send, q);
	}
}

/* ---- held jobs ---- */

static struct row *
row_of(struct queue *q, int64_t shop)
{
	return &q->rows[(uint64_t)shop % ROWS];
}

/* token NULL: any. */
static struct held *
held_find(struct queue *q, int64_t shop, const char *token)
{
	struct held *h;

	LIST_FOREACH (h, row_of(q, shop), link)
		if (h->job.shop == shop && (!token || !strcmp(h->job.token, token)))
			return h;
	return NULL;
}

static void
held_drop(struct queue *q, struct held *h)
{
	LIST_REMOVE(h, link);
	q->held--;
	free(h);
}

static void
held_lose(struct queue *q, struct held *h, const char *why)
{
	struct queue_job job = h->job;

	held_drop(q, h);
	log_event(LOG_WARN, "queue.lost", "shop=%" PRId64 " kind=%s why=%s", job.shop,
	          kind_name(job.kind), LOGQ(why));
	q->ops.on_lost(&job, q->arg);
}

static void
held_add(struct queue *q, const struct queue_job *job)
{
	struct held *old = held_find(q, job->shop, NULL);
	struct held *h = calloc(1, sizeof(*h));

	if (!h)
		abort();
	if (old)
		held_lose(q, old, "claimed again");
	h->job = *job;
	h->renewed = job->claimed;
	LIST_INSERT_HEAD(row_of(q, job->shop), h, link);
	q->held++;
	if (!timer_armed(&q->tick))
		timer_arm(&q->tick, q->tick_ms);
}

static void
renew(struct queue *q, struct held *h)
{
	h->renewing = true;
	outbox_add(&q->outbox, &(struct outbox_word){ .verb = OUTBOX_EXTEND,
	                                              .shop = h->job.shop,
	                                              .token = h->job.token,
	                                              .ms = q->lease_ms });
}

/* Renew what is due for it, give up what could not be renewed. */
static void
look_after(struct queue *q, struct row *row)
{
	struct mono now = loop_now(q->loop);
	struct row lost = LIST_HEAD_INITIALIZER(lost);
	struct held *h, *next;

	for (h = LIST_FIRST(row); h; h = next) {
		int64_t age_ms = now.ms - h->renewed.ms;

		next = LIST_NEXT(h, link);
		if (age_ms >= 2 * q->renew_ms) {
			LIST_REMOVE(h, link);
			LIST_INSERT_HEAD(&lost, h, link);
		} else if (age_ms >= q->renew_ms && !h->renewing) {
			renew(q, h);
		}
	}
	while ((h = LIST_FIRST(&lost)))
		held_lose(q, h, "not renewed in time");
}

static void
on_tick(void *arg)
{
	struct queue *q = arg;

	for (int i = 0; i < ROWS && !q->closed; i++)
		look_after(q, &q->rows[i]);
	if (q->closed)
		return;
	send_later(q);
	if (q->held || q->outbox.count)
		timer_arm(&q->tick, q->tick_ms);
}

/* Redis said what became of a job. */
static void
on_told(enum outbox_verb verb, int64_t shop, const char *token, enum outbox_result result,
        struct mono sent, void *arg)
{
	struct queue *q = arg;
	struct held *h = verb == OUTBOX_EXTEND ? held_find(q, shop, token) : NULL;

	if (result == OUTBOX_STALE && (verb != OUTBOX_EXTEND || h))
		count(q->counters, COUNT_QUEUE_STALE, 1);
	if (!h)
		return;
	h->renewing = false;
	if (result == OUTBOX_OK)
		h->renewed = sent;
	else if (result == OUTBOX_STALE)
		held_lose(q, h, "the lease is another's");
}

/* ---- the ends of a job ---- */

static void
end(struct queue *q, const struct queue_job *job, const struct outbox_word *w)
{
	struct held *h = held_find(q, job->shop, job->token);

	if (h)
		held_drop(q, h);
	outbox_add(&q->outbox, w);
	if (!timer_armed(&q->tick))
		timer_arm(&q->tick, q->tick_ms);
	send_later(q);
}

void
queue_done(struct queue *q, const struct queue_job *job, int64_t next_ms)
{
	end(q, job,
	    &(struct outbox_word){
		.verb = OUTBOX_DONE, .shop = job->shop, .token = job->token, .ms = next_ms });
}

void
queue_fail(struct queue *q, const struct queue_job *job, int64_t delay_ms, bool count_it,
           int max_attempts, const char *reason)
{
	end(q, job,
	    &(struct outbox_word){ .verb = OUTBOX_FAIL,
	                           .shop = job->shop,
	                           .token = job->token,
	                           .ms = delay_ms > 0 ? delay_ms : 0,
	                           .add = count_it,
	                           .max = max_attempts,
	                           .reason = reason });
}

void
queue_release(struct queue *q, const struct queue_job *job)
{
	queue_fail(q, job, 0, false, 0, NULL);
}

bool
queue_settled(const struct queue *q)
{
	return q->outbox.count == 0;
}

int
queue_held(const struct queue *q)
{
	return q->held;
}

/* ---- claims ---- */

/* Element i and the four behind it: shop, kind, token, attempts, lag. 0 or -1. */
static int
read_job(const struct redis_reply *r, size_t i, struct queue_job *ret)
{
	const char *kind = redis_str(redis_at(r, i + 1));
	const char *token = redis_str(redis_at(r, i + 2));
	struct queue_job j = { .shop = redis_int(redis_at(r, i)),
		               .attempts = (int)redis_int(redis_at(r, i + 3)),
		               .lag_ms = redis_int(redis_at(r, i + 4)) };

	if (j.shop <= 0 || !kind || !token || !str_copy(j.token, sizeof(j.token), token))
		return -1;
	j.kind = kind_parse(kind);
	if (j.kind == KIND_NONE)
		return -1;
	*ret = j;
	return 0;
}

/* Jobs that came: those wished for are given out, the others go back. */
static void
give_out(struct queue *q, const struct redis_reply *r)
{
	struct queue_job jobs[QUEUE_BATCH];
	int n = 0;

	for (size_t i = 0; i + 5 <= redis_len(r) && n < QUEUE_BATCH; i += 5) {
		struct queue_job *j = &jobs[n];

		if (read_job(r, i, j))
			continue; /* no answer of claim.lua: its lease runs out */
		j->claimed = q->asked_at;
		if (n < q->wish) {
			held_add(q, j);
			n++;
		} else {
			queue_release(q, j);
		}
	}
	q->wish -= n;
	if (n)
		q->ops.on_jobs(jobs, n, q->arg);
}

static void
on_claimed(const struct redis_reply *r, const struct err *e, void *arg)
{
	struct queue *q = arg;
	bool full = redis_len(r) == (size_t)q->asked * 5;

	q->asked = 0;
	if (e)
		count(q->counters, COUNT_REDIS_ERRORS, 1);
	else
		give_out(q, r);
	if (q->closed || !q->wish)
		return;
	if (full)
		send_later(q);
	else
		timer_arm(&q->poll, q->poll_ms);
}

static void
ask(struct queue *q)
{
	char n[12], lease[24], max[12], owner[sizeof(q->owner) + 24];
	const char *argv[] = { n, lease, owner, max };

	q->asked = q->wish < QUEUE_BATCH ? q->wish : QUEUE_BATCH;
	q->asked_at = loop_now(q->loop);
	snprintf(n, sizeof(n), "%d", q->asked);
	snprintf(lease, sizeof(lease), "%" PRId64, q->lease_ms);
	/* With our own count in it, a token comes once, even where Redis lost its counter (F8). */
	snprintf(owner, sizeof(owner), "%s:%" PRIu64, q->owner, ++q->claims);
	snprintf(max, sizeof(max), "%d", q->abandoned_max);
	epoch_eval(q->epoch, SCRIPT_CLAIM, 4, argv, on_claimed, q);
}

static void
on_poll(void *arg)
{
	send_later(arg);
}

void
queue_claim(struct queue *q, int n)
{
	assert(n >= 0);
	q->wish = n;
	if (n)
		send_later(q);
}

/* ---- the end of a turn ---- */

static void
send(void *arg)
{
	struct queue *q = arg;

	q->sending = false;
	if (q->closed)
		return;
	outbox_flush(&q->outbox);
	puts_flush(&q->puts);
	if (q->wish && !q->asked && epoch_ready(q->epoch)) {
		timer_disarm(&q->poll);
		ask(q);
	}
}

/* ---- words to the queue ---- */

void
queue_enqueue(struct queue *q, int64_t shop, enum kind kind, int64_t delay_ms)
{
	if (puts_add(&q->puts, &(struct queue_put){ shop, kind, delay_ms }))
		send_later(q);
}

void
queue_enqueue_many(struct queue *q, const struct queue_put *puts, size_t n, queue_put_fn *fn,
                   void *arg)
{
	puts_many(&q->puts, puts, n, fn, arg);
}

static void
on_word(const struct redis_reply *r, const struct err *e, void *arg)
{
	struct queue *q = arg;

	(void)r;
	if (e)
		count(q->counters, COUNT_REDIS_ERRORS, 1);
}

/* A script with one number as argument, after what was said before. */
static void
tell(struct queue *q, enum script which, int64_t number)
{
	char text[24];
	const char *argv[] = { text };

	puts_flush(&q->puts);
	snprintf(text, sizeof(text), "%" PRId64, number);
	epoch_eval(q->epoch, which, 1, argv, on_word, q);
}

void
queue_cancel(struct queue *q, int64_t shop)
{
	tell(q, SCRIPT_CANCEL, shop);
}

void
queue_pause(struct queue *q, int64_t ms)
{
	tell(q, SCRIPT_PAUSE, ms);
}

void
queue_repair(struct queue *q)
{
	epoch_repair(q->epoch);
}

void
queue_depth(struct queue *q, queue_depth_fn *fn, void *arg)
{
	looks_depth(&q->looks, fn, arg);
}

void
queue_dead(struct queue *q, int most, queue_dead_fn *fn, void *arg)
{
	looks_dead(&q->looks, most, fn, arg);
}

/* ---- life ---- */

static void
on_ready(void *arg)
{
	send_later(arg);
}

static void
on_missing(void *arg)
{
	struct queue *q = arg;

	q->ops.on_epoch_missing(q->arg);
}

static void
memory_free(void *arg)
{
	free(arg);
}

struct queue *
queue_new(struct loop *l, struct redis *r, struct counters *c, const struct queue_conf *conf,
          const struct queue_ops *ops, void *arg, struct err *e)
{
	static const struct epoch_ops hooks = { on_ready, on_missing };
	struct queue *q = calloc(1, sizeof(*q));

	if (!q) {
		err_set(e, ERR_NOMEM, 0, "no memory for the queue");
		return NULL;
	}
	q->loop = l;
	q->counters = c;
	q->ops = *ops;
	q->arg = arg;
	q->lease_ms = conf->lease_ms ? conf->lease_ms : QUEUE_LEASE_MS;
	q->renew_ms = conf->renew_ms ? conf->renew_ms : QUEUE_RENEW_MS;
	q->poll_ms = conf->poll_ms ? conf->poll_ms : QUEUE_POLL_MS;
	q->tick_ms = q->renew_ms / 4 < TICK_MS ? q->renew_ms / 4 : TICK_MS;
	q->abandoned_max = conf->abandoned_max;
	if (!str_copy(q->owner, sizeof(q->owner), conf->owner)) {
		err_set(e, ERR_INPUT, 0, "an owner's name is at most %zu long",
		        sizeof(q->owner) - 1);
		free(q);
		return NULL;
	}
	q->epoch = epoch_new(l, r, conf->partition, &hooks, q, e);
	if (!q->epoch) {
		free(q);
		return NULL;
	}
	outbox_init(&q->outbox, l, q->epoch, q->lease_ms, on_told, q);
	puts_init(&q->puts, q->epoch, c);
	looks_init(&q->looks, q->epoch);
	timer_init(&q->poll, l, on_poll, q);
	timer_init(&q->tick, l, on_tick, q);
	return q;
}

void
queue_free(struct queue *q)
{
	struct held *h;

	if (!q)
		return;
	q->closed = true;
	outbox_flush(&q->outbox);
	epoch_free(q->epoch);
	puts_done(&q->puts);
	looks_done(&q->looks);
	outbox_done(&q->outbox);
	for (int i = 0; i < ROWS; i++)
		while ((h = LIST_FIRST(&q->rows[i])))
			held_drop(q, h);
	timer_done(&q->poll);
	timer_done(&q->tick);
	loop_defer(q->loop, memory_free, q);
}

bool
queue_ready(const struct queue *q)
{
	return epoch_ready(q->epoch);
}

void
queue_set_epoch(struct queue *q, int64_t epoch)
{
	epoch_set(q->epoch, epoch);
}
