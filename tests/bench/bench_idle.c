/*
 * bench_idle: shops that bring nothing: how many of them one daemon can poll a second, and what
 * memory it needs for those that wait.
 *
 * polls.empty: 10,000 shops due every second, more than can be done, all of them empty; claims a
 * second over rounds of ROUND_MS. The yardstick is the curl program sending the same signed search
 * to the same sandbox over one kept-alive connection.
 * memory.idle: resident memory when each of the shops has been polled once and waits for an hour;
 * the aim is 40 MB at 10,000.
 */
#include "common/buf.h"
#include "common/clock.h"
#include "common/json.h"
#include "daemon/tiktok/orders.h"
#include "tests/bench/bed.h"
#include "tests/bench/figure.h"
#include "tests/bench/shops.h"
#include "tests/bench/usage.h"
#include "tests/harness/harness.h"
#include "tests/harness/pgserver.h"
#include "tests/harness/proc.h"
#include "tests/harness/wait.h"

#include <stdio.h>
#include <stdlib.h>

#define SELLERS    10
#define SHOPS      10000
#define ROUNDS     5
#define ROUND_MS   4000
#define CURL_CALLS 5000
#define WAIT_MS    120000
#define AIM_MB     40

static void
run(struct bed *b, const char *sql)
{
	pgserver_exec(b->pg, sql);
}

static bool
is_later(void *arg)
{
	return mono_us() >= *(const int64_t *)arg;
}

/* Each claim adds one to a fence. */
static int64_t
claims(struct bed *b)
{
	return pgserver_num(b->pg, "SELECT sum(fence)::bigint FROM ttsync.shop_lease");
}

static double
polls_round(struct bed *b)
{
	int64_t from = mono_us(), end = from + ROUND_MS * 1000, had = claims(b);

	wait_for(is_later, &end, 2 * ROUND_MS);
	return (double)(claims(b) - had) * 1e6 / (double)(mono_us() - from);
}

static bool
all_were_polled(void *arg)
{
	struct bed *b = arg;

	return pgserver_num(
		   b->pg, "SELECT count(*) FROM ttsync.sync_state WHERE last_success IS NULL") == 0;
}

static void
start_polled(struct bed *b)
{
	run(b, "UPDATE ttsync.sync_state SET next_due_at = now(), last_success = NULL");
	bed_start(b);
	if (!wait_for(all_were_polled, b, WAIT_MS))
		harness_die(proc_log(b->daemon), "not all shops were polled");
}

/* --- the yardstick --------------------------------------------------------------------------- */

/* Of the first seller's first shop. */
static const char *
first_cipher(struct bed *b)
{
	CLEANUP(json_freep) struct json *root = bed_ask(b, "/sellers", NULL);
	const struct json *seller = json_at(json_get(root, "sellers"), 0);

	return harness_text(b->h, "%s", json_str(json_at(json_get(seller, "shops"), 0), "cipher"));
}

/* A curl configuration of one signed search, many times. */
static void
write_calls(struct bed *b, struct buf *config)
{
	const struct tt_app app = { b->api, BED_APP_KEY, BED_APP_SECRET };
	struct tt_call call;
	struct buf url;
	struct err e = { 0 };

	buf_init(&url, 8192);
	orders_search_request(&call, wall_now().s - 3600, wall_now().s, NULL);
	if (call_url(&call, &app, first_cipher(b), wall_now(), &url, &e))
		harness_die(NULL, "%s", e.text);
	buf_printf(config,
	           "cacert = \"%s\"\nsilent\nshow-error\nfail\n"
	           "header = \"x-tts-access-token: %s\"\n"
	           "header = \"content-type: application/json\"\ndata = ",
	           b->certs.ca, shops_token(b, 1));
	json_quote(config, buf_text(&call.body));
	buf_str(config, "\n");
	for (int i = 0; i < CURL_CALLS; i++)
		buf_printf(config, "url = \"%s\"\noutput = \"/dev/null\"\n", buf_text(&url));
	call_done(&call);
	buf_done(&url);
}

static double
curl_round(struct bed *b)
{
	struct buf config;
	int64_t from;
	double took;

	buf_init(&config, 16u << 20);
	write_calls(b, &config);
	from = mono_us();
	free(bed_curl(b, buf_text(&config)));
	took = (double)(mono_us() - from) / 1e6;
	buf_done(&config);
	return CURL_CALLS / took;
}

/* --- all of it ------------------------------------------------------------------------------- */

/* Before shops are connected: a seller's newest authorization ends the tokens of the one before. */
static double
curl_per_s(struct bed *b)
{
	double yard[ROUNDS];

	for (int i = 0; i < ROUNDS; i++)
		yard[i] = curl_round(b);
	return figure_median(yard, ROUNDS);
}

static void
polls(struct bed *b, double yard, bool json)
{
	double rate[ROUNDS];
	struct figure f = { "polls.empty", 0, "polls/s", "curl, one after another", yard };

	bed_interval(b, "1s");
	start_polled(b);
	for (int i = 0; i < ROUNDS; i++)
		rate[i] = polls_round(b);
	bed_stop(b);
	f.value = figure_median(rate, ROUNDS);
	figure_print(&f, json);
}

/* Leave that many shops, let the daemon poll them, see what it holds. */
static void
memory(struct bed *b, int shops, bool json)
{
	char name[32];
	struct figure f = { name, 0, "MB", "aim", AIM_MB };

	snprintf(name, sizeof(name), "memory.idle.%d", shops);
	run(b, harness_text(b->h,
	                    "DELETE FROM ttsync.sync_state WHERE shop_id NOT IN (SELECT shop_id"
	                    " FROM ttsync.shop ORDER BY shop_id LIMIT %d)",
	                    shops));
	start_polled(b);
	f.value = (double)usage_rss(proc_pid(b->daemon)) / (1 << 20);
	bed_stop(b);
	figure_print(&f, json);
}

int
main(int argc, char **argv)
{
	static const int shops[] = { SHOPS, 1000, 1 };
	bool json = figure_options(argc, argv);
	struct bed_wish wish = { .name = "idle",
		                 .sellers = SELLERS,
		                 .shops = SHOPS / SELLERS,
		                 .orders_interval = "1h" };
	CLEANUP(bed_freep) struct bed *b = bed_open(&wish);
	double yard = curl_per_s(b);

	if (shops_connect(b, wall_now().s - 600) != SHOPS)
		harness_die(NULL, "not %d shops", SHOPS);
	polls(b, yard, json);
	bed_interval(b, "1h");
	for (size_t i = 0; i < ARRAY_LEN(shops); i++)
		memory(b, shops[i], json);
	return 0;
}
