/*
 * usage: what a process has used, from /proc.
 *
 * Units:  seconds of CPU (user and system), bytes.
 * Errors: a process that is not there has used nothing.
 * Source: man 5 proc: stat fields 14 to 17, status VmRSS.
 */
#ifndef TTSYNC_BENCH_USAGE_H
#define TTSYNC_BENCH_USAGE_H

#include <stdint.h>
#include <sys/types.h>

/* Of the process, of its children that run, and of those it has waited for. */
double usage_cpu_s(pid_t pid);
/* Resident now. */
int64_t usage_rss(pid_t pid);

#endif
