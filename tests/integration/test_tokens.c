/*
 * The life of a grant, against a token host that loses answers, refuses and revokes.
 *
 * Waiting times of minutes are cut short in the database (hurry): a grant's next look is made due.
 */
#include "common/json.h"
#include "tests/harness/harness.h"
#include "tests/harness/pgserver.h"
#include "tests/harness/wait.h"
#include "tests/integration/life.h"
#include "tests/integration/world.h"

#include <criterion/criterion.h>
#include <dirent.h>
#include <string.h>

#define REFRESH "/api/v2/token/refresh"

static const char *const grace[] = { "--rotate-refresh", "grace", NULL };

static bool
is_refreshing(void *arg)
{
	return life_granted(arg, "inflight") > 0;
}

/* The grant is due now, whatever the calendar says. */
static void
hurry(struct world *w)
{
	life_do(w, "UPDATE ttsync.grants SET next_try_at = now(), asked_at = NULL WHERE "
	           "state IN ('active', 'suspect')");
}

static void
fault(struct world *w, const char *kind, int count)
{
	WORLD_TIKTOK(w, "/fault", "{\"match\":\"%s\",\"kind\":\"%s\",\"count\":%d}", REFRESH, kind,
	             count);
}

static void
new_order_arrives(struct world *w)
{
	life_orders(w, 1);
	life_complete(w);
}

/* How many calls of the API were refused for their token. */
static int64_t
refused_calls(struct world *w)
{
	CLEANUP(json_freep) struct json *doc = world_tiktok(w, "GET", "/calls", NULL);
	const struct json *calls = json_get(doc, "calls");
	int64_t code, n = 0;

	for (size_t i = 0; i < json_len(calls); i++)
		if (!json_i64(json_at(calls, i), "code", &code) && code >= 105000 && code < 106000)
			n++;
	return n;
}

/* --- tests ----------------------------------------------------------------------------------- */

Test(tokens, an_access_token_is_replaced_before_it_ends)
{
	static const char *const words[] = { "--access-lifetime", "12", "--old-access-dies", NULL };
	struct world_opts o = { .name = "refresh", .sandbox = words };
	CLEANUP(world_freep) struct world *w = world_new(&o);
	const char *shop = world_connect(w, "42", "main", 1);

	life_until_least(w, 3, "SELECT gen FROM ttsync.grants");
	new_order_arrives(w);
	cr_assert_geq(life_granted(w, "refreshes"), 2);
	cr_assert_eq(life_granted(w, "inflight_max"), 1, "one refresh at a time");
	cr_assert_leq(refused_calls(w), 2, "at most what was under way when the token changed");
	cr_assert_str_eq(life_shown(w, shop, "state"), "connected");
	cr_assert_eq(life_num(w, "SELECT count(*) - max(gen) FROM ttsync.token_history"), 0,
	             "every pair is in the history");
}

/* T4: faults of the moment never end a grant. */
Test(tokens, lost_answers_and_5xx_end_nothing)
{
	struct world_opts o = { .name = "tokenfault", .sandbox = grace };
	CLEANUP(world_freep) struct world *w = world_new(&o);
	const char *shop = world_connect(w, "42", "main", 1);
	static const char *const kinds[] = { "lost", "5xx", "cut", "html", "malformed" };

	world_wait(w, shop, "connected");
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		fault(w, kinds[i], 1);
		hurry(w);
		life_until_least(w, (int64_t)i + 1,
		                 "SELECT failures FROM ttsync.grants WHERE state = 'active'");
	}
	hurry(w);
	life_until_least(w, 2, "SELECT gen FROM ttsync.grants WHERE failures = 0");
	cr_assert_str_eq(life_shown(w, shop, "state"), "connected");
	new_order_arrives(w);
	cr_assert_eq(life_num(w, "SELECT count(*) FROM ttsync.history WHERE event = "
	                         "'shop.disconnected'"),
	             0);
}

