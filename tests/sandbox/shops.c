#include "tests/sandbox/shops.h"

#include "tests/sandbox/ids.h"
#include "tests/sandbox/jw.h"
#include "tests/sandbox/mem.h"
#include "tests/sandbox/rng.h"
#include "tests/sandbox/scope.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void
shops_init(struct shops *s, uint64_t seed)
{
	*s = (struct shops){ .seed = seed };
}

void
shops_done(struct shops *s)
{
	for (size_t i = 0; i < s->n_all; i++) {
		timeline_done(&s->all[i]->by_create);
		timeline_done(&s->all[i]->by_update);
		timeline_done(&s->all[i]->products);
		free(s->all[i]->warehouses);
		free(s->all[i]);
	}
	for (size_t i = 0; i < s->n_sellers; i++) {
		grants_done(&s->sellers[i]->grant);
		free(s->sellers[i]->shops);
		free(s->sellers[i]);
	}
	free(s->sellers);
	free(s->all);
	idmap_done(&s->by_id);
	*s = (struct shops){ 0 };
}

struct seller *
shops_seller(struct shops *s, const struct region *home, bool cross_border)
{
	static const char *const names[] = {
		"Baan Mali", "Rim Khlong", "Doi Kham Fa",   "Siam Suk",
		"Nam Tan",   "Ban Rai",    "Khao Yai Mart", "Dok Rak"
	};
	struct seller *who = mem_new(1, sizeof(*who));

	s->sellers = mem_grow(s->sellers, s->n_sellers + 1, sizeof(struct seller *));
	s->sellers[s->n_sellers++] = who;
	who->no = (unsigned)s->n_sellers;
	who->region = home;
	who->cross_border = cross_border;
	who->active = true;
	who->grant.scopes = SCOPE_ALL;
	snprintf(who->name, sizeof(who->name), "%s %u", names[who->no % 8], who->no);
	snprintf(who->open_id, sizeof(who->open_id), "sbxOpenId%06u_%016llx", who->no,
	         (unsigned long long)rng_mix(s->seed + who->no));
	return who;
}

/*
 * The alphabet of ciphers has + / = in it, as base64 does: a client that does not encode them in
 * its URLs finds out here.
 */
