#include "tests/integration/crowd.h"

#include "common/buf.h"
#include "common/crypto.h"
#include "common/json.h"
#include "daemon/grant/token.h"
#include "daemon/grant/vault.h"
#include "tests/harness/harness.h"
#include "tests/harness/pgserver.h"
#include "tests/harness/proc.h"
#include "tests/harness/web.h"
#include "tests/integration/world.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TEXT_MAX (64u << 20)
#define CURL_MS  300000

static const char seen_sql[] =
    "CREATE TEMP TABLE seen_grant (open_id text, name text, pair uuid, access_s bigint,"
    " refresh_s bigint, access bytea, refresh bytea);"
    "CREATE TEMP TABLE seen_shop (open_id text, id text, cipher text, name text, region text);";

/* Grants, shops, leases and cursors out of what was seen. %1$ is the time of the connection, %2$
 * the app's key. */
static const char connect_sql[] =
    "INSERT INTO ttsync.store (store_id, name, plan) VALUES ('1', 'Crowd', 'basic');"
    "INSERT INTO ttsync.grants (app_key, open_id, seller_name, region, pair_id, access_box,"
    " refresh_box, access_expires, refresh_expires, next_try_at)"
    " SELECT '%2$s', open_id, name, 'TH', pair, access, refresh, to_timestamp(access_s),"
    " to_timestamp(refresh_s), now() + (to_timestamp(access_s) - now()) * 0.7 FROM seen_grant;"
    "INSERT INTO ttsync.grant_shop (grant_id, tiktok_shop_id, cipher, name, region, seller_type)"
    " SELECT g.grant_id, s.id, s.cipher, s.name, s.region, 'LOCAL'"
    " FROM seen_shop s JOIN ttsync.grants g USING (open_id);"
    "INSERT INTO ttsync.shop (store_id, alias, region, grant_id, tiktok_shop_id, name, state,"
    " connected_at) SELECT '1', 'shop ' || tiktok_shop_id, region, grant_id, tiktok_shop_id, name,"
    " 'connected', to_timestamp(%1$" PRId64 ") FROM ttsync.grant_shop;"
    "INSERT INTO ttsync.shop_lease (shop_id) SELECT shop_id FROM ttsync.shop;"
    "INSERT INTO ttsync.sync_state (shop_id, kind, cursor_s, span_s, overlap_s, next_due_at,"
    " first_done_at) SELECT shop_id, 'orders', %1$" PRId64 ", 86400, 600, now(), now()"
    " FROM ttsync.shop;"
    "DROP TABLE seen_grant, seen_shop; ANALYZE;";

/* curl with a configuration of many requests on one connection; its output, to be freed. */
static char *
curl(const struct crowd *c, const char *config)
{
	const char *argv[] = { "curl", "-q", "-K", "-", NULL };
	struct proc_run r;

	proc_run(c->h, argv, config, CURL_MS, &r);
	if (r.code != 0)
		harness_die(NULL, "curl ended with %d: %s", r.code, r.err);
	free(r.err);
	return r.out;
}

static struct json *
sellers_of(const struct crowd *c)
{
	struct web_req q = { .url = harness_text(c->h, "%s/_sandbox/sellers", c->tiktok),
		             .ca = c->ca,
		             .ms = CURL_MS };
	struct web_answer a;
	struct json *root;

	web_send(c->h, &q, &a);
	root = a.status == 200 ? json_parse(a.body, a.body_len, NULL) : NULL;
	if (!root)
		harness_die(NULL, "the sandbox's sellers: status %d %s", a.status, a.why);
	web_done(&a);
	return root;
}

/* A request of curl's configuration; its answer, or what `show` writes, is a line. */
static void
request(const struct crowd *c, struct buf *config, const char *url, const char *show)
{
	buf_printf(config, "%surl = \"%s\"\ncacert = \"%s\"\nsilent\nshow-error\n%s",
	           config->len ? "next\n" : "", url, c->ca, show);
}

/* The words behind `key` in a line; NULL where it is not there. Ends the line there. */
static char *
cut(char *line, const char *key, char end)
{
	char *at = strstr(line, key), *stop;

	if (!at)
		return NULL;
	at += strlen(key);
	stop = strchr(at, end);
	if (stop)
		*stop = '\0';
	return at;
}

/* Codes of all sellers from the authorize page, then a token answer a line. */
static char *
get_tokens(const struct crowd *c, int first, int n)
{
	CLEANUP(own_free) char *codes = NULL;
	struct buf config;
	char *out, *line, *save = NULL;

	buf_init(&config, TEXT_MAX);
	for (int i = first; i < first + n; i++)
		request(c, &config,
		        harness_text(
			    c->h,
			    "%s/open/authorize?service_id=7000000000000000001&auto=1&seller=%d",
			    c->tiktok, i),
		        "output = \"/dev/null\"\nwrite-out = \"%{redirect_url}\\n\"\n");
	codes = curl(c, buf_text(&config));
	buf_reset(&config);
	for (line = strtok_r(codes, "\n", &save); line; line = strtok_r(NULL, "\n", &save))
		request(c, &config,
		        harness_text(c->h,
		                     "%s/api/v2/token/get?app_key=%s&app_secret=%s"
		                     "&grant_type=authorized_code&auth_code=%s",
		                     c->tiktok, c->app_key, c->app_secret, cut(line, "code=", '&')),
		        "write-out = \"\\n\"\n");
	out = curl(c, buf_text(&config));
	buf_done(&config);
	return out;
}

