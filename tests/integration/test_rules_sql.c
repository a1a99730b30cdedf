/*
 * Rules that live in SQL functions alone, held against a private PostgreSQL: quarantine, the pace
 * of a refresh that fails, what a new authorization brings back.
 */
#include "common/own.h"
#include "tests/harness/harness.h"
#include "tests/harness/pgserver.h"
#include "tests/integration/tables.h"

#include <criterion/criterion.h>
#include <stdlib.h>

#define A "'aaaaaaaa-0000-4000-8000-000000000000'"
#define B "'bbbbbbbb-0000-4000-8000-000000000000'"

static struct harness *h;
static struct pgserver *pg;

/* A connected shop 1 of TikTok shop 71, grant 1, with orders and products to read. */
static void
setup(void)
{
	h = harness_new("rules");
	pg = tables_start(h);
	pgserver_do(
	    pg,
	    "INSERT INTO ttsync.store (store_id, name, plan) VALUES ('42', 'Mali', 'basic');"
	    "SELECT ttsync.grant_put('app', 'seller', 'S', 'TH', NULL, gen_random_uuid(),"
	    " decode(repeat('00', 42), 'hex'), decode(repeat('00', 42), 'hex'),"
	    " 4102444800, 4102444800, 604800);"
	    "SELECT ttsync.grant_shops_put(1, '{71,72}', '{c1,c2}', '{S1,S2}', '{TH,TH}',"
	    " '{LOCAL,LOCAL}');"
	    "INSERT INTO ttsync.shop (store_id, alias, region, grant_id, tiktok_shop_id, name,"
	    " state, connected_at) VALUES ('42', 'one', 'TH', 1, '71', 'S1', 'connected', now());"
	    "INSERT INTO ttsync.shop_lease (shop_id) VALUES (1);"
	    "INSERT INTO ttsync.sync_state (shop_id, kind, cursor_s, span_s, overlap_s,"
	    " next_due_at, first_done_at) SELECT 1, k, 0, 86400, 600, now(), now()"
	    " FROM unnest('{orders,products}'::text[]) k");
}

static void
teardown(void)
{
	harness_free(h);
}

TestSuite(rules_sql, .init = setup, .fini = teardown);

static char *
claim(const char *kind, const char *owner)
{
	return pgserver_query(
	    pg, harness_text(h, "SELECT verdict FROM ttsync.job_claim('{1}', '{%s}', %s, 60)", kind,
	                     owner));
}

#define CLAIMS(kind, owner, want)                                                                  \
	do {                                                                                       \
		CLEANUP(own_free) char *got = claim(kind, owner);                                  \
                                                                                                   \
		cr_assert_str_eq(got, want);                                                       \
	} while (0)

/* The daemon died: its lease runs out. */
static void
crash(void)
{
	pgserver_do(pg, "UPDATE ttsync.shop_lease SET lease_until = now() - interval '1 s'");
}

static void
close_orders(void)
{
	cr_assert_eq(
	    pgserver_num(pg, "SELECT count(*) FROM ttsync.shop_lease l, LATERAL"
	                     " (SELECT * FROM ttsync.sync_close('{1}', '{orders}', ARRAY[l.fence],"
	                     " '{0}', '{86400}', '{0}', '{true}', '{60}', '{null}', '{null}')) c"),
	    1);
}

Test(rules_sql, a_shop_whose_daemon_died_is_another_s_when_the_lease_is_over)
{
	CLAIMS("orders", A, "run");
	CLAIMS("orders", B, "busy");
	crash();
	CLAIMS("orders", B, "run");
	cr_assert_eq(pgserver_num(pg, "SELECT fence FROM ttsync.shop_lease"), 2);
}

