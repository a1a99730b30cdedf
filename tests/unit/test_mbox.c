#include "daemon/base/loop.h"
#include "daemon/base/mbox.h"

#include <criterion/criterion.h>

static struct loop *l;
static struct mbox *box;
static struct msg msgs[3];
static int got[8], n_got, n_dropped, stop_at;

static void
on_msg(struct msg *m, void *arg)
{
	cr_assert_eq(arg, &stop_at);
	got[n_got++] = m->type;
	if (m->type == 2 && n_got == 2)
		mbox_post(box, &msgs[2]); /* to itself: read on the next turn */
	if (n_got == stop_at)
		loop_stop(l);
}

static void
drop(struct msg *m)
{
	(void)m;
	n_dropped++;
}

static void
setup(void)
{
	struct err e = { 0 };

	l = loop_new(&e);
	box = mbox_new(l, on_msg, &stop_at, &e);
	cr_assert_not_null(box);
	for (int i = 0; i < 3; i++)
		msgs[i].type = i + 1;
}

TestSuite(mbox, .init = setup, .timeout = 10);

Test(mbox, messages_arrive_once_and_in_order)
{
	mbox_post(box, &msgs[0]);
	mbox_post(box, &msgs[1]);
	stop_at = 3;
	loop_run(l);
	cr_assert_eq(n_got, 3);
	for (int i = 0; i < 3; i++)
		cr_assert_eq(got[i], i + 1);
	mbox_free(box, NULL);
	loop_free(l);
}

Test(mbox, what_lies_in_a_freed_box_is_handed_to_drop)
{
	mbox_post(box, &msgs[0]);
	mbox_post(box, &msgs[1]);
	mbox_free(box, drop);
	cr_assert_eq(n_dropped, 2);
	cr_assert_eq(n_got, 0);
	mbox_free(NULL, NULL);
	loop_free(l);
}
