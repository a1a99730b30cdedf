#include "daemon/base/mbox.h"

#include "daemon/base/loop.h"

#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

struct mbox {
	pthread_mutex_t lock; /* over first and last, nothing else */
	struct msg *first;
	struct msg *last;
	int fd;
	struct watch watch;
	void (*on_msg)(struct msg *m, void *arg);
	void *arg;
};

/* The whole list in one step: the lock is held for two loads and two stores. */
static struct msg *
take_all(struct mbox *b)
{
	struct msg *m;

	pthread_mutex_lock(&b->lock);
	m = b->first;
	b->first = b->last = NULL;
	pthread_mutex_unlock(&b->lock);
	return m;
}

/*
 * The eventfd is emptied before the list is taken: a message posted between the two is taken at
 * once and costs one empty turn, never the other way round.
 */
static void
on_wake(int fd, int what, void *arg)
{
	struct mbox *b = arg;
	struct msg *m, *next;
	uint64_t n;

	(void)what;
	if (read(fd, &n, sizeof(n)) < 0)
		assert(errno == EAGAIN || errno == EINTR);
	for (m = take_all(b); m; m = next) {
		next = m->next;
		m->next = NULL;
		b->on_msg(m, b->arg);
	}
}

struct mbox *
mbox_new(struct loop *l, void (*on_msg)(struct msg *m, void *arg), void *arg, struct err *e)
{
	struct mbox *b = calloc(1, sizeof(*b));

	if (!b) {
		err_set(e, ERR_NOMEM, 0, "no memory for a letter box");
		return NULL;
	}
	b->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (b->fd < 0) {
		err_set(e, ERR_IO, errno, "eventfd: %s", strerror(errno));
		free(b);
		return NULL;
	}
	pthread_mutex_init(&b->lock, NULL);
	b->on_msg = on_msg;
	b->arg = arg;
	watch_init(&b->watch, l, on_wake, b);
	watch_set(&b->watch, b->fd, WATCH_READ);
	return b;
}

void
mbox_free(struct mbox *b, void (*drop)(struct msg *m))
{
	struct msg *m, *next;

	if (!b)
		return;
	watch_done(&b->watch);
	close(b->fd);
	for (m = take_all(b); m; m = next) {
		next = m->next;
		if (drop)
			drop(m);
	}
	pthread_mutex_destroy(&b->lock);
	free(b);
}

void
mbox_post(struct mbox *b, struct msg *m)
{
	static const uint64_t one = 1;
	bool was_empty;

	m->next = NULL;
	pthread_mutex_lock(&b->lock);
	was_empty = !b->first;
	if (was_empty)
		b->first = m;
	else
		b->last->next = m;
	b->last = m;
	pthread_mutex_unlock(&b->lock);
	/* EAGAIN would mean that the counter is full: then it is readable, and that is all it is
	 * for. */
	while (was_empty && write(b->fd, &one, sizeof(one)) < 0 && errno == EINTR)
		;
}
