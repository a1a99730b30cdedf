/*
 * What a merchant's browser is refused, and told why: consent declined, links and states that are
 * forged, used, late, or of another browser; forms that were not made for this one.
 */
#include "common/json.h"
#include "tests/browser/browser.h"
#include "tests/browser/merchant.h"
#include "tests/browser/sound.h"
#include "tests/harness/harness.h"
#include "tests/harness/pgserver.h"
#include "tests/integration/world.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

static const struct browser_opts phone = { .lang = "th", .width = BROWSER_PHONE };
static const struct browser_opts desk = { .lang = "en", .width = BROWSER_DESKTOP };

/* What TikTok's redirect would be with this state and some code. */
static const char *
callback(struct merchant *m, const char *state)
{
	return harness_text(m->w->h, "http://127.0.0.1:%d/oauth/callback?code=ROW_other&state=%s",
	                    m->w->daemon[0].port, state);
}

/* The state on TikTok's page; the browser stands there. */
static const char *
state_of(struct browser *b)
{
	return browser_attr(b, "input[name=state]", "value");
}

static int64_t
grants(struct world *w)
{
	return pgserver_num(w->pg, "SELECT count(*) FROM ttsync.grants");
}

static void
declined(struct merchant *m)
{
	const char *state;

	browser_go(m->b, m->link);
	merchant_goes_to_tiktok(m);
	state = state_of(m->b);
	merchant_decides(m, false);
	cr_assert(merchant_hears(m, "denied"), "at %s", browser_url(m->b));
	LOOK(m->b, "refused-denied");
	browser_click(m->b, "#next");
	cr_assert(merchant_sees(m, "pending"), "and can begin again");
	browser_go(m->b, callback(m, state));
	cr_assert(merchant_hears(m, "reused"), "a state is good once: %s", browser_url(m->b));
	LOOK(m->b, "refused-reused");
}

static void
forged(struct merchant *m)
{
	browser_go(m->b, callback(m, "Zm9yZ2VkZm9yZ2VkZm9yZ2VkZm9y"));
	cr_assert(merchant_hears(m, "state_unknown"), "at %s", browser_url(m->b));
	LOOK(m->b, "refused-forged");
	browser_go(m->b, harness_text(m->w->h, "http://127.0.0.1:%d/oauth/callback",
	                              m->w->daemon[0].port));
	cr_assert(merchant_hears(m, "bad_link"));
	LOOK(m->b, "refused-bad-link");
	browser_go(m->b, harness_text(m->w->h, "http://127.0.0.1:%d/connect/%s",
	                              m->w->daemon[0].port, "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"));
	cr_assert(merchant_sees(m, "unknown_link"));
	LOOK(m->b, "refused-unknown-link");
}

static void
expired(struct merchant *m)
{
	browser_go(m->b, m->link);
	merchant_goes_to_tiktok(m);
	pgserver_do(m->w->pg, "UPDATE ttsync.oauth_state SET expires_at = now()"
	                      " - interval '1 second' WHERE used_at IS NULL");
	merchant_decides(m, true);
	cr_assert(merchant_hears(m, "expired"), "at %s", browser_url(m->b));
	LOOK(m->b, "refused-expired");
}

/* Somebody was given, or took, the address that one browser was sent to. */
static void
of_another_browser(struct merchant *m, struct browser *other)
{
	struct merchant thief = *m;
	const char *state;

	browser_go(m->b, m->link);
	merchant_goes_to_tiktok(m);
	state = state_of(m->b);
	thief.b = other;
	browser_go(other, callback(m, state));
	cr_assert(merchant_hears(&thief, "other_session"), "at %s", browser_url(other));
	LOOK(other, "refused-other-browser");
	browser_go(other, m->link);
	browser_go(other, callback(m, state));
	cr_assert(merchant_hears(&thief, "other_session"), "a session of its own does not help");
	merchant_decides(m, true);
	cr_assert(merchant_sees(m, "choosing"), "the one who began it goes on: %s",
	          browser_text(m->b, "body"));
	browser_go(m->b, callback(m, state));
	cr_assert(merchant_sees(m, "choosing"), "its own redirect leads it back to the shop");
	browser_go(other, callback(m, state));
	cr_assert(merchant_hears(&thief, "other_session"), "and nobody else");
}