/* S10: twenty pages a slice; what was read of it is not read again by whoever comes next. */
Test(rules_sql, a_first_synchronization_that_was_killed_goes_on_behind_its_last_slice)
{
	CLEANUP(own_free) char *next = NULL;

	pgserver_do(pg, "UPDATE ttsync.sync_state SET first_done_at = NULL");
	CLAIMS("products", A, "run");
	cr_assert_eq(pgserver_num(pg,
	                          "SELECT count(*) FROM ttsync.shop_lease l, LATERAL"
	                          " (SELECT * FROM ttsync.sync_close('{1}', '{products}',"
	                          " ARRAY[l.fence], '{500000}', '{43200}', '{500000}', '{false}',"
	                          " '{0}', '{2000}', '{9000}')) c"),
	             1);
	CLAIMS("products", A, "run");
	crash();
	next = pgserver_query(pg, "SELECT verdict, cursor_s, back_s, span_s, first_done, done"
	                          " FROM ttsync.job_claim('{1}', '{products}', " B ", 60)");
	cr_assert_str_eq(next, "run|500000|0|43200|f|2000");
}

Test(rules_sql, a_kind_that_never_ends_is_quarantined_though_another_ends_well)
{
	for (int i = 0; i < 5; i++) {
		CLAIMS("products", A, "run");
		crash();
		CLAIMS("orders", A, "run");
		close_orders();
	}
	CLAIMS("products", B, "quarantine");
	cr_assert_eq(pgserver_num(pg,
	                          "SELECT count(*) FROM ttsync.sync_state WHERE kind = 'products'"
	                          " AND next_due_at > now() + interval '59 min'"),
	             1);
	/* the other kind goes on at once, and this one begins anew in its hour */
	CLAIMS("orders", A, "run");
	close_orders();
	for (int i = 0; i < 5; i++) {
		CLAIMS("products", A, "run");
		crash();
	}
	CLAIMS("products", A, "quarantine");
}

/* T5 */
Test(rules_sql, a_refresh_that_keeps_failing_is_tried_100_times_a_day_at_most)
{
	static const char *const attempt = "'cccccccc-0000-4000-8000-000000000000'";
	int64_t waited_s = 0, tries = 0;

	for (; waited_s < 86400; tries++) {
		int64_t wait_s;

		pgserver_do(pg, harness_text(h,
		                             "UPDATE ttsync.grants SET state = 'refreshing',"
		                             " attempt_id = %s; SELECT ttsync.refresh_fail(1, %s,"
		                             " 'transient', 'away', 0)",
		                             attempt, attempt));
		/* a 401 meanwhile changes nothing */
		pgserver_do(pg, "UPDATE ttsync.grants SET asked_at = NULL;"
		                " SELECT ttsync.refresh_ask(1)");
		wait_s = pgserver_num(pg, "SELECT floor(extract(epoch FROM next_try_at - now()))"
		                          "::bigint + 1 FROM ttsync.grants");
		cr_assert_geq(wait_s, 60);
		waited_s += wait_s;
	}
	cr_assert_leq(tries, 100);
}

#define TEN_CLAIMS                                                                                 \
	"SELECT count(c.grant_id) FROM generate_series(1, 10) n, LATERAL"                          \
	" ttsync.refresh_claim(" A ", ('cccccccc-0000-4000-8000-' || lpad(n::text, 12, '0'))"      \
	"::uuid) c"

/* T5 */
Test(rules_sql, five_grants_are_refreshed_at_once_then_two_a_second)
{
	pgserver_do(pg,
	            "SELECT ttsync.grant_put('app', 'seller' || n, 'S', 'TH', NULL,"
	            " gen_random_uuid(), decode(repeat('00', 42), 'hex'),"
	            " decode(repeat('00', 42), 'hex'), 4102444800, 4102444800, 604800)"
	            " FROM generate_series(1, 20) n; UPDATE ttsync.grants SET next_try_at = now()");
	cr_assert_eq(pgserver_num(pg, TEN_CLAIMS), 5);
	cr_assert_eq(pgserver_num(pg, "UPDATE ttsync.refresh_gate SET arrival = clock_timestamp()"
	                              " - interval '1.1 s'; " TEN_CLAIMS),
	             3, "1.1 s after the last one had arrived");
}

