/*
 * crypto: hashes, random bytes and sealed boxes, over libsodium (its header appears in crypto.c
 * alone). Shared by the daemon (signing, vault) and the sandbox (checking).
 *
 * crypto_start must have returned 0 before anything else here is used.
 */
#ifndef TTSYNC_CRYPTO_H
#define TTSYNC_CRYPTO_H

#include <stddef.h>
#include <stdint.h>

#define CRYPTO_HMAC_BYTES      32
#define CRYPTO_HASH_BYTES      32
#define CRYPTO_KEY_BYTES       32 /* XChaCha20-Poly1305 */
#define CRYPTO_NONCE_BYTES     24
#define CRYPTO_SHORT_KEY_BYTES 16
#define CRYPTO_TAG_BYTES       16
#define CRYPTO_HMAC_HEX        (2 * CRYPTO_HMAC_BYTES + 1)

/* Once a process. 0, or -1 where the system has no random numbers. */
int crypto_start(void);

/* HMAC-SHA256 over parts, lower-case hex with a NUL into hex. */
struct crypto_part {
	const void *data;
	size_t len;
};
void crypto_hmac(const void *key, size_t key_len, const struct crypto_part *parts, size_t n,
                 unsigned char mac[CRYPTO_HMAC_BYTES]);
void crypto_hmac_hex(const void *key, size_t key_len, const struct crypto_part *parts, size_t n,
                     char hex[CRYPTO_HMAC_HEX]);

void crypto_sha256(const void *data, size_t len, unsigned char out[CRYPTO_HASH_BYTES]);
/* SipHash-2-4: a keyed hash of 64 bits, for what needs no more. */
uint64_t crypto_short_hash(const unsigned char key[CRYPTO_SHORT_KEY_BYTES], const void *data,
                           size_t len);
void crypto_random(void *out, size_t len);
/* Uniform in 0 .. below - 1. */
uint32_t crypto_uniform(uint32_t below);

/* len bytes as lower-case hex with a NUL; hex has room for 2 * len + 1. */
void crypto_hex(const void *data, size_t len, char *hex);
/* 2 * len hex digits, and no more, into dst. 0, or -1. */
int crypto_unhex(const char *hex, void *dst, size_t len);
/* Bytes as base64 without padding, safe in URLs; dst gets a NUL. 0, or -1 if it does not fit. */
int crypto_base64url(const void *data, size_t len, char *dst, size_t room);
/* Decode standard base64 (padded). Bytes written, or -1. */
int crypto_unbase64(const char *s, size_t len, void *dst, size_t room);

/*
 * Seal: XChaCha20-Poly1305. out gets len + CRYPTO_TAG_BYTES. ad is bound, not hidden.
 * Open: 0, or -1 where key, nonce, ad or a bit of the box is not the one it was sealed with.
 */
void crypto_seal(const unsigned char key[CRYPTO_KEY_BYTES],
                 const unsigned char nonce[CRYPTO_NONCE_BYTES], const void *ad, size_t ad_len,
                 const void *plain, size_t len, unsigned char *out);
int crypto_open(const unsigned char key[CRYPTO_KEY_BYTES],
                const unsigned char nonce[CRYPTO_NONCE_BYTES], const void *ad, size_t ad_len,
                const void *box, size_t box_len, unsigned char *out);

/* Memory for keys: locked, left out of core dumps, wiped by crypto_key_free. NULL: no memory. */
void *crypto_key_new(size_t len);
void crypto_key_free(void *p);

#endif
