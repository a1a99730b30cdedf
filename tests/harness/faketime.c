#include "tests/harness/faketime.h"

#include "tests/harness/harness.h"

#include <errno.h>
#include <glob.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LIBRARY "/usr/lib/*/faketime/libfaketimeMT.so.1"
#define FILE_OF "clock"

static const char *
library(struct harness *h)
{
	glob_t found;
	const char *path;

	if (glob(LIBRARY, 0, NULL, &found))
		harness_die(NULL, "no %s: install the Debian package faketime", LIBRARY);
	path = harness_text(h, "%s", found.gl_pathv[0]);
	globfree(&found);
	return path;
}

void
faketime_begin(struct harness *h)
{
	const char *asan = getenv("ASAN_OPTIONS");

	faketime_set(h, 0);
	harness_env(h, harness_text(h, "LD_PRELOAD=%s", library(h)));
	harness_env(h, harness_text(h, "FAKETIME_TIMESTAMP_FILE=%s", harness_path(h, FILE_OF)));
	harness_env(h, "FAKETIME_NO_CACHE=1");
	harness_env(h, "FAKETIME_DONT_FAKE_MONOTONIC=1");
	harness_env(h, "DONT_FAKE_MONOTONIC=1"); /* what older versions call it */
	harness_env(h, "NO_FAKE_STAT=1");
	/* AddressSanitizer wants to be the first library, but is no worse as the second */
	harness_env(h, harness_text(h, "ASAN_OPTIONS=%s%sverify_asan_link_order=0",
	                            asan ? asan : "", asan ? ":" : ""));
}

void
faketime_set(struct harness *h, int64_t ahead_s)
{
	char text[32];
	const char *fresh;

	snprintf(text, sizeof(text), "+%" PRId64 "\n", ahead_s);
	/* renamed, so that no program reads half a number */
	fresh = harness_write(h, FILE_OF ".new", text);
	if (rename(fresh, harness_path(h, FILE_OF)))
		harness_die(NULL, "cannot move the clock: %s", strerror(errno));
}
