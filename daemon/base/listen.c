#include "daemon/base/listen.h"

#include "common/str.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

union addr {
	struct sockaddr sa;
	struct sockaddr_in in;
	struct sockaddr_in6 in6;
	struct sockaddr_un un;
};

/* "[::1]:80" or "127.0.0.1:80" into a; its length, or 0 where it is neither. */
static socklen_t
addr_parse(const char *where, union addr *a)
{
	const char *colon = strrchr(where, ':');
	char host[INET6_ADDRSTRLEN + 2];
	size_t len = colon ? (size_t)(colon - where) : 0;
	int64_t port;

	memset(a, 0, sizeof(*a));
	if (!len || len >= sizeof(host) || str_i64(colon + 1, &port) || port < 0 || port > 65535)
		return 0;
	memcpy(host, where, len);
	host[len] = '\0';
	if (host[0] == '[' && host[len - 1] == ']') {
		host[len - 1] = '\0';
		a->in6.sin6_family = AF_INET6;
		a->in6.sin6_port = htons((uint16_t)port);
		return inet_pton(AF_INET6, host + 1, &a->in6.sin6_addr) == 1 ? sizeof(a->in6) : 0;
	}
	a->in.sin_family = AF_INET;
	a->in.sin_port = htons((uint16_t)port);
	return inet_pton(AF_INET, host, &a->in.sin_addr) == 1 ? sizeof(a->in) : 0;
}

static int
stream_socket(int family)
{
	return socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
}

/* Remove a socket file that a dead process left; a live one or another kind of file stays. */
static int
clear_path(const struct sockaddr_un *un, struct err *e)
{
	struct stat st;
	int fd, why;

	if (lstat(un->sun_path, &st))
		return errno == ENOENT
		           ? 0
		           : err_set(e, ERR_IO, errno, "%s: %s", un->sun_path, strerror(errno));
	if (!S_ISSOCK(st.st_mode))
		return err_set(e, ERR_IO, EEXIST, "%s is there and is no socket", un->sun_path);
	fd = stream_socket(AF_UNIX);
	if (fd < 0)
		return err_set(e, ERR_IO, errno, "socket: %s", strerror(errno));
	why = connect(fd, (const struct sockaddr *)un, sizeof(*un)) ? errno : 0;
	close(fd);
	if (why != ECONNREFUSED)
		return err_set(e, ERR_IO, EADDRINUSE, "%s: another process listens there",
		               un->sun_path);
	if (unlink(un->sun_path) && errno != ENOENT)
		return err_set(e, ERR_IO, errno, "%s: %s", un->sun_path, strerror(errno));
	return 0;
}

static int
open_unix(struct listen *s, const char *path, mode_t mode, struct err *e)
{
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	struct stat st;

	if (!str_copy(un.sun_path, sizeof(un.sun_path), path))
		return err_set(e, ERR_INPUT, 0, "socket path longer than %zu bytes: %s",
		               sizeof(un.sun_path) - 1, path);
	if (clear_path(&un, e))
		return -1;
	s->fd = stream_socket(AF_UNIX);
	if (s->fd < 0 || bind(s->fd, (const struct sockaddr *)&un, sizeof(un)))
		return err_set(e, ERR_IO, errno, "%s: %s", path, strerror(errno));
	str_copy(s->path, sizeof(s->path), path);
	if (!lstat(path, &st)) {
		s->dev = st.st_dev;
		s->ino = st.st_ino;
	}
	/* nobody can connect before listen(2), so the mode is never too wide */
	if (chmod(path, mode) || listen(s->fd, LISTEN_BACKLOG))
		return err_set(e, ERR_IO, errno, "%s: %s", path, strerror(errno));
	return 0;
}

static int
open_tcp(struct listen *s, const char *where, struct err *e)
{
	static const int on = 1;
	union addr a;
	socklen_t len = addr_parse(where, &a);

	if (!len)
		return err_set(e, ERR_INPUT, 0, "neither a path nor address:port: %s", where);
	s->fd = stream_socket(a.sa.sa_family);
	if (s->fd < 0 || setsockopt(s->fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) ||
	    (a.sa.sa_family == AF_INET6 &&
	     setsockopt(s->fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on))) ||
	    bind(s->fd, &a.sa, len) || listen(s->fd, LISTEN_BACKLOG))
		return err_set(e, ERR_IO, errno, "%s: %s", where, strerror(errno));
	return 0;
}

int
listen_open(struct listen *s, const char *where, mode_t mode, struct err *e)
{
	*s = (struct listen){ .fd = -1 };
	if (where[0] == '/' ? open_unix(s, where, mode, e) : open_tcp(s, where, e)) {
		listen_close(s);
		return -1;
	}
	return 0;
}

void
listen_close(struct listen *s)
{
	struct stat st;

	if (s->path[0] && !lstat(s->path, &st) && st.st_dev == s->dev && st.st_ino == s->ino)
		unlink(s->path);
	if (s->fd >= 0)
		close(s->fd);
	s->fd = -1;
	s->path[0] = '\0';
}

int
listen_port(const struct listen *s)
{
	union addr a = { .sa.sa_family = AF_UNSPEC };
	socklen_t len = sizeof(a);

	if (getsockname(s->fd, &a.sa, &len))
		return 0;
	if (a.sa.sa_family == AF_INET)
		return ntohs(a.in.sin_port);
	return a.sa.sa_family == AF_INET6 ? ntohs(a.in6.sin6_port) : 0;
}
