#include "common/crypto.h"

#include <sodium.h>
#include <string.h>

int
crypto_start(void)
{
	return sodium_init() < 0 ? -1 : 0;
}

void
crypto_hmac(const void *key, size_t key_len, const struct crypto_part *parts, size_t n,
            unsigned char mac[CRYPTO_HMAC_BYTES])
{
	crypto_auth_hmacsha256_state st;

	crypto_auth_hmacsha256_init(&st, key, key_len);
	for (size_t i = 0; i < n; i++)
		crypto_auth_hmacsha256_update(&st, parts[i].data, parts[i].len);
	crypto_auth_hmacsha256_final(&st, mac);
	sodium_memzero(&st, sizeof(st));
}

void
crypto_hmac_hex(const void *key, size_t key_len, const struct crypto_part *parts, size_t n,
                char hex[CRYPTO_HMAC_HEX])
{
	unsigned char mac[CRYPTO_HMAC_BYTES];

	crypto_hmac(key, key_len, parts, n, mac);
	crypto_hex(mac, sizeof(mac), hex);
}

uint64_t
crypto_short_hash(const unsigned char key[CRYPTO_SHORT_KEY_BYTES], const void *data, size_t len)
{
	unsigned char out[crypto_shorthash_BYTES];
	uint64_t h = 0;

	crypto_shorthash(out, data, len, key);
	for (size_t i = sizeof(out); i > 0; i--)
		h = h << 8 | out[i - 1];
	return h;
}

void
crypto_sha256(const void *data, size_t len, unsigned char out[CRYPTO_HASH_BYTES])
{
	crypto_hash_sha256(out, data, len);
}

void
crypto_random(void *out, size_t len)
{
	randombytes_buf(out, len);
}

uint32_t
crypto_uniform(uint32_t below)
{
	return randombytes_uniform(below);
}

void
crypto_hex(const void *data, size_t len, char *hex)
{
	sodium_bin2hex(hex, 2 * len + 1, data, len);
}

int
crypto_unhex(const char *hex, void *dst, size_t len)
{
	size_t n = 0;

	if (strlen(hex) != 2 * len || sodium_hex2bin(dst, len, hex, 2 * len, NULL, &n, NULL))
		return -1;
	return n == len ? 0 : -1;
}

int
crypto_base64url(const void *data, size_t len, char *dst, size_t room)
{
	const unsigned variant = sodium_base64_VARIANT_URLSAFE_NO_PADDING;

	if (sodium_base64_ENCODED_LEN(len, variant) > room)
		return -1;
	sodium_bin2base64(dst, room, data, len, (int)variant);
	return 0;
}

int
crypto_unbase64(const char *s, size_t len, void *dst, size_t room)
{
	size_t n = 0;

	if (sodium_base642bin(dst, room, s, len, NULL, &n, NULL, sodium_base64_VARIANT_ORIGINAL))
		return -1;
	return (int)n;
}

void
crypto_seal(const unsigned char key[CRYPTO_KEY_BYTES],
            const unsigned char nonce[CRYPTO_NONCE_BYTES], const void *ad, size_t ad_len,
            const void *plain, size_t len, unsigned char *out)
{
	crypto_aead_xchacha20poly1305_ietf_encrypt(out, NULL, plain, len, ad, ad_len, NULL, nonce,
	                                           key);
}

int
crypto_open(const unsigned char key[CRYPTO_KEY_BYTES],
            const unsigned char nonce[CRYPTO_NONCE_BYTES], const void *ad, size_t ad_len,
            const void *box, size_t box_len, unsigned char *out)
{
	return crypto_aead_xchacha20poly1305_ietf_decrypt(out, NULL, NULL, box, box_len, ad, ad_len,
	                                                  nonce, key)
	           ? -1
	           : 0;
}

void *
crypto_key_new(size_t len)
{
	return sodium_malloc(len);
}

void
crypto_key_free(void *p)
{
	sodium_free(p);
}
