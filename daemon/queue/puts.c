#include "daemon/queue/puts.h"

#include "daemon/base/counter.h"
#include "daemon/queue/epoch.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WIDTH 3 /* arguments a word, as enqueue.lua reads them */

/* A long list under way. */
struct bulk {
	TAILQ_ENTRY(bulk) link;
	struct puts *puts;
	queue_put_fn *fn;
	void *arg;
	size_t n;
	size_t at; /* of the next piece */
	struct queue_put list[];
};

void
puts_init(struct puts *p, struct epoch *ep, struct counters *c)
{
	*p = (struct puts){ .epoch = ep, .counters = c };
	TAILQ_INIT(&p->bulks);
}

static void
bulk_end(struct bulk *b, const struct err *e)
{
	TAILQ_REMOVE(&b->puts->bulks, b, link);
	if (b->fn)
		b->fn(e, b->arg);
	free(b);
}

void
puts_done(struct puts *p)
{
	struct bulk *b;
	struct err e;

	err_set(&e, ERR_CANCELLED, 0, "the queue is being closed");
	while ((b = TAILQ_FIRST(&p->bulks)))
		bulk_end(b, &e);
}

/* Words that are no work are left out: Redis would refuse the whole piece. */
static void
send_words(struct puts *p, const struct queue_put *list, size_t n, redis_fn *fn, void *arg)
{
	char shop[PUTS_PIECE][24], delay[PUTS_PIECE][24];
	const char *argv[PUTS_PIECE * WIDTH];
	int argc = 0;

	for (size_t i = 0; i < n && i < PUTS_PIECE; i++) {
		if (list[i].shop <= 0 || list[i].kind <= KIND_NONE || list[i].kind >= KIND_END)
			continue;
		snprintf(shop[i], sizeof(shop[i]), "%" PRId64, list[i].shop);
		snprintf(delay[i], sizeof(delay[i]), "%" PRId64,
		         list[i].delay_ms > 0 ? list[i].delay_ms : 0);
		argv[argc++] = shop[i];
		argv[argc++] = kind_name(list[i].kind);
		argv[argc++] = delay[i];
	}
	epoch_eval(p->epoch, SCRIPT_ENQUEUE, argc, argv, fn, arg);
}

static void
on_words(const struct redis_reply *r, const struct err *e, void *arg)
{
	struct puts *p = arg;

	(void)r;
	if (e)
		count(p->counters, COUNT_REDIS_ERRORS, 1);
}

bool
puts_add(struct puts *p, const struct queue_put *put)
{
	if (p->n == PUTS_PIECE)
		puts_flush(p);
	p->word[p->n++] = *put;
	return p->n == 1;
}

void
puts_flush(struct puts *p)
{
	if (!p->n)
		return;
	send_words(p, p->word, (size_t)p->n, on_words, p);
	p->n = 0;
}

static void bulk_send(struct bulk *b);

static void
on_piece(const struct redis_reply *r, const struct err *e, void *arg)
{
	struct bulk *b = arg;

	(void)r;
	if (e) {
		count(b->puts->counters, COUNT_REDIS_ERRORS, 1);
		bulk_end(b, e);
	} else if (b->at == b->n) {
		bulk_end(b, NULL);
	} else {
		bulk_send(b);
	}
}

static void
bulk_send(struct bulk *b)
{
	size_t left = b->n - b->at;
	size_t n = left < PUTS_PIECE ? left : PUTS_PIECE;
	const struct queue_put *from = b->list + b->at;

	b->at += n;
	send_words(b->puts, from, n, on_piece, b);
}

void
puts_many(struct puts *p, const struct queue_put *list, size_t n, queue_put_fn *fn, void *arg)
{
	struct bulk *b = malloc(sizeof(*b) + n * sizeof(*list));

	if (!b)
		abort();
	*b = (struct bulk){ .puts = p, .fn = fn, .arg = arg, .n = n };
	if (n)
		memcpy(b->list, list, n * sizeof(*list));
	TAILQ_INSERT_TAIL(&p->bulks, b, link);
	bulk_send(b);
}
