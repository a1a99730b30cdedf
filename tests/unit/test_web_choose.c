/* Shop and warehouse are chosen on the page of a connection. */
#include "tests/unit/web_shop.h"

TestSuite(web_connect, .init = setup, .fini = teardown);

#define SEVERAL                                                                                    \
	",\"choices\":[{\"tiktok_shop_id\":\"7001\",\"name\":\"One\",\"selectable\":true,"         \
	"\"warehouses\":[{\"warehouse_id\":\"901\",\"name\":\"A\",\"selectable\":true},"           \
	"{\"warehouse_id\":\"902\",\"name\":\"B\",\"selectable\":true},"                           \
	"{\"warehouse_id\":\"903\",\"name\":\"C\",\"selectable\":false,\"why_not\":\"of "          \
	"later\"}]},"                                                                              \
	"{\"tiktok_shop_id\":\"7002\",\"name\":\"Two\",\"selectable\":true,\"warehouses\":[]}]"

static const char *
choosing(const char *query)
{
	char target[200];

	t.answer = SHOP("choosing", CHOICES EXPIRES_AT);
	snprintf(target, sizeof(target), "/connect/abc?lang=en%s", query);
	cr_assert_eq(status_of(get(target)), 200);
	HAS(buf_text(&in), "<body data-state=\"choosing\">");
	return buf_text(&in);
}

Test(web_connect, shops_are_chosen_from_with_reasons_for_those_that_cannot_be)
{
	const char *s = choosing("");

	HAS(s, "<h1>Step 1 of 3: choose the shop</h1>");
	HAS(s, "<fieldset>\n<legend>");
	HAS(s,
	    "<label class=\"pick\"><input type=\"radio\" name=\"shop\" value=\"7001\" required "
	    "checked>"
	    "<span><bdi>One</bdi><small>TH · local seller · not connected yet · ID 7001</small>");
	HAS(s,
	    "<label class=\"pick off\"><input type=\"radio\" name=\"shop\" value=\"7002\" disabled>"
	    "<span><bdi>Two</bdi><small>TH · cross-border seller · connected already · ID "
	    "7002</small>"
	    "<small class=\"why\">Cannot be chosen: <bdi>it is connected already</bdi></small>");
	HAS(s, "Cannot be chosen: <bdi>it is connected already as ร้าน&lt;b&gt;</bdi>");
	HAS(s, "<button id=\"next\">");
	HAS(s, "<button class=\"less\" id=\"reload\">");
	HAS(s, "<form action=\"?\" method=\"get\">");
	HAS(s, "<input type=\"hidden\" name=\"lang\" value=\"en\">");
}

Test(web_connect, warehouses_are_chosen_from_with_reasons_for_those_that_cannot_be)
{
	const char *s = choosing("&shop=7001");

	HAS(s, "<h1>Step 2 of 3: choose the warehouse</h1>");
	HAS(s, "<input type=\"hidden\" name=\"shop\" value=\"7001\">");
	HAS(s, "name=\"warehouse\" value=\"901\" required checked><span><bdi>บางนา</bdi>"
	       "<small>the default at TikTok Shop · ID 901</small>");
	HAS(s, "name=\"warehouse\" value=\"902\" disabled>");
	HAS(s, "Cannot be chosen: <bdi>it takes returns only</bdi>");
	HAS(s, "name=\"warehouse\" value=\"903\" disabled>");
	HAS(s, "Cannot be chosen: <bdi>it is switched off at TikTok Shop</bdi>");
	HAS(s, "id=\"back\" href=\"?lang=en\"");
}

/* What is the only one is chosen beforehand; of several, none. */
Test(web_connect, of_several_none_is_chosen_beforehand)
{
	const char *s;

	t.answer = SHOP("choosing", SEVERAL);
	s = get("/connect/abc?lang=en");
	HAS(s, "name=\"shop\" value=\"7001\" required><span>");
	HAS(s, "name=\"shop\" value=\"7002\" required><span>");
	LACKS(s, " checked>");
	s = get("/connect/abc?lang=en&shop=7001");
	HAS(s, "name=\"warehouse\" value=\"901\" required><span>");
	HAS(s, "name=\"warehouse\" value=\"902\" required><span>");
	HAS(s, "name=\"warehouse\" value=\"903\" disabled>");
	HAS(s, "Cannot be chosen: <bdi>orders cannot leave from it</bdi>");
	LACKS(s, " checked>");
}

