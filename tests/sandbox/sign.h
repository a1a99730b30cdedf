/*
 * sign: the signature a request must carry.
 *
 * Source: tiktok-shop-api.md 3; tests/samples/signing-vectors.json.
 */
#ifndef SANDBOX_SIGN_H
#define SANDBOX_SIGN_H

#include "common/crypto.h"
#include "tests/sandbox/request.h"

/* Over the path, the decoded query without sign and access_token, and the body unless multipart. */
void sign_compute(const struct request *r, const char *secret, char hex[CRYPTO_HMAC_HEX]);

#endif
