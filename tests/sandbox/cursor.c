#include "tests/sandbox/cursor.h"

#include "common/crypto.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* Ahead of the sealed bytes: "++//" in base64, so that no token is free of them. */
static const unsigned char mark[3] = { 0xfb, 0xef, 0xff };

#define BOX   (sizeof(struct cursor) + CRYPTO_TAG_BYTES)
#define BYTES (sizeof(mark) + CRYPTO_NONCE_BYTES + BOX)

/* Standard base64 with its padding. */
static void
encode(const void *data, size_t len, char dst[CURSOR_TEXT_MAX])
{
	size_t n;

	crypto_base64url(data, len, dst, CURSOR_TEXT_MAX - 3);
	for (n = 0; dst[n]; n++)
		dst[n] = dst[n] == '-' ? '+' : dst[n] == '_' ? '/' : dst[n];
	while (n % 4)
		dst[n++] = '=';
	dst[n] = '\0';
}

void
cursor_seal(const unsigned char key[32], const struct cursor *c, char dst[CURSOR_TEXT_MAX])
{
	unsigned char bytes[BYTES], hash[CRYPTO_HASH_BYTES];
	unsigned char *nonce = bytes + sizeof(mark);
	struct cursor plain;

	memset(&plain, 0, sizeof(plain)); /* the padding too: the same place gives the same token */
	plain.params = c->params;
	plain.started = c->started;
	plain.time = c->time;
	plain.id = c->id;
	plain.issued = c->issued;
	plain.salt = c->salt;
	crypto_sha256(&plain, sizeof(plain), hash);
	memcpy(bytes, mark, sizeof(mark));
	memcpy(nonce, hash, CRYPTO_NONCE_BYTES);
	crypto_seal(key, nonce, NULL, 0, &plain, sizeof(plain), nonce + CRYPTO_NONCE_BYTES);
	encode(bytes, sizeof(bytes), dst);
}

int
cursor_open(const unsigned char key[32], const char *text, struct cursor *ret)
{
	unsigned char bytes[BYTES];
	const unsigned char *nonce = bytes + sizeof(mark);

	if (crypto_unbase64(text, strlen(text), bytes, sizeof(bytes)) != (int)sizeof(bytes) ||
	    memcmp(bytes, mark, sizeof(mark)) != 0)
		return -1;
	return crypto_open(key, nonce, NULL, 0, nonce + CRYPTO_NONCE_BYTES, BOX,
	                   (unsigned char *)ret);
}

void
cursor_product(int64_t time, uint64_t id, char dst[CURSOR_TEXT_MAX])
{
	char pair[64];
	int n = snprintf(pair, sizeof(pair), "[%" PRId64 ", %" PRIu64 "]", time * 1000, id);

	encode(pair, (size_t)n, dst);
}

int
cursor_product_read(const char *text, int64_t *ret_time, uint64_t *ret_id)
{
	char pair[64];
	int n = crypto_unbase64(text, strlen(text), pair, sizeof(pair) - 1), used = 0;
	int64_t ms;
	uint64_t id;

	if (n < 0)
		return -1;
	pair[n] = '\0';
	if (sscanf(pair, "[%" SCNd64 ", %" SCNu64 "]%n", &ms, &id, &used) != 2 || used != n)
		return -1;
	*ret_time = ms / 1000;
	*ret_id = id;
	return 0;
}
