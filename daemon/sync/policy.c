#include "daemon/sync/policy.h"

static int64_t
min64(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static int64_t
max64(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

bool
policy_window(int64_t cursor, int64_t floor, int64_t back, int64_t until, int64_t span,
              struct wall api_now, struct window *ret)
{
	int64_t lo = max64(floor, cursor - back);
	int64_t now = api_now.s - POLICY_SETTLE_S;
	int64_t end = until ? min64(now, until) : now;
	int64_t hi = min64(end, max64(lo, cursor) + span);

	if (hi <= lo)
		return false;
	*ret = (struct window){ lo, hi, hi == end };
	return true;
}

int64_t
policy_halve(int64_t span)
{
	return span / 2 < POLICY_SPAN_MIN_S ? span : span / 2;
}

int64_t
policy_backoff_ms(int attempts, int64_t retry_after_s, uint32_t chance)
{
	int64_t ceiling = POLICY_BACKOFF_MAX_MS;

	if (retry_after_s >= 0) {
		int64_t ms = max64(retry_after_s * 1000, 1000);

		return ms + (int64_t)((uint64_t)(ms / 4) * chance >> 32);
	}
	if (attempts < 1)
		attempts = 1;
	if (attempts < 10) /* 2 s << 9 is past the ceiling */
		ceiling = min64(ceiling, (int64_t)POLICY_BACKOFF_MS << attempts);
	return max64(1000, (int64_t)((uint64_t)ceiling * chance >> 32));
}

int64_t
policy_interval_ms(int64_t interval_ms, uint32_t chance)
{
	return interval_ms - (interval_ms / 10 * (int64_t)chance >> 32);
}