Test(rules_sql, an_authorization_for_a_second_shop_revives_the_seller_s_first)
{
	CLEANUP(own_free) char *outcome = NULL;

	pgserver_do(pg,
	            "SELECT ttsync.shop_enter(1, 'disconnected', 'authorization_ended', 'timer');"
	            "INSERT INTO ttsync.shop (store_id, alias) VALUES ('42', 'two')");
	outcome =
	    pgserver_query(pg, "SELECT ttsync.callback_end('a', 2, 1, 'web', 'b', 60)->>'outcome'");
	cr_assert_str_eq(outcome, "authorized");
	cr_assert_eq(pgserver_num(pg, "SELECT count(*) FROM ttsync.shop WHERE shop_id = 1"
	                              " AND state = 'connected'"),
	             1);
}

/* While TikTok was asked. */
Test(rules_sql, an_authorization_of_a_shop_that_is_gone_meanwhile_is_given_up)
{
	CLEANUP(own_free) char *outcome = NULL;

	pgserver_do(pg,
	            "SELECT ttsync.grant_put('app', 'other', 'S', 'TH', NULL, gen_random_uuid(),"
	            " decode(repeat('00', 42), 'hex'), decode(repeat('00', 42), 'hex'),"
	            " 4102444800, 4102444800, 604800);"
	            "SELECT ttsync.grant_shops_put(2, '{73}', '{c3}', '{S3}', '{TH}', '{LOCAL}')");
	outcome = pgserver_query(
	    pg, "SELECT ttsync.callback_end('a', 99, 2, 'web', 'b', 60)->>'outcome'");
	cr_assert_str_eq(outcome, "state_unknown");
	cr_assert_eq(pgserver_num(pg, "SELECT count(*) FROM ttsync.grants WHERE state = 'ended'"
	                              " AND access_box IS NULL"),
	             1);
}

/* --- what was begun before a disconnection and ends behind it --------------------------------- */

#define DISCONNECT "SELECT ttsync.api_disconnect('{\"shop\":\"#1\"}', 'me')"
#define TOKENS                                                                                     \
	"SELECT (SELECT count(*) FROM ttsync.grants WHERE access_box IS NOT NULL"                  \
	" OR refresh_box IS NOT NULL) + (SELECT count(*) FROM ttsync.token_history)"
#define BOX "decode(repeat('00', 42), 'hex')"

/* A seller may have several accounts at TikTok: the shop is another grant's from then on. */
Test(rules_sql, tokens_of_the_authorization_before_go_with_the_last_shop_that_needs_them)
{
	static const char renewed[] = "SELECT (ttsync.callback_end('a', %d, 2, 'web', 'b%d', "
				      "60)->>'outcome' = 'renewed')::int";
	static const char kept[] =
	    "SELECT (access_box IS NOT NULL AND refresh_box IS NOT NULL)::int"
	    " FROM ttsync.grants WHERE grant_id = 1";

	pgserver_do(pg, "SELECT ttsync.grant_put('app', 'other', 'S', 'TH', NULL,"
	                " gen_random_uuid(), " BOX ", " BOX ", 4102444800, 4102444800, 604800);"
	                "SELECT ttsync.grant_shops_put(2, '{71,72}', '{c1,c2}', '{S1,S2}',"
	                " '{TH,TH}', '{LOCAL,LOCAL}');"
	                "INSERT INTO ttsync.shop (store_id, alias, region, grant_id,"
	                " tiktok_shop_id, name, state, connected_at)"
	                " VALUES ('42', 'two', 'TH', 1, '72', 'S2', 'connected', now())");
	cr_assert_eq(pgserver_num(pg, harness_text(h, renewed, 1, 1)), 1);
	cr_assert_eq(pgserver_num(pg, kept), 1, "the other shop needs them");
	cr_assert_eq(pgserver_num(pg, harness_text(h, renewed, 2, 2)), 1);
	cr_assert_eq(pgserver_num(pg, TOKENS), 2, "the new pair, and its place in the history");
	cr_assert_eq(pgserver_num(pg, kept), 0);
}

