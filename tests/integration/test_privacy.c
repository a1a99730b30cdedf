/*
 * The report that no buyer's data is taken in: the counts grow with what TikTok sends, the list of
 * columns is whole, and a column that could hold a buyer is found.
 */
#include "common/json.h"
#include "common/own.h"
#include "tests/harness/harness.h"
#include "tests/harness/pgserver.h"
#include "tests/harness/wait.h"
#include "tests/integration/world.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#define DEADLINE 60000
#define ORDERS   9

static int64_t
dropped(const struct json *doc, const char *field)
{
	const struct json *list = json_get(doc, "dropped");
	int64_t n = -1;

	for (size_t i = 0; i < json_len(list); i++)
		if (!strcmp(json_str(json_at(list, i), "field"), field))
			json_i64(json_at(list, i), "count", &n);
	return n;
}

static bool
has(const struct json *list, const char *word)
{
	for (size_t i = 0; i < json_len(list); i++)
		if (!strcmp(json_text(json_at(list, i)), word))
			return true;
	return false;
}

/* Of a report as text, the part with what was found: criterion shows no more than so much. */
static const char *
verdict_of(const char *report)
{
	const char *at = strstr(report, "\"selftest\"");

	return at ? at : report;
}

struct counted {
	struct world *w;
	int64_t least; /* times each */
};

/* Workers tell their counters once a second. */
static bool
all_fields_are_counted(void *arg)
{
	const struct counted *x = arg;
	struct said s;
	bool yes;

	TTCTL(x->w, &s, "privacy", "report");
	yes = dropped(s.doc, "recipient_address") >= x->least &&
	      dropped(s.doc, "user_id") >= x->least && dropped(s.doc, "buyer_email") >= x->least &&
	      dropped(s.doc, "other") >= x->least && dropped(s.doc, "buyer_message") >= 1;
	said_done(&s);
	return yes;
}

/* New orders, whose buyers are counted by the reader that reads them. */
static void
orders_are_counted(struct world *w, int64_t least)
{
	struct counted x = { w, least };

	WORLD_TIKTOK(w, "/order", "{\"all\":true,\"status\":\"AWAITING_SHIPMENT\",\"count\":%d}",
	             ORDERS);
	cr_assert(world_caught_up(w, DEADLINE));
	cr_assert(wait_for(all_fields_are_counted, &x, DEADLINE), "%d are dropped and counted",
	          (int)least);
}

/* How many columns are suspicious; the first is this one. */
static int
suspicious(struct world *w, const char *table, const char *column)
{
	const struct json *list, *first;
	struct said s;
	int n;

	TTCTL(w, &s, "privacy", "report");
	list = json_get(json_get(s.doc, "schema"), "suspicious");
	n = (int)json_len(list);
	first = json_at(list, 0);
	cr_assert_eq(s.code, n ? 1 : 0, "%s", verdict_of(s.out));
	cr_assert_eq(json_flag(s.doc, "ok"), !n);
	if (n) {
		cr_assert_str_eq(json_str(first, "table"), table, "%s", verdict_of(s.out));
		cr_assert_str_eq(json_str(first, "column"), column, "%s", verdict_of(s.out));
	}
	said_done(&s);
	return n;
}

Test(privacy, the_report_proves_that_no_buyer_is_taken_in, .timeout = 180)
{
	struct world_opts o = { .name = "privacy", .products = 1 };
	CLEANUP(world_freep) struct world *w = world_new(&o);
	CLEANUP(own_free) char *product = NULL;
	const char *shop;
	int64_t sentinels = 0;
	struct said s;

	shop = world_connect(w, "42", "main", 1);
	world_wait(w, shop, "synced");
	orders_are_counted(w, ORDERS);
	/* a name with quotes in it: these orders are left to the tree */
	product = pgserver_query(w->pg, "SELECT product_id FROM ttsync.v_product");
	WORLD_TIKTOK(w, "/product",
	             "{\"product_id\":\"%s\",\"title\":\"Cream of the \\\"first\\\" kind\"}",
	             product);
	orders_are_counted(w, INT64_C(2) * ORDERS);
	TTCTL(w, &s, "privacy", "report");
	cr_assert_eq(s.code, 0, "%s%s", verdict_of(s.out), s.err);
	cr_assert(json_flag(s.doc, "ok"), "%s", verdict_of(s.out));
	cr_assert(json_flag(json_get(s.doc, "selftest"), "ok"));
	json_i64(json_get(s.doc, "selftest"), "sentinels", &sentinels);
	cr_assert_geq(sentinels, 13 + 5, "they were tried, not only said to be");
	cr_assert_eq(json_len(json_get(json_get(s.doc, "selftest"), "readers")), 3);
	cr_assert_not_null(json_str(s.doc, "dropped_since"));
	cr_assert(has(json_get(s.doc, "allowed_fields"), "payment.total_amount"));
	cr_assert(has(json_get(s.doc, "allowed_fields"), "line_items.product_name"));
	cr_assert_not(has(json_get(s.doc, "allowed_fields"), "user_id"));
	cr_assert(has(json_get(s.doc, "buyer_fields"), "recipient_address"));
	said_done(&s);
}

Test(privacy, a_column_that_could_hold_a_buyer_is_found, .timeout = 120)
{
	struct world_opts o = { .name = "columns" };
	CLEANUP(world_freep) struct world *w = world_new(&o);

	cr_assert_eq(suspicious(w, "", ""), 0);
	pgserver_do(w->pg, "ALTER TABLE ttsync.orders ADD COLUMN user_id bigint");
	cr_assert_eq(suspicious(w, "orders", "user_id"), 1, "by its name");
	pgserver_do(w->pg, "ALTER TABLE ttsync.orders DROP COLUMN user_id,"
	                   " ADD COLUMN extra jsonb");
	cr_assert_eq(suspicious(w, "orders", "extra"), 1, "because it can hold anything");
	pgserver_do(w->pg, "ALTER TABLE ttsync.orders DROP COLUMN extra;"
	                   " CREATE VIEW ttsync.v_new AS SELECT order_id FROM ttsync.orders");
	cr_assert_eq(suspicious(w, "v_new", "order_id"), 1, "in a view as well");
	pgserver_do(w->pg, "DROP VIEW ttsync.v_new");
	cr_assert_eq(suspicious(w, "", ""), 0);
}
