/*
 * loop_fixture: a loop, and a guard that fails the test when nothing happens on it.
 */
#ifndef TTSYNC_LOOP_FIXTURE_H
#define TTSYNC_LOOP_FIXTURE_H

#include "daemon/base/loop.h"

#include <criterion/criterion.h>

#define GUARD_MS 10000

static struct loop *l;
static struct timer guard;

static void
on_guard(void *arg)
{
	(void)arg;
	cr_assert_fail("nothing happened within %d ms", GUARD_MS);
}

static void
loop_begin(void)
{
	struct err e = { 0 };

	l = loop_new(&e);
	cr_assert_not_null(l, "%s", e.text);
	timer_init(&guard, l, on_guard, NULL);
	timer_arm(&guard, GUARD_MS);
}

static void
loop_end(void)
{
	timer_done(&guard);
	loop_free(l);
}

#endif
