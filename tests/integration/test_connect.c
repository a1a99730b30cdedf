/*
 * A whole connection, as an administrator and a merchant go through it.
 */
#include "common/clock.h"
#include "common/json.h"
#include "tests/harness/harness.h"
#include "tests/harness/pgserver.h"
#include "tests/harness/wait.h"
#include "tests/integration/life.h"
#include "tests/integration/world.h"

#include <criterion/criterion.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define ALIAS    "ร้านหลัก"
#define PRODUCTS 7

/* Confirm the first shop and its default warehouse, twice: the same answer. */
static void
confirm_twice(struct world *w, const char *shop)
{
	struct said choices, one, two;
	const struct json *offer, *house;
	char first[64], second[64];

	TTCTL(w, &choices, "choices", shop);
	cr_assert_eq(choices.code, 0, "choices: %s", choices.err);
	offer = json_at(json_get(choices.doc, "items"), 0);
	house = json_at(json_get(offer, "warehouses"), 0);
	cr_assert(json_flag(offer, "selectable") && json_flag(house, "selectable"));
	cr_assert_str_eq(json_str(offer, "region"), "TH");
	TTCTL(w, &one, "confirm", shop, "--shop", json_str(offer, "tiktok_shop_id"), "--warehouse",
	      json_str(house, "warehouse_id"));
	TTCTL(w, &two, "confirm", shop, "--shop", json_str(offer, "tiktok_shop_id"), "--warehouse",
	      json_str(house, "warehouse_id"));
	cr_assert_eq(one.code, 0, "confirm: %s", one.err);
	cr_assert_eq(two.code, 0, "confirm again: %s", two.err);
	cr_assert_str_eq(said_str(&one, "connected_at", first, sizeof(first)),
	                 said_str(&two, "connected_at", second, sizeof(second)));
	said_done(&one);
	said_done(&two);
	said_done(&choices);
}

/* Products with their SKUs and stock are those of TikTok. */
static void
products_are_in(struct world *w, const char *shop)
{
	CLEANUP(json_freep)
	struct json *truth = world_tiktok(
	    w, "GET", harness_text(w->h, "/truth?shop_id=%s", world_tiktok_shop(w, shop)), NULL);
	const struct json *list = json_get(json_at(json_get(truth, "shops"), 0), "products");
	const char *sql = "SELECT count(*) FROM ttsync.v_sku WHERE quantity >= 0 AND price > 0";
	int64_t skus = 0, n;

	cr_assert_eq(json_len(list), PRODUCTS);
	for (size_t i = 0; i < PRODUCTS; i++)
		skus += json_i64(json_at(list, i), "skus", &n) ? 0 : n;
	cr_assert_eq(pgserver_num(w->pg, "SELECT count(*) FROM ttsync.v_product"), PRODUCTS);
	cr_assert_eq(pgserver_num(w->pg, sql), skus);
	cr_assert_eq(pgserver_num(w->pg, "SELECT count(*) FROM ttsync.sku k WHERE quantity <> "
	                                 "(SELECT sum(quantity) FROM ttsync.stock t WHERE "
	                                 "(t.shop_id, t.product_id, t.sku_id) = "
	                                 "(k.shop_id, k.product_id, k.sku_id))"),
	             0);
}

static void
history_tells_each_step(struct world *w, const char *shop)
{
	static const char *const events[] = { "shop.pending", "shop.choosing", "shop.connecting",
		                              "shop.connected" };
	struct said s;

	TTCTL(w, &s, "history", shop);
	cr_assert_eq(s.code, 0, "history: %s", s.err);
	for (size_t i = 0; i < ARRAY_LEN(events); i++)
		cr_assert(strstr(s.out, harness_text(w->h, "\"%s\"", events[i])), "no %s in %s",
		          events[i], s.out);
	said_done(&s);
}

/* What GoSell reads is what ttctl shows. */
static void
view_agrees(struct world *w, const char *shop)
{
	CLEANUP(own_free)
	char *row = pgserver_query(
	    w->pg,
	    harness_text(w->h,
	                 "SELECT alias, state, region, product_count, warehouse_id IS NOT NULL"
	                 " FROM ttsync.v_shop WHERE shop_id = %s",
	                 shop));

	cr_assert_str_eq(row, harness_text(w->h, ALIAS "|connected|TH|%d|t", PRODUCTS));
	cr_assert_str_eq(life_shown(w, ALIAS, "shop_id"), shop, "an alias names a shop");
	cr_assert_str_eq(life_shown(w, shop, "counts/products"),
	                 harness_text(w->h, "%d", PRODUCTS));
	cr_assert_str_eq(life_shown(w, shop, "progress/products/done"),
	                 harness_text(w->h, "%d", PRODUCTS));
	cr_assert_str_eq(life_shown(w, shop, "progress/products/total"),
	                 harness_text(w->h, "%d", PRODUCTS));
	cr_assert_str_eq(life_shown(w, shop, "state_th"), "เชื่อมต่อแล้ว");
}

