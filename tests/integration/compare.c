/*
 * What world.h says of comparing: TikTok's truth and what ttsyncd made of it.
 */
#include "common/buf.h"
#include "common/json.h"
#include "tests/harness/harness.h"
#include "tests/harness/pgserver.h"
#include "tests/harness/wait.h"
#include "tests/integration/world.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TRUTH_MAX (64u << 20)

/* --- quiet ----------------------------------------------------------------------------------- */

static int64_t
last_change(const struct json *truth)
{
	const struct json *shops = json_get(truth, "shops");
	int64_t last = 0, at;

	for (size_t i = 0; i < json_len(shops); i++) {
		const struct json *orders = json_get(json_at(shops, i), "orders");

		for (size_t k = 0; k < json_len(orders); k++)
			if (!json_i64(json_at(orders, k), "update_time", &at) && at > last)
				last = at;
	}
	return last;
}

struct behind {
	struct pgserver *pg;
	const char *sql;
};

static bool
nobody_behind(void *arg)
{
	struct behind *b = arg;

	return pgserver_num(b->pg, b->sql) == 0;
}

bool
world_caught_up(struct world *w, int ms)
{
	CLEANUP(json_freep) struct json *truth = world_tiktok(w, "GET", "/truth", NULL);
	struct behind b = { .pg = w->pg };

	b.sql = harness_text(w->h,
	                     "SELECT count(*) FROM ttsync.sync_state y JOIN ttsync.shop s USING "
	                     "(shop_id) WHERE y.kind = 'orders' AND s.state IN "
	                     "('connecting', 'connected') AND y.cursor_s <= %" PRId64,
	                     last_change(truth));
	return wait_for(nobody_behind, &b, ms);
}

/* --- the sets -------------------------------------------------------------------------------- */

static int
by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* "order|status|update_time" lines of orders made at or after since, in the order of bytes. */
static char *
truth_lines(const struct json *shop, int64_t since)
{
	const struct json *orders = json_get(shop, "orders");
	char **lines = harness_alloc((json_len(orders) + 1) * sizeof(*lines));
	size_t n = 0;
	struct buf b;

	for (size_t i = 0; i < json_len(orders); i++) {
		const struct json *o = json_at(orders, i);
		int64_t made = 0, changed = 0;

		json_i64(o, "create_time", &made);
		json_i64(o, "update_time", &changed);
		if (made >= since && asprintf(&lines[n++], "%s|%s|%" PRId64, json_str(o, "id"),
		                              json_str(o, "status"), changed) < 0)
			harness_die(NULL, "no memory");
	}
	qsort(lines, n, sizeof(*lines), by_text);
	buf_init(&b, TRUTH_MAX);
	for (size_t i = 0; i < n; i++) {
		buf_printf(&b, "%s\n", lines[i]);
		free(lines[i]);
	}
	free(lines);
	return b.data ? b.data : harness_alloc(1);
}

static size_t
count_lines(const char *s)
{
	size_t n = 0;

	for (; *s; s++)
		n += *s == '\n';
	return n;
}

/* NULL, or where two sorted lists part. */
static char *
first_difference(const char *shop, const char *want, const char *have)
{
	const char *w = want, *h = have;
	char *text = NULL;

	while (*w && *h && strcspn(w, "\n") == strcspn(h, "\n") &&
	       !strncmp(w, h, strcspn(w, "\n"))) {
		w += strcspn(w, "\n");
		h += strcspn(h, "\n");
		w += *w == '\n';
		h += *h == '\n';
	}
	if ((*w || *h) &&
	    asprintf(&text, "shop %s: TikTok has %zu orders, v_order %zu; first %.*s, here %.*s",
	             shop, count_lines(want), count_lines(have), (int)strcspn(w, "\n"), w,
	             (int)strcspn(h, "\n"), h) < 0)
		harness_die(NULL, "no memory");
	return text;
}

static const struct json *
truth_shop(const struct json *truth, const char *tiktok_id)
{
	const struct json *shops = json_get(truth, "shops");

	for (size_t i = 0; i < json_len(shops); i++)
		if (!strcmp(json_str(json_at(shops, i), "shop_id"), tiktok_id))
			return json_at(shops, i);
	harness_die(NULL, "TikTok has no shop %s", tiktok_id);
}

/* One row of v_shop, "shop|tiktok shop|connected at". */
static char *
compare_row(struct world *w, const struct json *truth, const char *row, size_t len)
{
	CLEANUP(own_free) char *want = NULL, *have = NULL;
	char shop[32], tiktok_id[32];
	int64_t since;

	if (sscanf(harness_text(w->h, "%.*s", (int)len, row), "%31[^|]|%31[^|]|%" SCNd64, shop,
	           tiktok_id, &since) != 3)
		harness_die(NULL, "a row of v_shop cannot be read: %.*s", (int)len, row);
	want = truth_lines(truth_shop(truth, tiktok_id), since);
	have = pgserver_query(
	    w->pg, harness_text(
		       w->h,
		       "SELECT order_id || '|' || status || '|' || extract(epoch FROM update_time)"
		       "::bigint FROM ttsync.v_order WHERE shop_id = %s"
		       " ORDER BY order_id COLLATE \"C\"",
		       shop));
	return first_difference(shop, want, have);
}

char *
world_difference(struct world *w)
{
	CLEANUP(json_freep) struct json *truth = world_tiktok(w, "GET", "/truth", NULL);
	CLEANUP(own_free)
	char *rows = pgserver_query(w->pg, "SELECT shop_id, tiktok_shop_id, extract(epoch FROM "
	                                   "connected_at)::bigint FROM ttsync.v_shop WHERE "
	                                   "connected_at IS NOT NULL ORDER BY shop_id");
	char *found = NULL;

	for (const char *r = rows; *r && !found;) {
		size_t len = strcspn(r, "\n");

		found = compare_row(w, truth, r, len);
		r += len + (r[len] == '\n');
	}
	return found;
}
