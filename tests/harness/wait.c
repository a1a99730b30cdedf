#include "tests/harness/wait.h"

#include "common/clock.h"
#include "common/own.h"
#include "tests/harness/harness.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define ASK_MIN_MS 1
#define ASK_MAX_MS 20

static void
pause_ms(int ms)
{
	poll(NULL, 0, ms);
}

bool
wait_for(bool (*fn)(void *arg), void *arg, int ms)
{
	int64_t end = mono_now().ms + ms;
	int step = ASK_MIN_MS;

	while (!fn(arg)) {
		if (mono_now().ms >= end)
			return false;
		pause_ms(step);
		step = step * 2 > ASK_MAX_MS ? ASK_MAX_MS : step * 2;
	}
	return true;
}

bool
wait_fd(int fd, short events, int ms)
{
	struct pollfd p = { .fd = fd, .events = events };
	int64_t end = mono_now().ms + ms;
	int n;

	do {
		int64_t left = end - mono_now().ms;

		n = poll(&p, 1, left > 0 ? (int)left : 0);
	} while (n < 0 && errno == EINTR);
	return n > 0;
}

int
wait_connect(const char *where)
{
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	struct sockaddr_in in = { .sin_family = AF_INET,
		                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	bool path = *where == '/';
	int fd = socket(path ? AF_UNIX : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int rc;

	if (fd < 0)
		harness_die(NULL, "no socket: %s", strerror(errno));
	if (path) {
		if (strlen(where) >= sizeof(un.sun_path))
			harness_die(NULL, "%s is too long for a socket", where);
		memcpy(un.sun_path, where, strlen(where) + 1);
		rc = connect(fd, (struct sockaddr *)&un, sizeof(un));
	} else {
		in.sin_port = htons((uint16_t)strtoul(where, NULL, 10));
		rc = connect(fd, (struct sockaddr *)&in, sizeof(in));
	}
	if (rc) {
		close(fd);
		return -1;
	}
	return fd;
}

static bool
listens(void *arg)
{
	int fd = wait_connect(arg);

	if (fd < 0)
		return false;
	close(fd);
	return true;
}

bool
wait_listen(const char *where, int ms)
{
	return wait_for(listens, (void *)(uintptr_t)where, ms);
}

struct text_in {
	const char *path;
	const char *text;
};

static bool
has_text(void *arg)
{
	const struct text_in *t = arg;
	CLEANUP(own_free) char *all = harness_read(t->path);

	return strstr(all, t->text) != NULL;
}

bool
wait_text(const char *path, const char *text, int ms)
{
	struct text_in t = { path, text };

	return wait_for(has_text, &t, ms);
}
