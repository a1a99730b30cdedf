/*
 * Random words to two daemons' queues, beside a model of what they must come to. After every step
 * the whole of Redis is compared with the model and Q1 to Q4 are checked. Times are either now or
 * an hour away, so that nothing depends on the clock. TTQ_SEED repeats a run.
 */
#include "tests/unit/queue_fixture.h"

#include <criterion/criterion.h>

#define SHOPS 24
#define STEPS 400
#define FAR   3600000
#define OLD   64
#define NONE  (-1)

enum { ORDERS = 0, PRODUCTS, KINDS };

static const enum kind kind_of[KINDS] = { KIND_ORDERS, KIND_PRODUCTS };

/* One kind of one shop: tries NONE where it is not pending. */
static struct {
	int tries;
	bool far;
} pend[SHOPS + 1][KINDS];

static struct {
	bool held;
	struct daemon *by;
	struct queue_job job;
} lease[SHOPS + 1];

static struct daemon daemons[2];
static struct queue_job old[OLD]; /* whose tokens are no longer right */
static int olds;
static int dead;
static unsigned seed;

static int
below(int n)
{
	seed = seed * 1103515245 + 12345;
	return (int)(seed >> 16 & 0x7fff) % n;
}

static int
index_of(enum kind k)
{
	return k == KIND_ORDERS ? ORDERS : PRODUCTS;
}

/* ---- the model ---- */

static void
model_merge(int shop, int k, bool far, int tries)
{
	bool fresh = pend[shop][k].tries == NONE;

	pend[shop][k].far = far && (fresh || pend[shop][k].far);
	if (tries > pend[shop][k].tries)
		pend[shop][k].tries = tries;
}

static void
model_retire(int shop)
{
	lease[shop].held = false;
	old[olds++ % OLD] = lease[shop].job;
}

/* The kind to be claimed next, or NONE. */
static int
model_due(int shop)
{
	for (int k = 0; k < KINDS && !lease[shop].held; k++)
		if (pend[shop][k].tries != NONE && !pend[shop][k].far)
			return k;
	return NONE;
}

/* What dump_lua below must say. */
static const char *
model_text(void)
{
	static char text[4096];
	size_t n = 0;

	for (int s = 1; s <= SHOPS; s++) {
		for (int k = 0; k < KINDS; k++)
			n += (size_t)snprintf(text + n, sizeof(text) - n,
			                      pend[s][k].tries == NONE ? "-" : "%s%d",
			                      pend[s][k].far ? "f" : "n", pend[s][k].tries);
		n += (size_t)snprintf(text + n, sizeof(text) - n, lease[s].held ? "L;" : ";");
	}
	snprintf(text + n, sizeof(text) - n, "%d", dead);
	return text;
}

static const char dump_lua[] =
    "local clock = redis.call('TIME')\n"
    "local out = ''\n"
    "for s = 1, tonumber(ARGV[1]) do\n"
    "  for _, k in ipairs({ 'orders', 'products' }) do\n"
    "    local v = redis.call('HGET', KEYS[1], s .. '|' .. k)\n"
    "    if v then\n"
    "      local due, tries = string.match(v, '(%d+),(%d+)')\n"
    "      out = out .. (tonumber(due) > clock[1] * 1000 + 60000 and 'f' or 'n') .. tries\n"
    "    else out = out .. '-' end\n"
    "  end\n"
    "  out = out .. (redis.call('HEXISTS', KEYS[2], s) == 1 and 'L;' or ';')\n"
    "end\n"
    "return out .. redis.call('HLEN', KEYS[3])\n";

static void
compare(int step, const char *what)
{
	cr_assert_str_eq(check(), "OK", "step %d: %s", step, what);
	ask("EVAL", dump_lua, "3", "{ttq}:pend", "{ttq}:token", "{ttq}:dead", "24", NULL);
	cr_assert_str_eq(answer, model_text(), "step %d: %s", step, what);
}

static void
settle(void)
{
	daemon_settle(&daemons[0]);
	daemon_settle(&daemons[1]);
}

/* ---- the words ---- */

static void
do_enqueue(void)
{
	int s = 1 + below(SHOPS), k = below(KINDS);
	bool far = below(2);

	queue_enqueue(daemons[below(2)].queue, s, kind_of[k], far ? FAR : 0);
	model_merge(s, k, far, 0);
}

static bool many_told;

static void
on_many(const struct err *e, void *arg)
{
	(void)arg;
	cr_assert_null(e);
	many_told = true;
	loop_stop(loop);
}

static void
do_enqueue_many(void)
{
	struct queue_put puts[200];

	for (int i = 0; i < 200; i++) {
		int s = 1 + below(SHOPS), k = below(KINDS);
		bool far = below(8) != 0;

		puts[i] = (struct queue_put){ s, kind_of[k], far ? FAR : 0 };
		model_merge(s, k, far, 0);
	}
	many_told = false;
	queue_enqueue_many(daemons[below(2)].queue, puts, 200, on_many, NULL);
	WAIT(many_told);
}

