/*
 * What ends a connection and what does not: refusals of tokens, deauthorization, deactivated shops
 * and sellers, missing permissions, and the faults that are nobody's but the platform's or ours
 * (tiktok-shop-api.md 2.7, 4.3). Minutes and hours pass by moving the clock.
 */
#include "common/json.h"
#include "tests/harness/harness.h"
#include "tests/harness/pgserver.h"
#include "tests/harness/redisd.h"
#include "tests/harness/wait.h"
#include "tests/integration/days.h"
#include "tests/integration/life.h"
#include "tests/integration/world.h"

#include <criterion/criterion.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define REFRESH  "/api/v2/token/refresh"
#define REAUTH   "ttsyncd_token_refresh_total{result=\"reauthorize\"}"
#define MINUTE_S 60
#define SELLERS  4
#define ENDS     "SELECT count(*) FROM ttsync.v_event WHERE type = 'shop.disconnected'"

/* --- facts ----------------------------------------------------------------------------------- */

/* The number of the last call in the sandbox's log. */
static int64_t
last_call(struct world *w)
{
	CLEANUP(json_freep) struct json *doc = world_tiktok(w, "GET", "/calls?limit=0", NULL);
	int64_t n = 0;

	json_i64(doc, "last", &n);
	return n;
}

/* Calls of a seller to an endpoint after that number; times of the last two in *ret_gap_ms. */
static int
calls_since(struct world *w, int64_t since, int seller, const char *endpoint, int64_t *ret_gap_ms)
{
	CLEANUP(json_freep)
	struct json *doc =
	    world_tiktok(w, "GET", harness_text(w->h, "/calls?since=%" PRId64, since), NULL);
	const struct json *calls = json_get(doc, "calls");
	int64_t who, at = 0, before = 0;
	int n = 0;

	for (size_t i = 0; i < json_len(calls); i++) {
		const struct json *one = json_at(calls, i);

		if (json_i64(one, "seller", &who) || who != seller ||
		    strcmp(json_str(one, "endpoint"), endpoint) != 0)
			continue;
		before = at;
		json_i64(one, "time_ms", &at);
		n++;
	}
	if (ret_gap_ms)
		*ret_gap_ms = at - before;
	return n;
}

/* The gap is closed: all that TikTok has is here, and connected_at is where it was. */
static void
goes_on(struct world *w)
{
	life_orders(w, 1);
	life_complete(w);
	cr_assert_eq(life_num(w, "SELECT count(*) FROM ttsync.shop s JOIN was USING"
	                         " (shop_id) WHERE s.connected_at <> was.connected_at"),
	             0);
}

static struct world *
connected(const struct world_opts *o, const char *shops[], int n)
{
	struct world *w = world_new(o);

	for (int i = 0; i < n; i++)
		shops[i] = world_connect(w, "42", harness_text(w->h, "shop %d", i + 1), i + 1);
	for (int i = 0; i < n; i++)
		world_wait(w, shops[i], "connected");
	life_do(w, "CREATE TABLE was AS SELECT shop_id, connected_at FROM ttsync.shop");
	return w;
}

/* By the end of its authorization, and it says what to do. */
static void
it_ends(struct world *w, const char *shop)
{
	life_until_least(w, 1, ENDS);
	cr_assert_str_eq(life_shown(w, shop, "state"), "disconnected");
	cr_assert_str_eq(life_shown(w, shop, "reason"), "authorization_ended");
	cr_assert_str_eq(life_shown(w, shop, "next"),
	                 harness_text(w->h, "ttctl reauthorize %s", shop));
}

/* --- F35: a refresh is refused --------------------------------------------------------------- */

