#include "tests/sandbox/api.h"

#include "common/own.h"
#include "tests/sandbox/gateway.h"
#include "tests/sandbox/jw.h"
#include "tests/sandbox/param.h"

#include <string.h>

int
api_shops_authorized(struct call *c)
{
	jw_open(c->data, '{');
	jw_arr(c->data, "shops");
	for (size_t i = 0; i < c->seller->n_shops; i++) {
		if (c->seller->shops[i]->left)
			continue;
		shops_write(c->seller->shops[i], c->data);
		c->rows++;
	}
	jw_close(c->data, ']');
	jw_close(c->data, '}');
	return 0;
}

int
api_shops_active(struct call *c)
{
	jw_open(c->data, '{');
	jw_arr(c->data, "shops");
	for (size_t i = 0; i < c->seller->n_shops; i++) {
		const struct shop *s = c->seller->shops[i];

		if (!s->active || s->left)
			continue;
		jw_open(c->data, '{');
		jw_id(c->data, "id", s->id);
		jw_str(c->data, "region", s->region->code);
		jw_close(c->data, '}');
	}
	jw_close(c->data, ']');
	jw_close(c->data, '}');
	return 0;
}

int
api_shops_deauthorize(struct call *c)
{
	grants_revoke(&c->seller->grant, 0);
	return 0;
}

int
api_shops_warehouses(struct call *c)
{
	jw_open(c->data, '{');
	jw_arr(c->data, "warehouses");
	for (size_t i = 0; i < c->shop->n_warehouses; i++)
		shops_write_warehouse(c->shop, &c->shop->warehouses[i], c->data);
	jw_close(c->data, ']');
	jw_close(c->data, '}');
	c->rows = (int64_t)c->shop->n_warehouses;
	return 0;
}

static void
write_limit(struct buf *out, const char *key, int size, int weight)
{
	jw_obj(out, key);
	if (size) {
		jw_int(out, "max_height", size);
		jw_int(out, "max_length", size);
		jw_int(out, "max_width", size);
		jw_str(out, "unit", "CM");
	} else {
		jw_int(out, "max_weight", weight);
		jw_int(out, "min_weight", 0);
		jw_str(out, "unit", "GRAM");
	}
	jw_close(out, '}');
}

static void
write_option(struct buf *out, const char *id, const char *name, const char *type, int size,
             int weight)
{
	jw_open(out, '{');
	jw_str(out, "description", name);
	write_limit(out, "dimension_limit", size, 0);
	jw_str(out, "id", id);
	jw_str(out, "name", name);
	jw_arr(out, "platform");
	jw_item(out, "TIKTOK_SHOP");
	jw_close(out, ']');
	jw_str(out, "type", type);
	write_limit(out, "weight_limit", 0, weight);
	jw_close(out, '}');
}

int
api_shops_delivery_options(struct call *c)
{
	static const char *const scopes[] = { "WAREHOUSE", "PRODUCT", NULL };
	bool known = false;
	int scope = 0;

	if (param_word(c, "scope", scopes, &scope))
		return -1;
	for (size_t i = 0; i < c->shop->n_warehouses; i++)
		known = known || c->shop->warehouses[i].id == c->arg;
	if (!known)
		return gateway_bad_param(c, "warehouse_id");
	jw_open(c->data, '{');
	jw_arr(c->data, "delivery_options");
	write_option(c->data, "7091146663229650001", "Standard shipping", "STANDARD", 100, 20000);
	write_option(c->data, "7091146663229650009", "Shipped by seller", "SEND_BY_SELLER", 300,
	             100000);
	jw_close(c->data, ']');
	jw_close(c->data, '}');
	return 0;
}

int
api_shops_providers(struct call *c)
{
	static const char *const rows[][2] = { { "7117858858072010002", "Flash Express" },
		                               { "7117858858072010003", "Thailand Post" },
		                               { "7117858858072010004", "KEX" } };

	if (c->arg == 7091146663229650001u)
		return gateway_fail(c, FAIL_CARRIED);
	if (c->arg != 7091146663229650009u)
		return gateway_fail(c, FAIL_NOT_SUBSCRIBED);
	jw_open(c->data, '{');
	jw_arr(c->data, "shipping_providers");
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		jw_open(c->data, '{');
		jw_str(c->data, "id", rows[i][0]);
		jw_str(c->data, "name", rows[i][1]);
		jw_close(c->data, '}');
	}
	jw_close(c->data, ']');
	jw_close(c->data, '}');
	return 0;
}
