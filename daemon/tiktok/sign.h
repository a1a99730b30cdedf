/*
 * sign: the signature of a business call.
 *
 * Source: tiktok-shop-api.md 3.1; vectors in tests/samples/signing-vectors.json.
 */
#ifndef TTSYNC_TIKTOK_SIGN_H
#define TTSYNC_TIKTOK_SIGN_H

#include "common/crypto.h"

#include <stdbool.h>
#include <stddef.h>

#define SIGN_PARAMS_MAX 16

/* A query parameter before percent-encoding. */
struct tt_param {
	const char *name;
	const char *value;
};

/*
 * Lower-case hex of HMAC-SHA256 over secret, path, sorted parameters (sign and access_token left
 * out), body, secret. multipart: the body is not signed. 0, or -1 with more than SIGN_PARAMS_MAX
 * parameters.
 */
int sign_call(const char *secret, const char *path, const struct tt_param *params, size_t n,
              const void *body, size_t body_len, bool multipart, char sign[CRYPTO_HMAC_HEX]);

#endif
