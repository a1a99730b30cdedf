#include "tests/integration/life.h"

#include "common/buf.h"
#include "common/json.h"
#include "tests/harness/harness.h"
#include "tests/harness/pgserver.h"
#include "tests/harness/wait.h"
#include "tests/harness/web.h"
#include "tests/integration/world.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SQL_MAX (1u << 16)

/* --- the database ---------------------------------------------------------------------------- */

#define SQL_OF(w, fmt, ret)                                                                        \
	do {                                                                                       \
		va_list ap_;                                                                       \
		char text_[SQL_MAX];                                                               \
		va_start(ap_, fmt);                                                                \
		vsnprintf(text_, sizeof(text_), fmt, ap_);                                         \
		va_end(ap_);                                                                       \
		(ret) = harness_text((w)->h, "%s", text_);                                         \
	} while (0)

int64_t
life_num(struct world *w, const char *fmt, ...)
{
	const char *sql;

	SQL_OF(w, fmt, sql);
	return pgserver_num(w->pg, sql);
}

const char *
life_text(struct world *w, const char *fmt, ...)
{
	CLEANUP(own_free) char *text = NULL;
	const char *sql;

	SQL_OF(w, fmt, sql);
	text = pgserver_query(w->pg, sql);
	return harness_text(w->h, "%s", text);
}

void
life_do(struct world *w, const char *fmt, ...)
{
	const char *sql;

	SQL_OF(w, fmt, sql);
	pgserver_do(w->pg, sql);
}

struct fact {
	struct pgserver *pg;
	const char *sql;
	int64_t least, most;
};

static bool
is_fact(void *arg)
{
	struct fact *f = arg;
	int64_t n = pgserver_num(f->pg, f->sql);

	return n >= f->least && n <= f->most;
}

static void
until(struct world *w, struct fact f)
{
	if (!wait_for(is_fact, &f, LIFE_MS))
		harness_die(w->daemon[0].log, "still %" PRId64 ", not %" PRId64 ": %s",
		            pgserver_num(w->pg, f.sql), f.least, f.sql);
}

void
life_until(struct world *w, int64_t want, const char *fmt, ...)
{
	struct fact f = { .pg = w->pg, .least = want, .most = want };

	SQL_OF(w, fmt, f.sql);
	until(w, f);
}

void
life_until_least(struct world *w, int64_t least, const char *fmt, ...)
{
	struct fact f = { .pg = w->pg, .least = least, .most = INT64_MAX };

	SQL_OF(w, fmt, f.sql);
	until(w, f);
}

void
life_state(struct world *w, const char *shop, const char *state)
{
	life_until(w, 1, "SELECT count(*) FROM ttsync.v_shop WHERE shop_id = %s AND state = '%s'",
	           shop, state);
}

void
life_leases_over(struct world *w)
{
	life_do(w, "UPDATE ttsync.shop_lease SET lease_until = clock_timestamp()");
}

int64_t
life_noted(struct world *w, const char *shop, const char *event)
{
	return life_num(w,
	                "SELECT count(*) FROM ttsync.v_history WHERE shop_id = %s AND event = '%s'",
	                shop, event);
}

int64_t
life_rows(struct world *w)
{
	/* one statement that counts them all: made by the catalogue */
	return life_num(w, "%s",
	                life_text(w, "SELECT 'SELECT ' || string_agg(format('(SELECT count(*) FROM"
	                             " ttsync.%%I)', tablename), ' + ') FROM pg_tables"
	                             " WHERE schemaname = 'ttsync'"));
}

int64_t
life_rows_of(struct world *w, const char *shop)
{
	return life_num(
	    w, "%s",
	    life_text(w,
	              "SELECT 'SELECT ' || string_agg(format('(SELECT count(*) FROM ttsync.%%I"
	              " WHERE shop_id = %s)', t.table_name), ' + ')"
	              " FROM information_schema.columns c JOIN information_schema.tables t"
	              " USING (table_schema, table_name) WHERE t.table_schema = 'ttsync'"
	              " AND t.table_type = 'BASE TABLE' AND c.column_name = 'shop_id'"
	              " AND t.table_name NOT IN ('history', 'outbox')",
	              shop));
}

/* --- ttctl ----------------------------------------------------------------------------------- */

const char *
life_ctl(struct world *w, int code, const char *const *words)
{
	const char *out;
	struct said s;

	world_ctl(w, 0, &s, words);
	if (s.code != code)
		harness_die(w->daemon[0].log, "%s %s: exit %d, not %d: %s%s", words[1],
		            words[2] ? words[2] : "", s.code, code, s.out, s.err);
	out = harness_text(w->h, "%s%s", s.out, s.err);
	said_done(&s);
	return out;
}

const char *
life_of(struct world *w, const char *text, const char *path)
{
	struct err e = { 0 };
	struct said s = { .doc = json_parse(text, strlen(text), &e) };
	char have[4096];

	said_str(&s, path, have, sizeof(have));
	json_free(s.doc);
	return harness_text(w->h, "%s", have);
}

const char *
life_shown(struct world *w, const char *shop, const char *path)
{
	return life_of(w, LIFE_CTL(w, 0, "show", shop), path);
}

int
life_logged(struct world *w, const char *words)
{
	CLEANUP(own_free) char *log = harness_read(w->daemon[0].log);
	int n = 0;

	for (const char *p = log; (p = strstr(p, words)); p++)
		n++;
	return n;
}

/* --- consent --------------------------------------------------------------------------------- */

