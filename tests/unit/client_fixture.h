/*
 * client_fixture: clients of a unix socket on the loop of what listens on it.
 */
#ifndef TTSYNC_CLIENT_FIXTURE_H
#define TTSYNC_CLIENT_FIXTURE_H

#include "common/buf.h"
#include "common/str.h"
#include "tests/unit/loop_fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static char dir[] = "/tmp/unitXXXXXX";
static char path[64]; /* of the socket, in dir */

struct client {
	int fd;
	struct watch w;
	struct buf in;
	bool over;
};

/* Turn until cond holds, which is looked at whenever something happened. */
#define UNTIL(cond)                                                                                \
	do {                                                                                       \
		timer_arm(&guard, GUARD_MS);                                                       \
		while (!(cond))                                                                    \
			loop_run(l);                                                               \
		timer_disarm(&guard);                                                              \
	} while (0)

static void
socket_begin(void)
{
	cr_assert(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/s", dir);
	loop_begin();
}

static void
socket_end(void)
{
	loop_end();
	rmdir(dir);
}

static void
on_client(int fd, int what, void *p)
{
	struct client *cl = p;
	char tmp[4096];
	ssize_t n = read(fd, tmp, sizeof(tmp));

	(void)what;
	if (n > 0) {
		buf_add(&cl->in, tmp, (size_t)n);
	} else {
		cl->over = true;
		watch_set(&cl->w, fd, 0);
	}
	loop_stop(l);
}

static struct client *
client(void)
{
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	struct client *cl = calloc(1, sizeof(*cl));

	cr_assert(str_copy(un.sun_path, sizeof(un.sun_path), path));
	cl->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
	cr_assert_eq(connect(cl->fd, (struct sockaddr *)&un, sizeof(un)), 0);
	buf_init(&cl->in, 1 << 22);
	watch_init(&cl->w, l, on_client, cl);
	watch_set(&cl->w, cl->fd, WATCH_READ);
	return cl;
}

static void
leave(struct client *cl)
{
	watch_set(&cl->w, cl->fd, 0);
	watch_done(&cl->w);
	close(cl->fd);
	buf_done(&cl->in);
	free(cl);
}

static void
say(struct client *cl, const char *text)
{
	cr_assert_eq(send(cl->fd, text, strlen(text), MSG_NOSIGNAL), (ssize_t)strlen(text));
}

#endif
