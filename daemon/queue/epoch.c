#include "daemon/queue/epoch.h"

#include "common/clock.h"
#include "common/str.h"
#include "daemon/base/log.h"
#include "daemon/base/loop.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LAYOUT   "1" /* of the keys; another one belongs to another version of ttsyncd */
#define ARGS_MAX 1024

/* What is known of the memory of the server connected to. */
enum epoch_state {
	EPOCH_DOWN = 0,  /* no server */
	EPOCH_REPAIRING, /* repair is under way */
	EPOCH_READING,   /* HMGET is under way */
	EPOCH_MISSING,   /* none stands there; on_missing was told */
	EPOCH_STUCK,     /* a question failed; asked again by the timer */
	EPOCH_READY
};

struct epoch {
	struct loop *loop;
	struct redis *redis;
	struct scripts scripts;
	struct epoch_ops ops;
	void *arg;
	enum epoch_state state;
	char value[24];
	char run_id[48]; /* of the server this value was read from */
	bool suspect;    /* the memory may not be the one we knew: say so when ready */
	struct timer tick;
	int waits; /* answers still to come */
	bool closed;
};

/* One script under way. */
struct ask {
	struct epoch *ep;
	redis_fn *fn;
	void *arg;
};

static void
memory_free(struct epoch *ep)
{
	script_done(&ep->scripts);
	free(ep);
}

/* An answer came. True: nobody wants it any more, and ep is gone with the last one. */
static bool
answered(struct epoch *ep)
{
	ep->waits--;
	if (!ep->closed)
		return false;
	if (!ep->waits)
		memory_free(ep);
	return true;
}

static void
enter(struct epoch *ep, enum epoch_state next)
{
	ep->state = next;
	timer_disarm(&ep->tick);
	switch (next) {
	case EPOCH_DOWN:
	case EPOCH_REPAIRING:
	case EPOCH_READING:
		break; /* Redis' own deadline ends these */
	case EPOCH_MISSING:
	case EPOCH_STUCK:
		timer_arm(&ep->tick, EPOCH_RETRY_MS);
		break;
	case EPOCH_READY:
		timer_arm(&ep->tick, EPOCH_REPAIR_MS);
		break;
	}
}

static void
ready(struct epoch *ep)
{
	bool suspect = ep->suspect;

	ep->suspect = false;
	str_copy(ep->run_id, sizeof(ep->run_id), redis_run_id(ep->redis));
	enter(ep, EPOCH_READY);
	ep->ops.on_ready(ep->arg);
	if (suspect && !ep->closed)
		ep->ops.on_missing(ep->arg);
}

static void
missing(struct epoch *ep)
{
	if (ep->state != EPOCH_MISSING)
		log_event(LOG_WARN, "queue.no_epoch", "Redis' memory is empty or new");
	ep->suspect = false;
	enter(ep, EPOCH_MISSING);
	ep->ops.on_missing(ep->arg);
}

static void on_read(const struct redis_reply *r, const struct err *e, void *arg);

static void
read_value(struct epoch *ep)
{
	const char *argv[] = { "HMGET", ep->scripts.key[0], "epoch", "v" };

	enter(ep, EPOCH_READING);
	ep->waits++;
	redis_call(ep->redis, 4, argv, NULL, on_read, ep);
}

static void
on_repaired(const struct redis_reply *r, const struct err *e, void *arg)
{
	struct epoch *ep = arg;
	bool dropped = redis_int(r) == 1;

	if (answered(ep))
		return;
	if (dropped) {
		log_event(LOG_WARN, "queue.repaired", "keys held what is not ours: dropped");
		ep->suspect = true;
	}
	if (ep->state == EPOCH_REPAIRING && e)
		enter(ep, EPOCH_STUCK);
	else if (ep->state == EPOCH_REPAIRING || (ep->state == EPOCH_READY && dropped))
		read_value(ep);
	else if (ep->state == EPOCH_READY)
		enter(ep, EPOCH_READY);
}

/* Redis works in order: what is sent after it finds keys that are in order. */
static void
repair(struct epoch *ep)
{
	const char *keys[SCRIPT_KEYS];

	for (int i = 0; i < SCRIPT_KEYS; i++)
		keys[i] = ep->scripts.key[i];
	ep->waits++;
	redis_eval(ep->redis, &ep->scripts.script[SCRIPT_REPAIR], SCRIPT_KEYS, SCRIPT_KEYS, keys,
	           on_repaired, ep);
}

/* Nothing else runs until the keys are in order again. */
static void
repair_first(struct epoch *ep)
{
	enter(ep, EPOCH_REPAIRING);
	repair(ep);
}

void
epoch_repair(struct epoch *ep)
{
	if (ep->state == EPOCH_READY)
		repair(ep);
}

static void
on_read(const struct redis_reply *r, const struct err *e, void *arg)
{
	struct epoch *ep = arg;
	const char *value = redis_str(redis_at(r, 0));
	const char *layout = redis_str(redis_at(r, 1));

	if (answered(ep) || ep->state != EPOCH_READING)
		return;
	if (e && !strcmp(e->tag, "WRONGTYPE")) {
		repair_first(ep);
		return;
	}
	if (e || (layout && strcmp(layout, LAYOUT))) {
		log_event(LOG_WARN, "queue.epoch_unknown", "layout=%s error=%s", LOGQ(layout),
		          LOGQ(e ? e->text : "another version's keys"));
		enter(ep, EPOCH_STUCK);
		return;
	}
	if (!value || !str_copy(ep->value, sizeof(ep->value), value)) {
		missing(ep);
		return;
	}
	ready(ep);
}

