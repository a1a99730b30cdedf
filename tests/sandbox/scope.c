#include "tests/sandbox/scope.h"

#include <string.h>

static const char *const keys[] = {
#define X(name, key) key,
#include "tests/sandbox/scope.def"
#undef X
};

const char *
scope_key(size_t i)
{
	return keys[i];
}

uint32_t
scope_find(const char *key)
{
	for (size_t i = 0; i < SCOPE_BITS; i++)
		if (!strcmp(keys[i], key))
			return 1u << i;
	return 0;
}
