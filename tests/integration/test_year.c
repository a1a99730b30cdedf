/*
 * A year in the life of an authorization, on a clock that is moved by a day at a time for ttsyncd,
 * PostgreSQL and the sandbox: access tokens live 7 days and are replaced unseen.
 */
#include "common/json.h"
#include "tests/harness/harness.h"
#include "tests/integration/days.h"
#include "tests/integration/life.h"
#include "tests/integration/world.h"

#include <criterion/criterion.h>
#include <inttypes.h>
#include <string.h>

#define LIFE_S  (7 * DAY_S)
#define SELLERS 3
#define DAYS    364

static struct world *w;

static void
a_day_passes(int day)
{
	int64_t today, gens = life_num(w, "SELECT sum(gen) FROM ttsync.grants");

	days_pass_one(w);
	today = days_now(w);
	cr_assert_geq(life_num(w, "SELECT sum(gen) FROM ttsync.grants"), gens, "T2");
	/* the tokens are used, also on the last day before they are replaced */
	if (day % 16 == 0)
		life_until(w, SELLERS,
		           "SELECT count(*) FROM ttsync.sync_state WHERE kind = 'orders'"
		           " AND last_success > to_timestamp(%" PRId64 ")",
		           today);
}

/* A seller's refreshes at TikTok. */
struct seen {
	int64_t ends_ms; /* of the authorization */
	int64_t last_ms; /* when the current access token was issued */
	int64_t n;
};

/*
 * Due at 50 to 70 % of the token's life, which the authorization's end may cut short; and the clock
 * is looked at once a day.
 */
static void
check_pace(const struct seen *s, int64_t at_ms)
{
	int64_t life_ms = s->ends_ms - s->last_ms;

	if (life_ms > LIFE_S * 1000)
		life_ms = LIFE_S * 1000;
	cr_assert_geq(at_ms - s->last_ms, life_ms / 2 - 2000);
	cr_assert_leq(at_ms - s->last_ms, life_ms / 10 * 7 + (DAY_S + 600) * 1000);
}

/* Read the log of calls: nothing was refused, and who refreshed when. */
static void
read_calls(struct seen seen[SELLERS + 1])
{
	CLEANUP(json_freep) struct json *doc = world_tiktok(w, "GET", "/calls", NULL);
	const struct json *calls = json_get(doc, "calls");
	int64_t code = -1, seller = 0, at = 0;

	for (size_t i = 0; i < json_len(calls); i++) {
		const struct json *one = json_at(calls, i);
		const char *endpoint = json_str(one, "endpoint");

		json_i64(one, "code", &code);
		json_i64(one, "seller", &seller);
		json_i64(one, "time_ms", &at);
		cr_assert(code == 0 || code == DAYS_JUMPED, "%s was refused with %" PRId64,
		          endpoint, code);
		cr_assert(seller >= 0 && seller <= SELLERS);
		if (!strcmp(endpoint, "token_get")) {
			seen[seller] = (struct seen){ at + YEAR_S * 1000, at, 0 };
		} else if (!strcmp(endpoint, "token_refresh")) {
			check_pace(&seen[seller], at);
			seen[seller].last_ms = at;
			seen[seller].n++;
		}
	}
}

static void
check_refreshes(void)
{
	struct seen seen[SELLERS + 1] = { { 0 } };
	int64_t all = 0;

	read_calls(seen);
	for (int i = 1; i <= SELLERS; i++) {
		cr_assert_geq(seen[i].n, DAYS * DAY_S / (LIFE_S / 10 * 7 + DAY_S));
		all += seen[i].n;
	}
	cr_assert_eq(life_num(w, "SELECT sum(gen) FROM ttsync.grants"), SELLERS + all,
	             "T2: each refresh is one generation");
}

Test(year, access_tokens_of_seven_days_are_replaced_unseen, .timeout = 280)
{
	struct world_opts o = { .name = "year", .sellers = SELLERS, .clock = true };
	const char *shop = NULL;

	w = world_new(&o);
	for (int i = 1; i <= SELLERS; i++)
		shop = world_connect(w, "42", harness_text(w->h, "shop %d", i), i);
	world_wait(w, shop, "connected");
	for (int day = 1; day <= DAYS; day++)
		a_day_passes(day);
	check_refreshes();
	life_orders(w, 1);
	life_complete(w);
	cr_assert_eq(life_num(w, "SELECT count(*) FROM ttsync.history"
	                         " WHERE event IN ('shop.disconnected', 'grant.refresh_refused')"),
	             0);
	world_free(w);
}
