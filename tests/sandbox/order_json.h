/*
 * order_json: an order as the API writes it.
 *
 * Keys stand in alphabetical order, as live answers have them. order_json_write also notes in the
 * order where the keys stand that the detail of version 202507 lacks.
 *
 * Source: tiktok-shop-api.md 5.4, 5.5; tests/samples/order*.json.
 */
#ifndef SANDBOX_ORDER_JSON_H
#define SANDBOX_ORDER_JSON_H

#include "tests/sandbox/orders.h"

struct buf;

void order_json_write(const struct orders *o, struct order *one, int64_t now, struct buf *out);
/* Get Price Detail. */
void order_json_write_price(const struct order *one, struct buf *out);

#endif