Test(ends, a_refresh_that_is_refused_once_ends_nothing)
{
	struct world_opts o = { .name = "once", .clock = true };
	const char *shop;
	CLEANUP(world_freep) struct world *w = connected(&o, &shop, 1);

	WORLD_TIKTOK(w, "/fault", "{\"match\":\"%s\",\"kind\":\"refuse-token\"}", REFRESH);
	for (int day = 0; day < 5 && !life_num(w, "SELECT refusals FROM ttsync.grants"); day++)
		days_pass_one(w);
	life_until_least(w, 1, "SELECT refusals FROM ttsync.grants WHERE state = 'suspect'");
	cr_assert_str_eq(life_shown(w, shop, "state"), "connected");
	world_move(w, MINUTE_S);
	life_until_least(w, 2,
	                 "SELECT gen FROM ttsync.grants WHERE state = 'active' AND refusals = 0");
	cr_assert_eq(life_num(w, ENDS), 0);
	goes_on(w);
}

static bool
is_counted(void *arg)
{
	return world_metric(arg, 0, REAUTH) > 0; /* the page is a second old at most */
}

Test(ends, a_refresh_that_is_refused_for_ever_ends_it_with_one_alert)
{
	struct world_opts o = { .name = "forever", .clock = true };
	const char *shop;
	CLEANUP(world_freep) struct world *w = connected(&o, &shop, 1);
	int64_t gap_ms = 0;

	WORLD_TIKTOK(w, "/fault", "{\"match\":\"%s\",\"kind\":\"refuse-token\",\"count\":-1}",
	             REFRESH);
	for (int day = 0; day < 6; day++) {
		days_pass_one(w);
		cr_assert_str_eq(life_shown(w, shop, "state"), "connected",
		                 "the token still stands");
	}
	goes_on(w);
	for (int i = 0; i < 20; i++) {
		world_move(w, MINUTE_S);
		days_settle(w);
	}
	/* the first pair has none before it: a try is one call */
	calls_since(w, 0, 1, "token_refresh", &gap_ms);
	cr_assert_geq(gap_ms, MINUTE_S * 15 * 1000, "T5: below a hundred a day");
	for (int day = 0; day < 4; day++)
		days_pass_one(w);
	it_ends(w, shop);
	cr_assert_eq(life_num(w, ENDS), 1);
	cr_assert_eq(life_num(w, "SELECT count(*) FROM ttsync.v_history"
	                         " WHERE event = 'shop.disconnected'"),
	             1);
	cr_assert_eq(life_logged(w, " grant.ended "), 1);
	cr_assert(wait_for(is_counted, w, LIFE_MS), "no counter names it");
	cr_assert_eq(world_metric(w, 0, REAUTH), 1);
}

/* --- F32: a refresh was answered, the answer was lost ------------------------------------------
 */

/* The sandbox's rotation is strict: a refresh token dies with its use. */
Test(ends, a_lost_answer_ends_it_with_its_access_token_and_is_told_before)
{
	struct world_opts o = { .name = "lost", .clock = true };
	const char *shop;
	CLEANUP(world_freep) struct world *w = connected(&o, &shop, 1);

	WORLD_TIKTOK(w, "/fault", "{\"match\":\"%s\",\"kind\":\"lost\"}", REFRESH);
	for (int day = 0; day < 6; day++)
		days_pass_one(w);
	cr_assert_eq(life_num(w, "SELECT gen FROM ttsync.grants WHERE state = 'suspect'"), 1);
	cr_assert_str_eq(life_shown(w, shop, "state"), "connected",
	                 "the access token still stands");
	cr_assert_str_eq(life_shown(w, shop, "reason"), "refresh_refused");
	goes_on(w);
	for (int day = 0; day < 3; day++)
		days_pass_one(w);
	it_ends(w, shop);
	life_connect_again(w, shop, 1);
	goes_on(w);
}

/* --- F36: deauthorized in the middle of work ------------------------------------------------- */

/* How a deauthorized seller's calls are refused, and what is then known. */
static const struct {
	int code;
	const char *reason;
} revocations[SELLERS] = {
	{ 105002, "authorization_ended" },
	{ 105005, "permission_missing" },
	{ 101000, "authorization_ended" },
	{ 36009004, "authorization_ended" },
};

static bool
all_have_ended(void *arg)
{
	struct world *w = arg;

	days_settle(w);
	world_move(w, 10);
	return life_num(w, ENDS) == SELLERS;
}

