/*
 * bench_ingest: orders a second from the sandbox's page, over TLS, to a committed row, by one
 * daemon with its defaults: new ones, and ones that bring nothing new. Then what 1,000 of them cost
 * in CPU.
 *
 * 20 shops with 5,000 orders each, made after the connection and while the daemon was away.
 * ingest.new is timed from the first commit to the last, by counts that are committed with the
 * rows; ingest.unchanged from the first call of a walk that reaches back over everything to the end
 * of the last shop's. The yardstick is COPY of the same rows (copy.h). All are medians of ROUNDS
 * rounds.
 */
#include "common/clock.h"
#include "common/json.h"
#include "tests/bench/bed.h"
#include "tests/bench/copy.h"
#include "tests/bench/figure.h"
#include "tests/bench/shops.h"
#include "tests/harness/harness.h"
#include "tests/harness/pgserver.h"
#include "tests/harness/proc.h"
#include "tests/harness/wait.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#define SHOPS   20
#define ORDERS  5000 /* of each shop */
#define STEP_S  10   /* between two orders of a shop */
#define ALL     (SHOPS * ORDERS)
#define BACK_S  (ORDERS * STEP_S + 3600)
#define ROUNDS  3
#define PASS_MS 300000
#define TELL_MS 5000 /* workers tell their counters once a second */

struct pass {
	struct bed *b;
	int64_t seen;
};

struct rates {
	double fresh[ROUNDS];
	double unchanged[ROUNDS];
	double copy[ROUNDS];
};

static void
run(struct bed *b, const char *sql)
{
	pgserver_exec(b->pg, sql);
}

static void
must(struct bed *b, bool ok, const char *what)
{
	if (!ok)
		harness_die(proc_log(b->daemon), "%s", what);
}

/* --- new orders ------------------------------------------------------------------------------ */

static bool
has_begun(void *arg)
{
	struct pass *p = arg;

	p->seen = pgserver_num(p->b->pg, "SELECT sum(orders) FROM ttsync.row_count");
	return p->seen > 0;
}

static bool
is_all_in(void *arg)
{
	return has_begun(arg) && ((struct pass *)arg)->seen >= ALL;
}

static double
fresh_round(struct bed *b)
{
	struct pass p = { .b = b };
	int64_t first, at;

	run(b, "TRUNCATE ttsync.orders, ttsync.order_line, ttsync.outbox");
	run(b, "UPDATE ttsync.sync_state y SET next_due_at = now(), overlap_s = 600,"
	       " span_s = 86400, cursor_s = ttsync.epoch(s.connected_at)"
	       " FROM ttsync.shop s WHERE s.shop_id = y.shop_id");
	run(b, "CHECKPOINT");
	bed_start(b);
	must(b, wait_for(has_begun, &p, PASS_MS), "no order came");
	at = mono_us();
	first = p.seen;
	must(b, wait_for(is_all_in, &p, PASS_MS), "not all orders came");
	return (double)(p.seen - first) * 1e6 / (double)(mono_us() - at);
}

/* --- unchanged orders ------------------------------------------------------------------------ */

static bool
is_through(void *arg)
{
	struct pass *p = arg;

	return pgserver_num(p->b->pg, "SELECT count(*) FROM ttsync.sync_state WHERE last_success"
	                              " IS NOT NULL AND next_due_at > now()") == SHOPS;
}

static bool
is_counted(void *arg)
{
	struct pass *p = arg;

	p->seen = (int64_t)bed_sample(p->b, "ttsyncd_orders_unchanged_total");
	return p->seen >= ALL;
}

static int64_t
last_call(struct bed *b)
{
	CLEANUP(json_freep) struct json *root = bed_ask(b, "/calls?limit=0", NULL);
	int64_t n = 0;

	json_i64(root, "last", &n);
	return n;
}

/* When the call behind number n came, in ms of the wall clock. */
static int64_t
call_ms(struct bed *b, int64_t n)
{
	CLEANUP(json_freep)
	struct json *root =
	    bed_ask(b, harness_text(b->h, "/calls?since=%" PRId64 "&limit=1", n), NULL);
	int64_t ms = 0;

	json_i64(json_at(json_get(root, "calls"), 0), "time_ms", &ms);
	return ms;
}

