/*
 * buyer_code: what is kept of a buyer's id, so that a shop's different buyers can be counted.
 *
 * The id is hashed with a key to 64 bits. Eleven of them choose one of 2,048 registers, the rest
 * give a rank: the place of their first 1. Register and rank are the code, which one in 4,096
 * buyers shares where it is a common one. The largest rank of each register is all that is ever
 * stored (ttsync.buyer_sketch): of one buyer the most it could tell is that somebody of their part
 * was there, and without the key not even whose part it is.
 *
 * Key:    of this installation and one shop: an HMAC of the shop's number under the app's secret.
 *         All daemons have it, PostgreSQL and its copies do not, nobody has another secret to
 *         keep, and a buyer of two shops is not the same in both. A new app secret counts those
 *         who were there before once more.
 * Source: Flajolet and others, HyperLogLog, 2007; 1.04 / sqrt(2048) is an error of 2.3 %.
 */
#ifndef TTSYNC_TIKTOK_BUYER_CODE_H
#define TTSYNC_TIKTOK_BUYER_CODE_H

#include "common/crypto.h"

#include <stddef.h>
#include <stdint.h>

#define BUYER_REGISTER_BITS 11
#define BUYER_REGISTERS     (1 << BUYER_REGISTER_BITS)
#define BUYER_RANK_BITS     6 /* a rank is 1 to 54 */

struct buyer_key {
	unsigned char bytes[CRYPTO_SHORT_KEY_BYTES];
};

/* shop: our number of it. */
void buyer_key_make(struct buyer_key *k, const void *secret, size_t len, int64_t shop);
/* register << BUYER_RANK_BITS | rank: never 0. key NULL: 0, nobody counts. */
int buyer_code(const struct buyer_key *k, const char *id, size_t len);

#endif