Test(rules_sql, a_refresh_answered_after_the_disconnection_leaves_no_token)
{
	pgserver_do(pg, DISCONNECT);
	pgserver_do(pg, "SELECT ttsync.refresh_put(1, 1, gen_random_uuid(), " BOX ", " BOX
	                ", 4102444800, 4102444800, 604800, NULL, 'refresh')");
	cr_assert_eq(pgserver_num(pg, TOKENS), 0);
}

Test(rules_sql, a_consent_given_before_the_disconnection_does_not_undo_it)
{
	CLEANUP(own_free) char *outcome = NULL, *state = NULL;

	pgserver_do(pg, "INSERT INTO ttsync.oauth_state (state_hash, shop_id, purpose, expires_at,"
	                " used_at) VALUES ('a', 1, 'reauthorize', now(), now() - interval '1 s')");
	pgserver_do(pg, DISCONNECT);
	pgserver_do(pg, "SELECT ttsync.grant_put('app', 'seller', 'S', 'TH', NULL,"
	                " gen_random_uuid(), " BOX ", " BOX ", 4102444800, 4102444800, 604800)");
	outcome =
	    pgserver_query(pg, "SELECT ttsync.callback_end('a', 1, 1, 'web', 'b', 60)->>'outcome'");
	cr_assert_str_eq(outcome, "expired");
	state = pgserver_query(pg, "SELECT state FROM ttsync.shop WHERE shop_id = 1");
	cr_assert_str_eq(state, "disconnected");
	cr_assert_eq(pgserver_num(pg, TOKENS), 0);
}

Test(rules_sql, tokens_that_nobody_claims_go_though_their_shop_is_there)
{
	pgserver_do(pg, DISCONNECT);
	pgserver_do(pg, "SELECT ttsync.grant_put('app', 'seller', 'S', 'TH', NULL,"
	                " gen_random_uuid(), " BOX ", " BOX ", 4102444800, 4102444800, 604800);"
	                "UPDATE ttsync.grants SET issued_at = now() - interval '8 days',"
	                " unclaimed_since = now() - interval '8 days';"
	                "SELECT ttsync.calendar('[\"basic\"]', '{30}')");
	cr_assert_eq(pgserver_num(pg, TOKENS), 0);
}

Test(rules_sql, a_refusal_of_a_token_that_was_replaced_holds_nobody)
{
	pgserver_do(pg, "SELECT ttsync.grant_refused(1, gen_random_uuid(), 'old')");
	cr_assert_eq(
	    pgserver_num(pg, "SELECT count(*) FROM ttsync.grants WHERE held_until IS NOT NULL"), 0);
	pgserver_do(pg, "SELECT ttsync.grant_refused(1, pair_id, 'now') FROM ttsync.grants");
	cr_assert_eq(
	    pgserver_num(pg, "SELECT count(*) FROM ttsync.grants WHERE held_until > now()"), 1);
}

/* --- the proof of a gap ----------------------------------------------------------------------- */

static void
close_at(const char *kind, int64_t cursor)
{
	pgserver_do(pg, harness_text(h,
	                             "SELECT c.* FROM ttsync.shop_lease l, LATERAL (SELECT * FROM"
	                             " ttsync.sync_close('{1}', '{%s}', ARRAY[l.fence], '{%ld}',"
	                             " '{86400}', '{0}', '{true}', '{60}', '{0}', '{0}')) c",
	                             kind, (long)cursor));
}

