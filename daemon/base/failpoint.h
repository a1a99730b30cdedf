/*
 * failpoint: a named place where a test may end the process, as kill -9 would.
 *
 * Only debug builds know them: the place named by TTSYNCD_FAILPOINT in the environment is deadly.
 * In a release build nothing is left of them, which tests/lint/binary.sh proves.
 *
 * Source: reliability.md 9 (F2, F33).
 */
#ifndef TTSYNC_FAILPOINT_H
#define TTSYNC_FAILPOINT_H

#ifdef FAILPOINTS
#include <signal.h>
#include <stdlib.h>
#include <string.h>

static inline void
failpoint(const char *name)
{
	const char *deadly = getenv("TTSYNCD_FAILPOINT");

	if (deadly && !strcmp(deadly, name))
		raise(SIGKILL);
}
#else
#define failpoint(name) ((void)0)
#endif

#endif
