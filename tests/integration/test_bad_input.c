/*
 * Wrong words from outside: each is answered with what was wrong, and ends nothing but itself.
 */
#include "common/buf.h"
#include "common/json.h"
#include "tests/harness/harness.h"
#include "tests/harness/pgserver.h"
#include "tests/harness/proc.h"
#include "tests/harness/redisd.h"
#include "tests/harness/wait.h"
#include "tests/harness/web.h"
#include "tests/integration/world.h"

#include <criterion/criterion.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define OVERSIZED (100 * 1024) /* of a line that may have 64 KiB */
#define DEADLINE  30000

/* It still answers, and every service is there. */
static void
is_well(struct world *w, const char *after)
{
	struct said s;

	cr_assert(proc_alive(w->daemon[0].proc), "ttsyncd ended after: %s", after);
	TTCTL(w, &s, "status");
	cr_assert_eq(s.code, 0, "status after %s: %d %s", after, s.code, s.err);
	said_done(&s);
}

/* ttctl with these words ends with code and says why on stderr, with or without --json. */
#define REFUSED(w, code, ...) refused((w), (code), (const char *const[]){ __VA_ARGS__, NULL })

static void
refused(struct world *w, int code, const char *const *words)
{
	struct said s;

	world_ctl(w, 0, &s, words);
	cr_assert_eq(s.code, code, "%s %s: %d, not %d: %s", words[0], words[1] ? words[1] : "",
	             s.code, code, s.err);
	cr_assert(*s.err, "%s: nothing on stderr", words[0]);
	said_done(&s);
	is_well(w, words[0]);
}

Test(bad_input, each_wrong_word_has_its_exit_code)
{
	struct world_opts o = { .name = "words", .sellers = 2 };
	CLEANUP(world_freep) struct world *w = world_new(&o);
	const char *shop = world_connect(w, "42", "main", 1), *other;
	const char *url;

	REFUSED(w, 64, "frobnicate");
	REFUSED(w, 64, "shops", "--no-such-option");
	REFUSED(w, 64, "connect", "--store", "42");
	REFUSED(w, 64, "connect", "--store", "42", "--alias", "");
	REFUSED(w, 64, "connect", "--store", "42", "--alias", "MAIN");
	REFUSED(w, 64, "store", "set", "no spaces", "--name", "x", "--plan", "basic");
	REFUSED(w, 64, "store", "set", "42", "--name", "x", "--plan", "platinum");
	REFUSED(w, 64, "wait", shop, "--for", "miracles");
	REFUSED(w, 64, "orders", "--limit", "-1");
	REFUSED(w, 65, "show", "nobody");
	REFUSED(w, 65, "show", "999999");
	REFUSED(w, 65, "connect", "--store", "unknown", "--alias", "x");
	REFUSED(w, 65, "order", "1");
	REFUSED(w, 65, "product", "1");
	other = world_begin(w, "42", "second", &url);
	REFUSED(w, 1, "confirm", other, "--shop", "1", "--warehouse", "1");
	cr_assert_eq(world_consent(w, url, 2, false, NULL), 200);
	REFUSED(w, 65, "confirm", other, "--shop", world_tiktok_shop(w, shop), "--warehouse", "1");
	cr_assert_eq(pgserver_num(w->pg, "SELECT count(*) FROM ttsync.v_shop"), 2);
}

Test(bad_input, a_plan_that_is_too_low_connects_nothing)
{
	struct world_opts o = { .name = "plan" };
	CLEANUP(world_freep) struct world *w = world_new(&o);
	struct said s;

	TTCTL(w, &s, "store", "set", "7", "--name", "x", "--plan", "free");
	cr_assert_eq(s.code, 0, "%s", s.err);
	said_done(&s);
	REFUSED(w, 77, "connect", "--store", "7", "--alias", "x");
	cr_assert_eq(pgserver_num(w->pg, "SELECT count(*) FROM ttsync.v_shop"), 0);
}

/* One shop of TikTok is one shop of ours. */
Test(bad_input, a_tiktok_shop_that_is_connected_cannot_be_connected_again)
{
	struct world_opts o = { .name = "taken" };
	CLEANUP(world_freep) struct world *w = world_new(&o);
	const char *shop = world_connect(w, "42", "main", 1), *again, *url;

	world_wait(w, shop, "connected");
	again = world_begin(w, "43", "mine too", &url);
	cr_assert_eq(world_consent(w, url, 1, false, NULL), 200);
	REFUSED(w, 64, "confirm", again, "--shop", world_tiktok_shop(w, shop), "--warehouse", "1");
	world_wait(w, shop, "synced");
}

/* --- consent --------------------------------------------------------------------------------- */

static int
get(struct world *w, const char *url)
{
	struct web_req q = { .url = url };
	struct web_answer a;
	int status;

	web_send(w->h, &q, &a);
	status = a.status;
	web_done(&a);
	is_well(w, url);
	return status;
}

static bool
noted(struct world *w, const char *event)
{
	return pgserver_num(w->pg,
	                    harness_text(w->h,
	                                 "SELECT count(*) FROM ttsync.v_history WHERE event = '%s'",
	                                 event)) > 0;
}

