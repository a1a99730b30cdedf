#include "tests/sandbox/control.h"

#include "common/json.h"
#include "common/str.h"
#include "tests/sandbox/jw.h"
#include "tests/sandbox/param.h"
#include "tests/sandbox/scope.h"

#include <stdio.h>
#include <string.h>

int
control_grant_expire(struct control *c)
{
	const char *what = json_str(c->in, "what");
	struct seller *who;

	if (control_seller_of(c, &who))
		return -1;
	if (what && strcmp(what, "access") != 0 && strcmp(what, "refresh") != 0)
		return err_set(c->e, ERR_INPUT, 0, "what is access or refresh");
	grants_expire(&who->grant, 'A', world_now(c->w));
	if (what && !strcmp(what, "refresh"))
		grants_expire(&who->grant, 'R', world_now(c->w));
	return control_ok(c);
}

int
control_grant_revoke(struct control *c)
{
	struct seller *who;
	int64_t code;

	if (control_seller_of(c, &who) || control_num(c, "code", 105002, 0, 99999999, &code))
		return -1;
	if (code != 105002 && code != 105005 && code != 101000 && code != 36009004)
		return err_set(c->e, ERR_INPUT, 0, "code is 105002, 105005, 101000 or 36009004");
	grants_revoke(&who->grant, (int)code);
	return control_ok(c);
}

static int
read_scopes(struct control *c, const char *name, uint32_t *ret)
{
	const struct json *list = json_get(c->in, name);

	*ret = 0;
	for (size_t i = 0; i < json_len(list); i++) {
		const char *key = json_text(json_at(list, i));
		uint32_t bit = key ? scope_find(key) : 0;

		if (!bit)
			return err_set(c->e, ERR_INPUT, 0, "%s: unknown scope", name);
		*ret |= bit;
	}
	return 0;
}

int
control_scope(struct control *c)
{
	struct seller *who;
	uint32_t *word = &c->w->app.scopes;
	uint32_t gone, come;

	if (read_scopes(c, "remove", &gone) || read_scopes(c, "add", &come))
		return -1;
	if (json_get(c->in, "seller")) {
		if (control_seller_of(c, &who))
			return -1;
		word = &who->grant.scopes;
	}
	*word = (*word & ~gone) | come;
	return control_ok(c);
}

/* Absent: false, so that "deactivate" does what it says. */
int
control_shop_deactivate(struct control *c)
{
	struct shop *shop;

	if (control_shop(c, false, &shop))
		return -1;
	shop->active = json_flag(c->in, "active");
	return control_ok(c);
}

int
control_shop_leave(struct control *c)
{
	struct shop *shop;

	if (control_shop(c, false, &shop))
		return -1;
	shop->left = !json_flag(c->in, "back");
	return control_ok(c);
}

int
control_seller_deactivate(struct control *c)
{
	struct seller *who;

	if (control_seller_of(c, &who))
		return -1;
	who->active = json_flag(c->in, "active");
	return control_ok(c);
}

/* A name as a merchant may have typed it: anything that fits. */
static int
rename_to(struct control *c, char *dst, size_t room)
{
	const char *name = json_str(c->in, "name");

	if (!name || !*name)
		return err_set(c->e, ERR_INPUT, 0, "name is missing");
	if (strlen(name) >= room)
		return err_set(c->e, ERR_INPUT, 0, "name has more than %zu bytes", room - 1);
	str_copy(dst, room, name);
	return control_ok(c);
}

int
control_shop_rename(struct control *c)
{
	struct shop *shop;

	return control_shop(c, false, &shop) ? -1 : rename_to(c, shop->name, sizeof(shop->name));
}

int
control_seller_rename(struct control *c)
{
	struct seller *who;

	return control_seller_of(c, &who) ? -1 : rename_to(c, who->name, sizeof(who->name));
}

static void
write_seller(const struct seller *who, struct buf *out)
{
	jw_open(out, '{');
	jw_int(out, "seller", who->no);
	jw_str(out, "name", who->name);
	jw_str(out, "open_id", who->open_id);
	jw_bool(out, "active", who->active);
	jw_bool(out, "granted", who->grant.granted);
	jw_arr(out, "shops");
	for (size_t i = 0; i < who->n_shops; i++)
		shops_write(who->shops[i], out);
	jw_close(out, ']');
	jw_close(out, '}');
}

