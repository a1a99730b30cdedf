/*
 * Nothing is missing though ttsyncd is killed fifty times, Redis forgets everything and is killed,
 * and PostgreSQL is killed.
 */
#include "tests/integration/completeness.h"

#include <criterion/criterion.h>

Test(completeness, fifty_kills_and_three_disasters_leave_no_gap, .timeout = 580)
{
	struct completeness c = {
		.name = "kills",
		.seed = completeness_seed(),
		.shops = 20,
		.orders = 5000,
		.latency_ms = 120,
		.run_s = 100,
		.kills = 50,
		.disasters = 1,
		.settle_s = 240,
	};

	completeness_run(&c);
}
