#include "daemon/sync/group.h"

#include "daemon/base/env.h"
#include "daemon/base/loop.h"

#include <stdlib.h>
#include <string.h>

struct group_flight {
	struct group *group;
	struct group_item *items[GROUP_ITEMS_MAX]; /* NULL: it left */
	int weights[GROUP_ITEMS_MAX];              /* of the items as they were sent */
	int n;
};

static void flight_send(struct group_flight *f);
static void group_kick(struct group *g);

void
group_init(struct group *g, struct env *env, const struct group_ops *ops)
{
	memset(g, 0, sizeof(*g));
	g->env = env;
	g->ops = ops;
	TAILQ_INIT(&g->waiting);
}

static struct group_item *
flight_take(struct group_flight *f, int k)
{
	struct group_item *i = f->items[k];

	f->items[k] = NULL;
	if (i) {
		i->flight = NULL;
		i->group = NULL;
	}
	return i;
}

static void
flight_free(void *arg)
{
	struct group_flight *f = arg;

	free(f);
}

static void
flight_end(struct group_flight *f, const struct err *e)
{
	struct group *g = f->group;

	g->flights--;
	for (int k = 0; k < f->n; k++) {
		struct group_item *i = flight_take(f, k);

		if (i)
			i->done(i, e);
	}
	loop_defer(g->env->loop, flight_free, f);
	group_kick(g);
}

static struct group_flight *
flight_new(struct group *g)
{
	struct group_flight *f = calloc(1, sizeof(*f));

	if (!f)
		abort(); /* bounded by max_flights and by items */
	f->group = g;
	g->flights++;
	return f;
}

/* What the server refused together is sent one by one: only the bad item fails. */
static void
flight_split(struct group_flight *f)
{
	struct group *g = f->group;

	for (int k = 0; k < f->n; k++) {
		struct group_item *i = f->items[k];
		struct group_flight *one;

		if (!i)
			continue;
		one = flight_new(g);
		one->items[0] = i;
		one->n = 1;
		i->flight = one;
		f->items[k] = NULL;
		flight_send(one);
	}
	g->flights--;
	loop_defer(g->env->loop, flight_free, f);
	group_kick(g); /* all of them may have left */
}

static void
on_answer(struct pg_result *r, const struct err *e, void *arg)
{
	struct group_flight *f = arg;
	struct err why = { 0 };

	if (r) {
		bool bad = f->group->ops->read(r, f->items, f->weights, f->n, &why) != 0;

		flight_end(f, bad ? &why : NULL);
	} else if (e->kind == ERR_REMOTE && f->n > 1) {
		flight_split(f);
	} else {
		flight_end(f, e);
	}
}

/* Move what left out of the way, so that fill sees items only. */
static void
flight_pack(struct group_flight *f)
{
	int n = 0;

	for (int k = 0; k < f->n; k++)
		if (f->items[k])
			f->items[n++] = f->items[k];
	f->n = n;
}

static void
flight_send(struct group_flight *f)
{
	struct group *g = f->group;
	struct pg_args a;

	flight_pack(f);
	if (f->n == 0) {
		flight_end(f, NULL);
		return;
	}
	for (int k = 0; k < f->n; k++)
		f->weights[k] = f->items[k]->weight;
	g->ops->fill(g->env, &a, f->items, f->n);
	pg_run(g->env->pg, g->ops->stmt, &a, 0, on_answer, f);
}

static void
group_dispatch(void *arg)
{
	struct group *g = arg;

	g->kicked = false;
	while (g->flights < g->ops->max_flights && !TAILQ_EMPTY(&g->waiting)) {
		struct group_flight *f = flight_new(g);
		struct group_item *i;
		int weight = 0;

		while ((i = TAILQ_FIRST(&g->waiting)) && f->n < GROUP_ITEMS_MAX &&
		       (f->n == 0 || weight + i->weight <= g->ops->max_weight)) {
			TAILQ_REMOVE(&g->waiting, i, link);
			weight += i->weight;
			i->flight = f;
			f->items[f->n++] = i;
		}
		flight_send(f);
	}
}

/* At the end of the turn: what comes in one turn goes together. */
static void
group_kick(struct group *g)
{
	if (g->kicked || TAILQ_EMPTY(&g->waiting) || g->flights >= g->ops->max_flights)
		return;
	g->kicked = true;
	loop_defer(g->env->loop, group_dispatch, g);
}

void
group_add(struct group *g, struct group_item *i)
{
	i->group = g;
	i->flight = NULL;
	TAILQ_INSERT_TAIL(&g->waiting, i, link);
	group_kick(g);
}

void
group_leave(struct group_item *i)
{
	if (!i->group)
		return;
	if (!i->flight)
		TAILQ_REMOVE(&i->group->waiting, i, link);
	for (int k = 0; i->flight && k < i->flight->n; k++)
		if (i->flight->items[k] == i)
			i->flight->items[k] = NULL;
	i->group = NULL;
	i->flight = NULL;
}