static void
on_tick(void *arg)
{
	struct epoch *ep = arg;

	if (ep->state == EPOCH_MISSING)
		missing(ep); /* nobody answered: say it again */
	else if (ep->state == EPOCH_STUCK)
		repair_first(ep);
	else
		repair(ep);
}

static void
on_change(bool up, void *arg)
{
	struct epoch *ep = arg;

	if (!up) {
		enter(ep, EPOCH_DOWN);
		return;
	}
	if (!strcmp(ep->run_id, redis_run_id(ep->redis))) {
		read_value(ep);
		return;
	}
	ep->suspect = ep->run_id[0] != '\0';
	repair_first(ep);
}

static void
on_set(const struct redis_reply *r, const struct err *e, void *arg)
{
	struct epoch *ep = arg;

	(void)r;
	(void)e; /* what stands there now is read next, whatever was said here */
	answered(ep);
}

static void
set_field(struct epoch *ep, const char *field, const char *value)
{
	const char *argv[] = { "HSETNX", ep->scripts.key[0], field, value };

	ep->waits++;
	redis_call(ep->redis, 4, argv, NULL, on_set, ep);
}

void
epoch_set(struct epoch *ep, int64_t value)
{
	char text[24];

	if (!redis_up(ep->redis))
		return;
	snprintf(text, sizeof(text), "%" PRId64, value);
	set_field(ep, "epoch", text);
	set_field(ep, "v", LAYOUT);
	if (ep->state == EPOCH_MISSING)
		read_value(ep);
}

/* ---- scripts ---- */

/* The memory is not the one we knew, or not in order: find out. */
static void
doubt(struct epoch *ep, const char *tag)
{
	if (ep->state != EPOCH_READY)
		return;
	if (!strcmp(tag, "NOEPOCH"))
		missing(ep);
	else if (!strcmp(tag, "WRONGTYPE"))
		repair_first(ep);
	else if (!strcmp(tag, "EPOCH"))
		read_value(ep);
}

static void
on_answer(const struct redis_reply *r, const struct err *e, void *arg)
{
	struct ask *ask = arg;
	struct epoch *ep = ask->ep;
	redis_fn *fn = ask->fn;
	void *fn_arg = ask->arg;
	char tag[sizeof(e->tag)] = "";
	struct err lost;

	free(ask);
	if (e)
		str_copy(tag, sizeof(tag), e->tag);
	if (redis_type(r) == REDIS_STATUS) {
		str_copy(tag, sizeof(tag), redis_str(r));
		err_set(&lost, ERR_IO, 0, "Redis' memory is not the one known before (%s)", tag);
		err_tag(&lost, "epoch");
		r = NULL;
		e = &lost;
	}
	if (!ep->closed)
		fn(r, e, fn_arg);
	if (!answered(ep))
		doubt(ep, tag);
}

static void
on_not_ready(void *arg)
{
	struct ask *ask = arg;
	struct err e;

	err_set(&e, ERR_IO, 0, "%s",
	        redis_up(ask->ep->redis) ? "Redis' memory is being looked at"
	                                 : redis_why(ask->ep->redis)->text);
	err_tag(&e, "epoch");
	on_answer(NULL, &e, ask);
}

void
epoch_eval(struct epoch *ep, enum script which, int argc, const char *const *argv, redis_fn *fn,
           void *arg)
{
	struct ask *ask = malloc(sizeof(*ask));
	const char *all[ARGS_MAX];
	int n = 0;

	assert(argc >= 0 && argc <= ARGS_MAX - SCRIPT_KEYS - 1);
	if (!ask)
		abort();
	*ask = (struct ask){ ep, fn, arg };
	ep->waits++;
	if (ep->state != EPOCH_READY) {
		loop_defer(ep->loop, on_not_ready, ask);
		return;
	}
	while (n < SCRIPT_KEYS) {
		all[n] = ep->scripts.key[n];
		n++;
	}
	all[n++] = ep->value;
	for (int i = 0; i < argc; i++)
		all[n++] = argv[i];
	redis_eval(ep->redis, &ep->scripts.script[which], SCRIPT_KEYS, n, all, on_answer, ask);
}

/* ---- life ---- */

struct epoch *
epoch_new(struct loop *l, struct redis *r, const char *partition, const struct epoch_ops *ops,
          void *arg, struct err *e)
{
	struct epoch *ep = calloc(1, sizeof(*ep));

	if (!ep) {
		err_set(e, ERR_NOMEM, 0, "no memory for the queue");
		return NULL;
	}
	if (script_init(&ep->scripts, partition, e)) {
		free(ep);
		return NULL;
	}
	ep->loop = l;
	ep->redis = r;
	ep->ops = *ops;
	ep->arg = arg;
	timer_init(&ep->tick, l, on_tick, ep);
	redis_on_change(r, on_change, ep);
	if (redis_up(r))
		repair_first(ep);
	return ep;
}

void
epoch_free(struct epoch *ep)
{
	if (!ep)
		return;
	ep->closed = true;
	redis_off_change(ep->redis, ep);
	timer_done(&ep->tick);
	if (!ep->waits)
		memory_free(ep);
}

bool
epoch_ready(const struct epoch *ep)
{
	return ep->state == EPOCH_READY;
}