Test(connect, a_shop_goes_from_pending_to_connected)
{
	struct world_opts o = { .name = "connect", .products = PRODUCTS };
	CLEANUP(world_freep) struct world *w = world_new(&o);
	const char *url, *shop = world_begin(w, "42", ALIAS, &url);

	cr_assert_str_eq(life_shown(w, shop, "state"), "pending");
	cr_assert_eq(world_consent(w, url, 1, false, NULL), 200);
	cr_assert_str_eq(life_shown(w, shop, "state"), "choosing");
	confirm_twice(w, shop);
	world_wait(w, shop, "connected");
	cr_assert_str_eq(life_shown(w, shop, "state"), "connected");
	products_are_in(w, shop);
	history_tells_each_step(w, shop);
	view_agrees(w, shop);
	world_wait(w, shop, "synced");
}

/* Of what a confirmation says, for people: what was permitted, and until when. */
static void
permissions_and_end_are_said(struct world *w, const char *shop, const char *id, const char *house)
{
	const char *const words[] = { "--lang", "en",          "confirm", shop, "--shop",
		                      id,       "--warehouse", house,     NULL };
	struct said s;

	world_ctl(w, 0, &s, words);
	cr_assert_eq(s.code, 0, "%s", s.err);
	cr_assert(strstr(s.out, "Permissions") && strstr(s.out, "seller.order.info"), "%s", s.out);
	cr_assert(strstr(s.out, "Authorized until") && strstr(s.out, "days left"), "%s", s.out);
	said_done(&s);
}

Test(connect, a_confirmation_whose_call_failed_is_no_success)
{
	struct world_opts o = { .name = "proof" };
	CLEANUP(world_freep) struct world *w = world_new(&o);
	const char *url,
	    *shop = world_begin(w, "42", ALIAS, &url), *id, *house,
	    *const calls[] = { "/authorization/202309/shops", "/logistics/202309/warehouses" };
	struct said s;

	cr_assert_eq(world_consent(w, url, 1, false, NULL), 200);
	id = life_text(w, "SELECT max(tiktok_shop_id) FROM ttsync.grant_shop");
	house = life_text(w, "SELECT max(warehouse_id) FROM ttsync.warehouse"
	                     " WHERE type = 'SALES_WAREHOUSE'");
	for (size_t i = 0; i < ARRAY_LEN(calls); i++) {
		WORLD_TIKTOK(w, "/fault", "{\"match\":\"%s\",\"kind\":\"5xx\",\"count\":-1}",
		             calls[i]);
		TTCTL(w, &s, "confirm", shop, "--shop", id, "--warehouse", house);
		cr_assert_gt(s.code, 1, "%s failed: %s", calls[i], s.out);
		said_done(&s);
		world_no_faults(w);
		cr_assert_str_eq(life_shown(w, shop, "state"), "choosing");
		cr_assert_eq(life_num(w, "SELECT count(*) FROM ttsync.sync_state"), 0);
	}
	TTCTL(w, &s, "confirm", shop, "--shop", id, "--warehouse", house);
	cr_assert_eq(s.code, 0, "%s", s.err);
	cr_assert_gt(json_len(json_get(s.doc, "scopes")), 0);
	cr_assert_not_null(json_str(s.doc, "expires_at"));
	said_done(&s);
	permissions_and_end_are_said(w, shop, id, house);
}

Test(connect, reauthorization_keeps_id_alias_and_connection_time)
{
	struct world_opts o = { .name = "reauth", .sellers = 2 };
	CLEANUP(world_freep) struct world *w = world_new(&o);
	const char *shop = world_connect(w, "42", ALIAS, 1), *since;

	world_wait(w, shop, "connected");
	since = life_shown(w, shop, "connected_at");
	cr_assert_eq(life_reauthorize(w, shop, 2), 409, "another seller's shop");
	cr_assert_eq(life_reauthorize(w, ALIAS, 1), 200);
	cr_assert_str_eq(life_shown(w, shop, "state"), "connected");
	cr_assert_str_eq(life_shown(w, shop, "connected_at"), since);
	cr_assert_str_eq(life_shown(w, shop, "alias"), ALIAS);
}

/* The pair before it may be dead: what TikTok gave is what there is. */
Test(connect, a_renewal_that_lacks_a_permission_is_kept_and_told)
{
	struct world_opts o = { .name = "fewer" };
	CLEANUP(world_freep) struct world *w = world_new(&o);
	const char *shop = world_connect(w, "42", ALIAS, 1);

	world_wait(w, shop, "connected");
	WORLD_TIKTOK(w, "/scope", "{\"remove\":[\"seller.logistics\"]}");
	cr_assert_eq(life_reauthorize(w, shop, 1), 403);
	cr_assert_eq(pgserver_num(w->pg, "SELECT gen FROM ttsync.grants WHERE NOT"
	                                 " 'seller.logistics' = ANY (scopes)"),
	             2);
	cr_assert_str_eq(life_shown(w, shop, "authorization/detail/missing"), "seller.logistics");
	cr_assert_str_eq(life_shown(w, shop, "authorization/outcome"), "permission_missing");
}

