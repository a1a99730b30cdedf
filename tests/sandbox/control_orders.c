#include "tests/sandbox/control.h"

#include "common/json.h"
#include "tests/sandbox/jw.h"
#include "tests/sandbox/life.h"
#include "tests/sandbox/mem.h"

#include <stdlib.h>
#include <string.h>

#define COUNT_MAX 1000000

static int
read_status(struct control *c, enum order_status *ret)
{
	const char *word = json_str(c->in, "status");

	*ret = word ? orders_status(word) : ORDER_NONE;
	if (word && !*ret)
		return err_set(c->e, ERR_INPUT, 0, "status %s is unknown", word);
	return 0;
}

static int
read_wish(struct control *c, struct order_wish *wish)
{
	int64_t create, update, lines;
	int64_t now = world_now(c->w);

	if (control_num(c, "create_time_offset", 0, -INT64_MAX / 4, 0, &create) ||
	    control_num(c, "update_time_offset", create, create, 0, &update) ||
	    control_num(c, "lines", 0, 0, ORDERS_LINES_MAX, &lines) ||
	    read_status(c, &wish->status))
		return -1;
	wish->create_time = now + create;
	wish->update_time = now + update;
	wish->lines = (size_t)lines;
	wish->cod = json_flag(c->in, "cod");
	wish->seller_ships = json_flag(c->in, "seller_ships");
	wish->on_hold = json_flag(c->in, "on_hold");
	return 0;
}

/* count orders in the shop, or in every shop where it is NULL. */
static int
create(struct control *c, struct shop *shop, const struct order_wish *wish, int64_t count)
{
	const struct shops *all = &c->w->shops;
	size_t n = shop ? 1 : all->n_all;

	jw_open(c->out, '{');
	jw_arr(c->out, "orders");
	for (size_t s = 0; s < n; s++) {
		for (int64_t i = 0; i < count; i++) {
			struct order *one = orders_create(&c->w->orders, shop ? shop : all->all[s],
			                                  wish, world_now(c->w));

			if (!one)
				return err_set(c->e, ERR_INPUT, 0,
				               "the shop has no active product");
			jw_item_id(c->out, one->id);
		}
	}
	jw_close(c->out, ']');
	jw_close(c->out, '}');
	return 0;
}

int
control_order(struct control *c)
{
	struct order_wish wish = { 0 };
	struct shop *shop;
	int64_t count;

	if (control_shop(c, true, &shop) || read_wish(c, &wish) ||
	    control_num(c, "count", 1, 1, COUNT_MAX, &count))
		return -1;
	return create(c, shop, &wish, count);
}

/* What a change does to one order. */
struct change {
	enum order_status to; /* ORDER_NONE: the next one */
	bool touch;           /* no new status */
	bool address;
	bool keep_time;
};

static bool
apply(struct control *c, struct order *one, const struct change *ch)
{
	struct orders *o = &c->w->orders;
	int64_t now = world_now(c->w);
	enum order_status to = ch->to ? ch->to : life_next(one);

	if (ch->touch) {
		one->address_changed = one->address_changed || ch->address;
		orders_changed(o, one, ch->keep_time ? one->update_time : now);
		return true;
	}
	if (!to)
		return false;
	if (to == ORDER_CANCELLED)
		life_cancel(o, one, ORDER_SYSTEM, now);
	else
		life_move(o, one, to, now);
	return true;
}

/* Up to count of the shop's orders, the ones that changed longest ago first. */
static int64_t
apply_shop(struct control *c, struct shop *shop, const struct change *ch, int64_t count)
{
	const struct timeline *t = &shop->by_update;
	size_t most = (size_t)count < t->n ? (size_t)count : t->n, n = 0;
	struct order **picked = mem_new(most, sizeof(struct order *));
	int64_t done = 0;

	/* rows move while they change: note them, then change them */
	for (size_t i = 0; i < t->n && n < most; i++) {
		struct order *one = t->rows[i].row;

		if (ch->touch || life_open(one))
			picked[n++] = one;
	}
	for (size_t i = 0; i < n; i++)
		done += apply(c, picked[i], ch);
	free(picked);
	return done;
}

static int
change(struct control *c, const struct change *ch)
{
	struct order *one;
	struct shop *shop;
	int64_t count, done = 0;

	if (control_num(c, "count", 1, 1, COUNT_MAX, &count))
		return -1;
	if (json_get(c->in, "order_id")) {
		if (control_order_of(c, &one))
			return -1;
		done = apply(c, one, ch);
	} else {
		if (control_shop(c, true, &shop))
			return -1;
		for (size_t i = 0; i < (shop ? 1 : c->w->shops.n_all); i++)
			done += apply_shop(c, shop ? shop : c->w->shops.all[i], ch, count);
	}
	jw_open(c->out, '{');
	jw_int(c->out, "changed", done);
	jw_close(c->out, '}');
	return 0;
}

int
control_advance(struct control *c)
{
	struct change ch = { 0 };

	return read_status(c, &ch.to) ? -1 : change(c, &ch);
}

int
control_update(struct control *c)
{
	struct change ch = { .touch = true,
		             .address = json_flag(c->in, "address"),
		             .keep_time = json_flag(c->in, "keep_time") };

	return change(c, &ch);
}

static int
read_actor(struct control *c, enum order_actor *ret)
{
	const char *by = json_str(c->in, "by");

	*ret = ORDER_BUYER;
	if (!by || !strcmp(by, "BUYER"))
		return 0;
	*ret = !strcmp(by, "SELLER") ? ORDER_SELLER : ORDER_SYSTEM;
	if (*ret == ORDER_SYSTEM && strcmp(by, "SYSTEM") != 0)
		return err_set(c->e, ERR_INPUT, 0, "by %s is unknown", by);
	return 0;
}

int
control_cancel(struct control *c)
{
	enum order_actor by;
	struct order *one;
	int64_t line;

	if (control_order_of(c, &one) || read_actor(c, &by) ||
	    control_num(c, "line", 0, 0, (int64_t)one->n_lines, &line))
		return -1;
	if (line)
		life_cancel_line(&c->w->orders, one, (size_t)line - 1, by, world_now(c->w));
	else
		life_cancel(&c->w->orders, one, by, world_now(c->w));
	return control_ok(c);
}

int
control_request_cancel(struct control *c)
{
	struct order *one;

	if (control_order_of(c, &one))
		return -1;
	one->cancel_asked = !json_flag(c->in, "withdraw");
	orders_changed(&c->w->orders, one, world_now(c->w));
	return control_ok(c);
}
