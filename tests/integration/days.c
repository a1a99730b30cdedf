#include "tests/integration/days.h"

#include "tests/integration/life.h"
#include "tests/integration/world.h"

void
days_settle(struct world *w)
{
	life_until(w, 0,
	           "SELECT (SELECT count(*) FROM ttsync.shop_lease"
	           "  WHERE lease_until > '-infinity') +"
	           " (SELECT count(*) FROM ttsync.grants WHERE state = 'refreshing'"
	           "  OR (state IN ('active', 'suspect') AND"
	           "      next_try_at <= clock_timestamp()))");
}

void
days_pass_one(struct world *w)
{
	days_settle(w);
	world_move(w, DAY_S);
	days_settle(w);
}

int64_t
days_now(struct world *w)
{
	return life_num(w, "SELECT extract(epoch FROM clock_timestamp())");
}
