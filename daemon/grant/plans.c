#include "daemon/grant/plans.h"

#include "common/json.h"
#include "daemon/base/conf.h"

#include <string.h>

#define PLAN_MAX 64

struct json *
plans_list(const struct conf *c, bool allowed)
{
	struct json *list = json_arr();
	char plan[PLAN_MAX];

	for (const char *s = c->plans_order; *s;) {
		size_t n = strcspn(s, ",");

		if (n < sizeof(plan)) {
			memcpy(plan, s, n);
			plan[n] = '\0';
			if (!allowed || conf_plan_ok(c, plan))
				json_add_str(list, plan);
		}
		s += n + (s[n] == ',');
	}
	return list;
}
