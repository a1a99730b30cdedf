#include "tests/chaos/rig.h"

#include "tests/harness/harness.h"
#include "tests/harness/wait.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

#define TICK_MS    2
#define PROXY_MS   1000 /* a proxy moves what it accepts out of the way */
#define LONGEST_MS 250  /* reliability.md 8 */

int
rig_fds(void)
{
	DIR *d = opendir("/proc/self/fd");
	struct dirent *at;
	int n = 0;

	while (d && (at = readdir(d)))
		if (strtol(at->d_name, NULL, 10) < HARNESS_FD_MIN)
			n++;
	if (d)
		closedir(d);
	return n;
}

static void
on_tick(void *arg)
{
	struct rig *r = arg;

	if (r->until && r->until(r->arg)) {
		r->reached = true;
		loop_stop(r->loop);
		return;
	}
	timer_arm(&r->tick, TICK_MS);
}

static void
on_deadline(void *arg)
{
	struct rig *r = arg;

	loop_stop(r->loop);
}

void
rig_begin(struct rig *r)
{
	struct err e = { 0 };

	*r = (struct rig){ .fds = rig_fds() };
	r->loop = loop_new(&e);
	if (!r->loop)
		harness_die(NULL, "%s", e.text);
	timer_init(&r->tick, r->loop, on_tick, r);
	timer_init(&r->deadline, r->loop, on_deadline, r);
}

bool
rig_run(struct rig *r, bool (*fn)(void *arg), void *arg, int ms)
{
	int64_t longest;

	r->until = fn;
	r->arg = arg;
	r->reached = false;
	timer_arm(&r->tick, 0);
	timer_arm(&r->deadline, ms);
	loop_run(r->loop);
	timer_disarm(&r->tick);
	timer_disarm(&r->deadline);
	longest = loop_longest_ms(r->loop);
	if (longest > r->longest_ms)
		r->longest_ms = longest;
	return r->reached;
}

struct count {
	const int *n;
	int want;
};

static bool
counted(void *arg)
{
	const struct count *c = arg;

	return *c->n >= c->want;
}

bool
rig_count(struct rig *r, const int *n, int want, int ms)
{
	struct count c = { n, want };

	return rig_run(r, counted, &c, ms);
}

void
rig_watch(struct rig *r, int ms)
{
	rig_run(r, NULL, NULL, ms);
}

static bool
no_more_fds(void *arg)
{
	return rig_fds() <= *(int *)arg;
}

const char *
rig_end(struct rig *r)
{
	static char text[80];
	bool closed;

	timer_done(&r->tick);
	timer_done(&r->deadline);
	loop_free(r->loop);
	closed = wait_for(no_more_fds, &r->fds, PROXY_MS);
	if (r->longest_ms > LONGEST_MS)
		snprintf(text, sizeof(text), "a turn took %d ms", (int)r->longest_ms);
	else if (!closed)
		snprintf(text, sizeof(text), "%d descriptors, %d at the beginning", rig_fds(),
		         r->fds);
	else
		return NULL;
	return text;
}
