#include "tests/sandbox/life.h"

#define PAY_S  45 /* from placed to paid */
#define STEP_S 3600

bool
life_open(const struct order *one)
{
	return one->status != ORDER_COMPLETED && one->status != ORDER_CANCELLED;
}

/* Note what belongs to being at s, as having happened at t. */
static void
arrive(struct orders *o, struct order *one, enum order_status s, int64_t t)
{
	one->status = s;
	if (s == ORDER_CANCELLED) {
		one->cancel_time = t;
		for (size_t i = 0; i < one->n_lines; i++)
			one->lines[i].cancelled = true;
		one->cancel_asked = false;
		return;
	}
	if (s >= ORDER_ON_HOLD && !one->paid_time && !one->cod)
		one->paid_time = t;
	if (s >= ORDER_AWAITING_SHIPMENT && !one->package)
		one->package = orders_new_package(o);
	if (s >= ORDER_PARTIALLY_SHIPPING && !one->rts_time)
		one->rts_time = t;
	if (s >= ORDER_IN_TRANSIT && !one->collection_time)
		one->collection_time = t;
	if (s >= ORDER_DELIVERED && !one->delivery_time)
		one->delivery_time = t;
}

void
life_begin(struct orders *o, struct order *one, enum order_status s)
{
	int64_t last = one->update_time;
	int64_t t = one->create_time;
	enum order_status top;

	if (one->cod && s == ORDER_UNPAID)
		s = ORDER_AWAITING_SHIPMENT; /* nothing to wait for */
	top = s == ORDER_CANCELLED ? ORDER_AWAITING_SHIPMENT : s;
	for (enum order_status at = ORDER_ON_HOLD; at <= top; at++) {
		if ((at == ORDER_ON_HOLD && !one->on_hold) || at == ORDER_PARTIALLY_SHIPPING)
			continue;
		t += at <= ORDER_AWAITING_SHIPMENT ? PAY_S : STEP_S;
		arrive(o, one, at, t < last ? t : last);
	}
	arrive(o, one, s, last);
	if (s == ORDER_CANCELLED)
		one->cancelled_by = ORDER_BUYER;
}

enum order_status
life_next(const struct order *one)
{
	switch (one->status) {
	case ORDER_UNPAID:
		return one->on_hold ? ORDER_ON_HOLD : ORDER_AWAITING_SHIPMENT;
	case ORDER_ON_HOLD:
		return ORDER_AWAITING_SHIPMENT;
	case ORDER_AWAITING_SHIPMENT:
	case ORDER_PARTIALLY_SHIPPING:
		return ORDER_AWAITING_COLLECTION;
	case ORDER_AWAITING_COLLECTION:
		return ORDER_IN_TRANSIT;
	case ORDER_IN_TRANSIT:
		return ORDER_DELIVERED;
	case ORDER_DELIVERED:
		return ORDER_COMPLETED;
	case ORDER_NONE:
	case ORDER_COMPLETED:
	case ORDER_CANCELLED:
		break;
	}
	return ORDER_NONE;
}

bool
life_may(const struct order *one, enum order_status to)
{
	/* bit s of row f: from f to s is in the table of 6.1 */
	static const unsigned may[] = {
		[ORDER_NONE] = 0,
		[ORDER_UNPAID] =
		    1u << ORDER_ON_HOLD | 1u << ORDER_AWAITING_SHIPMENT | 1u << ORDER_CANCELLED,
		[ORDER_ON_HOLD] = 1u << ORDER_AWAITING_SHIPMENT | 1u << ORDER_CANCELLED,
		[ORDER_AWAITING_SHIPMENT] = 1u << ORDER_PARTIALLY_SHIPPING |
		                            1u << ORDER_AWAITING_COLLECTION | 1u << ORDER_CANCELLED,
		[ORDER_PARTIALLY_SHIPPING] =
		    1u << ORDER_AWAITING_COLLECTION | 1u << ORDER_CANCELLED,
		[ORDER_AWAITING_COLLECTION] =
		    1u << ORDER_IN_TRANSIT | 1u << ORDER_COMPLETED | 1u << ORDER_CANCELLED,
		[ORDER_IN_TRANSIT] =
		    1u << ORDER_DELIVERED | 1u << ORDER_COMPLETED | 1u << ORDER_CANCELLED,
		[ORDER_DELIVERED] = 1u << ORDER_COMPLETED,
		[ORDER_COMPLETED] = 0,
		[ORDER_CANCELLED] = 0,
	};

	return may[one->status] >> to & 1;
}

void
life_move(struct orders *o, struct order *one, enum order_status to, int64_t now)
{
	arrive(o, one, to, now);
	orders_changed(o, one, now);
}

void
life_cancel(struct orders *o, struct order *one, enum order_actor by, int64_t now)
{
	one->cancelled_by = by;
	life_move(o, one, ORDER_CANCELLED, now);
}

void
life_cancel_line(struct orders *o, struct order *one, size_t line, enum order_actor by, int64_t now)
{
	size_t left = 0;

	one->lines[line].cancelled = true;
	for (size_t i = 0; i < one->n_lines; i++)
		left += !one->lines[i].cancelled;
	if (left)
		orders_changed(o, one, now);
	else
		life_cancel(o, one, by, now);
}

void
life_drift(struct orders *o, struct order *one, int64_t now)
{
	uint32_t dice = rng_below(&o->rng, 100);

	if (!life_open(one) || dice < 10)
		orders_changed(o, one, now);
	else if (dice < 16 && life_may(one, ORDER_CANCELLED))
		life_cancel(o, one, dice & 1 ? ORDER_BUYER : ORDER_SYSTEM, now);
	else
		life_move(o, one, life_next(one), now);
}
