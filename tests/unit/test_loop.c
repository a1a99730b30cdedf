#include "common/str.h"
#include "tests/unit/loop_fixture.h"

#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static char trace[64];

TestSuite(loop, .init = loop_begin, .fini = loop_end);

static void
add(const char *what)
{
	size_t at = strlen(trace);

	cr_assert(str_copy(trace + at, sizeof(trace) - at, what));
}

static void
note(void *arg)
{
	add(arg);
}

static void
note_and_stop(void *arg)
{
	note(arg);
	loop_stop(l);
}

static void
defer_two(void *arg)
{
	note(arg);
	loop_defer(l, note_and_stop, "d");
}

Test(loop, deferred_calls_run_in_order_at_the_end_of_the_turn)
{
	loop_defer(l, note, "a");
	loop_defer(l, note, "b");
	loop_defer(l, note_and_stop, "c");
	loop_run(l);
	cr_assert_str_eq(trace, "abc");
}

Test(loop, what_a_deferred_call_defers_waits_for_the_next_turn)
{
	loop_defer(l, defer_two, "a");
	loop_defer(l, note, "b");
	loop_run(l);
	cr_assert_str_eq(trace, "abd");
}

Test(loop, what_is_still_deferred_runs_when_the_loop_is_freed)
{
	struct err e = { 0 };
	struct loop *other = loop_new(&e);

	loop_defer(other, note, "x");
	loop_free(other);
	cr_assert_str_eq(trace, "x");
}

Test(loop, stop_before_run_ends_it_at_once_and_only_once)
{
	loop_stop(l);
	loop_run(l);
	loop_defer(l, note_and_stop, "r");
	loop_run(l);
	cr_assert_str_eq(trace, "r");
}

static struct timer ta, tb;

Test(loop, timers_fire_in_the_order_of_their_time)
{
	timer_init(&ta, l, note_and_stop, "late");
	timer_init(&tb, l, note, "soon ");
	timer_arm(&ta, 30);
	timer_arm(&tb, 5);
	cr_assert(timer_armed(&tb));
	loop_run(l);
	cr_assert_str_eq(trace, "soon late");
	cr_assert_not(timer_armed(&ta));
	timer_done(&ta);
	timer_done(&tb);
}

Test(loop, arming_again_moves_a_timer)
{
	timer_init(&ta, l, note, "a");
	timer_init(&tb, l, note_and_stop, "b");
	timer_arm(&ta, 0);
	timer_arm(&ta, 60000);
	timer_arm(&tb, 20);
	loop_run(l);
	cr_assert_str_eq(trace, "b");
	timer_done(&ta);
	timer_done(&tb);
}

static void
done_inside(void *arg)
{
	timer_done(arg);
	loop_stop(l);
}

Test(loop, a_timer_may_be_let_go_by_its_own_callback)
{
	timer_init(&ta, l, done_inside, &ta);
	timer_arm(&ta, 0);
	loop_run(l);
	cr_assert_not(timer_armed(&ta));
	timer_done(&ta);
}

Test(loop, a_disarmed_timer_stays_silent)
{
	timer_init(&ta, l, note, "a");
	timer_init(&tb, l, note_and_stop, "b");
	timer_arm(&ta, 0);
	timer_arm(&tb, 10);
	timer_disarm(&ta);
	loop_run(l);
	cr_assert_str_eq(trace, "b");
	timer_done(&ta);
	timer_done(&tb);
}

static struct watch w;
static int other_end;

static void
on_fd(int fd, int what, void *arg)
{
	char c;

	(void)arg;
	if (what & WATCH_WRITE) {
		add("w");
		cr_assert_eq(write(fd, "x", 1), 1);
		watch_set(&w, fd, WATCH_READ);
		cr_assert_eq(write(other_end, "y", 1), 1);
		return;
	}
	cr_assert_eq(read(fd, &c, 1), 1);
	add("r");
	watch_done(&w);
	loop_stop(l);
}

Test(loop, a_watch_may_change_and_end_inside_its_callback)
{
	int fd[2];

	cr_assert_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, fd), 0);
	other_end = fd[1];
	watch_init(&w, l, on_fd, NULL);
	watch_set(&w, fd[0], WATCH_WRITE);
	loop_run(l);
	cr_assert_str_eq(trace, "wr");
	close(fd[0]);
	close(fd[1]);
}

Test(loop, a_watch_set_to_nothing_is_silent)
{
	int fd[2];

	cr_assert_eq(pipe(fd), 0);
	watch_init(&w, l, on_fd, NULL);
	watch_set(&w, fd[0], WATCH_READ);
	watch_set(&w, fd[0], 0);
	cr_assert_eq(write(fd[1], "x", 1), 1);
	timer_init(&ta, l, note_and_stop, "t");
	timer_arm(&ta, 10);
	loop_run(l);
	cr_assert_str_eq(trace, "t");
	watch_done(&w);
	timer_done(&ta);
	close(fd[0]);
	close(fd[1]);
}

static void
on_usr1(int signo, void *arg)
{
	cr_assert_eq(signo, SIGUSR1);
	note_and_stop(arg);
}

Test(loop, a_signal_is_told_on_the_loop)
{
	loop_signal(l, SIGUSR1, on_usr1, "s");
	raise(SIGUSR1);
	loop_run(l);
	cr_assert_str_eq(trace, "s");
}

/* Burn 260 ms of this turn: what a forgotten blocking call would do. */
static void
block(void *arg)
{
	int64_t until = mono_us() + 260000;

	(void)arg;
	while (mono_us() < until)
		;
	loop_stop(l);
}

Test(loop, a_slow_turn_is_counted_and_waiting_is_not)
{
	timer_init(&ta, l, note_and_stop, "quick");
	timer_arm(&ta, 280);
	loop_run(l);
	cr_assert_eq(loop_slow_turns(l), 0);
	loop_longest_ms(l);
	timer_done(&ta);

	timer_init(&ta, l, block, NULL);
	timer_arm(&ta, 0);
	loop_run(l);
	cr_assert_eq(loop_slow_turns(l), 1);
	cr_assert_geq(loop_longest_ms(l), 250);
	cr_assert_eq(loop_longest_ms(l), 0);
	timer_done(&ta);
}
