#include "tests/bench/usage.h"

#include "tests/harness/harness.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CHILDREN_MAX 256

static char *
read_proc(pid_t pid, const char *file)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, file);
	return harness_read(path);
}

/* with_waited: also what children used that are gone. */
static double
own_cpu_s(pid_t pid, bool with_waited)
{
	CLEANUP(own_free) char *text = read_proc(pid, "stat");
	unsigned long user = 0, sys = 0;
	long wuser = 0, wsys = 0;
	const char *p = strrchr(text, ')'); /* the name may hold anything */

	if (!p || sscanf(p, ") %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu %ld %ld", &user,
	                 &sys, &wuser, &wsys) != 4)
		return 0;
	if (!with_waited)
		wuser = wsys = 0;
	return (double)(user + sys + (unsigned long)(wuser + wsys)) / (double)sysconf(_SC_CLK_TCK);
}

double
usage_cpu_s(pid_t pid)
{
	pid_t kids[CHILDREN_MAX];
	int n = harness_children(pid, kids, CHILDREN_MAX);
	double sum = own_cpu_s(pid, true);

	for (int i = 0; i < n; i++)
		sum += own_cpu_s(kids[i], false);
	return sum;
}

int64_t
usage_rss(pid_t pid)
{
	CLEANUP(own_free) char *text = read_proc(pid, "status");
	const char *p = strstr(text, "VmRSS:");

	return p ? strtoll(p + strlen("VmRSS:"), NULL, 10) * 1024 : 0;
}
