/*
 * The sandbox's own page in a browser: what a merchant sees at TikTok, and the proof that the
 * browser, its languages and its sizes are what the other tests take them for.
 */
#include "common/json.h"
#include "tests/browser/browser.h"
#include "tests/harness/harness.h"
#include "tests/integration/world.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

Test(sandbox_page, a_seller_logs_in_and_authorizes_by_hand)
{
	struct world_opts o = { .name = "consent", .sellers = 2 };
	CLEANUP(world_freep) struct world *w = world_new(&o);
	struct browser_opts phone = { .lang = "th", .width = BROWSER_PHONE };
	struct browser *b = browser_start(w->h, &phone);
	const char *url, *shop = world_begin(w, "42", "ร้าน", &url);

	browser_go(b, url);
	cr_assert_str_eq(browser_attr(b, "html", "lang"), "en");
	cr_assert_eq(browser_count(b, "option"), 2);
	cr_assert(browser_holds(b, "window.innerWidth == 390"));
	cr_assert(browser_holds(b, "navigator.language == 'th'"));
	browser_click(b, "option[value='2']");
	browser_shot(b, "sandbox-consent");
	browser_click(b, "button[value=authorize]");
	cr_assert(!strncmp(browser_url(b), "http://127.0.0.1:", 17), "%s", browser_url(b));
	cr_assert_str_eq(browser_attr(b, "html", "lang"), "th");
	browser_shot(b, "sandbox-authorized");
	cr_assert_str_eq(browser_complaints(b), "");
	(void)shop;
}