static double
unchanged_round(struct bed *b)
{
	struct pass p = { .b = b };
	int64_t before = last_call(b), last_ms;

	run(b, harness_text(b->h,
	                    "UPDATE ttsync.sync_state SET overlap_s = %d, next_due_at = now(),"
	                    " last_success = NULL",
	                    BACK_S));
	run(b, "CHECKPOINT");
	bed_start(b);
	must(b, wait_for(is_through, &p, PASS_MS), "not all shops were read");
	last_ms =
	    pgserver_num(b->pg, "SELECT (extract(epoch FROM max(last_success)) * 1000)::bigint"
	                        " FROM ttsync.sync_state");
	must(b, wait_for(is_counted, &p, TELL_MS), "not all orders were read again");
	return (double)p.seen * 1e3 / (double)(last_ms - call_ms(b, before));
}

/* --- all of it ------------------------------------------------------------------------------- */

static struct bed_cpu
spent(struct bed *b, const struct bed_cpu *before)
{
	struct bed_cpu now;

	bed_cpu(b, &now);
	return (struct bed_cpu){ now.daemon - before->daemon, now.postgres - before->postgres,
		                 now.sandbox - before->sandbox, now.redis - before->redis };
}

static void
print_cpu(const char *what, const struct bed_cpu *c, bool json)
{
	const struct {
		const char *name;
		double s;
	} parts[] = { { "daemon", c->daemon },
		      { "postgres", c->postgres },
		      { "sandbox", c->sandbox },
		      { "redis", c->redis } };
	double sum = c->daemon + c->postgres + c->sandbox + c->redis;

	for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
		char name[64];
		struct figure f = { name, parts[i].s * 1e6 / ALL, "CPU ms/1000", "all four",
			            sum * 1e6 / ALL };

		snprintf(name, sizeof(name), "%s.cpu.%s", what, parts[i].name);
		figure_print(&f, json);
	}
}

static void
one_round(struct bed *b, int i, struct rates *r, struct bed_cpu *fresh, struct bed_cpu *unchanged)
{
	struct bed_cpu before;

	bed_cpu(b, &before);
	r->fresh[i] = fresh_round(b);
	*fresh = spent(b, &before);
	bed_stop(b);
	r->copy[i] = ALL / copy_s(b);
	run(b, "VACUUM ANALYZE"); /* what autovacuum has done by the time orders are read again */
	bed_cpu(b, &before);
	r->unchanged[i] = unchanged_round(b);
	*unchanged = spent(b, &before);
	bed_stop(b);
}

static void
print_rates(const struct rates *r, bool json)
{
	double copy = figure_median(r->copy, ROUNDS);
	struct figure fresh = { "ingest.new", figure_median(r->fresh, ROUNDS), "orders/s",
		                "COPY of the same rows", copy };
	struct figure unchanged = { "ingest.unchanged", figure_median(r->unchanged, ROUNDS),
		                    "orders/s", "COPY of the same rows", copy };

	figure_print(&fresh, json);
	figure_print(&unchanged, json);
}

int
main(int argc, char **argv)
{
	bool json = figure_options(argc, argv);
	struct bed_wish wish = {
		.name = "ingest", .sellers = SHOPS, .shops = 1, .orders_interval = "1h"
	};
	CLEANUP(bed_freep) struct bed *b = bed_open(&wish);
	struct bed_cpu fresh, unchanged;
	struct rates r;

	if (shops_connect(b, wall_now().s - BACK_S) != SHOPS)
		harness_die(NULL, "not %d shops", SHOPS);
	shops_order(b, ORDERS, STEP_S);
	for (int i = 0; i < ROUNDS; i++)
		one_round(b, i, &r, &fresh, &unchanged);
	print_rates(&r, json);
	print_cpu("ingest.new", &fresh, json);
	print_cpu("ingest.unchanged", &unchanged, json);
	return 0;
}
