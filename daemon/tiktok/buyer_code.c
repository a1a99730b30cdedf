#include "daemon/tiktok/buyer_code.h"

#include <string.h>

static const char purpose[] = "ttsyncd buyers 1";

void
buyer_key_make(struct buyer_key *k, const void *secret, size_t len, int64_t shop)
{
	unsigned char mac[CRYPTO_HMAC_BYTES], number[8];
	const struct crypto_part parts[] = { { purpose, sizeof(purpose) },
		                             { number, sizeof(number) } };

	for (size_t i = 0; i < sizeof(number); i++)
		number[i] = (unsigned char)((uint64_t)shop >> (8 * i));
	crypto_hmac(secret, len, parts, 2, mac);
	memcpy(k->bytes, mac, sizeof(k->bytes));
	explicit_bzero(mac, sizeof(mac));
}

int
buyer_code(const struct buyer_key *k, const char *id, size_t len)
{
	uint64_t h, rest;

	if (!k)
		return 0;
	h = crypto_short_hash(k->bytes, id, len);
	rest = h << BUYER_REGISTER_BITS | UINT64_C(1) << (BUYER_REGISTER_BITS - 1); /* ends it */
	return (int)(h >> (64 - BUYER_REGISTER_BITS)) << BUYER_RANK_BITS |
	       (__builtin_clzll(rest) + 1);
}
