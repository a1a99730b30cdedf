/*
 * api: the business calls, one function a row of endpoint.def.
 *
 * Each reads its parameters from c, writes its data into c->data, and returns 0, or -1 refused.
 *
 * Source: tiktok-shop-api.md 5.
 */
#ifndef SANDBOX_API_H
#define SANDBOX_API_H

struct call;

int api_shops_authorized(struct call *c);
int api_shops_active(struct call *c);
int api_shops_deauthorize(struct call *c);
int api_shops_warehouses(struct call *c);
int api_shops_delivery_options(struct call *c);
int api_shops_providers(struct call *c);

int api_orders_search(struct call *c);
int api_orders_detail(struct call *c);
int api_orders_detail_202309(struct call *c);
int api_orders_price(struct call *c);

int api_products_search(struct call *c);
int api_products_detail(struct call *c);
int api_products_inventory(struct call *c);

#endif
