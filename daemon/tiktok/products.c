#include "daemon/tiktok/products.h"

#include "common/json.h"
#include "common/str.h"
#include "daemon/tiktok/page.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WORD_MAX 64

void
products_search_request(struct tt_call *c, int64_t lo, int64_t hi, const char *page_token)
{
	call_init(c, "POST", "/product/202502/products/search", true);
	call_param_i64(c, "page_size", PRODUCTS_PAGE_SIZE);
	if (page_token)
		call_param(c, "page_token", page_token);
	buf_printf(&c->body,
	           "{\"status\":\"ALL\",\"update_time_ge\":%" PRId64 ",\"update_time_le\":%" PRId64
	           "}",
	           lo, hi - 1);
}

static const char *
text(const struct json *row, const char *key, size_t most)
{
	const char *s = json_str(row, key);

	return s && *s && strlen(s) <= most ? s : NULL;
}

static void
cut_title(char *dst, size_t room, const char *src)
{
	size_t n = strnlen(src, room - 1);

	while (n && src[n] && ((unsigned char)src[n] & 0xc0) == 0x80) /* not inside a character */
		n--;
	memcpy(dst, src, n);
	dst[n] = '\0';
}

static bool
has_warehouse(const struct tt_sku *k, const char *id)
{
	for (int i = 0; i < k->nstock; i++)
		if (!strcmp(k->stock[i].warehouse_id, id))
			return true;
	return false;
}

static int
read_stock(const struct json *row, struct tt_sku *k, struct err *e)
{
	const struct json *list = json_get(row, "inventory");
	size_t n = json_len(list);

	if (n > PRODUCTS_STOCK_MAX)
		return err_set(e, ERR_PARSE, 0, "%zu warehouses of one SKU, most is %d", n,
		               PRODUCTS_STOCK_MAX);
	k->stock = n ? calloc(n, sizeof(*k->stock)) : NULL;
	if (n && !k->stock)
		return err_set(e, ERR_NOMEM, 0, "no memory for stock");
	for (size_t i = 0; i < n; i++) {
		const struct json *one = json_at(list, i);
		struct tt_stock *s = &k->stock[k->nstock];
		int64_t sum;

		if (!json_id(one, "warehouse_id", s->warehouse_id, sizeof(s->warehouse_id)) ||
		    json_i64(one, "quantity", &s->quantity) || has_warehouse(k, s->warehouse_id) ||
		    __builtin_add_overflow(k->quantity, s->quantity, &sum))
			continue;
		k->quantity = sum;
		k->nstock++;
	}
	return 0;
}

static int
read_sku(const struct json *row, struct tt_sku *k, struct err *e)
{
	const struct json *price = json_get(row, "price");

	if (!json_id(row, "id", k->id, sizeof(k->id)))
		return err_set(e, ERR_PARSE, 0, "a SKU without an id");
	k->seller_sku = text(row, "seller_sku", PRODUCTS_SELLER_SKU_MAX);
	k->price = text(price, "tax_exclusive_price", WORD_MAX);
	if (!k->price)
		k->price = text(price, "sale_price", WORD_MAX);
	k->currency = text(price, "currency", WORD_MAX);
	if (k->price && !str_is_amount(k->price))
		return err_set(e, ERR_PARSE, 0, "a price that is no amount");
	return read_stock(row, k, e);
}

static bool
has_sku(const struct tt_product *p, const char *id)
{
	for (int i = 0; i < p->nskus; i++)
		if (!strcmp(p->skus[i].id, id))
			return true;
	return false;
}

static int
read_skus(const struct json *row, struct tt_product *p, struct err *e)
{
	const struct json *list = json_get(row, "skus");
	size_t n = json_len(list);

	if (n > PRODUCTS_SKUS_MAX)
		return err_set(e, ERR_PARSE, 0, "%zu SKUs, most is %d", n, PRODUCTS_SKUS_MAX);
	if (!n)
		return 0;
	p->skus = calloc(n, sizeof(*p->skus));
	if (!p->skus)
		return err_set(e, ERR_NOMEM, 0, "no memory for %zu SKUs", n);
	for (size_t i = 0; i < n; i++) {
		struct tt_sku *k = &p->skus[p->nskus];

		if (read_sku(json_at(list, i), k, e)) {
			free(k->stock);
			return -1;
		}
		if (has_sku(p, k->id)) { /* the same SKU twice is one SKU */
			free(k->stock);
			memset(k, 0, sizeof(*k));
			continue;
		}
		p->nskus++;
	}
	return 0;
}

/* FNV-1a, 64 bits: tells a change from a repeat, nothing more. */
static void
mix(uint64_t *h, const char *s)
{
	for (; s && *s; s++)
		*h = (*h ^ (unsigned char)*s) * UINT64_C(1099511628211);
	*h = (*h ^ 0xff) * UINT64_C(1099511628211);
}

static int64_t
hash_of(const struct tt_product *p)
{
	uint64_t h = UINT64_C(14695981039346656037);
	char n[24];

	mix(&h, p->title);
	mix(&h, p->status);
	for (int i = 0; i < p->nskus; i++) {
		const struct tt_sku *k = &p->skus[i];

		mix(&h, k->id);
		mix(&h, k->seller_sku);
		mix(&h, k->price);
		mix(&h, k->currency);
		for (int j = 0; j < k->nstock; j++) {
			snprintf(n, sizeof(n), "%" PRId64, k->stock[j].quantity);
			mix(&h, k->stock[j].warehouse_id);
			mix(&h, n);
		}
	}
	return (int64_t)h;
}

int
products_read_one(const struct json *row, struct tt_product *ret, struct err *e)
{
	const char *title = json_str(row, "title");

	memset(ret, 0, sizeof(*ret));
	if (!json_id(row, "id", ret->id, sizeof(ret->id))) {
		ret->id[0] = '\0';
		return err_set(e, ERR_PARSE, 0, "a product without an id");
	}
	cut_title(ret->title, sizeof(ret->title), title ? title : "");
	ret->status = text(row, "status", WORD_MAX);
	ret->create_time = page_time(row, "create_time");
	ret->update_time = page_time(row, "update_time");
	if (!ret->status || !ret->update_time)
		return err_set(e, ERR_PARSE, 0, "status or update_time of a product is missing");
	if (read_skus(row, ret, e)) {
		products_free_one(ret);
		return -1;
	}
	ret->hash = hash_of(ret);
	return 0;
}

void
products_free_one(struct tt_product *p)
{
	for (int i = 0; i < p->nskus; i++)
		free(p->skus[i].stock);
	free(p->skus);
	p->skus = NULL;
	p->nskus = 0;
}
