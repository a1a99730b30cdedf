#include "daemon/tiktok/shops.h"

#include "common/json.h"

void
shops_request(struct tt_call *c)
{
	call_init(c, "GET", "/authorization/202309/shops", false);
}

void
warehouses_request(struct tt_call *c)
{
	call_init(c, "GET", "/logistics/202309/warehouses", true);
}

static const char *
or_empty(const char *s)
{
	return s ? s : "";
}

/* The list under data.key, or NULL where it is absent, null or empty: all mean "none" (1.5). */
static int
list_of(const struct json *root, const char *key, size_t most, const struct json **ret,
        struct err *e)
{
	const struct json *data = json_get(root, "data");

	*ret = json_get(data, key);
	if (!json_is_obj(data) || (*ret && !json_is_arr(*ret)))
		return err_set(e, ERR_PARSE, 0, "the answer has no list of %s", key);
	if (json_len(*ret) > most)
		return err_set(e, ERR_PARSE, 0, "%zu %s in one answer, most is %zu", json_len(*ret),
		               key, most);
	return 0;
}

int
shops_read(const struct json *root, struct tt_shop *ret, struct err *e)
{
	const struct json *list;
	int n = 0;

	if (list_of(root, "shops", SHOPS_MAX, &list, e))
		return -1;
	for (size_t i = 0; i < json_len(list); i++) {
		const struct json *row = json_at(list, i);
		struct tt_shop *s = &ret[n];

		s->cipher = json_str(row, "cipher");
		if (!json_id(row, "id", s->id, sizeof(s->id)) || !s->cipher || !*s->cipher)
			continue;
		s->name = or_empty(json_str(row, "name"));
		s->region = or_empty(json_str(row, "region"));
		s->seller_type = or_empty(json_str(row, "seller_type"));
		n++;
	}
	return n;
}

int
warehouses_read(const struct json *root, struct tt_warehouse *ret, struct err *e)
{
	const struct json *list;
	int n = 0;

	if (list_of(root, "warehouses", WAREHOUSES_MAX, &list, e))
		return -1;
	for (size_t i = 0; i < json_len(list); i++) {
		const struct json *row = json_at(list, i);
		struct tt_warehouse *w = &ret[n];

		if (!json_id(row, "id", w->id, sizeof(w->id)))
			continue;
		w->name = or_empty(json_str(row, "name"));
		w->entity_id = json_str(row, "entity_id");
		w->effect_status = or_empty(json_str(row, "effect_status"));
		w->type = or_empty(json_str(row, "type"));
		w->sub_type = json_str(row, "sub_type");
		w->is_default = json_flag(row, "is_default");
		n++;
	}
	return n;
}
