/*
 * States and links of an authorization (S4, S7): each is good once, for its time, and for the
 * browser that began it; whatever else comes is told apart and does no harm.
 */
#include "common/json.h"
#include "tests/harness/harness.h"
#include "tests/harness/pgserver.h"
#include "tests/harness/proc.h"
#include "tests/harness/wait.h"
#include "tests/integration/life.h"
#include "tests/integration/world.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#define COOKIE "AAAAAAAAAAAAAAAAAAAAAA" /* a session as a page gives it to a browser */
#define OTHERS "BBBBBBBBBBBBBBBBBBBBBB"

static const char *
cookie(struct world *w, const char *session)
{
	return harness_text(w->h, "ttsync_session=%s", session);
}

/* A browser opens the URL in the background; its status comes to the log. */
static struct proc *
open_aside(struct world *w, const char *name, const char *url)
{
	const char *argv[] = { "curl",       "-q", "-sS",
		               "--noproxy",  "*",  "-o",
		               "/dev/null",  "-w", "status=%{http_code}\n",
		               "--max-time", "60", url,
		               NULL };

	return proc_spawn(w->h, name, argv, NULL);
}

static int
status_of(struct proc *p)
{
	CLEANUP(own_free) char *log = NULL;
	const char *at;

	if (proc_wait(p, LIFE_MS) != 0)
		harness_die(proc_log(p), "curl failed");
	log = harness_read(proc_log(p));
	at = strstr(log, "status=");
	return at ? (int)strtol(at + strlen("status="), NULL, 10) : 0;
}

static const char *
fresh_link(struct world *w, const char *shop)
{
	return life_of(w, LIFE_CTL(w, 0, "reauthorize", shop), "authorize_url");
}

/* The link's state belongs to a browser, as if it had been begun on the page there. */
static void
begun_in_a_browser(struct world *w, const char *shop)
{
	life_do(w,
	        "UPDATE ttsync.oauth_state SET session_hash = sha256('" COOKIE "')"
	        " WHERE shop_id = %s AND used_at IS NULL AND expires_at > now()",
	        shop);
}

static void
a_newer_link_ends_the_older(struct world *w, const char *shop, const char *first)
{
	const char *newer = fresh_link(w, shop);

	cr_assert_eq(world_consent(w, first, 1, false, NULL), 410);
	cr_assert_eq(life_noted(w, shop, "authorization.state_expired"), 1);
	cr_assert(life_well(world_consent(w, newer, 1, false, NULL)));
	cr_assert_str_eq(life_outcome(w, shop), "authorized");
	cr_assert_str_eq(life_shown(w, shop, "state"), "choosing");
}

static void
only_its_browser_may_come_back(struct world *w, const char *shop)
{
	const char *url, *redirect;

	url = fresh_link(w, shop);
	begun_in_a_browser(w, shop);
	redirect = life_redirect(w, url, 1);
	cr_assert_eq(life_open(w, redirect, NULL), 403, "no cookie");
	cr_assert_eq(life_open(w, redirect, cookie(w, OTHERS)), 403, "another browser");
	cr_assert_eq(life_noted(w, shop, "authorization.other_session"), 2);
	cr_assert_str_eq(life_outcome(w, shop), "", "it is not used up by that");
	cr_assert(life_well(life_open(w, redirect, cookie(w, COOKIE))));
	cr_assert_str_eq(life_outcome(w, shop), "authorized");
	/* going back in the browser leads on, elsewhere it is used */
	cr_assert(life_well(life_open(w, redirect, cookie(w, COOKIE))));
	cr_assert_eq(life_open(w, redirect, NULL), 403);
	cr_assert_eq(life_noted(w, shop, "authorization.state_reused"), 0);
	cr_assert_eq(life_num(w, "SELECT count(*) FROM ttsync.token_history"), 2,
	             "each code is exchanged once");
}