int
life_reauthorize(struct world *w, const char *shop, int seller)
{
	const char *url = life_of(w, LIFE_CTL(w, 0, "reauthorize", shop), "authorize_url");

	return world_consent(w, url, seller, false, NULL);
}

void
life_connect_again(struct world *w, const char *shop, int seller)
{
	int status = life_reauthorize(w, shop, seller);

	if (status != 200)
		harness_die(w->daemon[0].log, "the callback answered %d", status);
	world_wait(w, shop, "connected");
}

const char *
life_redirect(struct world *w, const char *authorize_url, int seller)
{
	struct web_req q = { .ca = w->certs.ca };
	struct web_answer a;
	char location[2048];

	q.url = harness_text(w->h, "%s&auto=1&seller=%d", authorize_url, seller);
	web_send(w->h, &q, &a);
	web_header(&a, "Location", location, sizeof(location));
	if (a.status != 302 || !*location)
		harness_die(NULL, "consent page: %d %s", a.status, a.why);
	web_done(&a);
	return harness_text(w->h, "%s", location);
}

int
life_open(struct world *w, const char *url, const char *cookie)
{
	const char *headers[] = { cookie ? harness_text(w->h, "Cookie: %s", cookie) : NULL, NULL };
	struct web_req q = { .url = url, .headers = headers, .ms = 40000 };
	struct web_answer a;
	int status;

	web_send(w->h, &q, &a);
	status = a.status;
	web_done(&a);
	return status;
}

bool
life_well(int status)
{
	return status >= 200 && status < 400;
}

void
life_revoke(struct world *w, const char *shop, int seller)
{
	WORLD_TIKTOK(w, "/grant/revoke", "{\"seller\":%d}", seller);
	life_until(w, 1,
	           "SELECT count(*) FROM ttsync.grants JOIN ttsync.shop s USING (grant_id)"
	           " WHERE shop_id = %s AND grants.state = 'suspect'",
	           shop);
	life_do(w, "UPDATE ttsync.grants SET next_try_at = now() WHERE state = 'suspect'");
	life_state(w, shop, "disconnected");
}

int64_t
life_granted(struct world *w, const char *key)
{
	CLEANUP(json_freep) struct json *truth = world_tiktok(w, "GET", "/truth", NULL);
	int64_t v = -1;

	json_i64(json_at(json_get(truth, "grants"), 0), key, &v);
	return v;
}

int
life_seller_center(struct world *w, int seller)
{
	return world_consent(
	    w, harness_text(w->h, "%s/open/authorize?service_id=7000000000000000001", w->tiktok),
	    seller, false, NULL);
}

const char *
life_outcome(struct world *w, const char *shop)
{
	return life_text(w,
	                 "SELECT result FROM ttsync.oauth_state WHERE shop_id = %s"
	                 " ORDER BY created_at DESC LIMIT 1",
	                 shop);
}

/* --- orders ---------------------------------------------------------------------------------- */

int64_t
life_calls(struct world *w, const char *tiktok_shop)
{
	CLEANUP(json_freep)
	struct json *doc = world_tiktok(w, "GET", "/calls?limit=20000", NULL);
	const struct json *calls = json_get(doc, "calls");
	char id[24];
	int64_t n = 0;

	for (size_t i = 0; i < json_len(calls); i++)
		n += json_id(json_at(calls, i), "shop_id", id, sizeof(id)) &&
		     !strcmp(id, tiktok_shop);
	return n;
}

struct calls {
	struct world *w;
	const char *shop;
	int64_t want;
};

static bool
has_calls(void *arg)
{
	struct calls *c = arg;

	return life_calls(c->w, c->shop) >= c->want;
}

void
life_is_quiet(struct world *w, const char *shop, const char *other)
{
	struct calls c = { w, world_tiktok_shop(w, other), 0 };
	const char *quiet = world_tiktok_shop(w, shop);
	int64_t before;

	life_until(w, 0,
	           "SELECT count(*) FROM ttsync.shop_lease WHERE shop_id = %s"
	           " AND lease_until > clock_timestamp()",
	           shop);
	before = life_calls(w, quiet);
	c.want = life_calls(w, c.shop) + 4;
	if (!wait_for(has_calls, &c, LIFE_MS))
		harness_die(w->daemon[0].log, "shop %s does not run", other);
	if (life_calls(w, quiet) != before)
		harness_die(w->daemon[0].log, "shop %s is still asked for", shop);
}

void
life_orders(struct world *w, int count)
{
	WORLD_TIKTOK(w, "/order",
	             "{\"shop_id\":\"all\",\"status\":\"AWAITING_SHIPMENT\",\"count\":%d}", count);
}

void
life_complete(struct world *w)
{
	CLEANUP(own_free) char *diff = NULL;

	if (!world_caught_up(w, LIFE_MS))
		harness_die(w->daemon[0].log, "orders are not caught up");
	diff = world_difference(w);
	if (diff)
		harness_die(w->daemon[0].log, "%s", diff);
}

void
life_caught_up(struct world *w, const char *shop, int64_t missing)
{
	life_until(
	    w, 1,
	    "SELECT count(*) FROM ttsync.catch_up WHERE shop_id = %s AND ended_at IS NOT NULL",
	    shop);
	if (life_num(w, "SELECT missing FROM ttsync.catch_up WHERE shop_id = %s", shop) != missing)
		harness_die(w->daemon[0].log, "missing is not %" PRId64 ": %s", missing,
		            life_text(w, "SELECT * FROM ttsync.catch_up WHERE shop_id = %s", shop));
}
