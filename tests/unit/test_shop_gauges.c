#include "common/buf.h"
#include "common/own.h"
#include "daemon/stats/exposition.h"
#include "daemon/stats/shop_gauges.h"
#include "tests/unit/promtool.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct counters c;
static struct gauges g;
static struct buf out;
static struct shop_gauges s;

static void
setup(void)
{
	buf_init(&out, 8u << 20);
	gauges_init(&g);
}

static void
teardown(void)
{
	buf_done(&out);
	gauges_done(&g);
	shop_gauges_done(&s);
}

TestSuite(shop_gauges, .init = setup, .fini = teardown);

static const char *
page(void)
{
	struct exposition x = { &c, &g, 1700000000 };

	gauges_reset(&g);
	buf_reset(&out);
	shop_gauges_fill(&s, &g);
	cr_assert_eq(exposition_write(&out, EXPOSITION_PROMETHEUS, &x), 0);
	return buf_text(&out);
}

#define HAS(text, line) cr_assert(strstr(text, "\n" line "\n"), "no line: %s\n%s", line, text)

static void
take(const char *text)
{
	shop_gauges_shops(&s, text, strlen(text));
}

Test(shop_gauges, every_state_is_present_from_the_start_and_counted)
{
	static const char *const states[] = { "pending",  "choosing",      "connecting",
		                              "expiring", "expired",       "disconnected",
		                              "paused",   "plan_suspended" };
	static const char answer[] = "{\"connected\":3,\"paused\":2,\"plan_suspended\":1}";

	for (size_t i = 0; i < ARRAY_LEN(states); i++) {
		char line[64];

		snprintf(line, sizeof(line), "\nttsyncd_shops{state=\"%s\"} 0\n", states[i]);
		cr_assert(strstr(page(), line), "%s", line);
	}
	shop_gauges_states(&s, answer, strlen(answer));
	HAS(page(), "ttsyncd_shops{state=\"connected\"} 3");
	HAS(page(), "ttsyncd_shops{state=\"paused\"} 2");
	HAS(page(), "ttsyncd_shops{state=\"plan_suspended\"} 1");
	shop_gauges_states(&s, NULL, 0);
	HAS(page(), "ttsyncd_shops{state=\"connected\"} 3");
}

Test(shop_gauges, each_shop_tells_its_end_and_its_streams)
{
	CLEANUP(own_free) char *before = NULL;
	const char *text;

	take(
	    "{\"shops\":[{\"shop_id\":\"17\",\"expires\":1811000000,\"last_success\":"
	    "{\"orders\":1780000000,\"products\":1780000007}},{\"shop_id\":\"18\",\"expires\":null,"
	    "\"last_success\":{}}]}");
	text = page();
	HAS(text, "ttsyncd_shop_authorization_expiry_timestamp_seconds{shop=\"17\"} 1811000000");
	HAS(text, "ttsyncd_shop_last_success_timestamp_seconds{shop=\"17\",stream=\"orders\"} "
	          "1780000000");
	HAS(text, "ttsyncd_shop_last_success_timestamp_seconds{shop=\"17\",stream=\"products\"} "
	          "1780000007");
	cr_assert_null(strstr(text, "shop=\"18\""));
	before = strdup(text); /* the next page is written over it */
	shop_gauges_shops(&s, NULL, 0);
	cr_assert_str_eq(page(), before, "what was last known stays while PostgreSQL is away");
	take("{\"shops\":[]}");
	cr_assert_null(strstr(page(), "shop=\"17\""), "a shop that is gone is gone");
}

Test(shop_gauges, so_many_shops_and_no_more)
{
	CLEANUP(buf_done) struct buf many;
	const char *text;
	int n = 0;

	buf_init(&many, 8u << 20);
	buf_str(&many, "{\"shops\":[");
	for (int i = 0; i < SHOP_GAUGES_MAX + 7; i++)
		buf_printf(&many,
		           "%s{\"shop_id\":\"%d\",\"expires\":1811000000,\"last_success\":{}}",
		           i ? "," : "", i);
	buf_str(&many, "]}");
	take(buf_text(&many));
	text = page();
	while ((text = strstr(text, "expiry_timestamp_seconds{"))) {
		text++;
		n++;
	}
	cr_assert_eq(n, SHOP_GAUGES_MAX);
	cr_assert(strstr(buf_text(&out), "of more than 5,000 shops"), "the help says so");
	cr_assert_eq(SHOP_GAUGES_MAX, 5000);
	cr_assert_str_eq(shop_gauges_args(), "{\"most\":5000}");
}

Test(shop_gauges, promtool_has_nothing_to_say)
{
	take("{\"shops\":[{\"shop_id\":\"17\",\"expires\":1811000000,\"last_success\":"
	     "{\"orders\":1780000000,\"products\":1780000007}}]}");
	page();
	promtool_check(&out);
}
