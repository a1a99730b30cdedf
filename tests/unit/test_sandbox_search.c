#include "common/crypto.h"
#include "tests/sandbox/cursor.h"
#include "tests/sandbox/life.h"
#include "tests/sandbox/search.h"

#include <criterion/criterion.h>
#include <string.h>

#define ORDERS 400
#define START  1000000

static struct shops shops;
static struct products products;
static struct orders orders;
static struct shop *shop;

/* Orders over 200 seconds, two in each, some of which moved on later. */
static void
setup(void)
{
	struct rng r = { 3 };

	shops_init(&shops, 1);
	products_init(&products, 1);
	orders_init(&orders, 1);
	orders.cache_cap = 1 << 20;
	shop = shops_open(&shops, shops_seller(&shops, region_find("TH"), false), region_find("TH"),
	                  SHOPS_PLAIN);
	products_create(&products, shop, NULL, 2, START);
	for (int i = 0; i < ORDERS; i++) {
		struct order_wish wish = { .create_time = START + i / 2,
			                   .seller_ships = i % 3 == 0 };

		cr_assert(orders_create(&orders, shop, &wish, START + i / 2));
	}
	for (int i = 0; i < ORDERS; i++)
		life_drift(&orders, orders.all[rng_below(&r, ORDERS)], START + 200 + i);
}

static void
teardown(void)
{
	orders_done(&orders);
	products_done(&products);
	shops_done(&shops);
}

TestSuite(sandbox_search, .init = setup, .fini = teardown);

static bool
matches(const struct search *s, const struct order *o)
{
	return o->create_time >= s->create_ge && o->create_time < s->create_lt &&
	       o->update_time >= s->update_ge && o->update_time < s->update_lt &&
	       (!s->status || o->status == s->status) &&
	       (s->shipping < 0 || o->seller_ships == (s->shipping == 1));
}

static size_t
expected(const struct search *s)
{
	size_t n = 0;

	for (size_t i = 0; i < ORDERS; i++)
		n += matches(s, orders.all[i]);
	return n;
}

/* Walk all pages: rows match, stand in order, come once, and are as many as a count finds. */
static void
check(struct search *s)
{
	const size_t want = expected(s);
	const struct order *last = NULL;
	struct search_page page;
	size_t n = 0;

	s->now = START + 10000;
	do {
		search_run(s, shop, 1, &page);
		cr_assert_eq(page.total, want);
		for (size_t i = 0; i < page.n; i++) {
			const struct order *o = page.rows[i];
			int64_t t = s->by_update ? o->update_time : o->create_time;

			cr_assert(matches(s, o));
			if (last) {
				int64_t before =
				    s->by_update ? last->update_time : last->create_time;

				cr_assert(s->descending ? t <= before : t >= before);
				cr_assert(t != before ||
				          (s->descending ? o->id < last->id : o->id > last->id));
			}
			last = o;
			s->started = true;
			s->after_time = t;
			s->after_id = o->id;
		}
		n += page.n;
	} while (page.more);
	cr_assert_eq(n, want);
}

Test(sandbox_search, every_mix_of_bounds_and_filters_gives_what_a_scan_gives)
{
	for (unsigned mix = 0; mix < 64; mix++) {
		struct search s;

		search_init(&s);
		s.page_size = 7;
		s.by_update = mix & 1;
		s.descending = mix & 2;
		if (mix & 4)
			s.create_ge = START + 50;
		if (mix & 8)
			s.update_lt = START + 350;
		if (mix & 16)
			s.status = ORDER_AWAITING_SHIPMENT;
		if (mix & 32)
			s.shipping = 1;
		check(&s);
	}
}

Test(sandbox_search, crossed_bounds_give_nothing)
{
	struct search s;

	search_init(&s);
	s.page_size = 5;
	s.create_ge = START + 100;
	s.create_lt = START + 50;
	check(&s);
}

Test(sandbox_search, a_new_order_appears_after_the_index_delay)
{
	struct search_page page;
	struct search s;

	orders.index_delay = 30;
	cr_assert(orders_create(&orders, shop, &(struct order_wish){ 0 }, START + 5000));
	search_init(&s);
	s.page_size = 10;
	s.delayed = true;
	s.create_ge = START + 5000;
	s.now = START + 5029;
	search_run(&s, shop, 1, &page);
	cr_assert_eq(page.n, 0);
	s.now = START + 5030;
	search_run(&s, shop, 1, &page);
	cr_assert_eq(page.n, 1);
}

Test(sandbox_search, the_text_cache_keeps_its_cap)
{
	size_t len;

	orders.cache_cap = 50000;
	for (int i = 0; i < ORDERS; i++) {
		cr_assert(orders_text(&orders, orders.all[i], START, &len));
		cr_assert_leq(orders.cache_bytes, 50000 + len);
	}
}

Test(sandbox_search, a_page_token_cannot_be_altered)
{
	const unsigned char key[32] = { 1, 2, 3 };
	struct cursor c = { .params = 7, .started = true, .time = START, .id = 42 }, back;
	char text[CURSOR_TEXT_MAX];

	cr_assert_eq(crypto_start(), 0);
	cursor_seal(key, &c, text);
	cr_assert_eq(cursor_open(key, text, &back), 0);
	cr_assert(back.id == 42 && back.time == START && back.params == 7 && back.started);
	text[20] = text[20] == 'A' ? 'B' : 'A';
	cr_assert_eq(cursor_open(key, text, &back), -1);
	cr_assert_eq(cursor_open(key, "abc", &back), -1);
}
