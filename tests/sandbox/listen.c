#include "tests/sandbox/listen.h"

#include "common/str.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define BACKLOG 1024

/* "127.0.0.1:8480" or "[::1]:8480"; 0 is a port. */
static int
parse_address(const char *text, struct sockaddr_storage *ret, socklen_t *ret_len)
{
	struct sockaddr_in *in = (struct sockaddr_in *)ret;
	struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)ret;
	const char *colon = strrchr(text, ':');
	char host[INET6_ADDRSTRLEN + 2];
	int64_t port;

	if (!colon || (size_t)(colon - text) >= sizeof(host) || str_i64(colon + 1, &port) ||
	    port < 0 || port > 65535)
		return -1;
	snprintf(host, sizeof(host), "%.*s", (int)(colon - text), text);
	memset(ret, 0, sizeof(*ret));
	if (host[0] == '[' && host[strlen(host) - 1] == ']') {
		host[strlen(host) - 1] = '\0';
		in6->sin6_family = AF_INET6;
		in6->sin6_port = htons((uint16_t)port);
		*ret_len = sizeof(*in6);
		return inet_pton(AF_INET6, host + 1, &in6->sin6_addr) == 1 ? 0 : -1;
	}
	in->sin_family = AF_INET;
	in->sin_port = htons((uint16_t)port);
	*ret_len = sizeof(*in);
	return inet_pton(AF_INET, host, &in->sin_addr) == 1 ? 0 : -1;
}

int
listen_open(const char *address, struct err *e)
{
	struct sockaddr_storage at;
	socklen_t len;
	int on = 1, fd;

	if (parse_address(address, &at, &len))
		return err_set(e, ERR_INPUT, 0, "--listen %s is no address with a port", address);
	fd = socket(at.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return err_set(e, ERR_IO, errno, "socket: %s", strerror(errno));
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	/* inherited by what is accepted; without it a page's last piece waits for an ACK */
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	if (bind(fd, (struct sockaddr *)&at, len) || listen(fd, BACKLOG)) {
		err_set(e, ERR_IO, errno, "cannot listen on %s: %s", address, strerror(errno));
		close(fd);
		return -1;
	}
	return fd;
}

void
listen_name(int fd, char dst[LISTEN_NAME_MAX])
{
	struct sockaddr_storage at;
	socklen_t len = sizeof(at);
	char host[INET6_ADDRSTRLEN] = "";

	memset(&at, 0, sizeof(at));
	getsockname(fd, (struct sockaddr *)&at, &len);
	if (at.ss_family == AF_INET6) {
		const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)&at;

		inet_ntop(AF_INET6, &in6->sin6_addr, host, sizeof(host));
		snprintf(dst, LISTEN_NAME_MAX, "[%s]:%u", host, ntohs(in6->sin6_port));
	} else {
		const struct sockaddr_in *in = (const struct sockaddr_in *)&at;

		inet_ntop(AF_INET, &in->sin_addr, host, sizeof(host));
		snprintf(dst, LISTEN_NAME_MAX, "%s:%u", host, ntohs(in->sin_port));
	}
}
