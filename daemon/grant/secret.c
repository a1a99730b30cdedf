#include "daemon/grant/secret.h"

#include <string.h>

void
secret_make(struct secret *s)
{
	unsigned char random[SECRET_BYTES];

	crypto_random(random, sizeof(random));
	crypto_base64url(random, sizeof(random), s->text, sizeof(s->text));
	crypto_sha256(s->text, strlen(s->text), s->hash);
	crypto_hex(s->hash, sizeof(s->hash), s->hash_hex);
}
