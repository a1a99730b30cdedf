/*
 * shop_gauges: what PostgreSQL last said of the shops: how many are in each state, and for each
 * connected one when its authorization ends and what was read of it when.
 *
 * While PostgreSQL is away the last answers stay; ttsyncd_db_up says so. Control thread only.
 */
#ifndef TTSYNC_SHOP_GAUGES_H
#define TTSYNC_SHOP_GAUGES_H

#include "daemon/stats/gauges.h"

#include <stdint.h>

/*
 * Shops with samples of their own; beyond that only those whose authorization ends first. Three
 * samples a shop: the page stays below 2 MB, reading the answer below 20 ms.
 */
#define SHOP_GAUGES_MAX 5000

#define SHOP_GAUGES_STATES 9

struct json;

struct shop_gauges {
	int64_t states[SHOP_GAUGES_STATES];
	struct json *shops; /* api_gauges' list, NULL before its first answer */
};

void shop_gauges_done(struct shop_gauges *s);
/* Answers of ttsync.api_states and ttsync.api_gauges; NULL: there is none. */
void shop_gauges_states(struct shop_gauges *s, const char *json, size_t len);
void shop_gauges_shops(struct shop_gauges *s, const char *json, size_t len);
/* Arguments of the latter, JSON. */
const char *shop_gauges_args(void);

void shop_gauges_fill(const struct shop_gauges *s, struct gauges *g);

#endif
