/*
 * Several shops of one seller, several sellers of one store, several stores (S5, S8.1).
 */
#include "common/json.h"
#include "tests/harness/harness.h"
#include "tests/harness/proc.h"
#include "tests/integration/life.h"
#include "tests/integration/world.h"

#include <criterion/criterion.h>
#include <string.h>

#define ALIAS "ร้านหลัก"

/* A store's shop begins in a country: our id; *ret_url is the consent page. */
static const char *
begin_in(struct world *w, const char *store, const char *alias, const char *region,
         const char **ret_url)
{
	const char *doc;

	LIFE_CTL(w, 0, "store", "set", store, "--name", "ร้านทดสอบ", "--plan", "basic");
	doc = LIFE_CTL(w, 0, "connect", "--store", store, "--alias", alias, "--region", region);
	*ret_url = life_of(w, doc, "authorize_url");
	return life_of(w, doc, "shop_id");
}

/* The one shop that the authorization has in a country is chosen, with its first sales warehouse.
 */
static void
confirm_in(struct world *w, const char *shop, const char *region)
{
	const char *id =
	    life_text(w,
	              "SELECT g.tiktok_shop_id FROM ttsync.grant_shop g JOIN ttsync.shop s"
	              " USING (grant_id) WHERE s.shop_id = %s AND g.region = '%s'",
	              shop, region);
	const char *house = life_text(w,
	                              "SELECT min(warehouse_id) FROM ttsync.warehouse WHERE"
	                              " tiktok_shop_id = '%s' AND type = 'SALES_WAREHOUSE'",
	                              id);

	LIFE_CTL(w, 0, "confirm", shop, "--shop", id, "--warehouse", house);
}

static const char *
connect_in(struct world *w, const char *store, const char *alias, int seller, const char *region)
{
	const char *url, *shop = begin_in(w, store, alias, region, &url);

	cr_assert(life_well(world_consent(w, url, seller, false, NULL)));
	confirm_in(w, shop, region);
	return shop;
}

/* One word for two shops is not guessed. */
static void
names_are_not_guessed(struct world *w, const char *one, const char *two)
{
	const char *why = LIFE_CTL(w, 64, "show", ALIAS);

	cr_assert(strstr(why, harness_text(w->h, "#%s", one)) &&
	              strstr(why, harness_text(w->h, "#%s", two)),
	          "both are named: %s", why);
	cr_assert_str_eq(life_shown(w, harness_text(w->h, "#%s", two), "store_id"), "43");
}

/* Connected to another store: that is said, and no more. */
static void
bound_elsewhere_is_no_news_of_whose(struct world *w, const char *taken)
{
	const char *url, *shop = begin_in(w, "44", "ours", "TH", &url), *choices, *why;
	const char *id = world_tiktok_shop(w, taken);

	cr_assert(life_well(world_consent(w, url, 1, false, NULL)));
	choices = LIFE_CTL(w, 0, "choices", shop);
	cr_assert(strstr(choices, "connected_elsewhere") && !strstr(choices, ALIAS), "%s", choices);
	why = LIFE_CTL(w, 64, "confirm", shop, "--shop", id, "--warehouse", "1");
	cr_assert(strstr(why, "shop_taken") && !strstr(why, ALIAS) && !strstr(why, "42"), "%s",
	          why);
	cr_assert_str_eq(life_shown(w, shop, "state"), "choosing");
}

Test(sellers, shops_of_one_seller_share_a_grant_and_stores_share_nothing)
{
	struct world_opts o = { .name = "sellers", .sellers = 2 };
	CLEANUP(world_freep) struct world *w = world_new(&o);
	const char *shop[4];
	const char *doc;

	WORLD_TIKTOK(w, "/seller", "{\"shops\":3,\"regions\":\"TH,MY,GB\"}");
	shop[0] = connect_in(w, "42", ALIAS, 1, "TH");
	shop[1] = connect_in(w, "42", "malaysia", 3, "MY");
	shop[2] = connect_in(w, "42", "britain", 3, "GB");
	shop[3] = connect_in(w, "43", ALIAS, 2, "TH");
	for (size_t i = 0; i < ARRAY_LEN(shop); i++)
		life_state(w, shop[i], "connected");
	cr_assert_eq(life_num(w, "SELECT count(DISTINCT grant_id) FROM ttsync.shop"), 3);
	cr_assert_eq(life_num(w, "SELECT count(*) FROM ttsync.shop a JOIN ttsync.shop b USING"
	                         " (grant_id) WHERE a.alias = 'malaysia' AND b.alias = 'britain'"),
	             1, "one seller, one grant");
	cr_assert_str_eq(life_shown(w, shop[1], "region"), "MY");
	cr_assert_str_eq(life_shown(w, shop[2], "region"), "GB");
	life_orders(w, 2);
	life_complete(w);
	cr_assert_eq(life_num(w, "SELECT count(DISTINCT shop_id) FROM ttsync.orders"), 4);
	doc = LIFE_CTL(w, 0, "shops", "--store", "43");
	cr_assert(!strstr(doc, "britain"), "%s", doc);
	names_are_not_guessed(w, shop[0], shop[3]);
	bound_elsewhere_is_no_news_of_whose(w, shop[0]);
}

