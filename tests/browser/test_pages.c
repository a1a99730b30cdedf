/*
 * The merchant's pages as such: without JavaScript, with the keyboard alone, in the other language,
 * and with names that try to be more than names.
 */
#include "common/json.h"
#include "tests/browser/browser.h"
#include "tests/browser/merchant.h"
#include "tests/browser/sound.h"
#include "tests/harness/harness.h"
#include "tests/integration/world.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#define TABS_MAX 20
#define ATTACK   "<img src=x onerror=document.title=1>\"'><b>&amp;"

/* --- without JavaScript ---------------------------------------------------------------------- */

/* The page asks again by itself, by a refresh and not by a script. */
static void
progress_is_followed(struct merchant *m)
{
	WORLD_TIKTOK(m->w, "/fault",
	             "{\"match\":\"/product/\",\"kind\":\"delay\",\"ms\":3000,\"count\":-1}");
	browser_click(m->b, "#confirm");
	cr_assert(merchant_sees(m, "connecting"), "at %s", browser_url(m->b));
	browser_shot(m->b, "no-script-connecting");
	world_no_faults(m->w);
	cr_assert(merchant_sees(m, "connected"), "the page turns by itself");
}

Test(pages, a_shop_is_connected_without_javascript)
{
	struct world_opts o = { .name = "noscript" };
	CLEANUP(world_freep) struct world *w = world_new(&o);
	struct browser_opts with = { .lang = "th", .width = BROWSER_PHONE, .no_script = true };
	struct merchant m = { .w = w, .alias = "ร้านหลัก", .seller = 1 };

	m.b = browser_start(w->h, &with);
	browser_go(m.b, "data:text/html,<p>plain</p><script>document.write('<i>run</i>')</script>");
	cr_assert_eq(browser_count(m.b, "i"), 0, "this browser runs no script");
	cr_assert_eq(browser_count(m.b, "p"), 1);
	merchant_begin(&m);
	merchant_authorizes(&m);
	browser_click(m.b, "input[name=shop]:enabled");
	browser_click(m.b, "#next");
	browser_click(m.b, "input[name=warehouse]:enabled");
	browser_click(m.b, "#next");
	cr_assert(browser_wait(m.b, "#confirm", BROWSER_MS));
	progress_is_followed(&m);
	browser_shot(m.b, "no-script-connected");
}

/* --- the keyboard ---------------------------------------------------------------------------- */

/* On a page of ours the focus has a border of 2 pixels at least. */
static const char focus_shows[] =
    "!document.body.dataset.state||"
    "[document.activeElement,document.activeElement.closest('label')]"
    ".map(e=>e&&getComputedStyle(e)).some(s=>s&&s.outlineStyle!=='none'"
    "&&parseFloat(s.outlineWidth)>=2)";

/* Tab until what matches has the focus, which can be seen. */
static void
tab_to(struct browser *b, const char *css)
{
	struct harness *h = browser_harness(b);

	for (int i = 0; i < TABS_MAX; i++) {
		browser_press(b, "Tab");
		if (browser_holds(b,
		                  harness_text(h, "document.activeElement.matches('%s')", css))) {
			cr_assert(browser_holds(b, focus_shows), "%s", css);
			return;
		}
	}
	cr_assert_fail("%s is not reached by Tab at %s", css, browser_url(b));
}

/* Reach it, press it, and be at what comes next. */
static void
press(struct browser *b, const char *css, const char *next)
{
	tab_to(b, css);
	browser_press(b, "Enter");
	cr_assert(browser_wait(b, next, BROWSER_MS), "%s led to %s", css, browser_url(b));
}

Test(pages, a_shop_is_connected_with_the_keyboard_alone)
{
	struct world_opts o = { .name = "keys", .shops = 2 };
	CLEANUP(world_freep) struct world *w = world_new(&o);
	struct browser_opts with = { .lang = "en", .width = BROWSER_DESKTOP };
	struct merchant m = { .w = w, .alias = "Keyboard", .seller = 1 };

	m.b = browser_start(w->h, &with);
	merchant_begin(&m);
	browser_go(m.b, m.link);
	press(m.b, "#authorize", "select[name=seller]");
	press(m.b, "button[value=authorize]", "body[data-state=choosing] input[name=shop]");
	tab_to(m.b, "input[name=shop]");
	browser_press(m.b, "Space");
	browser_press(m.b, "ArrowDown");
	cr_assert(browser_holds(m.b, "document.querySelectorAll('[name=shop]')[1].checked"));
	browser_shot(m.b, "keyboard-shop");
	press(m.b, "#next", "input[name=warehouse]");
	tab_to(m.b, "input[name=warehouse]");
	browser_press(m.b, "Space");
	press(m.b, "#next", "#confirm");
	press(m.b, "#confirm", "body[data-state=connected]");
	tab_to(m.b, "#authorize");
	press(m.b, "#lang", "html[lang=th]");
}

