/*
 * Nothing is missing and nothing is there that should not be, though answers get lost.
 */
#include "tests/integration/completeness.h"

#include <criterion/criterion.h>

Test(completeness, lost_answers_and_moving_rows_leave_no_gap, .timeout = 240)
{
	struct completeness c = {
		.name = "complete",
		.seed = completeness_seed(),
		.shops = 20,
		.orders = 5000,
		.run_s = 40,
		.settle_s = 90,
	};

	completeness_run(&c);
}