/* Two stores choose the same TikTok shop at the same time. */
static struct proc *
confirm_aside(struct world *w, const char *shop, const char *id, const char *house)
{
	const char *argv[] = { harness_program(w->h, "ttctl"),
		               "-s",
		               w->daemon[0].control,
		               "confirm",
		               shop,
		               "--shop",
		               id,
		               "--warehouse",
		               house,
		               NULL };

	return proc_spawn(w->h, harness_text(w->h, "confirm%s", shop), argv, NULL);
}

static void
of_two_at_once_one_has_it(struct world *w)
{
	const char *url, *one = begin_in(w, "42", "one", "TH", &url), *two, *id, *house;
	struct proc *a, *b;
	int codes;

	cr_assert(life_well(world_consent(w, url, 1, false, NULL)));
	two = begin_in(w, "43", "two", "TH", &url);
	cr_assert(life_well(world_consent(w, url, 1, false, NULL)));
	id = life_text(w, "SELECT max(tiktok_shop_id) FROM ttsync.grant_shop");
	house = life_text(w, "SELECT max(warehouse_id) FROM ttsync.warehouse"
	                     " WHERE type = 'SALES_WAREHOUSE'");
	a = confirm_aside(w, one, id, house);
	b = confirm_aside(w, two, id, house);
	codes = proc_wait(a, LIFE_MS) + proc_wait(b, LIFE_MS);
	cr_assert_eq(codes, 64, "one is done, the other told that it is taken: %d", codes);
	life_do(w, "DELETE FROM ttsync.shop WHERE shop_id IN (%s, %s)", one, two);
}

Test(sellers, a_shop_of_another_country_is_not_bound_until_the_country_is_right)
{
	struct world_opts o = { .name = "region" };
	CLEANUP(world_freep) struct world *w = world_new(&o);
	const char *url, *shop, *told;

	of_two_at_once_one_has_it(w);
	life_do(w, "DELETE FROM ttsync.grants");
	shop = begin_in(w, "42", ALIAS, "VN", &url);
	cr_assert_eq(world_consent(w, url, 1, false, NULL), 409);
	cr_assert_str_eq(life_outcome(w, shop), "region_mismatch");
	cr_assert_str_eq(life_shown(w, shop, "state"), "pending");
	told = life_shown(w, shop, "authorization/detail/wanted");
	cr_assert_str_eq(told, "VN");
	told = LIFE_CTL(w, 0, "show", shop);
	cr_assert(strstr(told, "\"TH\""), "both countries are told: %s", told);
	cr_assert_eq(life_num(w, "SELECT count(*) FROM ttsync.shop WHERE grant_id IS NOT NULL"), 0);
	cr_assert_eq(life_num(w, "SELECT count(*) FROM ttsync.grants WHERE access_box IS NOT NULL"),
	             0, "tokens of no use are given up");

	url = life_of(w, LIFE_CTL(w, 0, "reauthorize", shop, "--region", "TH"), "authorize_url");
	cr_assert(life_well(world_consent(w, url, 1, false, NULL)));
	confirm_in(w, shop, "TH");
	life_state(w, shop, "connected");
	cr_assert_eq(life_noted(w, shop, "shop.region"), 1);
	LIFE_CTL(w, 64, "connect", "--store", "42", "--alias", "x", "--region", "Thailand");
	cr_assert_str_eq(life_shown(w, world_begin(w, "42", "x", NULL), "region"), "TH",
	                 "where none is said");
	LIFE_CTL(w, 64, "reauthorize", shop, "--region", "VN");
}
