/*
 * The refresher against a private PostgreSQL and a token host of canned answers: a pair that TikTok
 * issued is never left behind, neither by an outage of PostgreSQL nor by SIGTERM (reliability.md
 * 5).
 */
#include "common/crypto.h"
#include "common/own.h"
#include "common/str.h"
#include "daemon/base/conf.h"
#include "daemon/base/counter.h"
#include "daemon/base/env.h"
#include "daemon/base/loop.h"
#include "daemon/grant/issued.h"
#include "daemon/grant/refresh.h"
#include "daemon/grant/spool.h"
#include "daemon/grant/vault.h"
#include "daemon/io/http.h"
#include "tests/chaos/canned.h"
#include "tests/chaos/pgrig.h"
#include "tests/harness/harness.h"
#include "tests/harness/pgserver.h"
#include "tests/integration/tables.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#define SOON_MS 15000
#define RING    "k:QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUE=:active\n" /* 32 bytes of 'A' */

static struct harness *h;
static struct pgserver *server;
static struct canned *host;
static struct pgrig g;
static struct conf conf;
static struct env env;
static struct counters counters;
static struct vault *vault;
static struct err e;

static struct issued
a_pair(const char *uuid, const char *access)
{
	struct issued i = { .at_s = wall_now().s };

	str_copy(i.pair_id, sizeof(i.pair_id), uuid);
	str_copy(i.tokens.access, sizeof(i.tokens.access), access);
	str_copy(i.tokens.refresh, sizeof(i.tokens.refresh), "refresh-of-it");
	str_copy(i.tokens.open_id, sizeof(i.tokens.open_id), "seller1");
	str_copy(i.tokens.region, sizeof(i.tokens.region), "TH");
	i.tokens.access_expires.s = i.at_s + 7 * 86400;
	i.tokens.refresh_expires.s = i.at_s + 365 * 86400;
	return i;
}

static void
on_issued(int64_t grant_id, bool won, const struct err *why, void *arg)
{
	(void)grant_id;
	(void)won;
	cr_assert_null(why, "%s", why ? why->text : "");
	*(int *)arg += 1;
}

static void
store(const char *uuid, const char *access)
{
	struct issued i = a_pair(uuid, access);
	int n = 0;

	issued_put(&env, &i, on_issued, &n);
	cr_assert(rig_count(&g.rig, &n, 1, SOON_MS));
}

static void
setup(void)
{
	static const char answer[] =
	    "{\"code\":0,\"message\":\"success\",\"data\":{\"access_token\":\"new\","
	    "\"access_token_expire_in\":4102444800,\"refresh_token\":\"new-r\","
	    "\"refresh_token_expire_in\":4933600000,\"open_id\":\"seller1\","
	    "\"seller_base_region\":\"TH\",\"user_type\":0}}";
	static struct canned_answer table[2];
	static char secret[] = "secret";
	struct http_conf http = { .max_conns = 4, .max_conns_host = 4, .plain_ok = true };

	crypto_start();
	h = harness_new("refresher");
	server = tables_start(h);
	table[0] = (struct canned_answer){
		.path = "/api/v2/token/refresh",
		.bytes = harness_text(h, "HTTP/1.1 200 OK\r\ncontent-length: %zu\r\n\r\n%s",
		                      strlen(answer), answer),
	};
	host = canned_start(h, table);
	pgrig_begin(&g, pgserver_url(server), 2);
	conf = (struct conf){ .tiktok_app_key = "app",
		              .tiktok_auth_url =
		                  harness_text(h, "http://127.0.0.1:%s", canned_port(host)),
		              .tiktok_app_secret.text = secret };
	vault = vault_parse("ring", RING, strlen(RING), &e);
	env = (struct env){ .loop = g.rig.loop,
		            .pg = g.pg,
		            .conf = &conf,
		            .vault = vault,
		            .counters = &counters,
		            .owner = "11111111-2222-4333-8444-555555555555" };
	env.spool = spool_new(harness_path(h, "spool"), &e);
	env.http = http_new(g.rig.loop, &http, &e);
	cr_assert(vault && env.spool && env.http, "%s", e.text);
	store("00000000-0000-4000-8000-000000000001", "first");
}

static void
teardown(void)
{
	http_free(env.http);
	pgrig_end(&g);
	spool_free(env.spool);
	vault_free(vault);
	harness_free(h);
}

TestSuite(refresher, .init = setup, .fini = teardown);

static bool
has_gen(void *gen)
{
	return pgserver_num(server, "SELECT gen FROM ttsync.grants") == *(int *)gen;
}

static void
on_stopped(void *arg)
{
	*(int *)arg += 1;
}

static bool
was_asked(void *hits)
{
	return canned_hits(host) >= *(int *)hits;
}

Test(refresher, a_pair_that_could_not_be_stored_is_put_before_its_grant_is_claimed_again)
{
	struct issued i = a_pair("00000000-0000-4000-8000-000000000002", "second");
	struct refresher *r;
	int gen = 2;

	/* refreshed, spooled, and then PostgreSQL was away; the claim has run out since */
	i.grant_id = pgserver_num(server, "SELECT grant_id FROM ttsync.grants");
	i.gen = 1;
	cr_assert_eq(issued_spool(&env, &i, &e), 0, "%s", e.text);
	pgserver_do(server, "UPDATE ttsync.grants SET state = 'refreshing',"
	                    " attempt_at = now() - interval '46 s', next_try_at = now()");
	r = refresher_new(&env);
	cr_assert(rig_run(&g.rig, has_gen, &gen, SOON_MS));
	refresher_free(r);
	cr_assert_eq(canned_hits(host), 0, "the token that was replaced must not be sent");
	cr_assert_eq(pgserver_num(server, "SELECT count(*) FROM ttsync.grants"
	                                  " WHERE pair_id::text LIKE '%2' AND state = 'active'"),
	             1);
}

Test(refresher, a_refresh_under_way_is_waited_for_when_it_stops)
{
	struct refresher *r;
	int hits = 1, stopped = 0;

	pgserver_do(server, "UPDATE ttsync.grants SET next_try_at = now()");
	r = refresher_new(&env);
	cr_assert(rig_run(&g.rig, was_asked, &hits, SOON_MS));
	refresher_stop(r, on_stopped, &stopped);
	cr_assert(rig_count(&g.rig, &stopped, 1, SOON_MS));
	refresher_free(r);
	cr_assert_eq(pgserver_num(server, "SELECT gen FROM ttsync.grants"), 2);
}

Test(refresher, a_pair_put_twice_does_not_come_back_over_its_successor)
{
	/* the answer to the first put was lost, so its file stayed; the pair was refreshed since */
	store("00000000-0000-4000-8000-000000000003", "third");
	store("00000000-0000-4000-8000-000000000001", "first");
	cr_assert_eq(pgserver_num(server, "SELECT count(*) FROM ttsync.grants"
	                                  " WHERE pair_id::text LIKE '%3' AND gen = 2"),
	             1);
}
