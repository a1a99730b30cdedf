/*
 * Letter boxes between threads, for ThreadSanitizer: several senders, two loops, one owner at a
 * time. Every message that was posted comes back once, and each sender's in its order.
 */
#include "common/own.h"
#include "daemon/base/loop.h"
#include "daemon/base/mbox.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#define SENDERS     4
#define PER_SENDER  5000
#define DEADLINE_MS 60000

#define CHECK(x)                                                                                   \
	do {                                                                                       \
		if (!(x)) {                                                                        \
			fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #x);            \
			abort();                                                                   \
		}                                                                                  \
	} while (0)

enum { MSG_WORK = 1, MSG_DONE, MSG_QUIT };

struct work {
	struct msg m;
	int sender;
	int seq;
	int answer; /* plain: whoever holds the message writes it */
};

/* The worker: answers each piece of work to the owner's box. */
struct worker {
	struct loop *loop;
	struct mbox *in;
	struct mbox *out;
	pthread_t thread;
};

struct owner {
	struct loop *loop;
	struct mbox *in;
	struct timer deadline;
	struct worker *workers;
	int next[SENDERS];
	int done;
};

static void
on_work(struct msg *m, void *arg)
{
	struct worker *w = arg;
	struct work *k = (struct work *)m;

	if (m->type == MSG_QUIT) {
		free(k);
		loop_stop(w->loop);
		return;
	}
	k->answer = k->seq * 2;
	m->type = MSG_DONE;
	mbox_post(w->out, m);
}

static void
on_done(struct msg *m, void *arg)
{
	struct owner *o = arg;
	struct work *k = (struct work *)m;

	CHECK(m->type == MSG_DONE);
	CHECK(k->answer == k->seq * 2);
	CHECK(k->seq == o->next[k->sender]++);
	free(k);
	if (++o->done == SENDERS * PER_SENDER)
		loop_stop(o->loop);
}

static void
on_deadline(void *arg)
{
	const struct owner *o = arg;

	fprintf(stderr, "%d messages of %d within %d ms\n", o->done, SENDERS * PER_SENDER,
	        DEADLINE_MS);
	exit(1);
}

static struct work *
work_new(int type, int sender, int seq)
{
	struct work *k = calloc(1, sizeof(*k));

	CHECK(k);
	k->m.type = type;
	k->sender = sender;
	k->seq = seq;
	return k;
}

struct sender {
	pthread_t thread;
	struct mbox *to;
	int no;
};

static void *
sender_main(void *arg)
{
	struct sender *s = arg;

	for (int i = 0; i < PER_SENDER; i++)
		mbox_post(s->to, &work_new(MSG_WORK, s->no, i)->m);
	return NULL;
}

static void *
worker_main(void *arg)
{
	loop_run(((struct worker *)arg)->loop);
	return NULL;
}

int
main(void)
{
	struct worker workers[2] = { 0 };
	struct sender senders[SENDERS] = { 0 };
	struct owner o = { .workers = workers };

	CHECK(o.loop = loop_new(NULL));
	CHECK(o.in = mbox_new(o.loop, on_done, &o, NULL));
	timer_init(&o.deadline, o.loop, on_deadline, &o);
	timer_arm(&o.deadline, DEADLINE_MS);
	for (size_t i = 0; i < ARRAY_LEN(workers); i++) {
		struct worker *w = &workers[i];

		w->out = o.in;
		CHECK(w->loop = loop_new(NULL));
		CHECK(w->in = mbox_new(w->loop, on_work, w, NULL));
		CHECK(!pthread_create(&w->thread, NULL, worker_main, w));
	}
	for (int i = 0; i < SENDERS; i++) {
		senders[i].no = i;
		senders[i].to = workers[i % 2].in;
		CHECK(!pthread_create(&senders[i].thread, NULL, sender_main, &senders[i]));
	}
	loop_run(o.loop);
	for (int i = 0; i < SENDERS; i++)
		pthread_join(senders[i].thread, NULL);
	for (size_t i = 0; i < ARRAY_LEN(workers); i++) {
		mbox_post(workers[i].in, &work_new(MSG_QUIT, 0, 0)->m);
		pthread_join(workers[i].thread, NULL);
		mbox_free(workers[i].in, NULL);
		loop_free(workers[i].loop);
	}
	timer_done(&o.deadline);
	mbox_free(o.in, NULL);
	loop_free(o.loop);
	printf("%d messages, none lost, none twice, in order\n", o.done);
	return 0;
}
