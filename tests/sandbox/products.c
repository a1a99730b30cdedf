#include "tests/sandbox/products.h"

#include "tests/sandbox/ids.h"
#include "tests/sandbox/mem.h"
#include "tests/sandbox/rng.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const names[] = {
	[PRODUCT_NONE] = "",
	[PRODUCT_DRAFT] = "DRAFT",
	[PRODUCT_PENDING] = "PENDING",
	[PRODUCT_FAILED] = "FAILED",
	[PRODUCT_ACTIVATE] = "ACTIVATE",
	[PRODUCT_SELLER_DEACTIVATED] = "SELLER_DEACTIVATED",
	[PRODUCT_PLATFORM_DEACTIVATED] = "PLATFORM_DEACTIVATED",
	[PRODUCT_FREEZE] = "FREEZE",
	[PRODUCT_DELETED] = "DELETED",
};

const char *
products_status_name(enum product_status s)
{
	return names[s];
}

enum product_status
products_status(const char *name)
{
	for (enum product_status s = PRODUCT_DRAFT; s <= PRODUCT_DELETED; s++)
		if (!strcmp(names[s], name))
			return s;
	return PRODUCT_NONE;
}

void
products_init(struct products *p, uint64_t seed)
{
	*p = (struct products){ .seed = seed };
}

void
products_done(struct products *p)
{
	for (uint64_t i = 0; i < p->made; i++) {
		free(p->all[i]->title);
		free(p->all[i]);
	}
	free(p->all);
	idmap_done(&p->by_id);
	*p = (struct products){ 0 };
}

static char *
stock_title(uint64_t n)
{
	static const char *const what[] = {
		"ครีมทามือมะลิ 30 มล.",  "สบู่ขมิ้นสมุนไพร",     "เสื้อยืดผ้าฝ้าย",  "ข้าวหอมมะลิ 5 กก.",
		"ชาตะไคร้อบแห้ง",       "Canvas tote bag", "กระเป๋าผ้าไหม", "น้ำพริกตาแดง",
		"Bamboo phone stand", "เทียนหอมลีลาวดี",
	};
	char title[128];

	snprintf(title, sizeof(title), "%s #%llu", what[n % 10], (unsigned long long)n);
	return mem_text(title);
}

static void
fill_sku(struct products *p, struct sku *s, struct rng *r, size_t i)
{
	static const char *const colours[] = { "ขาว",        "ดำ", "ฟ้า", "Jasmine",
		                               "Frangipani", "S",  "M",  "L" };

	s->id = ids_make(IDS_SKU, p->seed, ++p->skus_made);
	s->price = (int64_t)(49 + rng_below(r, 900)) * 100 + (rng_below(r, 5) ? 0 : 50);
	s->quantity = 100 + (int64_t)rng_below(r, 5000);
	s->name = colours[i % 8];
	snprintf(s->seller_sku, sizeof(s->seller_sku), "SB-%05llu-%02zu",
	         (unsigned long long)p->made % 100000, i + 1);
}

struct product *
products_create(struct products *p, struct shop *shop, const char *title, size_t n_skus,
                int64_t now)
{
	struct product *one = mem_new(1, sizeof(*one) + n_skus * sizeof(one->skus[0]));
	struct rng r;

	if (!(p->made & (p->made + 1))) /* the room doubles each time it is used up */
		p->all = mem_grow(p->all, (p->made + 1) * 2, sizeof(struct product *));
	p->all[p->made++] = one;
	r = (struct rng){ rng_mix(p->seed ^ p->made) };
	one->id = ids_make(IDS_PRODUCT, p->seed, p->made);
	one->shop = shop;
	one->title = title ? mem_text(title) : stock_title(p->made);
	one->status = PRODUCT_ACTIVATE;
	one->create_time = one->update_time = now;
	one->n_skus = n_skus;
	for (size_t i = 0; i < n_skus; i++)
		fill_sku(p, &one->skus[i], &r, i);
	idmap_put(&p->by_id, one->id, one);
	timeline_put(&shop->products, now, one->id, one);
	return one;
}

void
products_touch(struct product *one, int64_t now)
{
	if (now <= one->update_time)
		return;
	timeline_move(&one->shop->products, one->update_time, one->id, now);
	one->update_time = now;
}

void
products_set_title(struct product *one, const char *title)
{
	free(one->title);
	one->title = mem_text(title);
}

struct product *
products_find(const struct products *p, uint64_t id)
{
	return idmap_get(&p->by_id, id);
}
