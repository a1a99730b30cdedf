#include "common/clock.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#define BANGKOK_OFFSET_S (7 * 3600)

int64_t
mono_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

struct mono
mono_now(void)
{
	return (struct mono){ mono_us() / 1000 };
}

struct wall
wall_now(void)
{
	return (struct wall){ (int64_t)time(NULL) };
}

const char *
clock_rfc3339(struct wall t, char dst[CLOCK_RFC3339_MAX])
{
	time_t local = (time_t)(t.s + BANGKOK_OFFSET_S);
	struct tm tm;

	if (!gmtime_r(&local, &tm) || tm.tm_year > 8099) {
		dst[0] = '\0';
		return dst;
	}
	strftime(dst, CLOCK_RFC3339_MAX, "%Y-%m-%dT%H:%M:%S+07:00", &tm);
	return dst;
}

int
clock_http_date(const char *s, struct wall *ret)
{
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	struct tm tm = { 0 };
	char mon[4] = "";
	const char *m;

	/* Not strptime: its month names follow the locale. */
	if (sscanf(s, "%*3s, %2d %3s %4d %2d:%2d:%2d GMT", &tm.tm_mday, mon, &tm.tm_year,
	           &tm.tm_hour, &tm.tm_min, &tm.tm_sec) != 6)
		return -1;
	m = strlen(mon) == 3 ? strstr(months, mon) : NULL;
	if (!m || (m - months) % 3 || tm.tm_year < 1970)
		return -1;
	tm.tm_mon = (int)((m - months) / 3);
	tm.tm_year -= 1900;
	ret->s = (int64_t)timegm(&tm);
	return 0;
}

int
clock_parse(const char *s, struct wall *ret)
{
	struct tm tm = { 0 };
	int used = 0, oh = 0, om = 0;
	char sign = '+';
	int64_t off = BANGKOK_OFFSET_S;

	if (sscanf(s, "%4d-%2d-%2d%n", &tm.tm_year, &tm.tm_mon, &tm.tm_mday, &used) != 3)
		return -1;
	s += used;
	if (*s == 'T' || *s == ' ') {
		if (sscanf(s + 1, "%2d:%2d:%2d%n", &tm.tm_hour, &tm.tm_min, &tm.tm_sec, &used) != 3)
			return -1;
		s += 1 + used;
		if (*s == 'Z') {
			off = 0;
			s++;
		} else if (*s) {
			if (sscanf(s, "%c%2d:%2d%n", &sign, &oh, &om, &used) != 3 ||
			    (sign != '+' && sign != '-') || oh > 23 || om > 59)
				return -1;
			off = (int64_t)(oh * 3600 + om * 60) * (sign == '-' ? -1 : 1);
			s += used;
		}
	}
	if (*s || tm.tm_year < 1970 || tm.tm_mon < 1 || tm.tm_mon > 12 || tm.tm_mday < 1 ||
	    tm.tm_mday > 31 || tm.tm_hour > 23 || tm.tm_min > 59 || tm.tm_sec > 60)
		return -1;
	tm.tm_year -= 1900;
	tm.tm_mon -= 1;
	ret->s = (int64_t)timegm(&tm) - off;
	return 0;
}
