/*
 * How many different buyers a shop has had: about right, the same after a page was read again, gone
 * with the shop, and made of nothing that could name one.
 */
#include "common/buf.h"
#include "common/json.h"
#include "common/own.h"
#include "daemon/tiktok/buyer_code.h"
#include "tests/harness/harness.h"
#include "tests/harness/pgserver.h"
#include "tests/harness/wait.h"
#include "tests/integration/tables.h"
#include "tests/integration/world.h"

#include <criterion/criterion.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SIGMA    0.023
#define DEADLINE 90000
#define ORDERS   300

/* --- PostgreSQL's estimate ------------------------------------------------------------------- */

/* Buyers from .. to - 1 into the sketch of shop 1. */
static void
add_buyers(struct pgserver *pg, const struct buyer_key *key, int from, int to)
{
	struct buf sql;

	buf_init(&sql, 4u << 20);
	buf_printf(&sql, "SELECT ttsync.buyers_store(array_fill(1::bigint, ARRAY[%d]), '{",
	           to - from);
	for (int i = from; i < to; i++) {
		char id[21];
		int len = snprintf(id, sizeof(id), "%" PRId64, INT64_C(7494560000000000000) + i);

		buf_printf(&sql, "%s%d", i == from ? "" : ",", buyer_code(key, id, (size_t)len));
	}
	buf_str(&sql, "}')");
	cr_assert_not(sql.failed);
	pgserver_do(pg, buf_text(&sql));
	buf_done(&sql);
}

static int64_t
customers(struct pgserver *pg)
{
	return pgserver_num(pg, "SELECT customer_count FROM ttsync.v_shop WHERE shop_id = 1");
}

/* What is kept beside the registers is what they say. */
static void
sums_are_right(struct pgserver *pg)
{
	cr_assert_eq(pgserver_num(pg,
	                          "SELECT count(*) FROM ttsync.buyer_sketch b, LATERAL ("
	                          " SELECT sum(power(2::float8, -get_byte(b.registers, i))) AS p,"
	                          " count(*) FILTER (WHERE get_byte(b.registers, i) = 0) AS z"
	                          " FROM generate_series(0, 2047) i) x"
	                          " WHERE abs(x.p - b.power) > 1e-6 OR x.z <> b.zeros"),
	             0);
}

Test(buyers, the_estimate_is_within_three_standard_errors)
{
	static const int sizes[] = { 0, 1, 100, 10000, 100000 };
	CLEANUP(harness_freep) struct harness *h = harness_new("sketch");
	struct pgserver *pg = tables_start(h);
	struct buyer_key key;

	cr_assert_eq(crypto_start(), 0);
	buyer_key_make(&key, "secret", 6, 1);
	pgserver_do(pg,
	            "INSERT INTO ttsync.store (store_id, name, plan) VALUES ('42', 'M', 'basic');"
	            "INSERT INTO ttsync.shop (store_id, alias) VALUES ('42', 'one')");
	cr_assert_eq(pgserver_num(pg, "SELECT count(*) FROM ttsync.v_shop"
	                              " WHERE customer_count IS NULL"),
	             1, "before the first order nothing is known");
	for (size_t i = 1; i < ARRAY_LEN(sizes); i++) {
		int64_t have;

		add_buyers(pg, &key, sizes[i - 1], sizes[i]);
		have = customers(pg);
		cr_expect_float_eq((double)have, sizes[i], 3 * SIGMA * sizes[i] + 0.5,
		                   "%d: %" PRId64, sizes[i], have);
		sums_are_right(pg);
		add_buyers(pg, &key, sizes[i] / 2, sizes[i]);
		cr_assert_eq(customers(pg), have, "who was there before changes nothing");
	}
	pgserver_do(pg, "DELETE FROM ttsync.shop");
	cr_assert_eq(pgserver_num(pg, "SELECT count(*) FROM ttsync.buyer_sketch"), 0);
}

/* --- the whole way --------------------------------------------------------------------------- */

/* Different buyers of all orders at TikTok. */
static int
buyers_at_tiktok(struct world *w)
{
	CLEANUP(json_freep) struct json *truth = world_tiktok(w, "GET", "/truth?shop_id=all", NULL);
	const struct json *orders = json_get(json_at(json_get(truth, "shops"), 0), "orders");
	int64_t seen[ORDERS * 2];
	int n = 0;

	for (size_t i = 0; i < json_len(orders); i++) {
		int64_t buyer = 0;
		int at = 0;

		cr_assert_eq(json_i64(json_at(orders, i), "buyer", &buyer), 0);
		while (at < n && seen[at] != buyer)
			at++;
		if (at == n)
			seen[n++] = buyer;
	}
	return n;
}

static char *
sketch(struct world *w)
{
	return pgserver_query(w->pg, "SELECT encode(registers, 'hex'), power, zeros"
	                             " FROM ttsync.buyer_sketch");
}

static bool
all_are_in(void *arg)
{
	return pgserver_num(((struct world *)arg)->pg, "SELECT count(*) FROM ttsync.orders") ==
	       ORDERS;
}

/* Every order is read and inserted once more, as if it had never been. */
static void
take_all_again(struct world *w)
{
	world_stop(w, 0);
	pgserver_do(w->pg, "DELETE FROM ttsync.orders; DELETE FROM ttsync.order_line;"
	                   "UPDATE ttsync.sync_state y SET resume_s = NULL, next_due_at = now(),"
	                   " cursor_s = ttsync.epoch(s.connected_at) FROM ttsync.shop s"
	                   " WHERE y.shop_id = s.shop_id AND y.kind = 'orders'");
	world_start(w, 0);
	cr_assert(wait_for(all_are_in, w, DEADLINE));
}

Test(buyers, a_shop_tells_how_many_customers_it_has_and_keeps_none_of_them, .timeout = 240)
{
	struct world_opts o = { .name = "buyers" };
	CLEANUP(world_freep) struct world *w = world_new(&o);
	const char *shop = world_connect(w, "42", "main", 1);
	CLEANUP(own_free) char *before = NULL, *after = NULL;
	char have[32];
	struct said s;
	int truth;

	WORLD_TIKTOK(w, "/order", "{\"all\":true,\"count\":%d}", ORDERS);
	cr_assert(world_caught_up(w, DEADLINE));
	truth = buyers_at_tiktok(w);
	cr_assert(truth > ORDERS / 2 && truth < ORDERS, "some come back: %d", truth);
	TTCTL(w, &s, "show", shop);
	said_str(&s, "counts/customers", have, sizeof(have));
	cr_assert_float_eq(atof(have), truth, 3 * SIGMA * truth, "%s of %d", have, truth);
	said_done(&s);

	before = sketch(w);
	take_all_again(w);
	after = sketch(w);
	cr_assert_str_eq(before, after);
	pgserver_do(w->pg, harness_text(w->h, "DELETE FROM ttsync.shop WHERE shop_id = %s", shop));
	cr_assert_eq(pgserver_num(w->pg, "SELECT count(*) FROM ttsync.buyer_sketch"), 0);
}
