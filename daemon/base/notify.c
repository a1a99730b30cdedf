#include "daemon/base/notify.h"

#include "common/clock.h"
#include "common/str.h"

#include <errno.h>
#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int
notify_init(struct notify *n, struct err *e)
{
	const char *path = getenv("NOTIFY_SOCKET");
	size_t len = path ? strlen(path) : 0;

	*n = (struct notify){ .fd = -1, .to = { .sun_family = AF_UNIX } };
	if (!len)
		return 0;
	if ((path[0] != '/' && path[0] != '@') || len >= sizeof(n->to.sun_path))
		return err_set(e, ERR_INPUT, 0, "NOTIFY_SOCKET is no unix socket: %s", path);
	memcpy(n->to.sun_path, path, len);
	if (path[0] == '@') /* the abstract namespace */
		n->to.sun_path[0] = '\0';
	n->to_len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len);
	n->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (n->fd < 0)
		return err_set(e, ERR_IO, errno, "socket for NOTIFY_SOCKET: %s", strerror(errno));
	return 0;
}

void
notify_done(struct notify *n)
{
	if (n->fd >= 0)
		close(n->fd);
	n->fd = -1;
}

/* head, then STATUS= and status without its line breaks: a status cannot add an assignment. */
static void
tell(const struct notify *n, const char *head, const char *status)
{
	char text[512];
	int len;

	if (n->fd < 0)
		return;
	len = snprintf(text, sizeof(text), "%s%s%s", head, status ? "STATUS=" : "",
	               status ? status : "");
	if (len >= (int)sizeof(text))
		len = (int)sizeof(text) - 1;
	for (size_t i = strlen(head); i < (size_t)len; i++)
		if (text[i] == '\n')
			text[i] = ' ';
	sendto(n->fd, text, (size_t)len, MSG_NOSIGNAL, (const struct sockaddr *)&n->to, n->to_len);
}

void
notify_ready(const struct notify *n, const char *status)
{
	tell(n, "READY=1\n", status);
}

void
notify_status(const struct notify *n, const char *status)
{
	tell(n, "", status);
}

void
notify_reloading(const struct notify *n)
{
	char head[64];

	snprintf(head, sizeof(head), "RELOADING=1\nMONOTONIC_USEC=%" PRId64 "\n", mono_us());
	tell(n, head, NULL);
}

void
notify_stopping(const struct notify *n, const char *status)
{
	tell(n, "STOPPING=1\n", status);
}

void
notify_watchdog(const struct notify *n)
{
	tell(n, "WATCHDOG=1\n", NULL);
}

int64_t
notify_watchdog_ms(void)
{
	const char *pid = getenv("WATCHDOG_PID");
	int64_t usec, for_pid;

	if (str_i64(getenv("WATCHDOG_USEC"), &usec) || usec <= 0)
		return 0;
	if (pid && (str_i64(pid, &for_pid) || for_pid != (int64_t)getpid()))
		return 0;
	return usec / 1000 ? usec / 1000 : 1;
}
