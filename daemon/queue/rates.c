#include "daemon/queue/rates.h"

#include "common/clock.h"
#include "daemon/base/counter.h"
#include "daemon/base/loop.h"
#include "daemon/io/redis.h"
#include "daemon/queue/script.h"
#include "text/take_lua.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#define BATCH    64
#define KEY_MAX  160
#define LIMITS   4    /* arguments of take.lua before those of the askers */
#define RATE_MAX 1e6  /* calls a second: one a microsecond, the script's unit */
#define LOCAL_MS 1000 /* of a call from the bucket of this process */

TAILQ_HEAD(asks, ask);

struct ask {
	TAILQ_ENTRY(ask) link;
	struct rates *rates;
	int64_t shop;
	int n;
	bool interactive;
	rates_fn *fn;
	void *arg;
};

struct batch {
	TAILQ_ENTRY(batch) link;
	struct rates *rates;
	int n;
	struct ask *ask[BATCH];
};

struct rates {
	struct loop *loop;
	struct redis *redis;
	struct counters *counters;
	struct redis_script script;
	int app_burst;
	int shop_burst;
	char limit[LIMITS][32]; /* the rates as take.lua reads them */
	char app_key[KEY_MAX];
	char shop_prefix[KEY_MAX - 24];
	struct asks asks;                   /* of this turn */
	TAILQ_HEAD(batches, batch) batches; /* sent */
	int64_t local_free_ms;              /* when the bucket of this process is full again */
	bool sending;
	bool closed;
};

static void
memory_free(struct rates *r)
{
	/* redis_eval still knows the script while an answer is to come. */
	if (r->closed && !r->sending && TAILQ_EMPTY(&r->batches))
		free(r);
}

static void
ask_end(struct ask *a, int64_t wait_ms, const struct err *e)
{
	a->fn(wait_ms, e, a->arg);
	free(a);
}

/* Ours alone, and slow enough for any number of daemons without Redis. */
static int64_t
local_take(struct rates *r, int n)
{
	int64_t now_ms = loop_now(r->loop).ms;

	if (r->local_free_ms > now_ms)
		return r->local_free_ms - now_ms;
	r->local_free_ms = now_ms + (int64_t)n * LOCAL_MS;
	return 0;
}

static void
ask_fail(struct ask *a, const struct err *e)
{
	if (a->interactive && e->kind != ERR_INPUT && e->kind != ERR_CANCELLED)
		ask_end(a, local_take(a->rates, a->n), NULL);
	else
		ask_end(a, -1, e);
}

/* Its askers hear; the batch itself stays until Redis has answered. */
static void
batch_tell(struct batch *b, const struct redis_reply *reply, const struct err *e)
{
	int n = b->n;

	b->n = 0;
	for (int i = 0; i < n; i++) {
		if (e)
			ask_fail(b->ask[i], e);
		else
			ask_end(b->ask[i], redis_int(redis_at(reply, (size_t)i)), NULL);
	}
}

static void
on_answer(const struct redis_reply *reply, const struct err *e, void *arg)
{
	struct batch *b = arg;
	struct rates *r = b->rates;
	struct err odd;

	if (!e && b->n && redis_len(reply) != (size_t)b->n) {
		err_set(&odd, ERR_PARSE, 0, "an odd answer of take.lua");
		e = &odd;
	}
	if (e)
		count(r->counters, COUNT_REDIS_ERRORS, 1);
	batch_tell(b, reply, e);
	TAILQ_REMOVE(&r->batches, b, link);
	free(b);
	memory_free(r);
}

static void
send_batch(struct rates *r)
{
	struct batch *b = calloc(1, sizeof(*b));
	char key[BATCH][KEY_MAX], n[BATCH][12];
	const char *argv[1 + BATCH + LIMITS + BATCH];
	int argc = 0, nkeys;
	struct ask *a;

	if (!b)
		abort();
	b->rates = r;
	argv[argc++] = r->app_key;
	while (b->n < BATCH && (a = TAILQ_FIRST(&r->asks))) {
		TAILQ_REMOVE(&r->asks, a, link);
		snprintf(key[b->n], KEY_MAX, "%s%" PRId64, r->shop_prefix, a->shop);
		snprintf(n[b->n], sizeof(n[0]), "%d", a->n);
		argv[argc++] = a->shop ? key[b->n] : r->app_key;
		b->ask[b->n++] = a;
	}
	nkeys = argc;
	for (int i = 0; i < LIMITS; i++)
		argv[argc++] = r->limit[i];
	for (int i = 0; i < b->n; i++)
		argv[argc++] = n[i];
	TAILQ_INSERT_TAIL(&r->batches, b, link);
	redis_eval(r->redis, &r->script, nkeys, argc, argv, on_answer, b);
}