static void
took(struct daemon *d, const struct queue_job *j)
{
	int s = (int)j->shop, k = index_of(j->kind);

	cr_assert(s >= 1 && s <= SHOPS);
	cr_assert_eq(model_due(s), k, "shop %d kind %s", s, kind_name(j->kind));
	cr_assert_eq(j->attempts, pend[s][k].tries);
	pend[s][k].tries = NONE;
	lease[s].held = true;
	lease[s].by = d;
	lease[s].job = *j;
}

static void
do_claim(void)
{
	struct daemon *d = &daemons[below(2)];
	int n = 1 + below(8), due = 0;

	for (int s = 1; s <= SHOPS; s++)
		due += model_due(s) != NONE;
	if (n > due)
		n = due;
	if (!n)
		return;
	settle(); /* what was told before comes first */
	d->jobs = 0;
	queue_claim(d->queue, n);
	WAIT(d->jobs == n);
	for (int i = 0; i < n; i++)
		took(d, &d->job[i]);
}

/* A leased shop from a random one on, or 0. */
static int
any_leased(void)
{
	int from = below(SHOPS);

	for (int i = 0; i < SHOPS; i++) {
		int s = 1 + (from + i) % SHOPS;

		if (lease[s].held)
			return s;
	}
	return 0;
}

static void
do_done(void)
{
	static const int64_t nexts[] = { -1, 0, FAR };
	int s = any_leased();
	int64_t next = nexts[below(3)];

	if (!s)
		return;
	queue_done(lease[s].by->queue, &lease[s].job, next);
	model_retire(s);
	if (next >= 0)
		model_merge(s, index_of(lease[s].job.kind), next > 0, 0);
}

static void
do_fail(void)
{
	int s = any_leased();
	bool far = below(2), counts = below(2);
	int max = below(2) ? 3 : 0;
	int tries;

	if (!s)
		return;
	queue_fail(lease[s].by->queue, &lease[s].job, far ? FAR : 0, counts, max, "model");
	model_retire(s);
	tries = lease[s].job.attempts + counts;
	if (!max || tries < max)
		model_merge(s, index_of(lease[s].job.kind), far, tries);
}

static void
do_release(void)
{
	int s = any_leased();

	if (!s)
		return;
	queue_release(lease[s].by->queue, &lease[s].job);
	model_retire(s);
	model_merge(s, index_of(lease[s].job.kind), false, lease[s].job.attempts);
}

/* A lease runs out, and somebody looks. */
static void
do_abandon(void)
{
	int s = any_leased();
	char shop[12];

	if (!s)
		return;
	settle();
	snprintf(shop, sizeof(shop), "%d", s);
	ask("ZADD", "{ttq}:leased", "1", shop, NULL);
	model_retire(s);
	model_merge(s, index_of(lease[s].job.kind), false, lease[s].job.attempts + 1);
	do_claim();
}

static void
do_wrong(void)
{
	const struct queue_job *j = &old[below(OLD)];

	if (!j->shop)
		return;
	queue_done(daemons[below(2)].queue, j, 0);
	queue_fail(daemons[below(2)].queue, j, 0, true, 1, "wrong");
}

static void
do_cancel(void)
{
	int s = 1 + below(SHOPS);

	settle();
	queue_cancel(daemons[below(2)].queue, s);
	for (int k = 0; k < KINDS; k++)
		pend[s][k].tries = NONE;
}

static const struct {
	const char *name;
	void (*fn)(void);
	int weight;
} words[] = {
	{ "enqueue", do_enqueue, 30 }, { "enqueue many", do_enqueue_many, 2 },
	{ "claim", do_claim, 25 },     { "done", do_done, 20 },
	{ "fail", do_fail, 12 },       { "release", do_release, 5 },
	{ "abandon", do_abandon, 5 },  { "wrong token", do_wrong, 8 },
	{ "cancel", do_cancel, 3 },
};

static void
step(int i)
{
	size_t w = 0;
	int at = below(110);

	while ((at -= words[w].weight) >= 0)
		w++;
	words[w].fn();
	settle();
	/* Dead entries come and go with later successes: their number is Redis' own. */
	dead = (int)strtol(ask("HLEN", "{ttq}:dead", NULL), NULL, 10);
	compare(i, words[w].name);
}

static void
setup(void)
{
	const char *given = getenv("TTQ_SEED");

	fix_begin(NULL, NULL);
	for (int i = 0; i < 2; i++) {
		daemon_start(&daemons[i], redis,
		             (struct queue_conf){ .owner = i ? OWNER_B : OWNER_A });
		daemon_ready(&daemons[i]);
	}
	for (int s = 0; s <= SHOPS; s++)
		for (int k = 0; k < KINDS; k++)
			pend[s][k].tries = NONE;
	crypto_random(&seed, sizeof(seed));
	if (given)
		seed = (unsigned)strtoul(given, NULL, 10);
	printf("TTQ_SEED=%u\n", seed);
}

static void
teardown(void)
{
	queue_free(daemons[0].queue);
	queue_free(daemons[1].queue);
	fix_end();
}

TestSuite(queue_model, .init = setup, .fini = teardown, .timeout = 100);

Test(queue_model, random_words_come_to_what_the_model_says)
{
	for (int i = 0; i < STEPS; i++)
		step(i);
	cr_assert_eq(counters.v[COUNT_REDIS_ERRORS], 0);
}
