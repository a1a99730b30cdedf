/*
 * TikTok gave a shop another cipher: calls are refused with 101000 until the seller's shops were
 * read again, which the daemon does by itself (tiktok-shop-api.md 4.1).
 */
#include "common/json.h"
#include "common/own.h"
#include "tests/harness/harness.h"
#include "tests/harness/pgserver.h"
#include "tests/integration/life.h"
#include "tests/integration/world.h"

#include <criterion/criterion.h>

Test(cipher, a_shop_whose_cipher_changed_goes_on_by_itself)
{
	struct world_opts o = { .name = "cipher" };
	CLEANUP(world_freep) struct world *w = world_new(&o);
	const char *shop = world_connect(w, "42", "main", 1);

	world_wait(w, shop, "connected");
	pgserver_do(w->pg,
	            "UPDATE ttsync.grant_shop SET cipher = 'GCP_XF90igAAAABh00qsWgtvOiGFNqyubMt3'");
	WORLD_TIKTOK(w, "/order", "{\"status\":\"AWAITING_SHIPMENT\"}");
	life_complete(w);
	cr_assert_eq(pgserver_num(w->pg, "SELECT gen FROM ttsync.grants"), 1,
	             "no token was at fault");
}
