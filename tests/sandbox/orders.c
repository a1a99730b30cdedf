#include "tests/sandbox/orders.h"

#include "common/buf.h"
#include "common/own.h"
#include "tests/sandbox/ids.h"
#include "tests/sandbox/life.h"
#include "tests/sandbox/mem.h"
#include "tests/sandbox/order_json.h"

#include <stdlib.h>
#include <string.h>

#define SHIPPING_FEE      4000 /* satang, before the platform's part */
#define SHIPPING_PLATFORM 2500
#define TEXT_MAX          (256u << 10)

static const char *const names[] = {
	[ORDER_NONE] = "",
	[ORDER_UNPAID] = "UNPAID",
	[ORDER_ON_HOLD] = "ON_HOLD",
	[ORDER_AWAITING_SHIPMENT] = "AWAITING_SHIPMENT",
	[ORDER_PARTIALLY_SHIPPING] = "PARTIALLY_SHIPPING",
	[ORDER_AWAITING_COLLECTION] = "AWAITING_COLLECTION",
	[ORDER_IN_TRANSIT] = "IN_TRANSIT",
	[ORDER_DELIVERED] = "DELIVERED",
	[ORDER_COMPLETED] = "COMPLETED",
	[ORDER_CANCELLED] = "CANCELLED",
};

const char *
orders_status_name(enum order_status s)
{
	return names[s];
}

enum order_status
orders_status(const char *name)
{
	for (enum order_status s = ORDER_UNPAID; s <= ORDER_CANCELLED; s++)
		if (!strcmp(names[s], name))
			return s;
	return ORDER_NONE;
}

void
orders_init(struct orders *o, uint64_t seed)
{
	*o = (struct orders){ .seed = seed, .rng = { rng_mix(seed + 17) } };
	TAILQ_INIT(&o->kept);
}

static void
forget_text(struct orders *o, struct order *one)
{
	if (!one->text)
		return;
	TAILQ_REMOVE(&o->kept, one, kept);
	o->cache_bytes -= one->text_len;
	free(one->text);
	one->text = NULL;
}

void
orders_forget_texts(struct orders *o)
{
	while (!TAILQ_EMPTY(&o->kept))
		forget_text(o, TAILQ_FIRST(&o->kept));
}

void
orders_done(struct orders *o)
{
	for (uint64_t i = 0; i < o->made; i++) {
		free(o->all[i]->text);
		free(o->all[i]);
	}
	free(o->all);
	idmap_done(&o->by_id);
	*o = (struct orders){ 0 };
}

uint64_t
orders_new_package(struct orders *o)
{
	return ids_make(IDS_PACKAGE, o->seed, ++o->packages_made);
}

static const struct product *
any_product(struct orders *o, const struct shop *shop)
{
	const struct timeline *t = &shop->products;

	for (unsigned tries = 0; t->n && tries < 32; tries++) {
		const struct product *p = t->rows[rng_below(&o->rng, (uint32_t)t->n)].row;

		if (p->status == PRODUCT_ACTIVATE)
			return p;
	}
	return NULL;
}

static void
fill_line(struct orders *o, struct line *l, const struct product *p)
{
	l->id = ids_make(IDS_LINE, o->seed, ++o->lines_made);
	l->product = p;
	l->sku = rng_below(&o->rng, (uint32_t)p->n_skus);
	l->price = p->skus[l->sku].price;
	l->discount = l->price / 10 / 100 * 100;
}

static void
keep(struct orders *o, struct order *one)
{
	if (!(o->made & (o->made + 1))) /* the room doubles each time it is used up */
		o->all = mem_grow(o->all, (o->made + 1) * 2, sizeof(struct order *));
	o->all[o->made++] = one;
	one->id = ids_make(IDS_ORDER, o->seed, o->made);
	idmap_put(&o->by_id, one->id, one);
}

struct order *
orders_create(struct orders *o, struct shop *shop, const struct order_wish *wish, int64_t now)
{
	size_t n = wish->lines ? wish->lines : 1 + rng_below(&o->rng, 3);
	const struct product *p = any_product(o, shop);
	struct order *one;

	if (!p)
		return NULL;
	one = mem_new(1, sizeof(*one) + n * sizeof(one->lines[0]));
	keep(o, one);
	one->shop = shop;
	/* one buyer in four comes back */
	one->buyer = 1 + (rng_below(&o->rng, 4) ? o->made : rng_next(&o->rng) % o->made);
	one->cod = wish->cod;
	one->seller_ships = wish->seller_ships;
	one->on_hold = wish->on_hold || wish->status == ORDER_ON_HOLD;
	one->warehouse_id = shops_sales_warehouse(shop);
	one->create_time = wish->create_time ? wish->create_time : now;
	one->visible_at = now + o->index_delay;
	one->n_lines = n;
	for (size_t i = 0; i < n; i++) {
		fill_line(o, &one->lines[i], p);
		if (rng_below(&o->rng, 2)) /* else one more of the same product */
			p = any_product(o, shop);
	}
	one->update_time = wish->update_time ? wish->update_time : one->create_time;
	life_begin(o, one, wish->status ? wish->status : ORDER_UNPAID);
	timeline_put(&shop->by_create, one->create_time, one->id, one);
	timeline_put(&shop->by_update, one->update_time, one->id, one);
	return one;
}

struct order *
orders_find(const struct orders *o, uint64_t id)
{
	return idmap_get(&o->by_id, id);
}

void
orders_changed(struct orders *o, struct order *one, int64_t now)
{
	forget_text(o, one);
	if (now <= one->update_time)
		return;
	timeline_move(&one->shop->by_update, one->update_time, one->id, now);
	one->update_time = now;
}

int64_t
orders_products_total(const struct order *one)
{
	int64_t sum = 0;

	for (size_t i = 0; i < one->n_lines; i++)
		sum += one->lines[i].price;
	return sum;
}

int64_t
orders_discount(const struct order *one)
{
	int64_t sum = 0;

	for (size_t i = 0; i < one->n_lines; i++)
		sum += one->lines[i].discount;
	return sum;
}

int64_t
orders_total(const struct order *one)
{
	return orders_products_total(one) - orders_discount(one) + SHIPPING_FEE - SHIPPING_PLATFORM;
}

const char *
orders_text(struct orders *o, struct order *one, int64_t now, size_t *ret_len)
{
	struct buf b;

	if (one->text) {
		TAILQ_REMOVE(&o->kept, one, kept);
		TAILQ_INSERT_TAIL(&o->kept, one, kept);
		*ret_len = one->text_len;
		return one->text;
	}
	buf_init(&b, TEXT_MAX);
	order_json_write(o, one, now, &b);
	one->text = mem_grow(STEAL(b.data), b.len + 1, 1);
	one->text_len = b.len;
	TAILQ_INSERT_TAIL(&o->kept, one, kept);
	o->cache_bytes += one->text_len;
	while (o->cache_bytes > o->cache_cap && TAILQ_FIRST(&o->kept) != one)
		forget_text(o, TAILQ_FIRST(&o->kept));
	*ret_len = one->text_len;
	return one->text;
}
