/*
 * F33: ttsyncd is killed at each step of a pair of tokens from TikTok's answer to the commit. T3:
 * no pair that TikTok issued is then absent from row, history and spool together, and the next
 * start puts what the spool holds.
 */
#include "common/buf.h"
#include "tests/harness/harness.h"
#include "tests/harness/pgserver.h"
#include "tests/harness/proc.h"
#include "tests/integration/life.h"
#include "tests/integration/world.h"

#include <criterion/criterion.h>
#include <dirent.h>
#include <signal.h>
#include <stdlib.h>

#define DEADLINE 60000
#define KILLED   (128 + SIGKILL)
#define POINT    "TTSYNCD_FAILPOINT"

/* How many pairs PostgreSQL or the spool has. Files are named after grant and pair. */
static int64_t
pairs_kept(struct world *w)
{
	DIR *d = opendir(harness_text(w->h, "%s/spool", w->daemon[0].state_dir));
	struct dirent *one;
	struct buf sql;
	int64_t n;

	buf_init(&sql, 1u << 16);
	buf_str(&sql, "SELECT count(*) FROM (SELECT pair_id::text FROM ttsync.token_history");
	while (d && (one = readdir(d)))
		if (one->d_name[0] != '.')
			buf_printf(&sql, " UNION SELECT split_part('%s', '.', 2)", one->d_name);
	buf_str(&sql, ") AS kept");
	if (d)
		closedir(d);
	n = pgserver_num(w->pg, buf_text(&sql));
	buf_done(&sql);
	return n;
}

/* The grant is due, also where the daemon that refreshed it died a moment ago. */
static void
hurry(struct world *w)
{
	pgserver_exec(w->pg, "UPDATE ttsync.grants SET next_try_at = now(), failures = 0,"
	                     " attempt_at = now() - interval '1 min'");
}

/* A daemon runs until it comes by that point. */
static void
dies_at(struct world *w, const char *point)
{
	struct world_daemon *d = &w->daemon[0];
	const char *argv[] = { harness_program(w->h, "ttsyncd"), "-c", d->conf, NULL };

	setenv(POINT, point, 1);
	d->proc = proc_spawn(w->h, d->name, argv, NULL);
	unsetenv(POINT);
	cr_assert_eq(proc_wait(d->proc, DEADLINE), KILLED, "nothing came by %s", point);
}

/* What was kept is current, or older than the current pair; the grant goes on. */
static void
goes_on(struct world *w, const char *point, int64_t lost)
{
	world_start(w, 0);
	hurry(w);
	life_until(w, 1,
	           "SELECT count(*) FROM ttsync.grants WHERE state = 'active' AND"
	           " next_try_at > now() AND failures = 0 AND refusals = 0");
	cr_assert_eq(pgserver_num(w->pg, "SELECT count(*) FROM ttsync.token_history"),
	             life_granted(w, "access_gen") - lost, "%s", point);
	cr_assert_eq(pairs_kept(w), life_granted(w, "access_gen") - lost,
	             "%s: the spool holds a pair nobody has", point);
	cr_assert_eq(
	    pgserver_num(w->pg, "SELECT count(*) FROM ttsync.v_shop WHERE state = 'connected'"), 1,
	    "%s", point);
	world_stop(w, 0);
}

static struct world *
connected_and_stopped(const struct world_opts *o)
{
	struct world *w = world_new(o);

	world_wait(w, world_connect(w, "42", "main", 1), "connected");
	world_stop(w, 0);
	return w;
}

/* Refresh tokens die with their use here: a pair that is lost would be missed. */
Test(kill_points, from_the_spool_to_the_commit_no_pair_is_lost, .timeout = 300)
{
	static const char *const points[] = { "refresh.claimed",  "spool.renamed",
		                              "issued.spooled",   "issued.sent",
		                              "issued.committed", "issued.removed" };
	struct world_opts o = { .name = "killpoints" };
	CLEANUP(world_freep) struct world *w = connected_and_stopped(&o);

	for (size_t i = 0; i < ARRAY_LEN(points); i++) {
		hurry(w);
		dies_at(w, points[i]);
		cr_assert_eq(pairs_kept(w), life_granted(w, "access_gen"), "T3 at %s", points[i]);
		goes_on(w, points[i], 0);
	}
}

Test(kill_points, while_the_spool_is_put_no_pair_is_lost, .timeout = 300)
{
	static const char *const points[] = { "issued.sent", "issued.committed", "issued.removed" };
	struct world_opts o = { .name = "killreplay" };
	CLEANUP(world_freep) struct world *w = connected_and_stopped(&o);

	for (size_t i = 0; i < ARRAY_LEN(points); i++) {
		hurry(w);
		dies_at(w, "issued.spooled");
		dies_at(w, points[i]);
		cr_assert_eq(pairs_kept(w), life_granted(w, "access_gen"), "T3 at %s", points[i]);
		goes_on(w, points[i], 0);
	}
}

/* Before the file stands there is nothing to find: as good as an answer that was lost (T4). */
Test(kill_points, before_the_spool_it_is_a_lost_answer, .timeout = 300)
{
	static const char *const words[] = { "--rotate-refresh", "grace", NULL };
	static const char *const points[] = { "refresh.answered", "spool.written" };
	struct world_opts o = { .name = "killbefore", .sandbox = words };
	CLEANUP(world_freep) struct world *w = connected_and_stopped(&o);

	for (size_t i = 0; i < ARRAY_LEN(points); i++) {
		hurry(w);
		dies_at(w, points[i]);
		goes_on(w, points[i], (int64_t)i + 1);
	}
	cr_assert_eq(pgserver_num(w->pg, "SELECT count(*) FROM ttsync.history WHERE event ="
	                                 " 'grant.refresh_refused'"),
	             0);
}

Test(kill_points, of_a_first_authorization_no_pair_is_lost, .timeout = 300)
{
	static const char *const points[] = { "spool.renamed", "issued.spooled", "issued.sent",
		                              "issued.committed", "issued.removed" };
	struct world_opts o = { .name = "killfirst" };
	CLEANUP(world_freep) struct world *w = world_prepare(&o);

	for (size_t i = 0; i < ARRAY_LEN(points); i++) {
		const char *url;

		setenv(POINT, points[i], 1);
		world_start(w, 0);
		unsetenv(POINT);
		world_begin(w, "42", points[i], &url);
		world_consent(w, url, 1, false, NULL);
		cr_assert_eq(proc_wait(w->daemon[0].proc, DEADLINE), KILLED, "%s", points[i]);
		cr_assert_eq(pairs_kept(w), (int64_t)i + 1, "T3 at %s", points[i]);
		world_start(w, 0);
		cr_assert_eq(pgserver_num(w->pg, "SELECT count(*) FROM ttsync.token_history"),
		             (int64_t)i + 1, "%s", points[i]);
		world_stop(w, 0);
	}
	cr_assert_eq(life_granted(w, "access_gen"), (int64_t)ARRAY_LEN(points));
	cr_assert_eq(pgserver_num(w->pg, "SELECT gen FROM ttsync.grants"),
	             (int64_t)ARRAY_LEN(points));
}
