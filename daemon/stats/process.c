#include "daemon/stats/process.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

/* A small file of /proc, with a NUL. 0 or -1. */
static int
slurp(const char *path, char *dst, size_t room)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, dst, room - 1);

	if (fd >= 0)
		close(fd);
	dst[n > 0 ? n : 0] = '\0';
	return n > 0 ? 0 : -1;
}

static double
clock_s(clockid_t id)
{
	struct timespec ts;

	clock_gettime(id, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

double
process_start_s(void)
{
	unsigned long long ticks;
	char stat[1024];
	const char *s;

	/* field 22; the name in field 2 may hold anything, so count from its closing bracket */
	if (slurp("/proc/self/stat", stat, sizeof(stat)) || !(s = strrchr(stat, ')')) ||
	    sscanf(s + 1,
	           " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d %*d "
	           "%*d %llu",
	           &ticks) != 1)
		return clock_s(CLOCK_REALTIME);
	return clock_s(CLOCK_REALTIME) - clock_s(CLOCK_BOOTTIME) +
	       (double)ticks / (double)sysconf(_SC_CLK_TCK);
}

static double
seconds_of(struct timeval tv)
{
	return (double)tv.tv_sec + (double)tv.tv_usec / 1e6;
}

/* Descriptors open, without the one that counts them; -1: unknown. */
static int
open_fds(void)
{
	DIR *d = opendir("/proc/self/fd");
	struct dirent *ent;
	int n = -1;

	if (!d)
		return -1;
	while ((ent = readdir(d)))
		n += ent->d_name[0] != '.';
	closedir(d);
	return n;
}

void
process_measure(struct gauges *g, double started_s)
{
	unsigned long long pages;
	struct rusage ru;
	struct rlimit lim;
	char statm[128];
	int fds = open_fds();

	if (!getrusage(RUSAGE_SELF, &ru))
		gauge_add(g, GAUGE_PROCESS_CPU, seconds_of(ru.ru_utime) + seconds_of(ru.ru_stime));
	gauge_add(g, GAUGE_PROCESS_START, started_s);
	if (!slurp("/proc/self/statm", statm, sizeof(statm)) &&
	    sscanf(statm, "%*u %llu", &pages) == 1)
		gauge_add(g, GAUGE_PROCESS_RSS, (double)pages * (double)sysconf(_SC_PAGESIZE));
	if (fds >= 0)
		gauge_add(g, GAUGE_PROCESS_FDS, fds);
	if (!getrlimit(RLIMIT_NOFILE, &lim))
		gauge_add(g, GAUGE_PROCESS_MAX_FDS, (double)lim.rlim_cur);
}
