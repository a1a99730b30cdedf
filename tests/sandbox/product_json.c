#include "tests/sandbox/jw.h"
#include "tests/sandbox/products.h"

static void
write_price(const struct product *one, const struct sku *s, bool detail, struct buf *out)
{
	bool global = one->shop->seller->cross_border;

	jw_obj(out, "price");
	jw_str(out, "currency", one->shop->region->currency);
	if (detail || global)
		jw_money(out, "sale_price", s->price);
	if (detail || !global)
		jw_money(out, "tax_exclusive_price", s->price);
	jw_close(out, '}');
}

static void
write_stock(const struct product *one, const struct sku *s, struct buf *out)
{
	jw_arr(out, "inventory");
	for (size_t i = 0; i < one->shop->n_warehouses; i++) {
		const struct warehouse *w = &one->shop->warehouses[i];

		if (w->returns)
			continue;
		jw_open(out, '{');
		jw_int(out, "quantity", w->is_default ? s->quantity : 0);
		jw_id(out, "warehouse_id", w->id);
		jw_close(out, '}');
	}
	jw_close(out, ']');
}

static void
write_attributes(const struct sku *s, struct buf *out)
{
	jw_arr(out, "sales_attributes");
	jw_open(out, '{');
	jw_str(out, "id", "100089");
	jw_str(out, "name", "แบบ");
	jw_str(out, "value_id", "700000000000000001");
	jw_str(out, "value_name", s->name);
	jw_close(out, '}');
	jw_close(out, ']');
}

static void
write_skus(const struct product *one, bool detail, struct buf *out)
{
	jw_arr(out, "skus");
	for (size_t i = 0; i < one->n_skus; i++) {
		const struct sku *s = &one->skus[i];

		jw_open(out, '{');
		jw_id(out, "id", s->id);
		write_stock(one, s, out);
		write_price(one, s, detail, out);
		if (detail)
			write_attributes(s, out);
		jw_str(out, "seller_sku", s->seller_sku);
		jw_obj(out, "status_info");
		jw_str(out, "status",
		       one->status == PRODUCT_SELLER_DEACTIVATED ? "DEACTIVATED" : "NORMAL");
		jw_close(out, '}');
		jw_close(out, '}');
	}
	jw_close(out, ']');
}

static const char *
audit(enum product_status s)
{
	if (s == PRODUCT_DRAFT)
		return "NONE";
	if (s == PRODUCT_PENDING)
		return "AUDITING";
	return s == PRODUCT_FAILED ? "FAILED" : "APPROVED";
}

static void
write_audit(const struct product *one, struct buf *out)
{
	jw_obj(out, "audit");
	jw_arr(out, "pre_approved_reasons");
	jw_close(out, ']');
	jw_str(out, "status", audit(one->status));
	jw_close(out, '}');
}

void
products_write(const struct product *one, struct buf *out)
{
	jw_open(out, '{');
	write_audit(one, out);
	jw_int(out, "create_time", one->create_time);
	jw_bool(out, "has_draft", false);
	jw_id(out, "id", one->id);
	jw_bool(out, "is_not_for_sale", false);
	jw_arr(out, "product_tags");
	jw_close(out, ']');
	jw_arr(out, "recommended_categories");
	jw_close(out, ']');
	jw_arr(out, "sales_regions");
	jw_item(out, one->shop->region->code);
	jw_close(out, ']');
	write_skus(one, false, out);
	jw_str(out, "status", products_status_name(one->status));
	jw_str(out, "title", one->title);
	jw_int(out, "update_time", one->update_time);
	jw_close(out, '}');
}

void
products_write_detail(const struct product *one, struct buf *out)
{
	jw_open(out, '{');
	write_audit(one, out);
	jw_int(out, "create_time", one->create_time);
	jw_str(out, "description", "<p>A product of the sandbox.</p>");
	jw_bool(out, "has_draft", false);
	jw_id(out, "id", one->id);
	jw_bool(out, "is_cod_allowed", true);
	jw_bool(out, "is_not_for_sale", false);
	jw_bool(out, "is_pre_owned", false);
	jw_bool(out, "is_replicated", false);
	jw_arr(out, "main_images");
	jw_close(out, ']');
	write_skus(one, true, out);
	jw_str(out, "status", products_status_name(one->status));
	jw_str(out, "title", one->title);
	jw_int(out, "update_time", one->update_time);
	jw_close(out, '}');
}

static void
write_sku_inventory(const struct product *one, const struct sku *s, struct buf *out)
{
	jw_open(out, '{');
	jw_id(out, "id", s->id);
	jw_str(out, "seller_sku", s->seller_sku);
	jw_obj(out, "total_available_inventory_distribution");
	jw_obj(out, "in_shop_inventory");
	jw_int(out, "quantity", s->quantity);
	jw_close(out, '}');
	jw_close(out, '}');
	jw_int(out, "total_available_quantity", s->quantity);
	jw_int(out, "total_committed_quantity", s->committed);
	jw_arr(out, "warehouse_inventory");
	jw_open(out, '{');
	jw_int(out, "available_quantity", s->quantity);
	jw_int(out, "committed_quantity", s->committed);
	jw_id(out, "warehouse_id", shops_sales_warehouse(one->shop));
	jw_close(out, '}');
	jw_close(out, ']');
	jw_close(out, '}');
}

void
products_write_inventory(const struct product *one, struct buf *out)
{
	jw_open(out, '{');
	jw_id(out, "product_id", one->id);
	jw_arr(out, "skus");
	for (size_t i = 0; i < one->n_skus; i++)
		write_sku_inventory(one, &one->skus[i], out);
	jw_close(out, ']');
	jw_close(out, '}');
}
