/*
 * ttsyncd is killed between, and in the middle of, the steps of a connection: it goes on from
 * there, and nothing is lost or there twice.
 */
#include "common/json.h"
#include "tests/harness/harness.h"
#include "tests/harness/proc.h"
#include "tests/harness/redisd.h"
#include "tests/harness/wait.h"
#include "tests/integration/life.h"
#include "tests/integration/world.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#define PRODUCTS 680 /* seven pages */
#define PAGES    7
#define READ     3 /* of them before it is killed */

/* Killed, and there again; what it had leased is free, here and in Redis. */
static void
kill_and_start(struct world *w)
{
	world_kill(w, 0);
	life_leases_over(w);
	free(REDISD_CMD(w->redis, "FLUSHALL"));
	life_do(w, "UPDATE ttsync.oauth_state SET used_at = used_at - interval '2 min'");
	world_start(w, 0);
}

static void
fault(struct world *w, const char *match, const char *kind, int count)
{
	WORLD_TIKTOK(w, "/fault", "{\"match\":\"%s\",\"kind\":\"%s\",\"ms\":30000,\"count\":%d}",
	             match, kind, count);
}

static bool
a_fault_was_met(void *arg)
{
	CLEANUP(json_freep) struct json *doc = world_tiktok(arg, "GET", "/fault", NULL);
	const struct json *list = json_get(doc, "faults");
	int64_t hits = 0;

	return !json_len(list) || (!json_i64(json_at(list, 0), "hits", &hits) && hits > 0);
}

/* A program that waits for TikTok when ttsyncd is killed. */
static void
killed_while(struct world *w, const char *match, const char *kind, const char *const *argv)
{
	static int n;
	struct proc *p;

	fault(w, match, kind, 1);
	p = proc_spawn(w->h, harness_text(w->h, "aside%d", n++), argv, NULL);
	if (!wait_for(a_fault_was_met, w, LIFE_MS))
		harness_die(proc_log(p), "nobody asked for %s", match);
	world_kill(w, 0);
	proc_wait(p, LIFE_MS);
	world_no_faults(w);
	kill_and_start(w);
}

static void
killed_in_callback(struct world *w, const char *match, const char *kind, const char *redirect)
{
	killed_while(w, match, kind,
	             (const char *const[]){ "curl", "-q", "-sS", "--noproxy", "*", "--max-time",
	                                    "60", redirect, NULL });
}

/* In the middle of the exchange of the code, and behind it: the same redirect leads on. */
static void
authorize(struct world *w, const char *shop, const char *url)
{
	const char *redirect = life_redirect(w, url, 1);

	kill_and_start(w);
	killed_in_callback(w, "token/get", "hang", redirect);
	killed_in_callback(w, "/authorization/202309/shops", "hang", redirect);
	cr_assert(life_well(life_open(w, redirect, NULL)));
	cr_assert_str_eq(life_outcome(w, shop), "authorized");
	cr_assert_str_eq(life_shown(w, shop, "state"), "choosing");
	cr_assert_eq(life_num(w, "SELECT count(*) FROM ttsync.token_history"), 1,
	             "one code, one pair");
}

/* The answer to the exchange was lost with the daemon: a new link is needed, and works. */
static void
authorize_anew(struct world *w, const char *shop)
{
	const char *url = life_of(w, LIFE_CTL(w, 0, "reauthorize", shop), "authorize_url");
	const char *redirect = life_redirect(w, url, 1);

	killed_in_callback(w, "token/get", "delay", redirect);
	cr_assert_eq(life_open(w, redirect, NULL), 400, "TikTok takes a code once");
	cr_assert(life_well(life_reauthorize(w, shop, 1)));
	cr_assert_str_eq(life_outcome(w, shop), "authorized");
}

static void
confirm(struct world *w, const char *shop)
{
	const char *id = life_text(w, "SELECT max(tiktok_shop_id) FROM ttsync.grant_shop");
	const char *house = life_text(w, "SELECT max(warehouse_id) FROM ttsync.warehouse"
	                                 " WHERE type = 'SALES_WAREHOUSE'");

	kill_and_start(w);
	killed_while(w, "/logistics/202309/warehouses", "hang",
	             (const char *const[]){ harness_program(w->h, "ttctl"), "-s",
	                                    w->daemon[0].control, "confirm", shop, "--shop", id,
	                                    "--warehouse", house, NULL });
	cr_assert_str_eq(life_shown(w, shop, "state"), "choosing");
	/* before the first page */
	fault(w, "/search", "hang", -1);
	LIFE_CTL(w, 0, "confirm", shop, "--shop", id, "--warehouse", house);
	world_kill(w, 0);
	world_no_faults(w);
}

/* How often TikTok was asked for a page of products. */
static int
pages_asked(struct world *w)
{
	CLEANUP(json_freep) struct json *doc = world_tiktok(w, "GET", "/calls", NULL);
	const struct json *calls = json_get(doc, "calls");
	int n = 0;

	for (size_t i = 0; i < json_len(calls); i++)
		n += !strcmp(json_str(json_at(calls, i), "endpoint"), "products_search");
	return n;
}

/* In the middle of the products: it goes on at the page where it stood, not at the first. */
static void
read_products(struct world *w, const char *shop)
{
	int asked;

	WORLD_TIKTOK(w, "/fault",
	             "{\"match\":\"products/search\",\"kind\":\"delay\",\"ms\":2000,\"count\":-1}");
	kill_and_start(w);
	life_until_least(w, READ,
	                 "SELECT (mark->>'pages')::int FROM ttsync.sync_state WHERE kind ="
	                 " 'products'");
	world_kill(w, 0);
	world_no_faults(w);
	asked = pages_asked(w);
	kill_and_start(w);
	life_state(w, shop, "connected");
	cr_assert_leq(pages_asked(w) - asked, PAGES - READ);
}

Test(kill_steps, between_any_two_steps_a_connection_goes_on, .timeout = 280)
{
	static const char *const once[] = { "shop.pending", "shop.choosing", "shop.connecting",
		                            "shop.connected" };
	struct world_opts o = { .name = "killsteps", .products = PRODUCTS };
	CLEANUP(world_freep) struct world *w = world_new(&o);
	const char *url, *shop = world_begin(w, "42", "main", &url);

	kill_and_start(w);
	authorize(w, shop, url);
	authorize_anew(w, shop);
	confirm(w, shop);
	read_products(w, shop);
	cr_assert_eq(life_num(w, "SELECT count(*) FROM ttsync.product"), PRODUCTS);
	for (size_t i = 0; i < ARRAY_LEN(once); i++)
		cr_assert_eq(life_noted(w, shop, once[i]), 1, "%s", once[i]);
	cr_assert_eq(life_num(w, "SELECT count(*) FROM ttsync.grants"), 1);
	cr_assert_eq(life_num(w, "SELECT count(*) FROM ttsync.shop"), 1);
	life_orders(w, 3);
	life_complete(w);
}
