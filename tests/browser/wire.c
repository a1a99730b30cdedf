#include "tests/browser/wire.h"

#include "common/buf.h"
#include "common/clock.h"
#include "tests/harness/wait.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#define HEAD_MAX 8192

static bool
send_all(int fd, const char *data, size_t len)
{
	while (len) {
		ssize_t n = send(fd, data, len, MSG_NOSIGNAL);

		if (n <= 0)
			return false;
		data += n;
		len -= (size_t)n;
	}
	return true;
}

static bool
send_request(int fd, const char *method, const char *path, const char *body)
{
	char head[HEAD_MAX];
	size_t len = body ? strlen(body) : 0;
	int n = snprintf(head, sizeof(head),
	                 "%s %s HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n"
	                 "Content-Type: application/json\r\nContent-Length: %zu\r\n\r\n",
	                 method, path, len);

	return n > 0 && (size_t)n < sizeof(head) && send_all(fd, head, (size_t)n) &&
	       send_all(fd, body ? body : "", len);
}

/* Bytes of the whole answer once its head is there, else 0. */
static size_t
whole(const struct buf *b)
{
	const char *end = strstr(buf_text(b), "\r\n\r\n");
	const char *line = strcasestr(buf_text(b), "\r\nContent-Length:");

	if (!end)
		return 0;
	if (!line || line > end)
		return SIZE_MAX; /* until the connection ends */
	return (size_t)(end + 4 - buf_text(b)) + strtoul(line + 17, NULL, 10);
}

/* All of the answer, or what came of it. */
static void
receive(int fd, int64_t end, struct buf *ret)
{
	char chunk[65536];

	for (;;) {
		size_t want = whole(ret);
		int64_t left = end - mono_now().ms;
		ssize_t n;

		if ((want && ret->len >= want) || left <= 0 || !wait_fd(fd, POLLIN, (int)left))
			return;
		n = read(fd, chunk, sizeof(chunk));
		if (n <= 0 || buf_add(ret, chunk, (size_t)n))
			return;
	}
}

int
wire_ask(int port, const char *method, const char *path, const char *body, int ms, struct buf *ret)
{
	int64_t end = mono_now().ms + ms;
	const char *rest;
	char where[16];
	int fd, status = 0;

	snprintf(where, sizeof(where), "%d", port);
	buf_reset(ret);
	fd = wait_connect(where);
	if (fd < 0)
		return 0;
	if (send_request(fd, method, path, body))
		receive(fd, end, ret);
	close(fd);
	rest = strstr(buf_text(ret), "\r\n\r\n");
	if (!rest || sscanf(buf_text(ret), "HTTP/%*s %d", &status) != 1)
		return 0;
	buf_drop(ret, (size_t)(rest + 4 - buf_text(ret)));
	return status;
}
