/*
 * secret: a random text that opens something once or for a while: a state for TikTok, a merchant's
 * link. Whoever shows the text may; we keep its hash alone.
 *
 * Source: 128 random bits, reliability.md 10.
 */
#ifndef TTSYNC_SECRET_H
#define TTSYNC_SECRET_H

#include "common/crypto.h"

#define SECRET_BYTES  16
#define SECRET_TEXT   32
#define SECRET_LINK_S (7 * 86400) /* how long a merchant's link opens its page */

struct secret {
	char text[SECRET_TEXT]; /* base64url */
	unsigned char hash[CRYPTO_HASH_BYTES];
	char hash_hex[2 * CRYPTO_HASH_BYTES + 1];
};

void secret_make(struct secret *s);

#endif