Test(refusals, what_is_denied_forged_late_stolen_or_used_has_its_page)
{
	struct world_opts o = { .name = "refusals" };
	CLEANUP(world_freep) struct world *w = world_new(&o);
	struct merchant m = { .w = w, .alias = "ร้านหลัก", .seller = 1 };
	struct browser *other = browser_start(w->h, &desk);

	m.b = browser_start(w->h, &phone);
	merchant_begin(&m);
	declined(&m);
	forged(&m);
	expired(&m);
	cr_assert_eq(grants(w), 0, "nothing was bound so far");
	cr_assert_str_eq(merchant_shown(&m, "state"), "pending");
	of_another_browser(&m, other);
	cr_assert_eq(grants(w), 1);
	pgserver_do(w->pg, "UPDATE ttsync.connect_link SET expires_at = now()");
	browser_go(m.b, m.link);
	cr_assert(merchant_sees(&m, "unknown_link"), "links end");
}

/* --- forms ----------------------------------------------------------------------------------- */

/* To the last step, where only confirm is left to press. */
static void
go_to_confirm(struct merchant *m)
{
	browser_click(m->b, "input[name=shop]:enabled");
	browser_click(m->b, "#next");
	browser_click(m->b, "input[name=warehouse]:enabled");
	browser_click(m->b, "#next");
	cr_assert(browser_wait(m->b, "#confirm", BROWSER_MS));
}

Test(refusals, a_form_made_for_another_browser_changes_nothing)
{
	struct world_opts o = { .name = "forms" };
	CLEANUP(world_freep) struct world *w = world_new(&o);
	struct merchant m = { .w = w, .alias = "ร้านหลัก", .seller = 1 };

	m.b = browser_start(w->h, &desk);
	merchant_begin(&m);
	merchant_authorizes(&m);
	go_to_confirm(&m);
	browser_run(m.b, "document.querySelector('[name=csrf]').value ="
	                 " '0123456789abcdef'.repeat(4)");
	browser_click(m.b, "#confirm");
	cr_assert(merchant_sees(&m, "forbidden"), "at %s", browser_url(m.b));
	LOOK(m.b, "refused-form");
	cr_assert_str_eq(merchant_shown(&m, "state"), "choosing");
	browser_go(m.b, m.link);
	go_to_confirm(&m);
	browser_put_cookie(m.b, "ttsync_session", "AAAAAAAAAAAAAAAAAAAAAA");
	browser_click(m.b, "#confirm");
	cr_assert(merchant_sees(&m, "forbidden"), "the session is not the form's");
	cr_assert_str_eq(merchant_shown(&m, "state"), "choosing");
	browser_click(m.b, "#next");
	cr_assert(merchant_sees(&m, "choosing"));
	go_to_confirm(&m);
	browser_click(m.b, "#confirm");
	cr_assert(merchant_sees(&m, "connected") || merchant_sees(&m, "connecting"));
}

/* Both tabs go the whole way; the second finds it done. */
Test(refusals, a_link_opened_twice_does_no_harm)
{
	struct world_opts o = { .name = "twice" };
	CLEANUP(world_freep) struct world *w = world_new(&o);
	struct merchant m = { .w = w, .alias = "ร้านหลัก", .seller = 1 };
	const char *since;

	m.b = browser_start(w->h, &phone);
	merchant_begin(&m);
	browser_go(m.b, m.link);
	merchant_goes_to_tiktok(&m);
	browser_tab(m.b, 1);
	browser_go(m.b, m.link);
	merchant_goes_to_tiktok(&m);
	merchant_decides(&m, true);
	cr_assert(merchant_sees(&m, "choosing"), "at %s", browser_url(m.b));
	browser_tab(m.b, 0);
	browser_go(m.b, m.link);
	go_to_confirm(&m);
	browser_tab(m.b, 1);
	go_to_confirm(&m);
	browser_click(m.b, "#confirm");
	cr_assert(merchant_sees(&m, "connected"));
	since = merchant_shown(&m, "connected_at");
	browser_tab(m.b, 0);
	browser_click(m.b, "#confirm");
	cr_assert(merchant_sees(&m, "connected"), "at %s", browser_url(m.b));
	cr_assert_eq(browser_count(m.b, ".note"), 0, "the same once more is no mistake");
	LOOK(m.b, "twice");
	browser_reload(m.b);
	cr_assert(merchant_sees(&m, "connected"), "loading it again does no harm");
	cr_assert_str_eq(merchant_shown(&m, "connected_at"), since);
	cr_assert_eq(grants(w), 1);
	cr_assert_eq(pgserver_num(w->pg, "SELECT count(*) FROM ttsync.v_shop"), 1);
}
