/*
 * rng: random numbers that a seed decides, so that a run can be had again.
 *
 * Source: the mixing steps of splitmix64 (Steele, Lea, Flood 2014).
 */
#ifndef SANDBOX_RNG_H
#define SANDBOX_RNG_H

#include <stdint.h>

struct rng {
	uint64_t state;
};

static inline uint64_t
rng_mix(uint64_t x)
{
	x ^= x >> 30;
	x *= 0xbf58476d1ce4e5b9u;
	x ^= x >> 27;
	x *= 0x94d049bb133111ebu;
	return x ^ (x >> 31);
}

static inline uint64_t
rng_next(struct rng *r)
{
	r->state += 0x9e3779b97f4a7c15u;
	return rng_mix(r->state);
}

/* 0 .. below - 1; below at least 1. */
static inline uint32_t
rng_below(struct rng *r, uint32_t below)
{
	return (uint32_t)(rng_next(r) % below);
}

#endif