static void
send_asks(void *arg)
{
	struct rates *r = arg;

	r->sending = false;
	while (!r->closed && !TAILQ_EMPTY(&r->asks))
		send_batch(r);
	memory_free(r);
}

/* Told on a later turn, like any other. */
static void
on_refused(void *arg)
{
	struct ask *a = arg;
	struct err e;

	err_set(&e, ERR_INPUT, 0, "%d calls at once: more than the bucket holds", a->n);
	ask_fail(a, &e);
}

void
rates_take(struct rates *r, int64_t shop, int n, bool interactive, rates_fn *fn, void *arg)
{
	struct ask *a = malloc(sizeof(*a));

	assert(shop >= 0 && n > 0 && !r->closed);
	if (!a)
		abort();
	*a = (struct ask){
		.rates = r, .shop = shop, .n = n, .interactive = interactive, .fn = fn, .arg = arg
	};
	if (n > r->app_burst || (shop && n > r->shop_burst)) {
		loop_defer(r->loop, on_refused, a);
		return;
	}
	TAILQ_INSERT_TAIL(&r->asks, a, link);
	if (!r->sending) {
		r->sending = true;
		loop_defer(r->loop, send_asks, r);
	}
}

static int
check_conf(const struct rates_conf *conf, struct err *e)
{
	if (!(conf->app_rate > 0) || !(conf->shop_rate > 0) || conf->app_rate > RATE_MAX ||
	    conf->shop_rate > RATE_MAX || conf->app_burst < 1 || conf->shop_burst < 1)
		return err_set(e, ERR_INPUT, 0, "rates and bursts are positive, rates up to %.0f",
		               RATE_MAX);
	if (!*conf->app)
		return err_set(e, ERR_INPUT, 0, "the app's bucket needs a name");
	if (script_partition_ok(conf->partition, e))
		return -1;
	return script_partition_ok(conf->app, e);
}

struct rates *
rates_new(struct loop *l, struct redis *redis, struct counters *c, const struct rates_conf *conf,
          struct err *e)
{
	const char *colon = *conf->partition ? ":" : "";
	struct rates *r;

	if (check_conf(conf, e))
		return NULL;
	r = calloc(1, sizeof(*r));
	if (!r) {
		err_set(e, ERR_NOMEM, 0, "no memory for the rates");
		return NULL;
	}
	r->loop = l;
	r->redis = redis;
	r->counters = c;
	r->script = (struct redis_script){ .name = "take", .text = text_take_lua };
	r->app_burst = conf->app_burst;
	r->shop_burst = conf->shop_burst;
	snprintf(r->limit[0], sizeof(r->limit[0]), "%.3f", 1e6 / conf->app_rate);
	snprintf(r->limit[1], sizeof(r->limit[1]), "%d", conf->app_burst);
	snprintf(r->limit[2], sizeof(r->limit[2]), "%.3f", 1e6 / conf->shop_rate);
	snprintf(r->limit[3], sizeof(r->limit[3]), "%d", conf->shop_burst);
	snprintf(r->app_key, sizeof(r->app_key), "{tb%s%.64s}:app:%.64s", colon, conf->partition,
	         conf->app);
	snprintf(r->shop_prefix, sizeof(r->shop_prefix), "{tb%s%.64s}:shop:", colon,
	         conf->partition);
	TAILQ_INIT(&r->asks);
	TAILQ_INIT(&r->batches);
	return r;
}

void
rates_free(struct rates *r)
{
	struct err e;
	struct ask *a;
	struct batch *b;

	if (!r)
		return;
	r->closed = true;
	err_set(&e, ERR_CANCELLED, 0, "the rates are being closed");
	TAILQ_FOREACH (b, &r->batches, link)
		batch_tell(b, NULL, &e);
	while ((a = TAILQ_FIRST(&r->asks))) {
		TAILQ_REMOVE(&r->asks, a, link);
		ask_fail(a, &e);
	}
	memory_free(r);
}