Test(rules_sql, the_gap_of_a_deactivated_shop_begins_where_it_stopped)
{
	pgserver_do(pg, "UPDATE ttsync.sync_state SET cursor_s = 1000;"
	                "SELECT ttsync.shop_enter(1, 'disconnected', 'shop_deactivated', 'me')");
	CLAIMS("orders", A, "run");
	close_at("orders", 9000);
	cr_assert_eq(pgserver_num(pg, "SELECT from_s FROM ttsync.catch_up"), 1000);
	cr_assert_eq(pgserver_num(pg, "SELECT until_s FROM ttsync.catch_up"), 9000);
}

Test(rules_sql, a_comparison_under_way_does_not_prove_the_next_gap)
{
	pgserver_do(pg, "SELECT ttsync.take_up(1, 'one')");
	CLAIMS("orders", A, "run");
	close_at("orders", 5000);
	CLAIMS("reconcile", A, "run");
	pgserver_do(pg, "SELECT ttsync.take_up(1, 'two')");
	close_at("reconcile", 5000);
	cr_assert_eq(
	    pgserver_num(pg, "SELECT count(*) FROM ttsync.catch_up WHERE ended_at IS NOT NULL"), 0);
	CLAIMS("orders", A, "run");
	close_at("orders", 6000);
	CLAIMS("reconcile", A, "run");
	close_at("reconcile", 6000);
	cr_assert_eq(
	    pgserver_num(pg, "SELECT count(*) FROM ttsync.catch_up WHERE ended_at IS NOT NULL"), 1);
}

Test(rules_sql, an_end_of_long_ago_is_told_no_more)
{
	pgserver_do(pg, "UPDATE ttsync.grants SET refresh_expires = now() - interval '401 days';"
	                "SELECT ttsync.calendar('[\"basic\"]', '{30}');"
	                "SELECT ttsync.prune(1000000, 1000000, 100);"
	                "SELECT ttsync.calendar('[\"basic\"]', '{30}')");
	cr_assert_eq(pgserver_num(pg, "SELECT count(*) FROM ttsync.history"
	                              " WHERE event = 'authorization.expired'"),
	             0);
}

#define ORDERS(from, to)                                                                           \
	"INSERT INTO ttsync.orders (shop_id, order_id, update_time, hash, fence, seq, status,"     \
	" create_time, is_cod, is_on_hold, is_sample, cancel_requested) SELECT 1, i, now(), 1, 1," \
	" 1, 'UNPAID', now(), false, false, false, false FROM generate_series(" #from ", " #to     \
	") i ON CONFLICT (shop_id, order_id) DO UPDATE SET hash = 2;"
#define PRODUCTS(from, to)                                                                         \
	"INSERT INTO ttsync.product (shop_id, product_id, title, status, update_time, hash,"       \
	" fence) SELECT 1, i, 'T', 'ACTIVATE', now(), 1, 1 FROM generate_series(" #from ", " #to   \
	") i;"

static void
counts_are(int orders, int products)
{
	cr_assert_eq(pgserver_num(pg, "SELECT order_count FROM ttsync.v_shop"), orders);
	cr_assert_eq(pgserver_num(pg, "SELECT product_count FROM ttsync.v_shop"), products);
	cr_assert_eq(pgserver_num(pg, "SELECT ttsync.shop_json(1)->'counts'->>'orders'"), orders);
	cr_assert_eq(pgserver_num(pg, "SELECT ttsync.shop_json(1)->'counts'->>'products'"),
	             products);
}

static int64_t
days_left(const char *ends, const char *at)
{
	return pgserver_num(pg,
	                    harness_text(h, "SELECT ttsync.days_left('%s+07', '%s+07')", ends, at));
}

Test(rules_sql, days_are_counted_as_a_calendar_does)
{
	cr_assert_eq(days_left("2027-11-26 09:00", "2026-11-26 09:01"), 365);
	cr_assert_eq(days_left("2027-11-26 09:00", "2027-10-27 09:00"), 30);
	cr_assert_eq(days_left("2027-11-26 01:00", "2027-11-25 23:00"), 1);
	cr_assert_eq(days_left("2027-11-26 23:00", "2027-11-26 01:00"), 0);
	cr_assert_eq(days_left("2027-11-26 23:00", "2027-11-26 23:00"), 0);
	cr_assert_eq(days_left("2027-11-26 23:00", "2027-11-26 23:01"), -1);
}