Test(ends, a_deauthorized_shop_makes_one_more_call_a_kind, .timeout = 200)
{
	struct world_opts o = { .name = "deauthorized", .sellers = SELLERS, .clock = true };
	const char *shops[SELLERS];
	CLEANUP(world_freep) struct world *w = connected(&o, shops, SELLERS);
	int64_t since;

	goes_on(w);
	for (int i = 0; i < SELLERS; i++)
		WORLD_TIKTOK(w, "/grant/revoke", "{\"seller\":%d,\"code\":%d}", i + 1,
		             revocations[i].code);
	since = last_call(w);
	life_orders(w, 5);
	life_until_least(w, SELLERS - 1,
	                 "SELECT count(*) FROM ttsync.grants WHERE state = 'suspect'");
	cr_assert_eq(life_num(w, "SELECT count(*) FROM ttsync.grants WHERE state = 'suspect'"
	                         " AND held_until > next_try_at + interval '1 min'"),
	             SELLERS - 1, "jobs wait for the second look");
	cr_assert(wait_for(all_have_ended, w, LIFE_MS), "%" PRId64 " have ended",
	          life_num(w, ENDS));
	for (int i = 0; i < SELLERS; i++) {
		cr_assert_leq(calls_since(w, since, i + 1, "orders_search", NULL), 1, "%d",
		              revocations[i].code);
		cr_assert_leq(calls_since(w, since, i + 1, "products_search", NULL), 1, "%d",
		              revocations[i].code);
		cr_assert_str_eq(life_shown(w, shops[i], "reason"), revocations[i].reason, "%d",
		                 revocations[i].code);
		cr_assert_str_eq(life_shown(w, shops[i], "next"),
		                 harness_text(w->h, "ttctl reauthorize %s", shops[i]));
	}
	cr_assert_eq(life_num(w, "SELECT count(*) FROM ttsync.orders"), SELLERS, "data stays");
	for (int i = 0; i < SELLERS; i++)
		life_connect_again(w, shops[i], i + 1);
	goes_on(w);
	cr_assert_eq(life_num(w, "SELECT count(*) FROM ttsync.orders"), SELLERS * 7,
	             "what came meanwhile is there");
}

/* --- deactivated ----------------------------------------------------------------------------- */

/* Redis has a clock of its own: what waits there is forgotten, and put back from PostgreSQL. */
static void
an_hour_passes(struct world *w)
{
	world_move(w, MINUTE_S * 61);
	free(REDISD_CMD(w->redis, "FLUSHALL"));
}

static const char put_off[] = "SELECT count(*) FROM ttsync.sync_state WHERE kind = 'orders'"
			      " AND next_due_at > now() + interval '50 min'";

static void
deactivated_and_back(struct world *w, const char *shop, int seller, const char *path,
                     const char *whom)
{
	int64_t ends = life_num(w, ENDS), since;

	WORLD_TIKTOK(w, path, "{%s,\"active\":false}", whom);
	since = last_call(w);
	life_until_least(w, ends + 1, ENDS);
	cr_assert_str_eq(life_shown(w, shop, "state"), "disconnected");
	cr_assert_str_eq(life_shown(w, shop, "reason"), "shop_deactivated");
	days_settle(w);
	cr_assert_leq(calls_since(w, since, seller, "orders_search", NULL), 1);
	since = last_call(w);
	life_until(w, 1, "%s", put_off);
	an_hour_passes(w);
	life_until(w, 1, "%s", put_off);
	cr_assert_eq(calls_since(w, since, seller, "orders_search", NULL), 1, "hourly");
	cr_assert_eq(life_num(w, ENDS), ends + 1, "one alert");
	WORLD_TIKTOK(w, path, "{%s,\"active\":true}", whom);
	an_hour_passes(w);
	life_until_least(w, 1, "SELECT count(*) FROM ttsync.shop WHERE state = 'connected'");
	goes_on(w);
}

