#include "daemon/tiktok/sign.h"

#include <stdlib.h>
#include <string.h>

static int
by_name(const void *a, const void *b)
{
	const struct tt_param *x = a, *y = b;

	return strcmp(x->name, y->name);
}

int
sign_call(const char *secret, const char *path, const struct tt_param *params, size_t n,
          const void *body, size_t body_len, bool multipart, char sign[CRYPTO_HMAC_HEX])
{
	struct tt_param sorted[SIGN_PARAMS_MAX];
	struct crypto_part parts[2 * SIGN_PARAMS_MAX + 4];
	size_t kept = 0, p = 0;

	for (size_t i = 0; i < n; i++) {
		if (!strcmp(params[i].name, "sign") || !strcmp(params[i].name, "access_token"))
			continue;
		if (kept == SIGN_PARAMS_MAX)
			return -1;
		sorted[kept++] = params[i];
	}
	qsort(sorted, kept, sizeof(sorted[0]), by_name);
	parts[p++] = (struct crypto_part){ secret, strlen(secret) };
	parts[p++] = (struct crypto_part){ path, strlen(path) };
	for (size_t i = 0; i < kept; i++) {
		parts[p++] = (struct crypto_part){ sorted[i].name, strlen(sorted[i].name) };
		parts[p++] = (struct crypto_part){ sorted[i].value, strlen(sorted[i].value) };
	}
	if (body_len && !multipart)
		parts[p++] = (struct crypto_part){ body, body_len };
	parts[p++] = (struct crypto_part){ secret, strlen(secret) };
	crypto_hmac_hex(secret, strlen(secret), parts, p, sign);
	return 0;
}