static void
put_box(struct buf *sql, const struct vault *v, enum token_column col, const char *open_id,
        const char *pair, const char *token)
{
	struct err e = { 0 };
	struct buf box;
	char hex[1024];

	buf_init(&box, sizeof(hex) / 2 - 1);
	if (!token || token_seal(v, col, open_id, pair, token, &box, &e))
		harness_die(NULL, "no token to seal: %s", e.text);
	crypto_hex(buf_text(&box), box.len, hex);
	buf_printf(sql, ",'\\x%s'", hex);
	buf_done(&box);
}

static int64_t
number(const struct json *data, const char *key)
{
	int64_t v = 0;

	json_i64(data, key, &v);
	return v;
}

static void
see_grants(const struct vault *v, char *answers, struct buf *sql)
{
	char *save = NULL;

	for (char *line = strtok_r(answers, "\n", &save); line;
	     line = strtok_r(NULL, "\n", &save)) {
		CLEANUP(json_freep) struct json *root = json_parse(line, strlen(line), NULL);
		const struct json *data = json_get(root, "data");
		const char *open_id = json_str(data, "open_id");
		char pair[TOKEN_UUID_MAX];

		if (!open_id)
			harness_die(NULL, "no token: %s", line);
		token_uuid(pair);
		buf_printf(sql,
		           "INSERT INTO seen_grant VALUES ('%s','%s','%s',%" PRId64 ",%" PRId64,
		           open_id, json_str(data, "seller_name"), pair,
		           number(data, "access_token_expire_in"),
		           number(data, "refresh_token_expire_in"));
		put_box(sql, v, TOKEN_ACCESS, open_id, pair, json_str(data, "access_token"));
		put_box(sql, v, TOKEN_REFRESH, open_id, pair, json_str(data, "refresh_token"));
		buf_str(sql, ");");
	}
}

static int
see_shops(const struct crowd *c, struct buf *sql)
{
	CLEANUP(json_freep) struct json *root = sellers_of(c);
	const struct json *sellers = json_get(root, "sellers");
	int n = 0;

	for (size_t i = 0; i < json_len(sellers); i++) {
		const struct json *one = json_at(sellers, i), *shops = json_get(one, "shops");

		for (size_t k = 0; k < json_len(shops); k++, n++) {
			const struct json *s = json_at(shops, k);

			buf_printf(sql, "INSERT INTO seen_shop VALUES ('%s','%s','%s','%s','%s');",
			           json_str(one, "open_id"), json_str(s, "id"),
			           json_str(s, "cipher"), json_str(s, "name"),
			           json_str(s, "region"));
		}
	}
	return n;
}

int
crowd_connect(const struct crowd *c, int64_t connected_s)
{
	CLEANUP(json_freep) struct json *root = NULL;
	CLEANUP(own_free) char *answers = NULL;
	struct vault *v;
	struct err e = { 0 };
	struct buf sql;
	int n;

	if (crypto_start() || !(v = vault_parse("keys", c->keys, strlen(c->keys), &e)))
		harness_die(NULL, "no vault: %s", e.text);
	root = sellers_of(c);
	answers = get_tokens(c, 1, (int)json_len(json_get(root, "sellers")));
	buf_init(&sql, TEXT_MAX);
	buf_str(&sql, seen_sql);
	see_grants(v, answers, &sql);
	n = see_shops(c, &sql);
	buf_printf(&sql, connect_sql, connected_s, c->app_key);
	pgserver_exec(c->pg, buf_text(&sql));
	buf_done(&sql);
	vault_free(v);
	return n;
}

int
crowd_connect_world(struct world *w, int64_t connected_s)
{
	struct crowd c = { .h = w->h,
		           .pg = w->pg,
		           .tiktok = w->tiktok,
		           .ca = w->certs.ca,
		           .app_key = WORLD_APP_KEY,
		           .app_secret = WORLD_APP_SECRET,
		           .keys = "k1:" WORLD_KEY ":active\n" };

	return crowd_connect(&c, connected_s);
}

const char *
crowd_token(const struct crowd *c, int seller)
{
	CLEANUP(own_free) char *answer = get_tokens(c, seller, 1);
	char *token = cut(answer, "\"access_token\":\"", '"');

	if (!token)
		harness_die(NULL, "no token: %s", answer);
	return harness_text(c->h, "%s", token);
}
