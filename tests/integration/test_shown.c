/*
 * What a person is told of a connection: what a confirmation would bind, how far the first
 * synchronization is, whether TikTok still answers, and what happened (S8.2, S8.3, S12, S13).
 */
#include "common/json.h"
#include "tests/harness/harness.h"
#include "tests/integration/life.h"
#include "tests/integration/world.h"

#include <criterion/criterion.h>
#include <string.h>

#define PRODUCTS 320 /* four pages */

/* What would be bound, in Bangkok's time; then the same with a branch, twice. */
static void
confirm(struct world *w, const char *shop)
{
	const char *id = life_text(w, "SELECT max(tiktok_shop_id) FROM ttsync.grant_shop");
	const char *house = life_text(w, "SELECT max(warehouse_id) FROM ttsync.warehouse"
	                                 " WHERE type = 'SALES_WAREHOUSE'");
	int64_t rows = life_rows(w);
	const char *doc, *at;

	doc = LIFE_CTL(w, 0, "confirm", shop, "--shop", id, "--warehouse", house, "--dry-run");
	at = life_of(w, doc, "orders_from");
	cr_assert(strstr(at, "+07:00"), "%s", doc);
	cr_assert_eq(life_rows(w), rows);
	cr_assert_str_eq(life_shown(w, shop, "state"), "choosing");

	doc = LIFE_CTL(w, 0, "confirm", shop, "--shop", id, "--warehouse", house, "--branch",
	               "BKK-1");
	at = life_of(w, doc, "connected_at");
	cr_assert_str_eq(life_of(w, doc, "branch_id"), "BKK-1");
	doc = LIFE_CTL(w, 0, "confirm", shop, "--shop", id, "--warehouse", house);
	cr_assert_str_eq(life_of(w, doc, "connected_at"), at);
	cr_assert_str_eq(life_of(w, doc, "branch_id"), "BKK-1", "the branch stays");
	cr_assert_eq(life_noted(w, shop, "shop.connecting"), 1);
	/* the second of the connection is that of the transaction which began the work */
	cr_assert_eq(life_num(w, "SELECT count(*) FROM ttsync.history h JOIN ttsync.shop s"
	                         " USING (shop_id) WHERE h.event = 'shop.connecting'"
	                         " AND h.at = s.state_since"
	                         " AND h.detail->>'connected_at' = ttsync.rfc3339(s.connected_at)"
	                         " OR h.event = 'shop.connecting' AND s.state = 'connected'"),
	             1);
}

#define PROGRESS                                                                                   \
	"SELECT count(*) FROM (SELECT ttsync.shop_json(%s)->'progress'->'products' AS p) x WHERE "

/* It stands still: then why. In the middle: so many of so many, how fast, how long still. */
static void
progress_is_told(struct world *w, const char *shop)
{
	life_until(w, 1, PROGRESS "p->>'why' = 'waiting for TikTok'", shop);
	cr_assert_str_eq(life_shown(w, shop, "state"), "connecting");
	world_no_faults(w);
	WORLD_TIKTOK(w, "/fault",
	             "{\"match\":\"products/search\",\"kind\":\"delay\",\"ms\":1500,\"count\":-1}");
	life_until(w, 1,
	           PROGRESS "(p->>'done')::int BETWEEN 1 AND 319 AND (p->>'total')::int = 320"
	                    " AND (p->>'rate')::float > 0 AND (p->>'eta_s')::int > 0"
	                    " AND (p->>'page')::int > 0 AND p->>'moved_at' LIKE '%%+07:00'",
	           shop);
	world_no_faults(w);
}

#define UNKNOWN "SELECT count(*) WHERE ttsync.shop_json(%s)->>'unknown_since' IS NOT NULL"

/* TikTok refused the token, and it is not found out yet why: nor is that taken for connected. */
static void
doubt_is_told(struct world *w, const char *shop)
{
	life_do(w, "UPDATE ttsync.grants SET held_until = now() + interval '1 min'");
	cr_assert_eq(life_num(w, UNKNOWN, shop), 1);
	life_do(w, "UPDATE ttsync.grants SET held_until = NULL");
	cr_assert_eq(life_num(w, UNKNOWN, shop), 0);
}