/* A code from somebody's history is worth nothing with another state. */
static void
a_code_is_no_good_with_another_state(struct world *w, const char *shop)
{
	const char *used = life_redirect(w, fresh_link(w, shop), 1), *other, *url, *forged;

	cr_assert(life_well(life_open(w, used, NULL)));
	cr_assert_eq(life_open(w, used, NULL), 409, "nor with its own, once it is used");
	cr_assert_eq(life_noted(w, shop, "authorization.state_reused"), 1);
	other = world_begin(w, "666", "stolen", &url);
	forged = harness_text(w->h, "http://127.0.0.1:%d/oauth/callback?%.*s&state=%s",
	                      w->daemon[0].port, (int)strcspn(strstr(used, "code="), "&"),
	                      strstr(used, "code="), strstr(url, "state=") + strlen("state="));
	cr_assert_eq(life_open(w, forged, NULL), 400);
	cr_assert_str_eq(life_outcome(w, other), "code_refused");
	cr_assert_str_eq(life_shown(w, other, "state"), "pending");
	life_do(w, "DELETE FROM ttsync.shop WHERE shop_id = %s", other);
	cr_assert_eq(life_open(w, forged, NULL), 404, "the state of a shop that is gone");
}

static void
while_one_is_at_it_another_waits(struct world *w, const char *shop)
{
	const char *redirect = life_redirect(w, fresh_link(w, shop), 1);
	struct proc *first;

	WORLD_TIKTOK(w, "/fault", "{\"match\":\"token/get\",\"kind\":\"delay\",\"ms\":3000}");
	first = open_aside(w, "first", redirect);
	life_until(w, 1,
	           "SELECT count(*) FROM ttsync.oauth_state WHERE shop_id = %s"
	           " AND used_at IS NOT NULL AND ended_at IS NULL",
	           shop);
	cr_assert_eq(life_open(w, redirect, NULL), 202, "in progress");
	cr_assert(life_well(status_of(first)));
	cr_assert_str_eq(life_outcome(w, shop), "authorized");
}

static void
two_at_the_same_time_are_one(struct world *w, const char *shop)
{
	const char *redirect = life_redirect(w, fresh_link(w, shop), 1);
	int64_t pairs = life_num(w, "SELECT count(*) FROM ttsync.token_history");
	struct proc *one = open_aside(w, "one", redirect), *two = open_aside(w, "two", redirect);
	int a = status_of(one), b = status_of(two);

	cr_assert(life_well(a) || life_well(b), "%d %d", a, b);
	cr_assert(a < 500 && b < 500, "%d %d", a, b);
	cr_assert_str_eq(life_outcome(w, shop), "authorized");
	cr_assert_eq(life_num(w, "SELECT count(*) FROM ttsync.token_history"), pairs + 1);
}

Test(states, each_is_good_once_in_its_time_and_in_its_browser)
{
	struct world_opts o = { .name = "oauthstates" };
	CLEANUP(world_freep) struct world *w = world_new(&o);
	const char *first, *shop = world_begin(w, "42", "main", &first);

	a_newer_link_ends_the_older(w, shop, first);
	only_its_browser_may_come_back(w, shop);
	a_code_is_no_good_with_another_state(w, shop);
	while_one_is_at_it_another_waits(w, shop);
	two_at_the_same_time_are_one(w, shop);
	cr_assert_eq(life_num(w, "SELECT count(*) FROM ttsync.grants"), 1);
	cr_assert_eq(life_num(w, "SELECT count(*) FROM ttsync.shop WHERE alias <> 'main'"), 0);
}

/* What is in the database opens nothing: neither states nor links are kept as they are. */
Test(states, a_link_ends_with_its_time_and_with_its_shop)
{
	struct world_opts o = { .name = "links" };
	CLEANUP(world_freep) struct world *w = world_new(&o);
	const char *doc, *shop, *link;

	shop = world_begin(w, "42", "main", NULL);
	doc = LIFE_CTL(w, 0, "reauthorize", shop);
	link = life_of(w, doc, "connect_url");
	cr_assert_eq(life_open(w, link, NULL), 200);
	cr_assert_eq(life_open(w, link, NULL), 200, "to look does no harm");
	life_do(w, "UPDATE ttsync.connect_link SET expires_at = now()");
	cr_assert_eq(life_open(w, link, NULL), 404);
	link = life_of(w, LIFE_CTL(w, 0, "reauthorize", shop), "connect_url");
	cr_assert_eq(life_open(w, link, NULL), 200);
	LIFE_CTL(w, 0, "disconnect", shop, "--purge", "--confirm", "main");
	life_until(w, 0, "SELECT count(*) FROM ttsync.shop");
	cr_assert_eq(life_open(w, link, NULL), 404);
}