/* Where a refresh token dies with its use, a lost answer leaves the access token to its end. */
Test(tokens, a_refused_refresh_token_keeps_the_shop_while_its_access_token_stands)
{
	struct world_opts o = { .name = "strict" };
	CLEANUP(world_freep) struct world *w = world_new(&o);
	const char *shop = world_connect(w, "42", "main", 1);

	world_wait(w, shop, "connected");
	fault(w, "lost", 1);
	hurry(w);
	life_until_least(w, 1, "SELECT failures FROM ttsync.grants");
	for (int64_t refusal = 1; refusal <= 2; refusal++) {
		hurry(w);
		life_until_least(w, refusal,
		                 "SELECT refusals FROM ttsync.grants WHERE state = 'suspect'");
	}
	cr_assert_str_eq(life_shown(w, shop, "state"), "connected");
	new_order_arrives(w);
}

Test(tokens, a_revoked_grant_disconnects_and_goes_on_from_its_cursor_when_renewed)
{
	struct world_opts o = { .name = "revoked" };
	CLEANUP(world_freep) struct world *w = world_new(&o);
	const char *shop = world_connect(w, "42", "main", 1);
	struct said s;

	world_wait(w, shop, "connected");
	new_order_arrives(w);
	WORLD_TIKTOK(w, "/grant/revoke", "{\"seller\":1}");
	for (int64_t refusal = 1; refusal <= 2; refusal++) {
		hurry(w);
		life_until_least(w, refusal, "SELECT refusals FROM ttsync.grants");
	}
	life_until_least(w, 1, "SELECT count(*) FROM ttsync.v_shop WHERE state = 'disconnected'");
	WORLD_TIKTOK(w, "/order", "{\"status\":\"AWAITING_SHIPMENT\",\"count\":5}");
	TTCTL(w, &s, "wait", shop, "--for", "connected");
	cr_assert_eq(s.code, 4, "a shop needs reauthorization");
	said_done(&s);
	TTCTL(w, &s, "status");
	cr_assert(strstr(s.out, harness_text(w->h, "ttctl reauthorize %s", shop)),
	          "status says what to do: %s", s.out);
	said_done(&s);
	cr_assert_eq(life_reauthorize(w, shop, 1), 200);
	cr_assert_str_eq(life_shown(w, shop, "state"), "connected");
	new_order_arrives(w); /* and what came while it was away */
	cr_assert_eq(life_num(w, "SELECT count(*) FROM ttsync.orders"), 7);
}

/* --- the spool ------------------------------------------------------------------------------- */

static int
spooled(struct world *w)
{
	DIR *d = opendir(harness_text(w->h, "%s/spool", w->daemon[0].state_dir));
	struct dirent *one;
	int n = 0;

	while (d && (one = readdir(d)))
		n += one->d_name[0] != '.'; /* a file that is still written has one */
	if (d)
		closedir(d);
	return n;
}

static bool
is_spooled(void *arg)
{
	return spooled(arg) == 1;
}

/* T3: the answer is on disk, the database has not heard of it, the daemon is gone. */
Test(tokens, a_pair_that_was_not_committed_is_used_at_the_next_start)
{
	struct world_opts o = { .name = "spool" };
	CLEANUP(world_freep) struct world *w = world_new(&o);
	const char *shop = world_connect(w, "42", "main", 1);
	int64_t refreshes;

	world_wait(w, shop, "connected");
	WORLD_TIKTOK(w, "/fault", "{\"match\":\"%s\",\"kind\":\"delay\",\"ms\":2000}", REFRESH);
	hurry(w);
	cr_assert(wait_for(is_refreshing, w, LIFE_MS), "no refresh under way");
	pgserver_pause(w->pg);
	cr_assert(wait_for(is_spooled, w, LIFE_MS), "no answer in the spool");
	world_kill(w, 0);
	pgserver_kill(w->pg);
	pgserver_restart(w->pg);
	cr_assert_eq(life_num(w, "SELECT gen FROM ttsync.grants"), 1);
	refreshes = life_granted(w, "refreshes");
	world_start(w, 0);
	cr_assert_eq(life_num(w, "SELECT gen FROM ttsync.grants"), 2);
	cr_assert_eq(spooled(w), 0, "the spool is empty again");
	cr_assert_eq(life_granted(w, "refreshes"), refreshes, "nobody asked again");
	hurry(w);
	life_until_least(w, 3, "SELECT gen FROM ttsync.grants");
	cr_assert_str_eq(life_shown(w, shop, "state"), "connected");
}