/* The products hang at TikTok: an order comes all the same, and none of the products is there. */
Test(connect, orders_do_not_wait_for_the_products)
{
	struct world_opts o = { .name = "atonce" };
	CLEANUP(world_freep) struct world *w = world_new(&o);
	const char *shop;

	WORLD_TIKTOK(
	    w, "/fault",
	    "{\"match\":\"products/search\",\"kind\":\"hang\",\"ms\":600000,\"count\":-1}");
	shop = world_connect(w, "42", ALIAS, 1);
	WORLD_TIKTOK(w, "/order", "{\"status\":\"AWAITING_SHIPMENT\",\"count\":2}");
	life_until(w, 2, "SELECT count(*) FROM ttsync.orders");
	cr_assert_eq(life_num(w, "SELECT count(*) FROM ttsync.product"), 0);
	cr_assert_str_eq(life_shown(w, shop, "state"), "connecting");
	world_no_faults(w);
	world_wait(w, shop, "connected");
}

/* --- the first second ------------------------------------------------------------------------ */

static bool
second_came(void *arg)
{
	return wall_now().s >= *(int64_t *)arg;
}

/*
 * An order made at this second of TikTok's clock, and changed now or not since: its id. Asked again
 * when the second turned.
 */
static const char *
order_made_at(struct world *w, int64_t at, bool changed)
{
	CLEANUP(json_freep) struct json *truth = NULL;
	const struct json *orders, *last;
	int64_t made = 0;

	wait_for(second_came, &at, 10000);
	for (int tries = 0; tries < 20; tries++) {
		WORLD_TIKTOK(w, "/order",
		             "{\"status\":\"AWAITING_SHIPMENT\",\"create_time_offset\":%" PRId64
		             "%s}",
		             at - wall_now().s, changed ? ",\"update_time_offset\":0" : "");
		json_free(truth);
		truth = world_tiktok(w, "GET", "/truth", NULL);
		orders = json_get(json_at(json_get(truth, "shops"), 0), "orders");
		for (size_t i = 0; i < json_len(orders); i++) {
			last = json_at(orders, i);
			if (!json_i64(last, "create_time", &made) && made == at)
				return harness_text(w->h, "%s", json_str(last, "id"));
		}
	}
	harness_die(NULL, "no order could be made at %" PRId64, at);
}

static int64_t
rows_of(struct world *w, const char *order)
{
	return life_num(w,
	                "SELECT (SELECT count(*) FROM ttsync.orders WHERE order_id = '%s')"
	                " + (SELECT count(*) FROM ttsync.order_line WHERE order_id = '%s')"
	                " + (SELECT count(*) FROM ttsync.outbox WHERE subject_id = '%s')",
	                order, order, order);
}

Test(connect, orders_begin_at_the_second_of_the_connection)
{
	struct world_opts o = { .name = "second" };
	CLEANUP(world_freep) struct world *w = world_new(&o);
	const char *shop = world_connect(w, "42", ALIAS, 1), *before, *at, *after, *late;
	CLEANUP(own_free) char *diff = NULL;
	int64_t since;

	world_wait(w, shop, "connected");
	since = pgserver_num(w->pg, "SELECT extract(epoch FROM connected_at) FROM ttsync.v_shop");
	before = order_made_at(w, since - 1, false);
	at = order_made_at(w, since, false);
	after = order_made_at(w, since + 1, false);
	life_complete(w);
	WORLD_TIKTOK(w, "/update", "{\"order_id\":\"%s\"}", before);
	WORLD_TIKTOK(w, "/advance", "{\"order_id\":\"%s\"}", before);
	WORLD_TIKTOK(w, "/advance", "{\"order_id\":\"%s\"}", after);
	life_complete(w);
	cr_assert_eq(rows_of(w, before), 0, "an order from before the connection is never taken");
	cr_assert_gt(rows_of(w, at), 0);
	cr_assert_gt(rows_of(w, after), 0);
	/* the cursor is past it when it is first seen: it had not been searchable before */
	life_until_least(w, since + 5,
	                 "SELECT cursor_s FROM ttsync.sync_state WHERE kind = 'orders'");
	late = order_made_at(w, since + 2, true);
	life_complete(w);
	cr_assert_gt(rows_of(w, late), 0, "an order first seen by a change is taken");
	cr_assert_eq(world_stop(w, 0), 0);
	pgserver_exec(w->pg,
	              harness_text(w->h, "DELETE FROM ttsync.orders WHERE order_id = '%s'", at));
	diff = world_difference(w);
	cr_assert_not_null(diff, "the comparison sees an order that is missing");
}
