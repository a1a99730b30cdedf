#include "common/exits.h"
#include "common/json.h"
#include "common/str.h"
#include "daemon/control/cmd.h"
#include "daemon/control/control.h"
#include "daemon/control/req.h"
#include "daemon/control/views.h"

#include <inttypes.h>
#include <string.h>

#define POLL_MS   250
#define TELL_MS   1000
#define DEFAULT_S 600

struct wait {
	struct mono since;
	struct mono until;
	struct mono told;
	char seen[64]; /* the state last seen, or why none was */
};

static const char *const kinds[] = { "orders", "products" };

static bool
is_connected(const char *state)
{
	return !strcmp(state, "connected") || !strcmp(state, "expiring");
}

/* Was every kind read to its end at least once, and is nothing left of what is known? */
static bool
is_synced(const struct json *shop)
{
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		const struct json *p = json_get(json_get(shop, "progress"), kinds[i]);
		int64_t done, total;

		if (!json_str(json_get(shop, "last_success"), kinds[i]))
			return false;
		if (!json_i64(p, "done", &done) && !json_i64(p, "total", &total) && done < total)
			return false;
	}
	return true;
}

/* "connecting; orders 48/120, products 10" */
static void
describe(const struct json *shop, const char *state, struct buf *out)
{
	buf_str(out, state);
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		const struct json *p = json_get(json_get(shop, "progress"), kinds[i]);
		int64_t done, total;

		if (json_i64(p, "done", &done))
			continue;
		buf_printf(out, "%s %s %" PRId64, i ? "," : ";", kinds[i], done);
		if (!json_i64(p, "total", &total))
			buf_printf(out, "/%" PRId64, total);
	}
}

static void
tell(struct req *r, struct wait *w, const struct json *shop, const char *state)
{
	struct json *event;
	struct buf text;

	if (req_now(r).ms - w->told.ms < TELL_MS)
		return;
	w->told = req_now(r);
	buf_init(&text, 512);
	describe(shop, state, &text);
	event = json_obj();
	json_put_str(event, "type", "progress");
	json_put_str(event, "state", state);
	json_put_str(event, "text", buf_text(&text));
	json_put(event, "progress", json_copy(json_get(shop, "progress")));
	buf_done(&text);
	req_event(r, event, true);
}

static void
fail_late(struct req *r)
{
	const struct wait *w = req_state(r, sizeof(*w));
	const char *shop = json_str(req_args(r), "shop");
	struct err e;

	err_set(&e, ERR_TIMEOUT, 0, "not %s after %" PRId64 " s; last seen: %s",
	        json_str(req_args(r), "for"), (w->until.ms - w->since.ms) / 1000, w->seen);
	err_hint(&e, "ttctl show %s", shop);
	req_fail(r, &e);
}

static void
fail_lapsed(struct req *r, const struct json *shop, const char *state)
{
	const char *id = json_str(shop, "shop_id");
	struct err e;

	err_set(&e, ERR_INPUT, EXITS_REAUTHORIZE, "the shop is %s: its seller has to agree again",
	        state);
	err_hint(&e, "ttctl reauthorize %s", id ? id : json_str(req_args(r), "shop"));
	err_tag(&e, "needs_reauthorization");
	req_fail(r, &e);
}

/* What came of an authorization when nothing goes on by itself. */
static const char *
failed_outcome(const struct json *shop, const char *state)
{
	static const char *const failed[] = {
		"denied",     "code_refused",  "permission_missing", "no_shop",
		"other_shop", "wrong_account", "region_mismatch",    "expired"
	};
	const char *outcome = json_str(json_get(shop, "authorization"), "outcome");

	for (size_t i = 0; outcome && i < ARRAY_LEN(failed); i++)
		if (!strcmp(state, "pending") && !strcmp(outcome, failed[i]))
			return text_word(outcome, LANG_EN);
	return NULL;
}

static void
fail_unauthorized(struct req *r, const struct json *shop, const char *outcome)
{
	const char *next = json_str(shop, "next");
	struct err e;

	err_set(&e, ERR_INPUT, EXITS_NO, "the last authorization came to nothing: %s", outcome);
	err_hint(&e, "get a fresh link: %s", next ? next : "ttctl reauthorize");
	err_tag(&e, "not_authorized");
	req_fail(r, &e);
}

static void ask(struct req *r);

static void
on_shop(struct req *r, struct json *data, const struct err *why)
{
	CLEANUP(json_freep) struct json *shop = data;
	struct wait *w = req_state(r, sizeof(*w));
	const char *state = json_str(shop, "state");
	int64_t left = w->until.ms - req_now(r).ms;

	if (why && why->kind == ERR_INPUT) {
		req_fail(r, why);
		return;
	}
	if (!str_copy(w->seen, sizeof(w->seen),
	              state ? state
	              : why ? err_name(why->kind)
	                    : "nothing"))
		w->seen[0] = '\0';
	if (state && (!strcmp(state, "expired") || !strcmp(state, "disconnected"))) {
		fail_lapsed(r, shop, state);
		return;
	}
	if (state && failed_outcome(shop, state)) {
		fail_unauthorized(r, shop, failed_outcome(shop, state));
		return;
	}
	if (state && is_connected(state) &&
	    (strcmp(json_str(req_args(r), "for"), "synced") || is_synced(shop))) {
		req_done(r, STEAL(shop));
		return;
	}
	if (state)
		tell(r, w, shop, state);
	if (left <= 0)
		fail_late(r);
	else
		req_after(r, left < POLL_MS ? left : POLL_MS, ask);
}

/* Ask again; the deadline stands beside the answer that may not come. */
static void
ask(struct req *r)
{
	const struct wait *w = req_state(r, sizeof(*w));
	CLEANUP(json_freep) struct json *args = json_obj();
	int64_t left = w->until.ms - req_now(r).ms;

	if (left <= 0) {
		fail_late(r);
		return;
	}
	json_put_str(args, "shop", json_str(req_args(r), "shop"));
	req_after(r, left, fail_late);
	req_post(r, "sql:show", args, on_shop);
}

static void
wait_run(struct req *r)
{
	struct wait *w = req_state(r, sizeof(*w));
	int64_t timeout_s = DEFAULT_S;

	json_i64(req_args(r), "timeout_s", &timeout_s);
	w->since = req_now(r);
	w->told = w->since;
	w->until.ms = w->since.ms + timeout_s * 1000;
	str_copy(w->seen, sizeof(w->seen), "nothing");
	ask(r);
}

static const struct arg args[] = {
	ARG_SHOP,
	{ .name = "--for",
	  .key = "for",
	  .type = ARG_WORD,
	  .required = true,
	  .words = "connected|synced",
	  .help = "connected: its first synchronization is done; synced: and nothing known is left "
	          "to read",
	  .help_th = "connected: อ่านรอบแรกเสร็จ synced: ไม่เหลืออะไรให้อ่าน" },
	{ .name = "--timeout",
	  .key = "timeout",
	  .type = ARG_SECONDS,
	  .min = 1,
	  .max = 7 * 86400,
	  .help = "give up after that long, 10m if left out" },
	{ 0 },
};

const struct cmd cmd_wait = {
	.id = CMD_wait,
	.words = "wait",
	.args = args,
	.help = "wait until a shop is connected, or synchronized",
	.more = "Exit code 75 when the time is over, 4 when the seller has to agree again.",
	.example = { "ttctl wait main --for connected",
	             "ttctl wait main --for synced --timeout 30m && ttctl orders main" },
	.access = CMD_MONITOR,
	.run = wait_run,
	.view = &view_shop,
};
