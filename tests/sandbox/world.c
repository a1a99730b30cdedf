#include "tests/sandbox/world.h"

#include "common/clock.h"
#include "common/crypto.h"
#include "common/str.h"
#include "tests/sandbox/scope.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define DAY         86400
#define PRODUCT_AGE (90 * DAY)
#define ORDER_AGE   (30 * DAY)

int64_t
world_now(const struct world *w)
{
	return wall_now().s + w->offset_s;
}

int64_t
world_now_ms(const struct world *w)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	return (t.tv_sec + w->offset_s) * 1000 + t.tv_nsec / 1000000;
}

/* Keys follow from the seed: the same run gives the same tokens. */
static void
make_key(uint64_t seed, const char *what, unsigned char key[32])
{
	char text[64];
	int n = snprintf(text, sizeof(text), "%s %" PRIu64, what, seed);

	crypto_sha256(text, (size_t)n, key);
}

/* The n-th code of a comma list, going round; the list was checked at start. */
static const struct region *
pick_region(const char *list, size_t n)
{
	size_t len = strlen(list), codes = (len + 1) / 3;
	char code[3];

	memcpy(code, list + n % codes * 3, 2);
	code[2] = '\0';
	return region_find(code);
}

int
world_check_regions(const char *list, struct err *e)
{
	size_t len = strlen(list);

	if (len % 3 != 2)
		return err_set(e, ERR_INPUT, 0, "--region: %s is no list of markets", list);
	for (size_t i = 0; i < len; i += 3)
		if (!pick_region(list, i / 3) || (list[i + 2] && list[i + 2] != ','))
			return err_set(e, ERR_INPUT, 0, "--region: %s has an unknown market", list);
	return 0;
}

static void
stock_shop(struct world *w, struct shop *shop, size_t n_products, int64_t n_orders)
{
	int64_t now = world_now(w);

	for (size_t i = 0; i < n_products; i++)
		products_create(&w->products, shop, NULL, 1 + i % 4,
		                now - PRODUCT_AGE + (int64_t)i * 60);
	for (int64_t i = 0; i < n_orders; i++) {
		int64_t born = now - ORDER_AGE + i * ORDER_AGE / (n_orders + 1);
		struct order_wish wish = { .create_time = born,
			                   .cod = i % 5 == 0,
			                   .seller_ships = i % 7 == 0 };

		wish.status = now - born > 10 * DAY ? ORDER_COMPLETED
		              : i % 13 == 0         ? ORDER_CANCELLED
		                                    : ORDER_AWAITING_SHIPMENT;
		wish.update_time = born + (now - born > DAY ? DAY : 0);
		orders_create(&w->orders, shop, &wish, born);
	}
}

struct seller *
world_add_seller(struct world *w, const char *regions, size_t n_shops, size_t n_products,
                 bool cross_border)
{
	struct seller *who = shops_seller(&w->shops, pick_region(regions, 0), cross_border);

	for (size_t i = 0; i < n_shops; i++) {
		unsigned no = (unsigned)w->shops.n_all;
		enum shops_variant v = (enum shops_variant)(no % 3);

		stock_shop(w, shops_open(&w->shops, who, pick_region(regions, i), v), n_products,
		           w->opt->orders);
	}
	return who;
}

static void
populate(struct world *w, uint64_t seed)
{
	const struct options *opt = w->opt;

	w->seed = seed;
	make_key(seed, "page", w->page_key);
	make_key(seed, "grant", w->rules.key);
	shops_init(&w->shops, seed);
	products_init(&w->products, seed);
	orders_init(&w->orders, seed);
	w->orders.cache_cap = (size_t)opt->cache_mb << 20;
	w->orders.mask = opt->mask;
	w->orders.extra_keys = opt->extra_keys;
	w->orders.index_delay = opt->index_delay;
	rate_init(&w->shop_rate, opt->rate_limit, opt->rate_burst);
	rate_init(&w->seller_rate, opt->rate_limit, opt->rate_burst);
	w->faults = (struct faults){ .rng = { rng_mix(seed + 5) } };
	calls_init(&w->calls);
	traffic_init(&w->traffic, seed);
	for (int64_t i = 0; i < opt->sellers; i++)
		world_add_seller(w, opt->region, (size_t)opt->shops, (size_t)opt->products,
		                 opt->shops > 1);
	if (opt->orders_per_minute)
		traffic_set(
		    &w->traffic, 0, opt->orders_per_minute * 1000 * (int64_t)w->shops.n_all / 60,
		    opt->orders_per_minute * 1000 * (int64_t)w->shops.n_all / 60, -1, mono_us());
}

static void
empty(struct world *w)
{
	traffic_done(&w->traffic);
	calls_done(&w->calls);
	faults_done(&w->faults);
	rate_done(&w->seller_rate);
	rate_done(&w->shop_rate);
	orders_done(&w->orders);
	products_done(&w->products);
	shops_done(&w->shops);
}

static enum grants_rotate
rotation(const char *word)
{
	if (!strcmp(word, "grace"))
		return GRANTS_GRACE;
	return !strcmp(word, "none") ? GRANTS_NONE : GRANTS_STRICT;
}

int
world_init(struct world *w, const struct options *opt, struct err *e)
{
	*w = (struct world){ .opt = opt, .app.scopes = SCOPE_ALL };
	if (world_check_regions(opt->region, e))
		return -1;
	if (!str_copy(w->app.key, sizeof(w->app.key), opt->app_key) ||
	    !str_copy(w->app.secret, sizeof(w->app.secret), opt->app_secret) ||
	    !str_copy(w->app.service_id, sizeof(w->app.service_id), opt->service_id) ||
	    !str_copy(w->app.redirect_url, sizeof(w->app.redirect_url),
	              opt->redirect_url ? opt->redirect_url : ""))
		return err_set(e, ERR_INPUT, 0, "an option of the app is too long");
	w->rules = (struct grants_rules){ .rotate = rotation(opt->rotate_refresh),
		                          .grace_s = opt->refresh_grace,
		                          .access_s = opt->access_life,
		                          .refresh_s = opt->refresh_life,
		                          .code_s = opt->code_life,
		                          .old_access_dies = opt->old_access_dies };
	populate(w, (uint64_t)opt->seed);
	return 0;
}

void
world_done(struct world *w)
{
	empty(w);
}

void
world_reseed(struct world *w, uint64_t seed)
{
	empty(w);
	populate(w, seed);
}

void
world_request_id(struct world *w, char dst[WORLD_REQUEST_ID_MAX])
{
	time_t t = world_now(w) + 8 * 3600;
	uint64_t n = ++w->requests;
	struct tm tm;
	size_t at;

	gmtime_r(&t, &tm);
	at = strftime(dst, WORLD_REQUEST_ID_MAX, "%Y%m%d%H%M%S", &tm);
	snprintf(dst + at, WORLD_REQUEST_ID_MAX - at, "%04X%016" PRIX64,
	         (unsigned)(w->seed & 0xffff), rng_mix(n));
}
