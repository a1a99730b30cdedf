#include "daemon/queue/looks.h"

#include "common/own.h"
#include "common/str.h"
#include "daemon/queue/epoch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct look {
	TAILQ_ENTRY(look) link;
	struct looks *looks;
	queue_depth_fn *depth; /* one of these two */
	queue_dead_fn *dead;
	void *arg;
};

void
looks_init(struct looks *l, struct epoch *ep)
{
	*l = (struct looks){ .epoch = ep };
	TAILQ_INIT(&l->list);
}

static struct look *
look_new(struct looks *l, void *arg)
{
	struct look *k = calloc(1, sizeof(*k));

	if (!k)
		abort();
	k->looks = l;
	k->arg = arg;
	TAILQ_INSERT_TAIL(&l->list, k, link);
	return k;
}

static void
look_fail(struct look *k, const struct err *e)
{
	if (k->depth)
		k->depth(NULL, e, k->arg);
	else
		k->dead(NULL, 0, e, k->arg);
}

static void
look_free(struct look *k)
{
	TAILQ_REMOVE(&k->looks->list, k, link);
	free(k);
}

void
looks_done(struct looks *l)
{
	struct look *k;
	struct err e;

	err_set(&e, ERR_CANCELLED, 0, "the queue is being closed");
	while ((k = TAILQ_FIRST(&l->list))) {
		look_fail(k, &e);
		look_free(k);
	}
}

static void
on_depth(const struct redis_reply *r, const struct err *e, void *arg)
{
	struct look *k = arg;
	struct queue_depth d;

	if (e) {
		look_fail(k, e);
	} else {
		d = (struct queue_depth){
			.ready = redis_int(redis_at(r, 0)),
			.delayed = redis_int(redis_at(r, 1)),
			.leased = redis_int(redis_at(r, 2)),
			.dead = redis_int(redis_at(r, 3)),
			.oldest_ms = redis_int(redis_at(r, 4)),
			.memory_bytes = redis_int(redis_at(r, 5)),
		};
		k->depth(&d, NULL, k->arg);
	}
	look_free(k);
}

void
looks_depth(struct looks *l, queue_depth_fn *fn, void *arg)
{
	struct look *k = look_new(l, arg);

	k->depth = fn;
	epoch_eval(l->epoch, SCRIPT_DEPTH, 0, NULL, on_depth, k);
}

/* "17|orders" and "1764000000000,reason,3". */
static int
read_corpse(const char *field, const char *value, struct queue_corpse *ret)
{
	struct queue_corpse c = { 0 };
	char kind[24];
	long long shop, ms;

	if (!field || !value)
		return -1;
	if (sscanf(field, "%19lld|%23[a-z]", &shop, kind) != 2)
		return -1;
	if (sscanf(value, "%15lld,%47[^,],%9d", &ms, c.reason, &c.attempts) != 3)
		return -1;
	c.shop = shop;
	c.kind = kind_parse(kind);
	c.died.s = ms / 1000;
	*ret = c;
	return 0;
}

static void
on_dead(const struct redis_reply *r, const struct err *e, void *arg)
{
	struct look *k = arg;
	CLEANUP(own_free) struct queue_corpse *list = NULL;
	int n = 0;

	if (e) {
		look_fail(k, e);
		look_free(k);
		return;
	}
	list = calloc(redis_len(r) / 2 + 1, sizeof(*list));
	if (!list)
		abort();
	for (size_t i = 0; i + 1 < redis_len(r); i += 2)
		n += !read_corpse(redis_str(redis_at(r, i)), redis_str(redis_at(r, i + 1)),
		                  &list[n]);
	k->dead(list, n, NULL, k->arg);
	look_free(k);
}

void
looks_dead(struct looks *l, int most, queue_dead_fn *fn, void *arg)
{
	struct look *k = look_new(l, arg);
	char text[12];
	const char *argv[] = { text };

	if (most < 1 || most > QUEUE_DEAD_MAX)
		most = QUEUE_DEAD_MAX;
	snprintf(text, sizeof(text), "%d", most);
	k->dead = fn;
	epoch_eval(l->epoch, SCRIPT_DEAD, 1, argv, on_dead, k);
}
