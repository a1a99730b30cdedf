/*
 * The user guide, walked by four merchants at once: in Thai and in English, with a phone and at a
 * desk; from the link to the connected shop, and, after the authorization has ended, to its
 * renewal.
 */
#include "common/json.h"
#include "tests/browser/browser.h"
#include "tests/browser/merchant.h"
#include "tests/browser/sound.h"
#include "tests/harness/harness.h"
#include "tests/harness/pgserver.h"
#include "tests/harness/wait.h"
#include "tests/integration/world.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#define PRODUCTS   12
#define MERCHANTS  4
#define GAP_ORDERS 3
#define EXPIRY_MS  150000 /* a refused refresh is asked again after a minute */
#define SETTLE_MS  60000

struct walk {
	struct merchant m;
	struct browser_opts with;
	const char *since; /* connected_at, as the page and ttctl say it */
};

static struct walk walks[MERCHANTS] = {
	{ .m = { .alias = "ร้านหลัก", .seller = 1 },
	  .with = { .lang = "th", .width = BROWSER_PHONE } },
	{ .m = { .alias = "Second 🛒", .seller = 2 },
	  .with = { .lang = "en", .width = BROWSER_DESKTOP } },
	{ .m = { .alias = "น้ำปลาตราดี", .seller = 3 },
	  .with = { .lang = "th", .width = BROWSER_DESKTOP } },
	{ .m = { .alias = "Fourth", .seller = 4 },
	  .with = { .lang = "en", .width = BROWSER_PHONE } },
};

static bool
is_thai(const struct walk *k)
{
	return !strcmp(k->with.lang, "th");
}

/* Where a merchant's place is, on the pages before and at TikTok. */
static void
begin(struct walk *k)
{
	struct merchant *m = &k->m;

	WORLD_TIKTOK(m->w, "/warehouses", "{\"shop_id\":\"%s\",\"variant\":\"disabled\"}",
	             merchant_tiktok_shop(m, 1));
	merchant_begin(m);
	browser_go(m->b, m->link);
	cr_assert(merchant_sees(m, "pending"));
	cr_assert_geq(merchant_finds(m, m->alias), 1);
	LOOK(m->b, "guide-1-begin");
	merchant_goes_to_tiktok(m);
	browser_shot(m->b, "guide-2-tiktok");
	merchant_decides(m, true);
	cr_assert(merchant_sees(m, "choosing"), "at %s", browser_url(m->b));
}

static void
choose_shop(struct walk *k)
{
	struct merchant *m = &k->m;
	const char *shop = merchant_tiktok_shop(m, 1);

	cr_assert_eq(browser_count(m->b, "input[name=shop]"), 2);
	cr_assert_eq(browser_count(m->b, "input[name=shop]:checked"), 0, "nothing is chosen yet");
	browser_click(m->b, harness_text(m->w->h, "input[name=shop][value='%s']", shop));
	LOOK(m->b, "guide-3-shop");
	browser_click(m->b, "#next");
}

/* The return and the disabled warehouse are there, say why, and cannot be had. */
static void
choose_warehouse(struct walk *k)
{
	struct merchant *m = &k->m;

	cr_assert(browser_wait(m->b, "input[name=warehouse]", BROWSER_MS));
	cr_assert_eq(browser_count(m->b, "input[name=warehouse]"), 3);
	cr_assert_eq(browser_count(m->b, "input[name=warehouse]:enabled"), 1);
	cr_assert_eq(browser_count(m->b, ".off .why"), 2, "the reason stands with each");
	cr_assert_geq(merchant_finds(m, "คลังรับคืน"), 1);
	cr_assert_geq(merchant_finds(m, "Chonburi"), 1);
	cr_assert_geq(merchant_finds(m, is_thai(k) ? "คืน" : "returns"), 1);
	cr_assert_geq(merchant_finds(m, is_thai(k) ? "ปิดใช้งาน" : "switched off"), 1);
	browser_click(m->b, "label.off:last-of-type");
	cr_assert(browser_holds(m->b, "!document.querySelector('.off input:checked')"));
	browser_click(m->b, "input[name=warehouse]:enabled");
	LOOK(m->b, "guide-4-warehouse");
	browser_click(m->b, "#next");
}

/* While products come slowly the page shows how far they are; then it turns by itself. */
static void
confirm(struct walk *k)
{
	struct merchant *m = &k->m;

	cr_assert(browser_wait(m->b, "#confirm", BROWSER_MS));
	cr_assert_geq(merchant_finds(m, m->alias), 1);
	cr_assert_geq(merchant_finds(m, "คลังหลัก"), 1);
	LOOK(m->b, "guide-5-confirm");
	WORLD_TIKTOK(m->w, "/fault",
	             "{\"match\":\"/product/\",\"kind\":\"delay\",\"ms\":3000,\"count\":-1,"
	             "\"shop_id\":\"%s\"}",
	             merchant_tiktok_shop(m, 1));
	browser_click(m->b, "#confirm");
	cr_assert(merchant_sees(m, "connecting"), "at %s", browser_url(m->b));
	cr_assert(browser_wait(m->b, "#live progress", BROWSER_MS));
	LOOK(m->b, "guide-6-connecting");
	world_no_faults(m->w);
	cr_assert(merchant_sees(m, "connected"), "without a hand the page turns");
}

