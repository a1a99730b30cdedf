/*
 * The count of buyers needs no buyer: codes fill 2,048 registers, and from those alone the number
 * is known within three standard errors. The estimate of PostgreSQL is held by
 * tests/integration/test_buyers.c with the same codes.
 */
#include "daemon/tiktok/buyer_code.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#define SIGMA 0.023

static struct buyer_key key;

static void
setup(void)
{
	cr_assert_eq(crypto_start(), 0);
	buyer_key_make(&key, "secret", 6, 17);
}

TestSuite(buyer_code, .init = setup);

static int
code_of(int64_t n)
{
	char id[21];

	snprintf(id, sizeof(id), "%lld", (long long)(7494560000000000000 + n));
	return buyer_code(&key, id, strlen(id));
}

/* HyperLogLog, figure 3. */
static double
estimate(const unsigned char *reg)
{
	double power = 0, n;
	int zeros = 0;

	for (int i = 0; i < BUYER_REGISTERS; i++) {
		power += ldexp(1, -reg[i]);
		zeros += !reg[i];
	}
	n = 0.7213 / (1 + 1.079 / BUYER_REGISTERS) * BUYER_REGISTERS * BUYER_REGISTERS / power;
	return n <= 2.5 * BUYER_REGISTERS && zeros
	           ? BUYER_REGISTERS * log((double)BUYER_REGISTERS / zeros)
	           : n;
}

Test(buyer_code, as_many_are_counted_as_there_are_within_three_standard_errors)
{
	static const int sizes[] = { 1, 100, 10000, 100000 };
	unsigned char reg[BUYER_REGISTERS] = { 0 };

	for (size_t i = 0, n = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		double have;

		for (; n < (size_t)sizes[i]; n++) {
			int code = code_of((int64_t)n), rank = code & ((1 << BUYER_RANK_BITS) - 1);
			unsigned char *r = &reg[code >> BUYER_RANK_BITS];

			cr_assert(rank >= 1 && rank <= 54);
			*r = *r < rank ? (unsigned char)rank : *r;
		}
		have = estimate(reg);
		cr_expect_float_eq(have, sizes[i], 3 * SIGMA * sizes[i] + 0.5, "%d: %f", sizes[i],
		                   have);
	}
}

Test(buyer_code, the_same_buyer_has_the_same_code_and_shares_it_with_many)
{
	int same = 0;

	cr_assert_eq(code_of(1), code_of(1));
	for (int i = 2; i < 400000; i++)
		same += code_of(i) == code_of(1);
	cr_assert_gt(same, 0, "somebody else could be meant");
}

Test(buyer_code, a_buyer_of_two_shops_or_installations_is_not_known_again)
{
	struct buyer_key shop, app;
	int as_shop = 0, as_app = 0;

	buyer_key_make(&shop, "secret", 6, 18);
	buyer_key_make(&app, "secres", 6, 17);
	for (int i = 0; i < 1000; i++) {
		char id[21];
		int len = snprintf(id, sizeof(id), "%d", i),
		    mine = buyer_code(&key, id, (size_t)len);

		as_shop += mine == buyer_code(&shop, id, (size_t)len);
		as_app += mine == buyer_code(&app, id, (size_t)len);
	}
	/* one in 6,144 by chance */
	cr_assert_leq(as_shop, 5);
	cr_assert_leq(as_app, 5);
}

Test(buyer_code, without_a_key_nobody_counts)
{
	cr_assert_eq(buyer_code(NULL, "7", 1), 0);
}
