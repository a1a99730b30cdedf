/*
 * Authorizations that a seller begins in TikTok's Seller Center: they come without a state, belong
 * to no store, and wait for an administrator. Nothing is guessed.
 */
#include "common/json.h"
#include "tests/harness/harness.h"
#include "tests/integration/life.h"
#include "tests/integration/world.h"

#include <criterion/criterion.h>
#include <string.h>

#define ALIAS "ร้านหลัก"

#define BOXES "SELECT count(*) FROM ttsync.grants WHERE access_box IS NOT NULL"

static const char *
held_number(struct world *w)
{
	return life_text(w, "SELECT max(grant_id) FROM ttsync.grants"
	                    " WHERE unclaimed_since IS NOT NULL");
}

/* An administrator says whose it is, and then it is a shop like any other. */
static const char *
attach(struct world *w, const char *store)
{
	const char *held = held_number(w), *shop;

	LIFE_CTL(w, 0, "store", "set", store, "--name", "ร้านทดสอบ", "--plan", "basic");
	LIFE_CTL(w, 65, "attach", "999999", "--store", store, "--alias", ALIAS);
	LIFE_CTL(w, 64, "attach", held, "--store", store, "--alias", ALIAS, "--region", "VN");
	cr_assert_eq(life_num(w, "SELECT count(*) FROM ttsync.shop"), 0,
	             "a refusal leaves nothing");
	shop = life_of(w, LIFE_CTL(w, 0, "attach", held, "--store", store, "--alias", ALIAS),
	               "shop_id");
	cr_assert_str_eq(life_shown(w, shop, "state"), "choosing");
	cr_assert_str_eq(life_of(w, LIFE_CTL(w, 0, "held"), "schema_version"), "1");
	cr_assert_eq(strlen(held_number(w)), 0, "it waits no more");
	LIFE_CTL(w, 65, "attach", held, "--store", store, "--alias", "again");
	return shop;
}

static void
confirm(struct world *w, const char *shop)
{
	LIFE_CTL(w, 0, "choices", shop);
	LIFE_CTL(w, 0, "confirm", shop, "--shop",
	         life_text(w,
	                   "SELECT tiktok_shop_id FROM ttsync.grant_shop WHERE grant_id ="
	                   " (SELECT grant_id FROM ttsync.shop WHERE shop_id = %s)",
	                   shop),
	         "--warehouse",
	         life_text(w, "SELECT max(warehouse_id) FROM ttsync.warehouse"
	                      " WHERE type = 'SALES_WAREHOUSE'"));
}

Test(seller_center, an_authorization_without_a_store_is_held_until_it_is_attached)
{
	struct world_opts o = { .name = "held", .sellers = 2 };
	CLEANUP(world_freep) struct world *w = world_new(&o);
	const char *shop, *list;

	cr_assert(life_well(life_seller_center(w, 1)));
	list = LIFE_CTL(w, 0, "held");
	cr_assert(strstr(list, held_number(w)) && strstr(list, "tiktok_shop_id"), "%s", list);
	cr_assert_eq(life_num(w, "SELECT count(*) FROM ttsync.shop"), 0, "never by itself");
	cr_assert_eq(life_num(w, "SELECT count(*) FROM ttsync.history"
	                         " WHERE event = 'authorization.held'"),
	             1);
	shop = attach(w, "42");
	confirm(w, shop);
	life_state(w, shop, "connected");
	life_orders(w, 2);
	life_complete(w);

	/* begun there once more: the seller's shop is connected, so it is renewed, also from its
	 * end */
	cr_assert(life_well(life_seller_center(w, 1)));
	cr_assert_eq(strlen(held_number(w)), 0);
	cr_assert_eq(life_noted(w, shop, "authorization.renewed"), 1);
	life_revoke(w, shop, 1);
	life_orders(w, 2);
	cr_assert(life_well(life_seller_center(w, 1)));
	life_caught_up(w, shop, 0);
	life_complete(w);

	/* one that nobody claims for a week is given up */
	cr_assert(life_well(life_seller_center(w, 2)));
	cr_assert_eq(life_num(w, BOXES), 2);
	life_do(w, "UPDATE ttsync.grants SET issued_at = issued_at - interval '8 days',"
	           " unclaimed_since = unclaimed_since - interval '8 days'"
	           " WHERE unclaimed_since IS NOT NULL");
	life_until(w, 1, BOXES);
	cr_assert_eq(strlen(held_number(w)), 0);
	cr_assert_str_eq(life_shown(w, shop, "state"), "connected");
}

Test(seller_center, five_codes_that_nobody_waits_for_are_exchanged_at_once_then_one_a_second)
{
	struct world_opts o = { .name = "gate" };
	CLEANUP(world_freep) struct world *w = world_prepare(&o);

	cr_assert_eq(life_num(w, "SELECT count(*) FILTER (WHERE ttsync.seller_center_pass())"
	                         " FROM generate_series(1, 20)"),
	             5);
	cr_assert_eq(life_num(w, "UPDATE ttsync.seller_center_gate SET arrival = clock_timestamp()"
	                         " - interval '1.1 s';"
	                         "SELECT count(*) FILTER (WHERE ttsync.seller_center_pass())"
	                         " FROM generate_series(1, 20)"),
	             2, "1.1 s after the last one had arrived");
}

Test(seller_center, a_code_before_its_turn_is_told_to_wait_and_is_not_used_up)
{
	struct world_opts o = { .name = "turn" };
	CLEANUP(world_freep) struct world *w = world_new(&o);

	life_do(w, "UPDATE ttsync.seller_center_gate SET arrival = clock_timestamp()"
	           " + interval '1 hour'");
	cr_assert_eq(life_seller_center(w, 1), 503, "not now");
	cr_assert_eq(life_num(w, BOXES), 0);
	life_do(w, "UPDATE ttsync.seller_center_gate SET arrival = clock_timestamp()");
	cr_assert(life_well(life_seller_center(w, 1)));
	cr_assert_eq(life_num(w, BOXES), 1);
}
