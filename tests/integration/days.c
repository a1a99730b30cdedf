#include "tests/integration/days.h"

#include "tests/harness/harness.h"
#include "tests/harness/pgserver.h"
#include "tests/harness/wait.h"
#include "tests/integration/world.h"

#define SETTLE_MS 60000

static bool
is_settled(void *arg)
{
	struct world *w = arg;

	return pgserver_num(w->pg, "SELECT (SELECT count(*) FROM ttsync.shop_lease"
	                           "  WHERE lease_until > '-infinity') +"
	                           " (SELECT count(*) FROM ttsync.grants WHERE state = 'refreshing'"
	                           "  OR (state IN ('active', 'suspect') AND"
	                           "      next_try_at <= clock_timestamp()))") == 0;
}

void
days_settle(struct world *w)
{
	if (!wait_for(is_settled, w, SETTLE_MS))
		harness_die(w->daemon[0].log, "a job or a refresh does not come to its end");
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
	return pgserver_num(w->pg, "SELECT extract(epoch FROM clock_timestamp())");
}
