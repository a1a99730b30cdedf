/*
 * A connection is paused, resumed, ended and begun again by hand (X15, P23).
 */
#include "common/json.h"
#include "tests/harness/harness.h"
#include "tests/integration/life.h"
#include "tests/integration/world.h"

#include <criterion/criterion.h>
#include <string.h>

#define ALIAS "ร้านหลัก"

Test(life, a_paused_shop_is_left_alone_and_misses_nothing)
{
	struct world_opts o = { .name = "pause", .sellers = 2 };
	CLEANUP(world_freep) struct world *w = world_new(&o);
	const char *shop = world_connect(w, "42", ALIAS, 1), *until;
	const char *other = world_connect(w, "42", "other", 2), *why;

	life_state(w, shop, "connected");
	life_state(w, other, "connected");
	LIFE_CTL(w, 0, "pause", shop, "--reason", "นับสต็อก");
	cr_assert_str_eq(life_shown(w, shop, "state"), "paused");
	cr_assert_str_eq(life_shown(w, shop, "reason"), "นับสต็อก");
	cr_assert_str_eq(life_shown(w, shop, "paused/reason"), "นับสต็อก");
	cr_assert_str_eq(life_shown(w, shop, "next"), harness_text(w->h, "ttctl resume %s", shop));
	why = LIFE_CTL(w, 0, "shops", "--state", "paused");
	cr_assert(strstr(why, ALIAS) && !strstr(why, "\"other\""), "%s", why);
	life_orders(w, 3);
	life_is_quiet(w, shop, other);
	LIFE_CTL(w, 1, "sync", shop);

	/* again, with an end: the end moves, the beginning stays; it ends by itself */
	LIFE_CTL(w, 0, "pause", shop, "--for", "1h");
	until = life_shown(w, shop, "paused/until");
	LIFE_CTL(w, 0, "pause", shop, "--for", "2s");
	cr_assert_str_lt(life_shown(w, shop, "paused/until"), until);
	cr_assert_str_eq(life_shown(w, shop, "paused/reason"), "นับสต็อก", "it is still that pause");
	life_until(w, 1,
	           "SELECT count(*) FROM ttsync.v_history WHERE shop_id = %s"
	           " AND event = 'shop.resumed' AND actor = 'timer'",
	           shop);
	life_caught_up(w, shop, 0);

	/* by hand, and twice is once */
	LIFE_CTL(w, 0, "pause", shop);
	life_orders(w, 2);
	LIFE_CTL(w, 0, "resume", shop);
	LIFE_CTL(w, 0, "resume", shop);
	cr_assert_eq(life_noted(w, shop, "shop.resumed"), 2);
	life_caught_up(w, shop, 0);
	life_complete(w);
	cr_assert_eq(life_noted(w, shop, "shop.caught_up"), 2);
}

/* --- the end --------------------------------------------------------------------------------- */

#define TOKENS                                                                                     \
	"SELECT (SELECT count(*) FROM ttsync.grants WHERE access_box IS NOT NULL"                  \
	" OR refresh_box IS NOT NULL) + (SELECT count(*) FROM ttsync.token_history)"

static void
says_and_does_nothing(struct world *w, const char *shop)
{
	int64_t rows = life_rows(w);
	const char *doc = LIFE_CTL(w, 0, "disconnect", shop, "--purge", "--dry-run");

	cr_assert(strstr(doc, "\"dry_run\":true") && strstr(doc, "open_orders"), "%s", doc);
	cr_assert_eq(life_rows(w), rows, "--dry-run writes nothing");
	cr_assert_str_eq(life_shown(w, shop, "state"), "connected");
}

static void
purge_wants_the_alias(struct world *w, const char *shop)
{
	cr_assert(strstr(LIFE_CTL(w, 64, "disconnect", shop, "--purge"), "confirmation_needed"));
	cr_assert(strstr(LIFE_CTL(w, 64, "disconnect", shop, "--purge", "--confirm", "other"),
	                 "confirmation_differs"));
	cr_assert_eq(life_num(w, "SELECT count(*) FROM ttsync.shop WHERE purging"), 0);
}

/* Everything of the shop goes, but for what happened to it; others keep theirs. */
static void
purge(struct world *w, const char *shop, const char *other)
{
	int64_t of_other = life_rows_of(w, other), history;

	LIFE_CTL(w, 0, "disconnect", shop, "--purge", "--confirm", ALIAS);
	history = life_num(w, "SELECT count(*) FROM ttsync.history WHERE shop_id = %s", shop);
	life_until(w, 0, "SELECT count(*) FROM ttsync.shop WHERE shop_id = %s", shop);
	cr_assert_eq(life_rows_of(w, shop), 0);
	cr_assert_geq(life_rows_of(w, other), of_other);
	cr_assert_eq(life_noted(w, shop, "shop.purged"), 1);
	cr_assert_gt(life_num(w, "SELECT count(*) FROM ttsync.history WHERE shop_id = %s", shop),
	             history);
	cr_assert_eq(life_num(w, "SELECT count(*) FROM ttsync.outbox WHERE type = 'shop.purged'"),
	             1);
}

Test(life, what_is_disconnected_keeps_its_data_and_comes_back_by_its_own_authorization)
{
	struct world_opts o = { .name = "disconnect", .shops = 2 };
	CLEANUP(world_freep) struct world *w = world_new(&o);
	const char *shop = world_connect(w, "42", ALIAS, 1), *was;
	const char *other = world_connect(w, "42", "sibling", 1);
	const char *data = "SELECT (SELECT count(*) FROM ttsync.orders) + "
			   "(SELECT count(*) FROM ttsync.product)";
	int64_t had;

	life_state(w, shop, "connected");
	life_state(w, other, "connected");
	life_orders(w, 2);
	life_complete(w);
	cr_assert_eq(life_num(w, "SELECT count(*) FROM ttsync.grants"), 1, "one seller, one grant");
	says_and_does_nothing(w, shop);
	purge_wants_the_alias(w, shop);

	had = life_num(w, "%s", data);
	was = life_shown(w, shop, "connected_at");
	cr_assert(strstr(LIFE_CTL(w, 0, "disconnect", shop), "kept"),
	          "the sibling needs the tokens");
	cr_assert_str_eq(life_shown(w, shop, "state"), "disconnected");
	cr_assert_str_eq(life_shown(w, shop, "reason"), "disconnected_by_hand");
	cr_assert_gt(life_num(w, TOKENS), 0);
	life_is_quiet(w, shop, other);
	cr_assert_eq(life_num(w, "%s", data), had);
	LIFE_CTL(w, 1, "pause", shop);

	cr_assert(life_well(life_reauthorize(w, other, 1)));
	cr_assert_str_eq(life_shown(w, shop, "state"), "disconnected", "it was ended by hand");
	life_orders(w, 2);
	cr_assert(life_well(life_reauthorize(w, shop, 1)));
	life_caught_up(w, shop, 0);
	life_complete(w);
	cr_assert_str_eq(life_shown(w, shop, "connected_at"), was);

	LIFE_CTL(w, 0, "disconnect", other);
	cr_assert_gt(life_num(w, TOKENS), 0);
	LIFE_CTL(w, 0, "disconnect", shop);
	cr_assert_eq(life_num(w, TOKENS), 0, "nobody needs them any more");
	cr_assert_eq(life_num(w, "SELECT count(*) FROM ttsync.grants WHERE state = 'ended'"), 1);

	purge(w, shop, other);
	world_connect(w, "42", ALIAS, 1); /* alias and TikTok shop are free again */
}
