/*
 * scope: what a token may do, as bits of one word.
 *
 * Source: tiktok-shop-api.md 2.8, in scope.def.
 */
#ifndef SANDBOX_SCOPE_H
#define SANDBOX_SCOPE_H

#include <stddef.h>
#include <stdint.h>

enum scope_bit {
#define X(name, key) SCOPE_BIT_##name,
#include "tests/sandbox/scope.def"
#undef X
	SCOPE_BITS
};

enum scope {
	SCOPE_NONE = 0,
#define X(name, key) SCOPE_##name = 1 << SCOPE_BIT_##name,
#include "tests/sandbox/scope.def"
#undef X
};

#define SCOPE_ALL ((1u << SCOPE_BITS) - 1)

/* The key of bit i. */
const char *scope_key(size_t i);
/* The bit of a key, 0 where there is none. */
uint32_t scope_find(const char *key);

#endif