/* --- languages ------------------------------------------------------------------------------- */

static void
speaks(struct merchant *m, const char *lang)
{
	cr_assert(browser_wait(m->b, harness_text(m->w->h, "html[lang=%s]", lang), BROWSER_MS),
	          "at %s", browser_url(m->b));
}

Test(pages, the_other_language_stays_through_tiktok_and_back)
{
	struct world_opts o = { .name = "lang" };
	CLEANUP(world_freep) struct world *w = world_new(&o);
	struct browser_opts with = { .lang = "th", .width = BROWSER_PHONE };
	struct merchant m = { .w = w, .alias = "ร้านหลัก", .seller = 1 };

	m.b = browser_start(w->h, &with);
	merchant_begin(&m);
	browser_go(m.b, m.link);
	speaks(&m, "th");
	browser_click(m.b, "#lang");
	speaks(&m, "en");
	cr_assert_eq(merchant_finds(&m, "เชื่อมต่อ"), 0, "one language at a time");
	merchant_goes_to_tiktok(&m);
	merchant_decides(&m, true);
	cr_assert(merchant_sees(&m, "choosing"));
	speaks(&m, "en");
	browser_click(m.b, "input[name=shop]:enabled");
	browser_click(m.b, "#next");
	speaks(&m, "en");
	browser_click(m.b, "#back");
	speaks(&m, "en");
	browser_click(m.b, "#lang");
	speaks(&m, "th");
}

/* --- names ----------------------------------------------------------------------------------- */

/* The name stands there letter by letter, and nothing came of it. */
static void
is_text(struct merchant *m, const char *name)
{
	cr_assert_geq(merchant_finds(m, name), 1, "%s is not shown at %s: %s", name,
	              browser_url(m->b), browser_text(m->b, "body"));
	cr_assert_eq(browser_count(m->b, "img, script:not(:last-child), main b"), 0);
	cr_assert_str_neq(browser_title(m->b), "1");
	cr_assert_str_eq(browser_complaints(m->b), "");
}

Test(pages, hostile_names_are_shown_as_text)
{
	struct world_opts o = { .name = "hostile" };
	CLEANUP(world_freep) struct world *w = world_new(&o);
	struct browser_opts with = { .lang = "en", .width = BROWSER_PHONE };
	struct merchant m = { .w = w, .alias = "A" ATTACK, .seller = 1 };
	static const char shop[] = "S" ATTACK;

	WORLD_TIKTOK(w, "/shop/rename",
	             "{\"shop\":1,\"name\":\"S<img src=x onerror=document.title=1>"
	             "\\\"'><b>&amp;\"}");
	m.b = browser_start(w->h, &with);
	merchant_begin(&m);
	browser_go(m.b, m.link);
	is_text(&m, m.alias);
	merchant_goes_to_tiktok(&m);
	merchant_decides(&m, true);
	cr_assert(merchant_sees(&m, "choosing"));
	is_text(&m, shop);
	LOOK(m.b, "hostile-shop");
	browser_click(m.b, "input[name=shop]:enabled");
	browser_click(m.b, "#next");
	cr_assert(browser_wait(m.b, "input[name=warehouse]", BROWSER_MS));
	is_text(&m, shop);
	browser_click(m.b, "input[name=warehouse]:enabled");
	browser_click(m.b, "#next");
	cr_assert(browser_wait(m.b, "#confirm", BROWSER_MS));
	is_text(&m, shop);
	is_text(&m, m.alias);
	browser_click(m.b, "#confirm");
	cr_assert(merchant_sees(&m, "connected"));
	is_text(&m, shop);
	is_text(&m, m.alias);
	LOOK(m.b, "hostile-connected");
}
