#include "daemon/queue/outbox.h"

#include "common/str.h"
#include "daemon/base/loop.h"
#include "daemon/queue/epoch.h"

#include <assert.h>
#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WIDTH      7 /* arguments an item, at most, as finish.lua reads them */
#define REASON_MAX 48

struct item {
	TAILQ_ENTRY(item) link;
	enum outbox_verb verb;
	int64_t shop;
	struct mono since;
	char token[QUEUE_TOKEN_MAX];
	char reason[REASON_MAX];
	char shop_text[24];
	char ms_text[24];
	char add_text[12];
	char max_text[12];
};

struct batch {
	TAILQ_ENTRY(batch) link;
	struct outbox *outbox;
	struct mono sent;
	int n;
	struct item *item[QUEUE_BATCH];
};

void
outbox_init(struct outbox *o, struct loop *l, struct epoch *ep, int64_t keep_ms, outbox_fn *fn,
            void *arg)
{
	*o = (struct outbox){ .loop = l, .epoch = ep, .keep_ms = keep_ms, .fn = fn, .arg = arg };
	TAILQ_INIT(&o->items);
	TAILQ_INIT(&o->batches);
}

void
outbox_done(struct outbox *o)
{
	struct item *it;
	struct batch *b;

	while ((it = TAILQ_FIRST(&o->items))) {
		TAILQ_REMOVE(&o->items, it, link);
		free(it);
	}
	while ((b = TAILQ_FIRST(&o->batches))) {
		TAILQ_REMOVE(&o->batches, b, link);
		for (int i = 0; i < b->n; i++)
			free(b->item[i]);
		free(b);
	}
}

/* A reason stands between commas in Redis and in lists for people: letters, digits, " ._-" pass. */
static void
copy_reason(char dst[REASON_MAX], const char *src)
{
	size_t i = 0;

	for (; src[i] && i < REASON_MAX - 1; i++)
		dst[i] = isalnum((unsigned char)src[i]) || strchr(" ._-", src[i]) ? src[i] : '_';
	dst[i] = '\0';
}

void
outbox_add(struct outbox *o, const struct outbox_word *w)
{
	struct item *it = malloc(sizeof(*it));

	assert(w->shop > 0); /* one bad item would have its whole batch refused */
	if (!it)
		abort();
	it->verb = w->verb;
	it->shop = w->shop;
	it->since = loop_now(o->loop);
	str_copy(it->token, sizeof(it->token), w->token);
	copy_reason(it->reason, w->reason ? w->reason : "");
	snprintf(it->shop_text, sizeof(it->shop_text), "%" PRId64, w->shop);
	snprintf(it->ms_text, sizeof(it->ms_text), "%" PRId64, w->ms);
	snprintf(it->add_text, sizeof(it->add_text), "%d", w->add);
	snprintf(it->max_text, sizeof(it->max_text), "%d", w->max);
	TAILQ_INSERT_TAIL(&o->items, it, link);
	if (w->verb != OUTBOX_EXTEND)
		o->count++;
}

static void
item_end(struct outbox *o, struct item *it, enum outbox_result result, struct mono sent)
{
	if (it->verb != OUTBOX_EXTEND)
		o->count--;
	o->fn(it->verb, it->shop, it->token, result, sent, o->arg);
	free(it);
}

/* No answer: whether it was done is unknown. */
static void
item_again(struct outbox *o, struct item *it, struct mono sent)
{
	if (it->verb == OUTBOX_EXTEND)
		item_end(o, it, OUTBOX_UNKNOWN, sent);
	else if (loop_now(o->loop).ms - it->since.ms >= o->keep_ms)
		item_end(o, it, OUTBOX_STALE, sent);
	else
		TAILQ_INSERT_TAIL(&o->items, it, link);
}

static enum outbox_result
result_of(const struct redis_reply *r, int i)
{
	switch (redis_int(redis_at(r, (size_t)i))) {
	case 1:
		return OUTBOX_OK;
	case 2:
		return OUTBOX_DEAD;
	default:
		return OUTBOX_STALE;
	}
}

static void
on_batch(const struct redis_reply *r, const struct err *e, void *arg)
{
	struct batch *b = arg;
	struct outbox *o = b->outbox;

	TAILQ_REMOVE(&o->batches, b, link);
	for (int i = 0; i < b->n; i++) {
		if (e)
			item_again(o, b->item[i], b->sent);
		else
			item_end(o, b->item[i], result_of(r, i), b->sent);
	}
	free(b);
}

static void
send_batch(struct outbox *o)
{
	static const char *const verbs[] = { "done", "fail", "extend" };
	struct batch *b = malloc(sizeof(*b));
	const char *argv[QUEUE_BATCH * WIDTH];
	struct item *it;
	int argc = 0;

	if (!b)
		abort();
	b->outbox = o;
	b->sent = loop_now(o->loop);
	b->n = 0;
	while (b->n < QUEUE_BATCH && (it = TAILQ_FIRST(&o->items))) {
		TAILQ_REMOVE(&o->items, it, link);
		b->item[b->n++] = it;
		argv[argc++] = verbs[it->verb];
		argv[argc++] = it->shop_text;
		argv[argc++] = it->token;
		argv[argc++] = it->ms_text;
		if (it->verb != OUTBOX_FAIL)
			continue;
		argv[argc++] = it->add_text;
		argv[argc++] = it->max_text;
		argv[argc++] = it->reason;
	}
	TAILQ_INSERT_TAIL(&o->batches, b, link);
	epoch_eval(o->epoch, SCRIPT_FINISH, argc, argv, on_batch, b);
}

void
outbox_flush(struct outbox *o)
{
	while (epoch_ready(o->epoch) && !TAILQ_EMPTY(&o->items))
		send_batch(o);
}