/* TikTok has not answered for long: that is said, and never taken for connected. */
static void
silence_is_told(struct world *w, const char *shop)
{
	cr_assert_str_eq(life_shown(w, shop, "unknown_since"), "");
	WORLD_TIKTOK(w, "/fault", "{\"match\":\"orders/search\",\"kind\":\"5xx\",\"count\":-1}");
	life_until(w, 1, "SELECT (attempts > 0)::int FROM ttsync.sync_state WHERE kind = 'orders'");
	world_stop(w, 0);
	doubt_is_told(w, shop);
	life_do(w, "UPDATE ttsync.sync_state SET last_success = now() - interval '11 min',"
	           " next_due_at = now() - interval '6 min' WHERE kind = 'orders'");
	cr_assert_eq(life_num(w, UNKNOWN, shop), 1);
	world_no_faults(w);
	world_start(w, 0);
	life_until(w, 0, "SELECT attempts FROM ttsync.sync_state WHERE kind = 'orders'");
	cr_assert_str_eq(life_shown(w, shop, "unknown_since"), "");
}

static void
history_tells_cause_and_request(struct world *w, const char *shop)
{
	const char *list, *request;

	life_revoke(w, shop, 1);
	request = life_text(w, "SELECT request_id FROM ttsync.history"
	                       " WHERE event = 'shop.disconnected'");
	cr_assert(*request, "TikTok's own number of the refusal is kept");
	list = LIFE_CTL(w, 0, "history", shop, "--event", "shop.disconnected");
	cr_assert(strstr(list, request) && strstr(list, "\"was\"") && strstr(list, "\"reason\""),
	          "%s", list);
	cr_assert(!strstr(list, "shop.connecting"), "%s", list);
	list = LIFE_CTL(w, 0, "history", shop, "--actor", "uid:");
	cr_assert(strstr(list, "shop.connecting") && !strstr(list, "shop.disconnected"), "%s",
	          list);
	cr_assert_eq(life_num(w,
	                      "SELECT count(*) FROM ttsync.history WHERE event ="
	                      " 'shop.connecting' AND actor LIKE 'uid:%%' AND correlation IS NULL"),
	             0, "what one request did can be found together");
}

Test(shown, from_confirmation_to_the_end_a_person_is_told)
{
	struct world_opts o = { .name = "shown", .products = PRODUCTS };
	CLEANUP(world_freep) struct world *w = world_new(&o);
	const char *url, *shop = world_begin(w, "42", "main", &url);

	cr_assert(life_well(world_consent(w, url, 1, false, NULL)));
	WORLD_TIKTOK(w, "/fault",
	             "{\"match\":\"products/search\",\"kind\":\"hang\",\"ms\":8000,\"count\":1}");
	confirm(w, shop);
	progress_is_told(w, shop);
	life_state(w, shop, "connected");
	silence_is_told(w, shop);
	history_tells_cause_and_request(w, shop);
}

/* A look a day, made due here. */
static void
look_again(struct world *w)
{
	life_do(w, "UPDATE ttsync.grants SET surveyed_at = '-infinity'");
}

Test(shown, a_warehouse_that_comes_or_goes_at_tiktok_is_an_event)
{
	struct world_opts o = { .name = "warehouses" };
	CLEANUP(world_freep) struct world *w = world_new(&o);
	const char *shop = world_connect(w, "42", "main", 1), *chosen;

	life_state(w, shop, "connected");
	cr_assert_eq(life_num(w, "SELECT count(*) FROM ttsync.outbox WHERE type LIKE"
	                         " 'warehouse.%%'"),
	             0);
	chosen = life_text(w, "SELECT warehouse_id FROM ttsync.shop");
	WORLD_TIKTOK(w, "/warehouses", "{\"shop\":1,\"variant\":\"restricted\"}");
	look_again(w);
	life_until(w, 3, "SELECT count(*) FROM ttsync.outbox WHERE type = 'warehouse.added'");
	cr_assert_eq(life_num(w,
	                      "SELECT count(*) FROM ttsync.outbox WHERE type ="
	                      " 'warehouse.removed' AND subject_id = '%s'",
	                      chosen),
	             1, "also the chosen one");
	cr_assert_eq(life_noted(w, shop, "warehouse.added"), 3);
	cr_assert_str_eq(life_shown(w, shop, "state"), "connected");
}
