/*
 * mem: memory or the end.
 *
 * The sandbox holds all it knows in memory; without memory it cannot keep its word, so it says so
 * and stops. What comes from a client is bounded before it reaches this.
 */
#ifndef SANDBOX_MEM_H
#define SANDBOX_MEM_H

#include <stddef.h>

/* n zeroed elements. */
void *mem_new(size_t n, size_t size);
void *mem_grow(void *p, size_t n, size_t size);
char *mem_text(const char *s);

#endif