Test(rules_sql, the_counts_of_a_shop_are_those_of_its_rows)
{
	counts_are(0, 0);
	pgserver_do(pg, ORDERS(1, 30) PRODUCTS(1, 20));
	counts_are(30, 20);
	pgserver_do(pg, ORDERS(21, 40)); /* ten of them only change */
	counts_are(40, 20);
	pgserver_do(pg, "DELETE FROM ttsync.orders WHERE order_id = '7';"
	                "DELETE FROM ttsync.product WHERE product_id < '2'");
	counts_are(39, 9);
	pgserver_do(pg, "TRUNCATE ttsync.orders");
	counts_are(0, 9);
	pgserver_do(pg, ORDERS(1, 5) "TRUNCATE ttsync.product CASCADE");
	counts_are(5, 0);
	pgserver_do(pg, PRODUCTS(1, 2) "DELETE FROM ttsync.shop");
	cr_assert_eq(pgserver_num(pg, "SELECT count(*) FROM ttsync.row_count"), 0,
	             "rows and counts go with their shop");
}

/* Shops 2 to 5 of other sellers: the higher its number, the sooner its authorization ends. */
static void
four_more_shops(void)
{
	pgserver_do(
	    pg, "SELECT ttsync.grant_put('app', 'seller' || n, 'S', 'TH', NULL,"
		" gen_random_uuid(), decode(repeat('00', 42), 'hex'),"
		" decode(repeat('00', 42), 'hex'), 4102444800, 4102444800 - n * 86400, 604800)"
		" FROM generate_series(1, 4) n;"
		"INSERT INTO ttsync.shop (store_id, alias, region, grant_id, tiktok_shop_id, name,"
		" state, connected_at) SELECT '42', 'shop ' || grant_id, 'TH', grant_id,"
		" grant_id::text, 'S', 'connected', now() FROM ttsync.grants g WHERE grant_id > 1"
		" ORDER BY g.grant_id;");
}

/* The numbers of the shops that a question answers, in its order. */
static void
answers(const char *question, const char *list, const char *want)
{
	CLEANUP(own_free)
	char *got = pgserver_query(
	    pg,
	    harness_text(h,
	                 "SELECT string_agg(x.j->>'shop_id', ' ' ORDER BY x.n)"
	                 " FROM jsonb_array_elements(ttsync.%s->'%s') WITH ORDINALITY AS x (j, n)",
	                 question, list));

	cr_assert_str_eq(got, want, "%s", question);
}

Test(rules_sql, gauges_are_of_connected_shops_those_first_that_end_first)
{
	four_more_shops();
	pgserver_do(pg, "UPDATE ttsync.shop SET state = 'disconnected' WHERE shop_id = 5");
	answers("api_gauges('{\"most\":5000}', 'test')", "shops", "4 3 2 1");
	answers("api_gauges('{\"most\":2}', 'test')", "shops", "4 3");
	cr_assert_eq(pgserver_num(pg, "SELECT ttsync.api_gauges('{\"most\":1}', 'test')"
	                              "->'shops'->0->>'expires'"),
	             4102444800 - 3 * 86400);
}

Test(rules_sql, shops_are_listed_by_their_end_and_one_that_ends_soon_is_a_verdict)
{
	four_more_shops();
	answers("api_shops('{}', 'test')", "items", "5 4 3 2 1");
	answers("api_shops('{\"limit\":1}', 'test')", "items", "5");
	answers("api_shops('{\"limit\":2,\"after\":\"4102185600,4\"}', 'test')", "items", "3 2");
	cr_assert_eq(pgserver_num(pg, "SELECT (ttsync.api_shops('{}', 'test') ? 'exit')::int"), 0);
	pgserver_do(pg, "UPDATE ttsync.grants SET refresh_expires = now() + interval '20 days'"
	                " WHERE grant_id = 2");
	answers("api_shops('{\"expiring_within_s\":2592000}', 'test')", "items", "2");
	cr_assert_eq(
	    pgserver_num(pg, "SELECT ttsync.api_shops('{\"expiring_within_s\":2592000}', 'test')"
	                     "->'exit'"),
	    1);
	cr_assert_eq(
	    pgserver_num(pg, "SELECT (ttsync.api_shops('{\"expiring_within_s\":864000}', 'test')"
	                     " ? 'exit')::int"),
	    0, "none, and the exit code says so");
}