Test(web_connect, both_are_shown_before_they_are_confirmed)
{
	const char *s = choosing("&shop=7001&warehouse=901");

	HAS(s, "<h1>Step 3 of 3: check and confirm</h1>");
	HAS(s, "<dd><bdi>ร้านหลัก</bdi></dd>");
	HAS(s, "<dd><bdi>One</bdi></dd>");
	HAS(s, "<dd><bdi>บางนา</bdi></dd>");
	HAS(s, "<dd><bdi>23 Nov 2027, 09:05</bdi></dd>");
	HAS(s, "<dd><bdi>25 Nov 2026, 22:10</bdi></dd>");
	HAS(s, "Orders made from the second you confirm (Bangkok time)");
	HAS(s, "<form action=\"?\" method=\"post\">\n<input type=\"hidden\" name=\"action\" "
	       "value=\"confirm\">");
	HAS(s, "name=\"shop\" value=\"7001\">");
	HAS(s, "name=\"warehouse\" value=\"901\">");
	HAS(s, "<button id=\"confirm\">");
	HAS(s, "id=\"back\" href=\"?lang=en&amp;shop=7001\"");
}

Test(web_connect, a_choice_that_is_none_leads_back_to_its_step)
{
	HAS(choosing("&shop=7002"), "Step 1 of 3");
	HAS(buf_text(&in), "The shop that was chosen is not in the list");
	HAS(choosing("&shop=12"), "Step 1 of 3");
	HAS(choosing("&shop=%22%3E%3Cscript"), "The shop that was chosen is not in the list");
	LACKS(buf_text(&in), "script");
	HAS(choosing("&shop=7001&warehouse=902"), "Step 2 of 3");
	HAS(buf_text(&in), "The warehouse that was chosen is not in the list");
	HAS(choosing("&shop=7001&warehouse=x"), "The warehouse that was chosen is not in the list");
	LACKS(choosing(""), "role=\"status\"");
}

Test(web_connect, without_anything_to_choose_it_says_what_to_do)
{
	t.answer = SHOP("choosing", ",\"choices\":[]");
	HAS(get(EN("/connect/abc")), "There is no shop that can be chosen");
	HAS(buf_text(&in), "id=\"reload\"");
	LACKS(buf_text(&in), "id=\"next\"");
	t.answer = SHOP("choosing", ",\"choices\":[{\"tiktok_shop_id\":\"7001\",\"name\":\"One\","
	                            "\"selectable\":true,\"warehouses\":[]}]");
	HAS(get("/connect/abc?lang=en&shop=7001"), "This shop has no warehouse that can be chosen");
}

Test(web_connect, names_in_a_choice_are_escaped)
{
	t.answer =
	    "{\"alias\":\"" EVIL_JSON "\",\"state\":\"choosing\",\"choices\":[{\"tiktok_shop_id\":"
	    "\"7001\",\"name\":\"" EVIL_JSON "\",\"region\":\"<b>\",\"seller_type\":\"<b>\","
	    "\"selectable\":true,\"warehouses\":[{\"warehouse_id\":\"901\",\"name\":\"" EVIL_JSON
	    "\",\"selectable\":true},{\"warehouse_id\":\"\\\"><b>\",\"name\":\"\"}]},"
	    "{\"tiktok_shop_id\":\"\\\"><b>\",\"selectable\":false,\"why_not\":\"<b>\"}]}";
	check_harmless(get("/connect/abc"), EVIL_HTML);
	LACKS(buf_text(&in), "<b>");
	check_harmless(get("/connect/abc?shop=7001"), EVIL_HTML);
	LACKS(buf_text(&in), "<b>");
	check_harmless(get("/connect/abc?shop=7001&warehouse=901"), EVIL_HTML);
	LACKS(buf_text(&in), "<b>");
}
