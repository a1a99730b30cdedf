#include "daemon/stats/shop_gauges.h"

#include "common/json.h"
#include "common/own.h"

#include <inttypes.h>

/* As shown: ttsync.shown_state. */
static const char *const states[SHOP_GAUGES_STATES] = {
	"pending", "choosing",     "connecting", "connected",      "expiring",
	"expired", "disconnected", "paused",     "plan_suspended",
};

void
shop_gauges_done(struct shop_gauges *s)
{
	json_free(s->shops);
	s->shops = NULL;
}

void
shop_gauges_states(struct shop_gauges *s, const char *json, size_t len)
{
	CLEANUP(json_freep) struct json *doc = json ? json_parse(json, len, NULL) : NULL;

	for (size_t i = 0; doc && i < ARRAY_LEN(states); i++) {
		s->states[i] = 0;
		json_i64(doc, states[i], &s->states[i]);
	}
}

void
shop_gauges_shops(struct shop_gauges *s, const char *json, size_t len)
{
	struct json *doc = json ? json_parse(json, len, NULL) : NULL;

	if (!doc)
		return;
	json_free(s->shops);
	s->shops = doc;
}

#define TEXT(n)   #n
#define DIGITS(n) TEXT(n)

const char *
shop_gauges_args(void)
{
	return "{\"most\":" DIGITS(SHOP_GAUGES_MAX) "}";
}

static void
fill_shop(const struct json *shop, struct gauges *g)
{
	const char *id = json_str(shop, "shop_id"), *stream;
	struct json *success = json_get(shop, "last_success"), *value;
	void *it = NULL;
	int64_t at;

	if (!id)
		return;
	if (!json_i64(shop, "expires", &at))
		gauge_add(g, GAUGE_SHOP_EXPIRY, (double)at, id);
	while ((it = json_next(success, it, &stream, &value)))
		if (!json_i64(success, stream, &at))
			gauge_add(g, GAUGE_SHOP_SUCCESS, (double)at, id, stream);
}

void
shop_gauges_fill(const struct shop_gauges *s, struct gauges *g)
{
	const struct json *list = json_get(s->shops, "shops");

	for (size_t i = 0; i < ARRAY_LEN(states); i++)
		gauge_add(g, GAUGE_SHOPS, (double)s->states[i], states[i]);
	for (size_t i = 0; i < json_len(list) && i < SHOP_GAUGES_MAX; i++)
		fill_shop(json_at(list, i), g);
}
