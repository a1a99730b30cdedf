/*
 * mbox: a thread's letter box, the only thing threads share.
 *
 * A message is owned by whoever holds it. Posting cannot fail: the link is inside the message.
 * The receiver's loop is woken only when the box was empty.
 */
#ifndef TTSYNC_MBOX_H
#define TTSYNC_MBOX_H

#include "common/err.h"

struct loop;
struct mbox;

struct msg {
	struct msg *next;
	int type; /* of the enum that the two sides agree on */
};

/* A box read on loop l: on_msg runs there and owns the message from then on. */
struct mbox *mbox_new(struct loop *l, void (*on_msg)(struct msg *m, void *arg), void *arg,
                      struct err *e);
/* From the receiver's thread; what still lies in it is handed to drop (may be NULL: leaked). */
void mbox_free(struct mbox *b, void (*drop)(struct msg *m));
/* From any thread. */
void mbox_post(struct mbox *b, struct msg *m);

#endif