struct reading {
	struct merchant *m;
	const char *label;
	const char *want;
};

static bool
reads(void *arg)
{
	const struct reading *r = arg;

	browser_reload(r->m->b);
	return !strcmp(merchant_reads(r->m, r->label), r->want);
}

static void
expect(struct walk *k, const char *th, const char *en, const char *want)
{
	struct reading r = { &k->m, is_thai(k) ? th : en, want };

	cr_assert(wait_for(reads, &r, SETTLE_MS), "%s is %s and not %s", r.label,
	          merchant_reads(&k->m, r.label), want);
}

static void
make_orders(struct walk *k, int n)
{
	WORLD_TIKTOK(k->m.w, "/order", "{\"shop_id\":\"%s\",\"count\":%d}",
	             merchant_tiktok_shop(&k->m, 1), n);
}

static void
connected(struct walk *k)
{
	struct merchant *m = &k->m;

	make_orders(k, 2);
	expect(k, "สินค้า", "Products", harness_text(m->w->h, "%d", PRODUCTS));
	expect(k, "คำสั่งซื้อ", "Orders", "2");
	LOOK(m->b, "guide-7-connected");
	cr_assert_str_eq(merchant_shown(m, "counts/products"),
	                 harness_text(m->w->h, "%d", PRODUCTS));
	cr_assert_str_eq(merchant_shown(m, "counts/orders"), "2");
	k->since = merchant_shown(m, "connected_at");
	cr_assert_str_neq(k->since, "");
}

static void
connect(struct walk *k, struct world *w)
{
	k->m.w = w;
	k->m.b = browser_start(w->h, &k->with);
	begin(k);
	choose_shop(k);
	choose_warehouse(k);
	confirm(k);
	connected(k);
	browser_stop(k->m.b);
}

/* --- the authorization ends ------------------------------------------------------------------ */

static bool
all_expired(void *arg)
{
	struct world *w = arg;

	return pgserver_num(w->pg, "SELECT count(*) FROM ttsync.v_shop WHERE state = 'expired'") ==
	       MERCHANTS;
}

static void
end_authorizations(struct world *w)
{
	for (int i = 0; i < MERCHANTS; i++)
		WORLD_TIKTOK(w, "/grant/expire", "{\"seller\":%d,\"what\":\"refresh\"}",
		             walks[i].m.seller);
	cr_assert(wait_for(all_expired, w, EXPIRY_MS));
	for (int i = 0; i < MERCHANTS; i++)
		make_orders(&walks[i], GAP_ORDERS);
}

static bool
nothing_missing(void *arg)
{
	struct walk *k = arg;

	browser_reload(k->m.b);
	return merchant_finds(&k->m, is_thai(k) ? "ขาด 0" : "missing 0") > 0;
}

/* The same shop under its name since the same second; what came in between is there. */
static void
nothing_was_lost(struct walk *k)
{
	struct merchant *m = &k->m;

	cr_assert(wait_for(nothing_missing, k, SETTLE_MS), "%s", browser_text(m->b, "body"));
	expect(k, "คำสั่งซื้อ", "Orders", harness_text(m->w->h, "%d", 2 + GAP_ORDERS));
	cr_assert_str_eq(merchant_shown(m, "connected_at"), k->since);
	cr_assert_str_eq(merchant_shown(m, "alias"), m->alias);
	cr_assert_str_eq(merchant_shown(m, "tiktok_shop_id"), merchant_tiktok_shop(m, 1));
	cr_assert_str_eq(merchant_shown(m, "catch_up/missing"), "0");
	LOOK(m->b, "guide-9-renewed");
}

static void
renew(struct walk *k)
{
	struct merchant *m = &k->m;

	m->b = browser_start(m->w->h, &k->with);
	browser_go(m->b, m->link);
	cr_assert(merchant_sees(m, "expired"));
	cr_assert_geq(merchant_finds(m, is_thai(k) ? "หมดอายุแล้ว" : "expired"), 1);
	cr_assert_eq(merchant_finds(m, is_thai(k) ? "อนุญาตถึง" : "Authorized until"), 0,
	             "TikTok ended it a year early: no date, no days are left");
	LOOK(m->b, "guide-8-expired");
	merchant_goes_to_tiktok(m);
	merchant_decides(m, true);
	cr_assert(merchant_sees(m, "connected"), "at %s", browser_url(m->b));
	nothing_was_lost(k);
	browser_stop(m->b);
}

Test(guide, is_walked_from_the_link_to_the_renewed_authorization)
{
	struct world_opts o = {
		.name = "guide", .sellers = MERCHANTS, .shops = 2, .products = PRODUCTS
	};
	CLEANUP(world_freep) struct world *w = world_new(&o);
	CLEANUP(own_free) char *difference = NULL;

	for (int i = 0; i < MERCHANTS; i++)
		connect(&walks[i], w);
	end_authorizations(w);
	for (int i = 0; i < MERCHANTS; i++)
		renew(&walks[i]);
	difference = world_difference(w);
	cr_assert_null(difference, "%s", difference);
}
