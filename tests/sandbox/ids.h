/*
 * ids: numbers of the shape TikTok's ids have, each once.
 *
 * The n-th id of a kind is decided by the seed; two different n never meet.
 *
 * Source: tiktok-shop-api.md 1.5 (18 or 19 digits) and the prefixes of tests/samples. User ids all
 *         begin with 749999 so that a leak of one can be searched for.
 */
#ifndef SANDBOX_IDS_H
#define SANDBOX_IDS_H

#include <stdint.h>

enum ids_kind {
	IDS_NONE = 0,
	IDS_SHOP,
	IDS_WAREHOUSE,
	IDS_PRODUCT,
	IDS_SKU,
	IDS_ORDER,
	IDS_LINE,
	IDS_PACKAGE,
	IDS_USER
};

uint64_t ids_make(enum ids_kind kind, uint64_t seed, uint64_t n);

#endif
