#include "daemon/grant/token.h"

#include "common/crypto.h"
#include "common/str.h"
#include "daemon/grant/vault.h"

#include <stdio.h>
#include <string.h>

static struct vault_place
place_of(enum token_column col, const char *open_id, const char *pair_id)
{
	return (struct vault_place){
		.table = "grants",
		.column = col == TOKEN_ACCESS ? "access" : "refresh",
		.id = open_id,
		.gen = pair_id,
	};
}

int
token_seal(const struct vault *v, enum token_column col, const char *open_id, const char *pair_id,
           const char *token, struct buf *out, struct err *e)
{
	struct vault_place at = place_of(col, open_id, pair_id);

	return vault_seal(v, &at, token, strlen(token), out, e);
}

int
token_open(const struct vault *v, enum token_column col, const char *open_id, const char *pair_id,
           const void *box, size_t len, char dst[TT_TOKEN_MAX + 1], struct err *e)
{
	struct vault_place at = place_of(col, open_id, pair_id);
	struct buf plain;
	int rc;

	buf_init(&plain, TT_TOKEN_MAX);
	rc = vault_open(v, &at, box, len, &plain, e);
	if (!rc && !str_copy(dst, TT_TOKEN_MAX + 1, buf_text(&plain)))
		rc = err_set(e, ERR_PARSE, 0, "a stored token is too long");
	buf_wipe(&plain);
	buf_done(&plain);
	return rc;
}

void
token_uuid(char dst[TOKEN_UUID_MAX])
{
	unsigned char b[16];
	char hex[33];

	crypto_random(b, sizeof(b));
	b[6] = (unsigned char)((b[6] & 0x0f) | 0x40);
	b[8] = (unsigned char)((b[8] & 0x3f) | 0x80);
	crypto_hex(b, sizeof(b), hex);
	snprintf(dst, TOKEN_UUID_MAX, "%.8s-%.4s-%.4s-%.4s-%.12s", hex, hex + 8, hex + 12, hex + 16,
	         hex + 20);
}