Test(ends, a_deactivated_shop_is_looked_at_hourly_and_comes_back_by_itself, .timeout = 200)
{
	struct world_opts o = { .name = "inactive", .clock = true };
	const char *shop;
	CLEANUP(world_freep) struct world *w = connected(&o, &shop, 1);

	deactivated_and_back(w, shop, 1, "/shop/deactivate", "\"shop\":1");
	deactivated_and_back(w, shop, 1, "/seller/deactivate", "\"seller\":1");
}

/* --- a permission is gone -------------------------------------------------------------------- */

Test(ends, a_missing_permission_is_named)
{
	struct world_opts o = { .name = "scope", .clock = true };
	const char *shop;
	CLEANUP(world_freep) struct world *w = connected(&o, &shop, 1);
	const struct json *missing;
	struct said s;

	WORLD_TIKTOK(w, "/scope", "{\"seller\":1,\"remove\":[\"seller.order.info\"]}");
	life_until_least(w, 1, ENDS);
	cr_assert_str_eq(life_shown(w, shop, "reason"), "permission_missing");
	TTCTL(w, &s, "show", shop);
	missing = json_get(s.doc, "missing_scopes");
	cr_assert_eq(json_len(missing), 1, "%s", s.out);
	cr_assert_str_eq(json_text(json_at(missing, 0)), "seller.order.info", "%s", s.out);
	said_done(&s);
	life_connect_again(w, shop, 1);
	goes_on(w);
}

/* --- what is not the shop's ------------------------------------------------------------------ */

/* Each for some calls, on all business calls. Never the shop's fault (4.3). */
static const char *const innocent[] = {
	"\"kind\":\"refuse\",\"why\":\"SIGN\"",
	"\"kind\":\"refuse\",\"why\":\"APP_KEY\"",
	"\"kind\":\"refuse\",\"why\":\"TIMESTAMP_OLD\"",
	"\"kind\":\"refuse\",\"why\":\"CALLER\"",
	"\"kind\":\"refuse\",\"why\":\"UNHEARD_OF\"",
	"\"kind\":\"refuse\",\"why\":\"NOT_THIS_SHOP\"",
	"\"kind\":\"429\",\"retry_after\":\"1\"",
	"\"kind\":\"429-no-retry-after\"",
	"\"kind\":\"5xx\"",
	"\"kind\":\"html\"",
	"\"kind\":\"lost\"",
	"\"kind\":\"cut\"",
	"\"kind\":\"malformed\"",
};

/* The fault in force has hit some calls. */
static bool
has_hit(void *arg)
{
	CLEANUP(json_freep) struct json *doc = world_tiktok(arg, "GET", "/fault", NULL);
	int64_t hits = 0;

	json_i64(json_at(json_get(doc, "faults"), 0), "hits", &hits);
	return hits >= 2;
}

Test(ends, faults_of_the_platform_and_our_own_disconnect_nothing, .timeout = 280)
{
	struct world_opts o = { .name = "innocent" };
	const char *shop;
	CLEANUP(world_freep) struct world *w = connected(&o, &shop, 1);
	CLEANUP(own_free) char *before = NULL, *after = NULL;
	const char *rows = "SELECT state, state_since, reason FROM ttsync.shop UNION ALL"
			   " SELECT event, at, NULL FROM ttsync.history WHERE event LIKE 'shop.%'";

	before = pgserver_query(w->pg, rows);
	for (size_t i = 0; i < ARRAY_LEN(innocent); i++) {
		WORLD_TIKTOK(w, "/fault", "{\"match\":\"/search\",\"count\":-1,%s}", innocent[i]);
		cr_assert(wait_for(has_hit, w, LIFE_MS), "%s hits nothing", innocent[i]);
		world_no_faults(w);
		/* what failed waits for its next try no longer than for the first */
		life_do(w, "UPDATE ttsync.sync_state SET attempts = 0");
	}
	after = pgserver_query(w->pg, rows);
	cr_assert_str_eq(after, before);
	goes_on(w);
}
