#include "tests/sandbox/ids.h"

#include "tests/sandbox/rng.h"

static const struct {
	uint64_t base;
	uint64_t span; /* a power of ten */
} kinds[] = {
	[IDS_NONE] = { 0, 1 },
	[IDS_SHOP] = { 7495000000000000000u, 1000000000000000u },
	[IDS_WAREHOUSE] = { 7301000000000000000u, 1000000000000000u },
	[IDS_PRODUCT] = { 1730000000000000000u, 1000000000000000u },
	[IDS_SKU] = { 1731000000000000000u, 1000000000000000u },
	[IDS_ORDER] = { 580000000000000000u, 1000000000000000u },
	[IDS_LINE] = { 582000000000000000u, 1000000000000000u },
	[IDS_PACKAGE] = { 1153000000000000000u, 1000000000000000u },
	[IDS_USER] = { 7499990000000000000u, 10000000000000u },
};

uint64_t
ids_make(enum ids_kind kind, uint64_t seed, uint64_t n)
{
	/* ends in 3, is no multiple of 5: has an inverse modulo any power of ten */
	const unsigned __int128 step = 736338717636363u;
	const uint64_t span = kinds[kind].span;
	const uint64_t start = rng_mix(seed + (uint64_t)kind) % span;

	return kinds[kind].base + (uint64_t)((step * n + start) % span);
}