Test(bad_input, every_wrong_state_of_a_consent_has_its_answer)
{
	struct world_opts o = { .name = "states" };
	CLEANUP(world_freep) struct world *w = world_new(&o);
	const char *url, *location, *base;

	base = harness_text(w->h, "http://127.0.0.1:%d/oauth/callback", w->daemon[0].port);
	world_begin(w, "42", "denied", &url);
	cr_assert_eq(world_consent(w, url, 1, true, NULL), 403);
	cr_assert(noted(w, "authorization.denied"));
	world_begin(w, "42", "expired", &url);
	pgserver_exec(w->pg, "UPDATE ttsync.oauth_state SET expires_at = now() - interval '1 s' "
	                     "WHERE used_at IS NULL");
	cr_assert_eq(world_consent(w, url, 1, false, NULL), 410);
	cr_assert(noted(w, "authorization.state_expired"));
	world_begin(w, "42", "twice", &url);
	cr_assert_eq(world_consent(w, url, 1, false, &location), 200);
	cr_assert_eq(get(w, location), 409);
	cr_assert(noted(w, "authorization.state_reused"));
	cr_assert_eq(get(w, harness_text(w->h, "%s?code=x&state=AAAAAAAAAAAAAAAAAAAAAA", base)),
	             404);
	cr_assert_eq(get(w, harness_text(w->h, "%s?code=x", base)), 400);
	cr_assert_eq(get(w, base), 400);
	cr_assert_eq(get(w, harness_text(w->h, "%s?code=%%00&state=%%ff", base)), 400);
	world_begin(w, "42", "forged", &url);
	cr_assert_eq(get(w, harness_text(w->h, "%s?code=TTP_forged&state=%s", base,
	                                 strstr(url, "state=") + strlen("state="))),
	             400);
	cr_assert_eq(pgserver_num(w->pg, "SELECT count(*) FROM ttsync.v_shop WHERE state <> "
	                                 "'pending' AND alias <> 'twice'"),
	             0);
}

Test(bad_input, a_consent_that_does_not_suffice_binds_nothing)
{
	struct world_opts o = { .name = "suffice" };
	CLEANUP(world_freep) struct world *w = world_new(&o);
	char abroad[2048];
	const char *url;
	struct said s;

	world_begin(w, "42", "permission", &url);
	WORLD_TIKTOK(w, "/scope", "{\"remove\":[\"seller.order.info\"]}");
	cr_assert_eq(world_consent(w, url, 1, false, NULL), 403);
	cr_assert(noted(w, "authorization.permission_missing"));
	WORLD_TIKTOK(w, "/scope", "{\"add\":[\"seller.order.info\"]}");
	TTCTL(w, &s, "connect", "--store", "42", "--alias", "abroad", "--region", "VN");
	cr_assert_eq(s.code, 0, "%s", s.err);
	said_str(&s, "authorize_url", abroad, sizeof(abroad));
	said_done(&s);
	cr_assert_eq(world_consent(w, abroad, 1, false, NULL), 409);
	cr_assert(noted(w, "authorization.region_mismatch"));
	cr_assert_eq(pgserver_num(w->pg, "SELECT (SELECT count(*) FROM ttsync.grants WHERE"
	                                 " access_box IS NOT NULL OR refresh_box IS NOT NULL)"
	                                 " + (SELECT count(*) FROM ttsync.token_history)"),
	             0, "tokens of no use are given up");
	cr_assert_eq(pgserver_num(w->pg, "SELECT count(*) FROM ttsync.v_shop WHERE state = "
	                                 "'pending' AND tiktok_shop_id IS NULL"),
	             2);
}

/* --- the control socket ---------------------------------------------------------------------- */

/* Answered with ok false and this word in it, or closed where word is NULL. */
static void
line_is_refused(struct world *w, const char *line, const char *word)
{
	CLEANUP(own_free) char *answer = world_line(w, 0, line);

	cr_assert(answer && strstr(answer, "\"ok\":false"), "%.60s: %s", line,
	          answer ? answer : "closed");
	cr_assert(!word || strstr(answer, word), "%.60s: %s", line, answer);
	is_well(w, line);
}

Test(bad_input, a_line_that_is_no_request_ends_nothing_else)
{
	static const char *const lines[] = {
		"\n",
		"hello\n",
		"{\n",
		"[]\n",
		"{\"v\":1,\"id\":1}\n",
		"{\"v\":99,\"id\":1,\"cmd\":\"shops\"}\n",
		"{\"v\":1,\"id\":1,\"cmd\":\"shops\",\"args\":[]}\n",
		"{\"v\":1,\"id\":1,\"cmd\":\"show\",\"args\":{\"shop\":{}}}\n",
		"{\"v\":1,\"id\":1,\"argv\":[\"show\",7]}\n",
		"{\"v\":1,\"id\":1,\"argv\":\"show\"}\n",
		"{\"v\":1,\"id\":[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]}\n",
		"{\"v\":1,\"id\":1,\"cmd\":\"show\",\"args\":{\"shop\":\"\\u0000\"}}\n",
		"\xff\xfe{\"v\":1}\n",
	};
	struct world_opts o = { .name = "lines" };
	CLEANUP(world_freep) struct world *w = world_new(&o);
	int bystander = wait_connect(w->daemon[0].control);
	static const char ask[] = "{\"v\":1,\"id\":7,\"cmd\":\"shops\"}\n";
	char answer[256] = "";
	char *big = harness_alloc(OVERSIZED + 2);

	for (size_t i = 0; i < ARRAY_LEN(lines); i++)
		line_is_refused(w, lines[i], NULL);
	line_is_refused(w, "{\"v\":1,\"id\":1,\"cmd\":\"frobnicate\"}\n", "\"exit\":64");
	memset(big, 'x', OVERSIZED);
	big[OVERSIZED] = '\n';
	line_is_refused(w, big, NULL);
	free(big);
	cr_assert_eq(write(bystander, ask, sizeof(ask) - 1), (ssize_t)sizeof(ask) - 1);
	cr_assert(wait_fd(bystander, POLLIN, DEADLINE) &&
	          read(bystander, answer, sizeof(answer) - 1) > 0);
	cr_assert(strstr(answer, "\"id\":7,\"ok\":true"), "%s", answer);
	close(bystander);
}