int
control_sellers(struct control *c)
{
	jw_open(c->out, '{');
	jw_arr(c->out, "sellers");
	for (size_t i = 0; i < c->w->shops.n_sellers; i++)
		write_seller(c->w->shops.sellers[i], c->out);
	jw_close(c->out, ']');
	jw_close(c->out, '}');
	return 0;
}

int
control_seller(struct control *c)
{
	const char *regions = json_str(c->in, "regions");
	int64_t shops, products;

	if (control_num(c, "shops", 1, 0, 1000, &shops) ||
	    control_num(c, "products", c->w->opt->products, 0, 100000, &products))
		return -1;
	if (!regions)
		regions = c->w->opt->region;
	if (world_check_regions(regions, c->e))
		return -1;
	write_seller(world_add_seller(c->w, regions, (size_t)shops, (size_t)products,
	                              json_flag(c->in, "cross_border") || shops > 1),
	             c->out);
	return 0;
}

int
control_warehouses(struct control *c)
{
	static const char *const words[] = { "plain", "disabled", "restricted", "no-sales", NULL };
	const char *word = json_str(c->in, "variant");
	struct shop *shop;

	if (control_shop(c, false, &shop))
		return -1;
	for (int i = 0; word && words[i]; i++) {
		if (!strcmp(words[i], word)) {
			shops_warehouses(&c->w->shops, shop, (enum shops_variant)i);
			return control_ok(c);
		}
	}
	return err_set(c->e, ERR_INPUT, 0, "variant is plain, disabled, restricted or no-sales");
}

int
control_app(struct control *c)
{
	const char *url = json_str(c->in, "redirect_url");

	if (url && !str_copy(c->w->app.redirect_url, sizeof(c->w->app.redirect_url), url))
		return err_set(c->e, ERR_INPUT, 0, "redirect_url is too long");
	jw_open(c->out, '{');
	jw_str(c->out, "app_key", c->w->app.key);
	jw_str(c->out, "redirect_url", c->w->app.redirect_url);
	jw_str(c->out, "service_id", c->w->app.service_id);
	jw_close(c->out, '}');
	return 0;
}

static int
change_product(struct control *c, struct product *p)
{
	const char *title = json_str(c->in, "title"), *word = json_str(c->in, "status");
	enum product_status s = word ? products_status(word) : p->status;
	int64_t price, quantity;

	if (!s)
		return err_set(c->e, ERR_INPUT, 0, "status is unknown");
	if (control_num(c, "price", -1, -1, 1000000000, &price) ||
	    control_num(c, "quantity", -1, -1, 1000000000, &quantity))
		return -1;
	if (title)
		products_set_title(p, title);
	p->status = s;
	for (size_t i = 0; i < p->n_skus; i++) {
		if (price >= 0)
			p->skus[i].price = price * 100;
		if (quantity >= 0)
			p->skus[i].quantity = quantity;
	}
	products_touch(p, world_now(c->w));
	return control_ok(c);
}

int
control_product(struct control *c)
{
	struct shop *shop;
	int64_t count, skus;
	char id[24];

	if (json_id(c->in, "product_id", id, sizeof(id))) {
		struct product *p = products_find(&c->w->products, param_id(id));

		return p ? change_product(c, p)
		         : err_set(c->e, ERR_INPUT, 0, "no product with this product_id");
	}
	if (control_shop(c, false, &shop) || control_num(c, "count", 1, 1, 100000, &count) ||
	    control_num(c, "skus", 2, 1, PRODUCTS_SKUS_MAX, &skus))
		return -1;
	jw_open(c->out, '{');
	jw_arr(c->out, "products");
	for (int64_t i = 0; i < count; i++)
		jw_item_id(c->out, products_create(&c->w->products, shop, json_str(c->in, "title"),
		                                   (size_t)skus, world_now(c->w))
		                       ->id);
	jw_close(c->out, ']');
	jw_close(c->out, '}');
	return 0;
}
