/*
 * The list of shops: whole however long it is, or page by page, and what it says where it is empty
 * (S2).
 */
#include "common/json.h"
#include "tests/harness/harness.h"
#include "tests/integration/life.h"
#include "tests/integration/world.h"

#include <criterion/criterion.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SHOPS 1100 /* of one answer 250 */
#define PAGE  400

/* Shops of store 42 that nobody has authorized yet, and rows to be counted for each third. */
static void
fill(struct world *w)
{
	life_do(w,
	        "INSERT INTO ttsync.store (store_id, name, plan) VALUES ('42', 'Mali', 'basic');"
	        "INSERT INTO ttsync.shop (store_id, alias)"
	        " SELECT '42', 'ร้าน ' || i FROM generate_series(1, %d) i;"
	        "INSERT INTO ttsync.product (shop_id, product_id, title, status, update_time, hash,"
	        " fence) SELECT shop_id, '1', 'T', 'ACTIVATE', now(), 1, 1 FROM ttsync.shop"
	        " WHERE shop_id %% 3 = 0",
	        SHOPS);
}

/* They are those of the database, each once. */
static void
are_all(const struct json *items)
{
	CLEANUP(own_free) int *seen = calloc(SHOPS + 1, sizeof(*seen));
	int64_t id;

	cr_assert_eq(json_len(items), SHOPS);
	for (size_t i = 0; i < SHOPS; i++) {
		cr_assert_eq(json_i64(json_at(items, i), "shop_id", &id), 0);
		cr_assert(id >= 1 && id <= SHOPS && !seen[id]++, "shop %" PRId64, id);
	}
}

Test(shops, a_list_longer_than_an_answer_is_whole)
{
	struct world_opts o = { .name = "long-list" };
	CLEANUP(world_freep) struct world *w = world_new(&o);
	int64_t n;
	struct said s;

	fill(w);
	TTCTL(w, &s, "shops");
	cr_assert_eq(s.code, 0, "%s", s.err);
	are_all(json_get(s.doc, "items"));
	cr_assert(!json_get(s.doc, "next_after"));
	cr_assert(!json_i64(s.doc, "total", &n) && n == SHOPS);
	cr_assert(!json_i64(json_get(s.doc, "totals"), "products", &n) && n == SHOPS / 3);
	said_done(&s);
	world_ctl(w, 0, &s, (const char *const[]){ "shops", NULL });
	cr_assert_eq(s.code, 0, "%s", s.err);
	cr_assert(strstr(s.out, "ร้าน 1100"), "%s", s.out);
	cr_assert(strstr(s.err, "Shops: 1100, products: 366"), "%s", s.err);
	cr_assert(!strstr(s.err, "showing"), "%s", s.err);
	said_done(&s);
}

Test(shops, a_page_goes_on_behind_the_one_before)
{
	struct world_opts o = { .name = "pages-of-shops" };
	CLEANUP(world_freep) struct world *w = world_new(&o);
	CLEANUP(json_freep) struct json *all = json_arr();
	char after[64] = "";
	struct said s;

	fill(w);
	for (int page = 0; page < 3; page++) {
		const struct json *items;

		if (page)
			TTCTL(w, &s, "shops", "--limit", "400", "--after", after);
		else
			TTCTL(w, &s, "shops", "--limit", "400");
		cr_assert_eq(s.code, 0, "%s", s.err);
		items = json_get(s.doc, "items");
		cr_assert_leq(json_len(items), PAGE);
		for (size_t i = 0; i < json_len(items); i++)
			json_add(all, json_copy(json_at(items, i)));
		cr_assert_eq(json_str(s.doc, "next_after") != NULL, page < 2);
		if (page < 2)
			snprintf(after, sizeof(after), "%s", json_str(s.doc, "next_after"));
		said_done(&s);
	}
	are_all(all);
	TTCTL(w, &s, "shops", "--after", "here");
	cr_assert_eq(s.code, 64, "%s", s.err);
	cr_assert(strstr(s.err, "next_after"), "%s", s.err);
	said_done(&s);
}

Test(shops, where_there_is_none_the_next_command_is_said)
{
	struct world_opts o = { .name = "no-shops" };
	CLEANUP(world_freep) struct world *w = world_new(&o);
	struct said s;

	world_ctl(w, 0, &s, (const char *const[]){ "shops", "--store", "42", NULL });
	cr_assert_eq(s.code, 0, "%s", s.err);
	cr_assert_str_eq(s.out, "");
	cr_assert(strstr(s.err, "ttctl connect --store"), "%s", s.err);
	said_done(&s);
}
