/*
 * life: how an order moves from placed to completed.
 *
 * Source: tiktok-shop-api.md 6.1; the times between two steps are invented.
 */
#ifndef SANDBOX_LIFE_H
#define SANDBOX_LIFE_H

#include "tests/sandbox/orders.h"

/* A new order that stands at s already: fills in what happened on the way (times, package). */
void life_begin(struct orders *o, struct order *one, enum order_status s);
/* The step most orders take from here; ORDER_NONE at the end. */
enum order_status life_next(const struct order *one);
/* May it go there at all? */
bool life_may(const struct order *one, enum order_status to);
/* Go there, whether or not it may: a control call may do what the platform would not. */
void life_move(struct orders *o, struct order *one, enum order_status to, int64_t now);
void life_cancel(struct orders *o, struct order *one, enum order_actor by, int64_t now);
/* Cancel one line; the last one takes the order with it. */
void life_cancel_line(struct orders *o, struct order *one, size_t line, enum order_actor by,
                      int64_t now);
/* Take a step as it falls: mostly the next one, sometimes cancelled, or only touched. */
void life_drift(struct orders *o, struct order *one, int64_t now);
/* Placed and not at an end. */
bool life_open(const struct order *one);

#endif
