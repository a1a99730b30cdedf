#include "tests/sandbox/traffic.h"

#include "tests/sandbox/life.h"
#include "tests/sandbox/orders.h"
#include "tests/sandbox/shops.h"

/* Most of one kind in one step: after a stall it catches up over several. */
#define STEP_MAX 2000

void
traffic_init(struct traffic *t, uint64_t seed)
{
	*t = (struct traffic){ .rng = { rng_mix(seed + 11) } };
}

void
traffic_done(struct traffic *t)
{
	t->on = false;
}

void
traffic_set(struct traffic *t, uint64_t shop, int64_t creates_milli, int64_t updates_milli,
            int64_t total, int64_t now_us)
{
	t->on = creates_milli > 0 || updates_milli > 0;
	t->shop = shop;
	t->creates_milli = creates_milli;
	t->updates_milli = updates_milli;
	t->left = total;
	t->since_us = now_us;
	t->due_creates = t->due_updates = 0;
	t->created = t->updated = 0;
}

static struct shop *
pick_shop(struct traffic *t, struct shops *shops)
{
	if (t->shop)
		return shops_find(shops, t->shop);
	return shops->n_all ? shops->all[rng_below(&t->rng, (uint32_t)shops->n_all)] : NULL;
}

static void
create_one(struct traffic *t, struct shops *shops, struct orders *orders, int64_t now)
{
	struct shop *shop = pick_shop(t, shops);
	struct order_wish wish = { .cod = !rng_below(&t->rng, 5),
		                   .seller_ships = !rng_below(&t->rng, 8) };

	if (!shop || !orders_create(orders, shop, &wish, now))
		return;
	t->created++;
	if (t->left > 0 && !--t->left)
		t->on = false;
}

/* One of the shop's orders: an open one if a few draws find one. */
static void
update_one(struct traffic *t, struct shops *shops, struct orders *orders, int64_t now)
{
	struct shop *shop = pick_shop(t, shops);
	struct order *one = NULL;

	if (!shop || !shop->by_create.n)
		return;
	for (int tries = 0; tries < 8 && (!one || !life_open(one)); tries++)
		one = shop->by_create.rows[rng_below(&t->rng, (uint32_t)shop->by_create.n)].row;
	life_drift(orders, one, now);
	t->updated++;
}

static int64_t
due(int64_t milli, int64_t us, int64_t done)
{
	int64_t n = milli * (us / 1000) / 1000000 - done;

	return n > STEP_MAX ? STEP_MAX : n;
}

void
traffic_step(struct traffic *t, struct shops *shops, struct orders *orders, int64_t now_us,
             int64_t now)
{
	int64_t creates, updates;

	if (!t->on)
		return;
	creates = due(t->creates_milli, now_us - t->since_us, t->due_creates);
	updates = due(t->updates_milli, now_us - t->since_us, t->due_updates);
	t->due_creates += creates;
	t->due_updates += updates;
	for (; creates > 0 && t->on; creates--)
		create_one(t, shops, orders, now);
	for (; updates > 0 && t->on; updates--)
		update_one(t, shops, orders, now);
}
