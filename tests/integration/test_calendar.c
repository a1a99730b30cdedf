/*
 * The end of an authorization: warned of at 30, 14, 7, 3 and 1 days, once each, then expired, once;
 * the seller authorizes again, and the next year's warnings begin anew. On a clock that is moved by
 * a day at a time.
 */
#include "common/json.h"
#include "tests/harness/harness.h"
#include "tests/harness/wait.h"
#include "tests/integration/days.h"
#include "tests/integration/life.h"
#include "tests/integration/world.h"

#include <criterion/criterion.h>
#include <inttypes.h>

#define WARNINGS "ttsyncd_expiry_warnings_total{event=\"expiring\"}"
#define EXPIRED  "ttsyncd_expiry_warnings_total{event=\"expired\"}"

static const int warn_days[] = { 30, 14, 7, 3, 1 };

static struct world *w;
static const char *shop;

/* --- what was told, and where ---------------------------------------------------------------- */

/* Told so far, in all: by the log, which is written last. */
static int
lines_of(const char *event)
{
	return life_logged(w, harness_text(w->h, " %s ", event));
}

struct told {
	const char *event;
	const char *metric;
	int n;
};

static bool
is_told(void *arg)
{
	struct told *t = arg;

	/* the page of statistics is a second old at most */
	return lines_of(t->event) >= t->n && world_metric(w, 0, t->metric) >= t->n;
}

/* That many of an event everywhere: in log, history, events and metric. */
static void
told_everywhere(const char *event, const char *metric, int n)
{
	struct told t = { event, metric, n };

	cr_assert(wait_for(is_told, &t, LIFE_MS), "%s number %d does not come", event, n);
	cr_assert_eq(lines_of(event), n);
	cr_assert_eq(life_num(w, "SELECT count(*) FROM ttsync.v_history WHERE event = '%s'", event),
	             n);
	cr_assert_eq(life_num(w, "SELECT count(*) FROM ttsync.v_event WHERE type = '%s'", event),
	             n);
	cr_assert_eq(world_metric(w, 0, metric), n);
}

static void
is_last_warning(int days)
{
	cr_assert_eq(life_num(w, "SELECT data->>'days' FROM ttsync.v_event WHERE type ="
	                         " 'authorization.expiring' ORDER BY event_id DESC LIMIT 1"),
	             days);
	cr_assert_eq(life_num(w, "SELECT detail->>'days' FROM ttsync.v_history WHERE event ="
	                         " 'authorization.expiring' ORDER BY at DESC LIMIT 1"),
	             days);
	cr_assert_str_eq(life_shown(w, shop, "state"), "expiring");
}

/* --- time ------------------------------------------------------------------------------------ */

static int64_t
days_left(void)
{
	return life_num(
	    w, "SELECT ceil(extract(epoch FROM refresh_expires - clock_timestamp()) / 86400)"
	       " FROM ttsync.grants");
}

/* Until so many days are left; given counts the warnings told, also before. */
static void
pass_until(int64_t left, int *given)
{
	while (days_left() > left) {
		days_pass_one(w);
		for (size_t i = 0; i < ARRAY_LEN(warn_days); i++) {
			if (days_left() != warn_days[i])
				continue;
			told_everywhere("authorization.expiring", WARNINGS, ++*given);
			is_last_warning(warn_days[i]);
		}
	}
}

/* Before the end no call was refused; after it, only jobs that ran into it. */
static void
check_calls(int64_t end_s)
{
	CLEANUP(json_freep) struct json *doc = world_tiktok(w, "GET", "/calls", NULL);
	const struct json *calls = json_get(doc, "calls");
	int64_t code = -1, at = 0;

	for (size_t i = 0; i < json_len(calls); i++) {
		const struct json *one = json_at(calls, i);

		json_i64(one, "code", &code);
		json_i64(one, "time_ms", &at);
		cr_assert(code == 0 || code == DAYS_JUMPED || at >= end_s * 1000,
		          "%s: %" PRId64 " before the end", json_str(one, "endpoint"), code);
	}
}

/* The end is not seen again, however much time passes. */
static void
expires(int64_t end_s)
{
	world_move(w, DAY_S);
	told_everywhere("authorization.expired", EXPIRED, 1);
	cr_assert_str_eq(life_shown(w, shop, "state"), "expired");
	cr_assert_str_eq(life_shown(w, shop, "reason"), "authorization_expired");
	cr_assert_str_eq(life_shown(w, shop, "next"),
	                 harness_text(w->h, "ttctl reauthorize %s", shop));
	for (int i = 0; i < 5; i++)
		days_pass_one(w);
	life_until(w, 1, "SELECT count(*) FROM ttsync.grants WHERE state = 'reauthorize'");
	cr_assert_str_eq(life_shown(w, shop, "state"), "expired");
	told_everywhere("authorization.expired", EXPIRED, 1);
	check_calls(end_s);
}

/* The end comes from TikTok with each refresh, and may be another second each time. */
static void
a_wobbling_end_is_no_new_one(void)
{
	life_do(w, "UPDATE ttsync.grants SET refresh_expires = refresh_expires + interval '9 s'");
	cr_assert_eq(life_num(w, "SELECT jsonb_array_length(ttsync.expiry_warn('{30,14,7,3,1}'))"),
	             0);
	life_do(w, "UPDATE ttsync.grants SET refresh_expires = refresh_expires - interval '9 s'");
}

Test(calendar, each_warning_is_told_once_a_year_and_the_end_once, .timeout = 290)
{
	static const char *const words[] = { "--access-lifetime", "2592000", NULL };
	static const struct world_setting conf[] = { { "retention", "outbox = 3650d" },
		                                     { NULL, NULL } };
	struct world_opts o = { .name = "calendar", .sandbox = words, .conf = conf, .clock = true };
	int64_t end_s, since;
	int given = 0;

	w = world_new(&o);
	shop = world_connect(w, "42", "main", 1);
	world_wait(w, shop, "connected");
	since = life_num(w, "SELECT extract(epoch FROM connected_at) FROM ttsync.shop");
	end_s = life_num(w, "SELECT extract(epoch FROM refresh_expires) FROM ttsync.grants");
	pass_until(1, &given);
	cr_assert_eq(given, (int)ARRAY_LEN(warn_days));
	a_wobbling_end_is_no_new_one();
	expires(end_s);
	life_connect_again(w, shop, 1);
	cr_assert_eq(days_left(), 365);
	cr_assert_eq(life_num(w, "SELECT extract(epoch FROM connected_at) FROM ttsync.shop"),
	             since);
	pass_until(13, &given);
	cr_assert_eq(given, (int)ARRAY_LEN(warn_days) + 2, "the second year's begin anew");
	world_free(w);
}