#define CONFIRM                                                                                    \
	"CREATE FUNCTION confirm(house text) RETURNS text LANGUAGE plpgsql AS $$"                  \
	" DECLARE word text; BEGIN PERFORM ttsync.api_confirm(jsonb_build_object('shop', '#2',"    \
	" 'tiktok_shop_id', '72', 'warehouse_id', house, 'allowed', '[\"basic\"]'::jsonb,"         \
	" 'api_now_s', 1, 'kinds', '[]'::jsonb), 'test'); RETURN 'done'; EXCEPTION WHEN OTHERS"    \
	" THEN GET STACKED DIAGNOSTICS word = PG_EXCEPTION_DETAIL; RETURN word; END $$;"

/* S8.2: whoever asks, and whatever was shown. */
Test(rules_sql, a_warehouse_that_orders_cannot_leave_from_is_not_bound)
{
	static const struct {
		const char *house, *word;
	} tries[] = {
		{ "902", "unusable_warehouse" }, /* takes returns only */
		{ "903", "unusable_warehouse" }, /* switched off */
		{ "904", "unknown_warehouse" },  /* gone */
		{ "905", "unknown_warehouse" },  /* never seen */
		{ "901", "done" },
	};

	pgserver_do(
	    pg,
	    "INSERT INTO ttsync.shop (store_id, alias, region, grant_id, state)"
	    " VALUES ('42', 'two', 'TH', 1, 'choosing');"
	    "SELECT ttsync.warehouses_put('72', '{904}', '{D}', '{9}', '{ENABLED}',"
	    " '{SALES_WAREHOUSE}', '{x}', '{f}');"
	    "SELECT ttsync.warehouses_put('72', '{901,902,903}', '{A,B,C}', '{9,9,9}',"
	    " '{ENABLED,ENABLED,DISABLED}', '{SALES_WAREHOUSE,RETURN_WAREHOUSE,SALES_WAREHOUSE}',"
	    " '{x,x,x}', '{t,f,f}');" CONFIRM);
	for (size_t i = 0; i < ARRAY_LEN(tries); i++) {
		CLEANUP(own_free)
		char *word =
		    pgserver_query(pg, harness_text(h, "SELECT confirm('%s')", tries[i].house));

		cr_assert_str_eq(word, tries[i].word, "%s", tries[i].house);
	}
	cr_assert_eq(pgserver_num(pg, "SELECT count(*) FROM ttsync.shop WHERE shop_id = 2"
	                              " AND warehouse_id = '901' AND state = 'connecting'"),
	             1);
}

Test(rules_sql, a_purge_takes_a_chunk_at_a_time_and_the_shop_last)
{
	static const char some[] = "SELECT ttsync.purge_some(1, 20)";

	pgserver_do(pg, ORDERS(1, 30) PRODUCTS(1, 3));
	for (int left = 10; left >= 0; left -= 10) {
		pgserver_do(pg, some);
		counts_are(left, 3);
	}
	pgserver_do(pg, some);
	counts_are(0, 1);
	pgserver_do(pg, some);
	counts_are(0, 0);
	pgserver_do(pg, some);
	cr_assert_eq(pgserver_num(pg, "SELECT count(*) FROM ttsync.shop"), 0);
	cr_assert_eq(pgserver_num(pg, "SELECT count(*) FROM ttsync.row_count"), 0);
}
