/*
 * bench_queue: jobs claimed and ended a second, by one daemon with 64 slots, over a private Redis
 * with 10,000 shops; beside it the same queue with one slot, which is one EVALSHA at a time. Then
 * what an idle shop costs in Redis' memory, and how long putting all of them in takes.
 *
 * Each rate is the median of five rounds.
 */
#include "tests/unit/queue_fixture.h"

#include "common/clock.h"
#include "daemon/queue/rates.h"
#include "tests/bench/figure.h"

#define SHOPS     10000
#define ROUNDS    5
#define CYCLES    60000
#define ONE_CYCLE 6000 /* cycles of a round of the yardstick */
#define TAKES     100000
#define HOUR_MS   3600000

static struct daemon d;
static struct queue_put put_list[2 * SHOPS];
static bool told;
static int slots;
static int64_t left;
static bool json;

static void
on_put(const struct err *e, void *arg)
{
	(void)arg;
	if (e)
		DIE("%s", e->text);
	told = true;
	loop_stop(loop);
}

/* Put n in; the ms it took. */
static int64_t
put_all(size_t n)
{
	struct mono from = mono_now();

	told = false;
	queue_enqueue_many(d.queue, put_list, n, on_put, NULL);
	WAIT(told);
	return mono_now().ms - from.ms;
}

static void
on_jobs(const struct queue_job *jobs, int n, void *arg)
{
	(void)arg;
	for (int i = 0; i < n; i++)
		queue_done(d.queue, &jobs[i], 0);
	left -= n;
	if (left > 0)
		queue_claim(d.queue, slots);
	else
		loop_stop(loop);
}

static void
on_missing(void *arg)
{
	(void)arg;
	queue_set_epoch(d.queue, 1);
}

static void
on_lost(const struct queue_job *job, void *arg)
{
	(void)arg;
	DIE("the lease of shop %" PRId64 " was lost", job->shop);
}

/* Cycles a second of one round. */
static double
cycle(int n, int64_t cycles)
{
	int64_t from = mono_us();

	slots = n;
	left = cycles;
	queue_claim(d.queue, slots);
	WAIT(left <= 0);
	daemon_settle(&d);
	return (double)(cycles - left) * 1e6 / (double)(mono_us() - from);
}

static int
by_value(const void *x, const void *y)
{
	double p = *(const double *)x, q = *(const double *)y;

	return (p > q) - (p < q);
}

static double
median(double *v)
{
	qsort(v, ROUNDS, sizeof(*v), by_value);
	return v[ROUNDS / 2];
}

static double
median_cycle(int n, int64_t cycles)
{
	double v[ROUNDS];

	for (int i = 0; i < ROUNDS; i++)
		v[i] = cycle(n, cycles);
	return median(v);
}

static int64_t granted;

static void
on_rate(int64_t wait_ms, const struct err *e, void *arg)
{
	struct rates *r = arg;

	if (granted >= TAKES)
		return; /* those asked for too many */
	if (e || wait_ms)
		DIE("a call was refused: %s", e ? e->text : "wait");
	granted++;
	if (granted < TAKES)
		rates_take(r, granted % SHOPS + 1, 1, false, on_rate, r);
	else
		loop_stop(loop);
}

/* Permissions a second, 64 askers at a time. */
static double
take(void)
{
	struct rates_conf conf = { "", "1", 1e6, 1000000, 1e6, 1000000 };
	struct err e = { 0 };
	struct rates *r = rates_new(loop, redis, &counters, &conf, &e);
	int64_t from = mono_us();

	if (!r)
		DIE("%s", e.text);
	granted = 0;
	for (int i = 0; i < 64; i++)
		rates_take(r, i + 1, 1, false, on_rate, r);
	WAIT(granted >= TAKES);
	rates_free(r);
	return TAKES * 1e6 / (double)(mono_us() - from);
}

static int64_t
memory(void)
{
	const char *at = strstr(ask("INFO", "memory", NULL), "used_memory:");

	return at ? strtoll(at + 12, NULL, 10) : 0;
}

static void
print(const char *name, double value, const char *unit, const char *yard, double yard_value)
{
	struct figure f = { name, value, unit, yard, yard_value };

	figure_print(&f, json);
}

/* Fill an empty queue with shops due in an hour; bytes a shop, and the ms it took. */
static void
on_depth(const struct queue_depth *depth, const struct err *e, void *arg)
{
	(void)depth;
	(void)e; /* that the memory is gone: asked for that */
	(void)arg;
	loop_stop(loop);
}

static double
idle_bytes(size_t n, int64_t *ret_ms)
{
	int64_t before;

	ask("FLUSHALL", NULL);
	do
		queue_depth(d.queue, on_depth, NULL); /* notices */
	while (ask("HEXISTS", "{ttq}:meta", "epoch", NULL)[0] != '1');
	daemon_ready(&d);
	before = memory();
	*ret_ms = put_all(n);
	return (double)(memory() - before) / SHOPS;
}

int
main(int argc, char **argv)
{
	static const struct queue_ops ops = { on_jobs, on_missing, on_lost };
	struct queue_conf conf = { .partition = "", .owner = OWNER_A };
	struct err e = { 0 };
	double many, one, bytes, bytes_two;
	int64_t ms;

	json = figure_options(argc, argv);
	fix_begin("--appendonly", "yes");
	ask("CONFIG", "SET", "appendfsync", "everysec", NULL); /* as reliability.md 10 has it */
	d.queue = queue_new(loop, redis, &counters, &conf, &ops, NULL, &e);
	if (!d.queue)
		DIE("%s", e.text);
	daemon_ready(&d);
	for (int i = 0; i < 2 * SHOPS; i++)
		put_list[i] =
		    (struct queue_put){ i % SHOPS + 1, i < SHOPS ? KIND_ORDERS : KIND_PRODUCTS, 0 };
	put_all(SHOPS);
	one = median_cycle(1, ONE_CYCLE);
	many = median_cycle(QUEUE_BATCH, CYCLES);
	print("queue.cycle", many, "1/s", "one EVALSHA at a time", one);
	print("rates.take", take(), "1/s", "one EVALSHA at a time", one);
	for (int i = 0; i < 2 * SHOPS; i++)
		put_list[i].delay_ms = HOUR_MS;
	bytes = idle_bytes(SHOPS, &ms);
	print("queue.idle_shop", bytes, "B", "limit", 300);
	bytes_two = idle_bytes(2L * SHOPS, &ms);
	print("queue.idle_shop_2_kinds", bytes_two, "B", "limit of the whole, a shop", 1600);
	print("queue.rebuild", (double)ms, "ms", "limit", 2000);
	queue_free(d.queue);
	fix_end();
	return 0;
}