static void
name_shop(const struct shops *s, struct shop *shop)
{
	static const char digits[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	struct rng r = { rng_mix(s->seed ^ shop->id) };
	char text[32];

	for (size_t i = 0; i < 28; i++)
		text[i] = digits[rng_below(&r, 64)];
	text[9] = '+';
	text[17] = '/';
	text[28] = '\0';
	snprintf(shop->cipher, sizeof(shop->cipher), "%sAAAAAA%s==", shop->region->prefix, text);
	snprintf(shop->code, sizeof(shop->code), "%sLC%08u", shop->region->code, shop->no);
	if (shop->seller->cross_border)
		snprintf(shop->name, sizeof(shop->name), "%s %s", shop->seller->name,
		         shop->region->code);
	else
		snprintf(shop->name, sizeof(shop->name), "%s", shop->seller->name);
}

struct shop *
shops_open(struct shops *s, struct seller *owner, const struct region *where,
           enum shops_variant variant)
{
	struct shop *shop = mem_new(1, sizeof(*shop));

	s->all = mem_grow(s->all, s->n_all + 1, sizeof(struct shop *));
	s->all[s->n_all++] = shop;
	owner->shops = mem_grow(owner->shops, owner->n_shops + 1, sizeof(struct shop *));
	owner->shops[owner->n_shops++] = shop;
	shop->no = (unsigned)s->n_all;
	shop->id = ids_make(IDS_SHOP, s->seed, shop->no);
	shop->seller = owner;
	shop->region = where;
	shop->active = true;
	name_shop(s, shop);
	shops_warehouses(s, shop, variant);
	idmap_put(&s->by_id, shop->id, shop);
	return shop;
}

struct warehouse *
shops_add_warehouse(struct shops *s, struct shop *shop, const char *name, enum shops_wh_state state,
                    bool returns)
{
	struct warehouse *w;

	shop->warehouses =
	    mem_grow(shop->warehouses, shop->n_warehouses + 1, sizeof(*shop->warehouses));
	w = &shop->warehouses[shop->n_warehouses++];
	*w = (struct warehouse){ .state = state, .returns = returns };
	w->id = ids_make(IDS_WAREHOUSE, s->seed, ++s->warehouses);
	w->entity_id = ids_make(IDS_WAREHOUSE, s->seed ^ 1, shop->no);
	snprintf(w->name, sizeof(w->name), "%s", name);
	w->is_default = true;
	for (size_t i = 0; i + 1 < shop->n_warehouses; i++)
		if (shop->warehouses[i].returns == returns)
			w->is_default = false;
	return w;
}

void
shops_warehouses(struct shops *s, struct shop *shop, enum shops_variant variant)
{
	shop->n_warehouses = 0;
	shops_add_warehouse(s, shop, "คลังรับคืน", SHOPS_WH_ENABLED, true);
	if (variant == SHOPS_NO_SALES)
		return;
	shops_add_warehouse(s, shop, "คลังหลัก", SHOPS_WH_ENABLED, false);
	if (variant == SHOPS_WITH_DISABLED)
		shops_add_warehouse(s, shop, "Chonburi", SHOPS_WH_DISABLED, false);
	if (variant == SHOPS_WITH_RESTRICTED)
		shops_add_warehouse(s, shop, "Chiang Mai", SHOPS_WH_RESTRICTED, false);
}

struct seller *
shops_find_seller(const struct shops *s, int64_t no)
{
	return no >= 1 && (uint64_t)no <= s->n_sellers ? s->sellers[no - 1] : NULL;
}

struct shop *
shops_find(const struct shops *s, uint64_t id)
{
	return idmap_get(&s->by_id, id);
}

struct shop *
shops_by_cipher(const struct seller *who, const char *cipher)
{
	for (size_t i = 0; i < who->n_shops; i++)
		if (!who->shops[i]->left && !strcmp(who->shops[i]->cipher, cipher))
			return who->shops[i];
	return NULL;
}

uint64_t
shops_sales_warehouse(const struct shop *shop)
{
	for (size_t i = 0; i < shop->n_warehouses; i++)
		if (!shop->warehouses[i].returns && shop->warehouses[i].is_default)
			return shop->warehouses[i].id;
	return 0;
}

void
shops_write(const struct shop *shop, struct buf *out)
{
	jw_open(out, '{');
	jw_str(out, "cipher", shop->cipher);
	jw_str(out, "code", shop->code);
	jw_id(out, "id", shop->id);
	jw_str(out, "name", shop->name);
	jw_str(out, "region", shop->region->code);
	jw_str(out, "seller_type", shop->seller->cross_border ? "CROSS_BORDER" : "LOCAL");
	jw_close(out, '}');
}

/* Also the people of a warehouse are people: they carry the marker. */
static void
write_address(const struct region *where, struct buf *out)
{
	jw_obj(out, "address");
	jw_str(out, "address_line1", "CANARY-WAREHOUSE-ADDRESS 88/1");
	jw_str(out, "address_line2", "");
	jw_str(out, "address_line3", "");
	jw_str(out, "address_line4", "");
	jw_str(out, "city", where->city);
	jw_str(out, "contact_person", "CANARY-WAREHOUSE-NAME");
	jw_str(out, "distict", "Lumphini"); /* spelt so by the API */
	jw_str(out, "full_address", "CANARY-WAREHOUSE-ADDRESS 88/1");
	jw_obj(out, "geolocation");
	jw_str(out, "latitude", "13.71990");
	jw_str(out, "longitude", "100.58180");
	jw_close(out, '}');
	jw_str(out, "phone_number", "(+66)02****678");
	jw_str(out, "postal_code", "10110");
	jw_str(out, "region", where->country);
	jw_str(out, "region_code", where->code);
	jw_str(out, "state", where->province);
	jw_str(out, "town", "");
	jw_close(out, '}');
}

void
shops_write_warehouse(const struct shop *shop, const struct warehouse *w, struct buf *out)
{
	static const char *const states[] = { "DISABLED", "ENABLED", "RESTRICTED" };

	jw_open(out, '{');
	write_address(shop->region, out);
	jw_str(out, "effect_status", states[w->state]);
	jw_id(out, "entity_id", w->entity_id);
	jw_id(out, "id", w->id);
	jw_bool(out, "is_default", w->is_default);
	jw_str(out, "name", w->name);
	jw_str(out, "sub_type",
	       shop->seller->cross_border ? "CB_OVERSEA_WAREHOUSE" : "DOMESTIC_WAREHOUSE");
	jw_str(out, "type", w->returns ? "RETURN_WAREHOUSE" : "SALES_WAREHOUSE");
	jw_close(out, '}');
}
