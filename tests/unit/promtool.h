/*
 * promtool: what Prometheus's own checker says of a page of samples.
 */
#ifndef TTSYNC_PROMTOOL_H
#define TTSYNC_PROMTOOL_H

#include "common/buf.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* Nothing; the test is skipped where there is no promtool. */
static void
promtool_check(const struct buf *page)
{
	char path[] = "/tmp/metricsXXXXXX", cmd[128];
	int fd;

	if (system("command -v promtool >/dev/null"))
		cr_skip_test("no promtool here");
	fd = mkstemp(path);
	cr_assert_eq(write(fd, page->data, page->len), (ssize_t)page->len);
	close(fd);
	snprintf(cmd, sizeof(cmd), "promtool check metrics <%s", path);
	cr_assert_eq(system(cmd), 0);
	unlink(path);
}

#endif
