#include "tests/sandbox/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *
must(void *p)
{
	if (!p) {
		fputs("ttshop-sandbox: out of memory\n", stderr);
		abort();
	}
	return p;
}

void *
mem_new(size_t n, size_t size)
{
	return must(calloc(n ? n : 1, size));
}

void *
mem_grow(void *p, size_t n, size_t size)
{
	return must(reallocarray(p, n, size));
}

char *
mem_text(const char *s)
{
	return must(strdup(s));
}
