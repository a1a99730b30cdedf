#include "daemon/base/counter.h"

void
counters_add(struct counters *sum, const struct counters *part)
{
	for (int i = 0; i < COUNT_MAX; i++)
		sum->v[i] += part->v[i];
}
