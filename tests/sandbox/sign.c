#include "tests/sandbox/sign.h"

#include <stdlib.h>
#include <string.h>

static int
by_name(const void *a, const void *b)
{
	const struct request_param *const *x = a, *const *y = b;
	int c = strcmp((*x)->name, (*y)->name);

	return c ? c : (*x > *y) - (*x < *y); /* of the same name: as they came */
}

static bool
is_signed(const char *name)
{
	return strcmp(name, "sign") != 0 && strcmp(name, "access_token") != 0;
}

/* The media type alone: what stands behind the semicolon does not count. */
static bool
is_multipart(const char *type)
{
	static const char want[] = "multipart/form-data";
	size_t n = sizeof(want) - 1;

	return type && !strncasecmp(type, want, n) &&
	       (!type[n] || type[n] == ';' || type[n] == ' ');
}

static struct crypto_part
part_of(const char *s)
{
	return (struct crypto_part){ s, strlen(s) };
}

void
sign_compute(const struct request *r, const char *secret, char hex[CRYPTO_HMAC_HEX])
{
	const struct request_param *sorted[REQUEST_PARAMS_MAX];
	struct crypto_part parts[2 * REQUEST_PARAMS_MAX + 4];
	size_t n = 0, used = 0;

	for (size_t i = 0; i < r->n_params; i++)
		if (is_signed(r->params[i].name))
			sorted[n++] = &r->params[i];
	/* pointers are what is sorted: NOLINTNEXTLINE(bugprone-sizeof-expression) */
	qsort(sorted, n, sizeof(sorted[0]), by_name);
	parts[used++] = part_of(secret);
	parts[used++] = part_of(r->path);
	for (size_t i = 0; i < n; i++) {
		parts[used++] = part_of(sorted[i]->name);
		parts[used++] = part_of(sorted[i]->value);
	}
	if (!is_multipart(r->content_type))
		parts[used++] = (struct crypto_part){ r->body, r->body_len };
	parts[used++] = part_of(secret);
	crypto_hmac_hex(secret, strlen(secret), parts, used, hex);
}
