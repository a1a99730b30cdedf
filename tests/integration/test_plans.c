/*
 * The store's plan decides whether it may connect, and whether its shops run (S0).
 */
#include "tests/harness/harness.h"
#include "tests/integration/life.h"
#include "tests/integration/world.h"

#include <criterion/criterion.h>
#include <string.h>

static void
plan(struct world *w, const char *store, const char *name)
{
	LIFE_CTL(w, 0, "store", "set", store, "--name", "ร้านทดสอบ", "--plan", name);
}

Test(plans, below_the_plan_connect_names_it_and_writes_no_row)
{
	struct world_opts o = { .name = "planrefused" };
	CLEANUP(world_freep) struct world *w = world_new(&o);
	const char *why;
	int64_t before;

	plan(w, "7", "free");
	before = life_rows(w);
	why = LIFE_CTL(w, 77, "connect", "--store", "7", "--alias", "main");
	cr_assert(strstr(why, "free") && strstr(why, "basic") && strstr(why, "plan_too_low"),
	          "both plans are named: %s", why);
	cr_assert_eq(life_rows(w), before, "nothing was written, in no table");
}

/* Lowered between the authorization and the choice. */
static void
is_not_confirmed_below_it(struct world *w, const char *shop)
{
	const char *id = life_text(w, "SELECT max(tiktok_shop_id) FROM ttsync.grant_shop");
	const char *house = life_text(w, "SELECT max(warehouse_id) FROM ttsync.warehouse"
	                                 " WHERE type = 'SALES_WAREHOUSE'");

	plan(w, "42", "free");
	LIFE_CTL(w, 77, "confirm", shop, "--shop", id, "--warehouse", house);
	cr_assert_str_eq(life_shown(w, shop, "state"), "choosing");
	plan(w, "42", "basic");
	LIFE_CTL(w, 0, "confirm", shop, "--shop", id, "--warehouse", house);
}

#define ORDERS "SELECT count(*) FROM ttsync.orders WHERE shop_id = %s"

/* The shop stands still from now on, and nothing of it is gone. */
static void
is_suspended(struct world *w, const char *shop, const char *other)
{
	int64_t orders = life_num(w, ORDERS, shop);

	cr_assert_str_eq(life_shown(w, shop, "state"), "plan_suspended");
	cr_assert_str_eq(life_shown(w, shop, "reason"), "plan_too_low");
	life_is_quiet(w, shop, other);
	cr_assert_eq(life_num(w, ORDERS, shop), orders);
	cr_assert_gt(life_num(w, "SELECT count(*) FROM ttsync.product WHERE shop_id = %s", shop),
	             0);
}

Test(plans, a_downgrade_suspends_at_once_and_an_upgrade_misses_nothing)
{
	static const struct world_setting pro[] = { { "plans", "required = pro" }, { 0 } };
	struct world_opts o = { .name = "plans", .sellers = 2 };
	CLEANUP(world_freep) struct world *w = world_new(&o);
	const char *url, *shop = world_begin(w, "42", "ร้านหลัก", &url), *since, *other;

	cr_assert(life_well(world_consent(w, url, 1, false, NULL)));
	is_not_confirmed_below_it(w, shop);
	other = world_connect(w, "43", "other", 2);
	life_state(w, shop, "connected");
	life_state(w, other, "connected");
	since = life_shown(w, shop, "connected_at");
	life_orders(w, 2);
	life_complete(w);

	plan(w, "42", "free");
	is_suspended(w, shop, other);
	cr_assert_eq(life_noted(w, shop, "shop.plan_suspended"), 1);
	life_orders(w, 3);
	plan(w, "42", "basic");
	cr_assert_str_eq(life_shown(w, shop, "state"), "connected");
	life_caught_up(w, shop, 0);
	life_complete(w);
	cr_assert_str_eq(life_shown(w, shop, "connected_at"), since, "from the old cursor");
	cr_assert_str_eq(life_shown(w, shop, "catch_up/missing"), "0");

	/* the same by the configuration: at the next start basic is too low */
	plan(w, "43", "enterprise");
	world_stop(w, 0);
	w->daemon[0].conf = world_conf(w, 0, "pro.conf", pro);
	world_start(w, 0);
	life_state(w, shop, "plan_suspended");
	is_suspended(w, shop, other);
	life_orders(w, 2);
	plan(w, "42", "pro");
	life_caught_up(w, shop, 0);
}
