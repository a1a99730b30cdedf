/*
 * The administrator's side on a real daemon: what ttctl says and does beside the merchant's way.
 */
#include "common/json.h"
#include "tests/harness/harness.h"
#include "tests/integration/world.h"

#include <criterion/criterion.h>
#include <string.h>

#define ALIAS "ร้านหลัก"

Test(admin, waiting_ends_at_once_where_the_seller_said_no)
{
	struct world_opts o = { .name = "said-no" };
	CLEANUP(world_freep) struct world *w = world_new(&o);
	const char *url, *shop = world_begin(w, "42", ALIAS, &url);
	struct said s;

	cr_assert_neq(world_consent(w, url, 1, true, NULL), 200);
	TTCTL(w, &s, "wait", shop, "--for", "connected", "--timeout", "1h");
	cr_assert_eq(s.code, 1, "%s", s.err);
	cr_assert(strstr(s.err, "the seller said no"), "%s", s.err);
	cr_assert(strstr(s.err, "ttctl reauthorize"), "%s", s.err);
	said_done(&s);
}

/* The events that a listing holds all begin so; how many there are. */
static int
events_with(struct said *s, const char *prefix)
{
	const struct json *items = json_get(s->doc, "items");

	cr_assert_eq(s->code, 0, "%s", s->err);
	for (size_t i = 0; i < json_len(items); i++)
		cr_expect_eq(strncmp(json_str(json_at(items, i), "event"), prefix, strlen(prefix)),
		             0);
	return (int)json_len(items);
}

static int
lines_of(const char *text)
{
	int n = 0;

	for (; (text = strchr(text, '\n')); text++)
		n++;
	return n;
}

Test(admin, history_is_filtered_and_read_out_whole)
{
	struct world_opts o = { .name = "history" };
	CLEANUP(world_freep) struct world *w = world_new(&o);
	const char *shop = world_connect(w, "42", ALIAS, 1);
	int all;
	struct said s;

	TTCTL(w, &s, "history", shop);
	all = events_with(&s, "");
	said_done(&s);
	TTCTL(w, &s, "history", shop, "--event", "shop.", "--since", "1h");
	cr_assert_geq(events_with(&s, "shop."), 3);
	said_done(&s);
	TTCTL(w, &s, "history", shop, "--actor", "uid:", "--event", "shop.pending");
	cr_assert_eq(events_with(&s, "shop.pending"), 1);
	said_done(&s);
	TTCTL(w, &s, "history", shop, "--actor", "nobody of that name");
	cr_assert_eq(events_with(&s, ""), 0);
	said_done(&s);
	world_ctl(w, 0, &s,
	          (const char *const[]){ "--jsonl", "history", shop, "--after", "0", NULL });
	cr_assert_geq(lines_of(s.out), all, "one line an event");
	said_done(&s);
}

Test(admin, a_confirmation_that_is_only_tried_binds_nothing)
{
	struct world_opts o = { .name = "tried" };
	CLEANUP(world_freep) struct world *w = world_new(&o);
	const char *url, *shop = world_begin(w, "42", ALIAS, &url), *id, *house;
	const struct json *one;
	char text[64];
	struct said s;

	cr_assert_lt(world_consent(w, url, 1, false, NULL), 400);
	TTCTL(w, &s, "choices", shop);
	one = json_at(json_get(s.doc, "items"), 0);
	id = harness_text(w->h, "%s", json_str(one, "tiktok_shop_id"));
	house = harness_text(w->h, "%s",
	                     json_str(json_at(json_get(one, "warehouses"), 0), "warehouse_id"));
	said_done(&s);
	TTCTL(w, &s, "confirm", shop, "--shop", id, "--warehouse", house, "--branch", "B1",
	      "--dry-run");
	cr_assert_eq(s.code, 0, "%s", s.err);
	cr_assert_str_eq(said_str(&s, "branch_id", text, sizeof(text)), "B1");
	cr_assert(strstr(said_str(&s, "orders_from", text, sizeof(text)), "+07:00"),
	          "Bangkok's time");
	said_done(&s);
	TTCTL(w, &s, "show", shop);
	cr_assert_str_eq(said_str(&s, "state", text, sizeof(text)), "choosing");
	said_done(&s);
	TTCTL(w, &s, "confirm", shop, "--shop", id, "--warehouse", house, "--branch", "B1");
	cr_assert_str_eq(said_str(&s, "branch_id", text, sizeof(text)), "B1");
	cr_assert(json_len(json_get(s.doc, "jobs")) > 0 && json_len(json_get(s.doc, "scopes")) > 0);
	said_done(&s);
}

/* ttctl with these words prints one JSON document, and for people something in each language. */
static void
prints_data(struct world *w, const char *const *words)
{
	static const char *const ways[][3] = { { "--plain", "--no-header" },
		                               { "--lang", "th" },
		                               { "--lang", "en" } };
	const char *argv[8] = { "--json" };
	struct said s;

	for (int i = 0; words[i]; i++)
		argv[i + 1] = words[i];
	world_ctl(w, 0, &s, argv);
	cr_expect(s.doc && s.code < 2 && !*s.err, "%s: %d %s%s", words[0], s.code, s.out, s.err);
	said_done(&s);
	for (size_t k = 0; k < ARRAY_LEN(ways); k++) {
		argv[0] = ways[k][0];
		argv[1] = ways[k][1];
		for (int i = 0; i < 5; i++)
			argv[i + 2] = NULL;
		for (int i = 0; words[i]; i++)
			argv[i + 2] = words[i];
		world_ctl(w, 0, &s, argv);
		cr_expect_lt(s.code, 2, "%s %s: %s", argv[0], words[0], s.err);
		cr_expect(!k || *s.out || *s.err, "%s says something", words[0]);
		said_done(&s);
	}
}

Test(admin, stdout_is_data_alone_in_every_format)
{
	struct world_opts o = { .name = "formats" };
	CLEANUP(world_freep) struct world *w = world_new(&o);
	const char *shop = world_connect(w, "42", ALIAS, 1);
	const char *const words[][4] = {
		{ "status" },
		{ "store", "list" },
		{ "shops" },
		{ "shops", "--ics" },
		{ "show", shop },
		{ "choices", shop },
		{ "history", shop },
		{ "orders" },
		{ "products", ALIAS },
		{ "held" },
		{ "privacy", "report" },
		{ "queue" },
		{ "stats" },
		{ "help" },
		{ "help", "disconnect" },
		{ "pause", shop, "--for=1h" },
		{ "resume", shop },
		{ "disconnect", shop, "--dry-run" },
	};

	world_wait(w, shop, "connected");
	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		prints_data(w, words[i]);
}
