/*
 * Authorized again, before or after the old authorization ended (R1-R5): the shop stays what it
 * is, and what came in the gap comes by itself, proved to be complete.
 */
#include "common/json.h"
#include "tests/harness/harness.h"
#include "tests/integration/life.h"
#include "tests/integration/world.h"

#include <criterion/criterion.h>
#include <inttypes.h>
#include <string.h>

#define ALIAS "ร้านหลัก"

/* All that a shop keeps for its whole life. */
static const char *
identity(struct world *w, const char *shop)
{
	return life_text(
	    w,
	    "SELECT shop_id, store_id, alias, tiktok_shop_id, warehouse_id, connected_at,"
	    " (SELECT min(history_id) FROM ttsync.history h WHERE h.shop_id = s.shop_id)"
	    " FROM ttsync.shop s WHERE shop_id = %s",
	    shop);
}

static void
given_up(struct world *w, int grants)
{
	cr_assert_eq(life_num(w, "SELECT count(*) FROM ttsync.grants WHERE state = 'ended'"
	                         " AND access_box IS NULL AND refresh_box IS NULL"
	                         " AND prev_refresh_box IS NULL"),
	             grants);
	cr_assert_eq(life_num(w, "SELECT count(*) FROM ttsync.token_history"
	                         " JOIN ttsync.grants USING (grant_id) WHERE state = 'ended'"),
	             0, "tokens that serve nobody are gone");
}

Test(gap, an_early_reauthorization_makes_none_and_another_seller_changes_nothing)
{
	struct world_opts o = { .name = "early", .sellers = 2 };
	CLEANUP(world_freep) struct world *w = world_new(&o);
	const char *shop = world_connect(w, "42", ALIAS, 1), *was;

	life_state(w, shop, "connected");
	was = identity(w, shop);
	cr_assert_eq(life_reauthorize(w, shop, 2), 409, "another seller's account");
	cr_assert_str_eq(life_outcome(w, shop), "other_shop");
	given_up(w, 1);
	cr_assert_eq(life_num(w, "SELECT gen FROM ttsync.grants WHERE state = 'active'"), 1);

	cr_assert(life_well(life_reauthorize(w, shop, 1)));
	cr_assert_str_eq(life_outcome(w, shop), "renewed");
	cr_assert_str_eq(life_shown(w, shop, "state"), "connected");
	cr_assert_str_eq(identity(w, shop), was);
	cr_assert_eq(life_noted(w, shop, "authorization.renewed"), 1, "%s",
	             life_text(w, "SELECT * FROM ttsync.v_history"));
	life_caught_up(w, shop, 0);
	cr_assert_eq(life_num(w, "SELECT count(*) FROM ttsync.history"
	                         " WHERE event LIKE 'shop.%%connected' AND detail->>'was' = "
	                         "'disconnected'"),
	             0);
	life_orders(w, 2);
	life_complete(w);
}

/* An order moves on while nobody looks. */
static void
advance(struct world *w, const char *shop)
{
	WORLD_TIKTOK(w, "/advance", "{\"order_id\":\"%s\"}",
	             life_text(w,
	                       "SELECT order_id FROM ttsync.orders WHERE shop_id = %s"
	                       " ORDER BY order_id LIMIT 1",
	                       shop));
}

/* TikTok's present is left alone for some seconds: what is compared is older. */
static void
a_while_passes(struct world *w)
{
	int64_t now = life_num(w, "SELECT ttsync.epoch(now())");

	life_until(w, 1, "SELECT (ttsync.epoch(now()) > %" PRId64 ")::int", now + 7);
}

/* Nobody looks what the queue lacks: work begins because it was asked for, or not at all. */
static void
sweeps(struct world *w, bool on)
{
	life_do(w, "UPDATE ttsync.chore SET until = '%sinfinity' WHERE name = 'sweep'",
	        on ? "-" : "");
}

/* Skipped by mistake: the walk begins behind what came in the gap. */
static void
lose_the_gap(struct world *w)
{
	world_stop(w, 0);
	life_do(w, "SELECT ttsync.api_resume('{\"shop\":\"" ALIAS "\"}', 'test');"
	           "UPDATE ttsync.sync_state SET cursor_s = ttsync.epoch(now()) - 5, overlap_s = 0"
	           " WHERE kind = 'orders'");
	world_start(w, 0);
}

Test(gap, orders_of_a_gap_come_by_themselves_and_the_proof_sees_one_that_did_not)
{
	struct world_opts o = { .name = "gap" };
	CLEANUP(world_freep) struct world *w = world_new(&o);
	const char *shop = world_connect(w, "42", ALIAS, 1), *was, *detail;

	life_state(w, shop, "connected");
	life_orders(w, 3);
	life_complete(w);
	was = identity(w, shop);

	life_revoke(w, shop, 1);
	life_orders(w, 3);
	advance(w, shop);
	a_while_passes(w);
	sweeps(w, false);
	cr_assert(life_well(life_reauthorize(w, shop, 1)));
	life_caught_up(w, shop, 0);
	sweeps(w, true);
	life_complete(w);
	cr_assert_str_eq(life_shown(w, shop, "state"), "connected");
	cr_assert_str_eq(identity(w, shop), was);
	detail = life_text(w, "SELECT detail FROM ttsync.v_history WHERE event = 'shop.caught_up'");
	cr_assert(strstr(detail, "\"missing\": 0"), "%s", detail);
	cr_assert_geq(life_num(w, "SELECT compared FROM ttsync.catch_up"), 4, "%s",
	              life_text(w, "SELECT * FROM ttsync.catch_up"));
	cr_assert_str_eq(life_shown(w, shop, "catch_up/behind_s"), "0");

	LIFE_CTL(w, 0, "pause", shop);
	life_orders(w, 1);
	a_while_passes(w);
	lose_the_gap(w);
	life_caught_up(w, shop, 1);
	life_complete(w);
	cr_assert_eq(life_num(w, "SELECT count(*) FROM ttsync.v_history WHERE event ="
	                         " 'shop.caught_up' AND (detail->>'missing')::int = 1"),
	             1);
}

/* What the seller took out of the authorization is not a token that failed. */
Test(gap, a_shop_that_left_the_authorization_ends_within_one_failure_and_comes_back)
{
	struct world_opts o = { .name = "left", .shops = 2 };
	CLEANUP(world_freep) struct world *w = world_new(&o);
	const char *shop = world_connect(w, "42", ALIAS, 1), *was, *id;

	life_state(w, shop, "connected");
	was = identity(w, shop);
	id = world_tiktok_shop(w, shop);
	WORLD_TIKTOK(w, "/shop/leave", "{\"shop_id\":\"%s\"}", id);
	life_state(w, shop, "disconnected");
	cr_assert_str_eq(life_shown(w, shop, "reason"), "shop_removed");
	cr_assert_leq(life_num(w, "SELECT max(attempts) FROM ttsync.sync_state"), 1);
	cr_assert_eq(life_num(w, "SELECT gen FROM ttsync.grants"), 1, "no token was at fault");
	cr_assert_eq(life_reauthorize(w, shop, 1), 409, "the seller's other shop is another shop");
	cr_assert_str_eq(life_outcome(w, shop), "other_shop");

	WORLD_TIKTOK(w, "/shop/leave", "{\"shop_id\":\"%s\",\"back\":true}", id);
	life_orders(w, 2);
	cr_assert(life_well(life_reauthorize(w, shop, 1)));
	life_caught_up(w, shop, 0);
	life_complete(w);
	cr_assert_str_eq(identity(w, shop), was);
}
