#include "tests/chaos/canned.h"

#include "tests/harness/harness.h"

#include <arpa/inet.h>
#include <errno.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#define CONNS_MAX   2048
#define REQUEST_MAX 65536

struct visit {
	struct canned *canned;
	pthread_t thread;
	int fd;
};

struct canned {
	pthread_t thread;
	int listener;
	const char *port;
	const struct canned_answer *table;
	struct visit
	    visits[CONNS_MAX]; /* the accepting thread adds, canned_stop reads when it ended */

	pthread_mutex_t lock; /* guards what follows */
	int conns;
	int hits;
	char *last;
};

static bool
send_all(int fd, const char *p, size_t len)
{
	while (len) {
		ssize_t n = send(fd, p, len, MSG_NOSIGNAL);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		p += n;
		len -= (size_t)n;
	}
	return true;
}

/* false: the connection is to end. */
static bool
answer(struct canned *c, int fd, const char *request)
{
	static const char none[] = "HTTP/1.1 404 None\r\nContent-Length: 0\r\n\r\n";
	const char *path = strchr(request, ' ');
	const struct canned_answer *a = c->table;
	size_t path_len, len;

	path = path ? path + 1 : "";
	path_len = strcspn(path, " ?");
	while (a->path && (strlen(a->path) != path_len || strncmp(a->path, path, path_len) != 0))
		a++;
	if (!a->path)
		return send_all(fd, none, strlen(none));
	if (a->silent)
		return true;
	len = a->len ? a->len : strlen(a->bytes);
	if (!send_all(fd, a->bytes, len))
		return false;
	for (size_t i = 0; i < a->repeat; i++)
		if (!send_all(fd, a->bytes + len - a->tail, a->tail))
			return false;
	return !a->close;
}

static void
note(struct canned *c, const char *request)
{
	pthread_mutex_lock(&c->lock);
	c->hits++;
	free(c->last);
	c->last = strdup(request);
	pthread_mutex_unlock(&c->lock);
}

/* Bytes of a whole request at the start of s, 0 while something is missing. */
static size_t
request_len(const char *s, size_t len)
{
	const char *end = strstr(s, "\r\n\r\n");
	const char *length = strcasestr(s, "\r\nContent-Length:");
	size_t want;

	if (!end)
		return 0;
	want = (size_t)(end - s) + 4;
	if (length && length < end)
		want += strtoul(length + 17, NULL, 10);
	return want <= len ? want : 0;
}

static void *
serve(void *arg)
{
	struct visit *v = arg;
	char *s = harness_alloc(REQUEST_MAX + 1);
	size_t len = 0, whole;
	ssize_t n;

	while (len < REQUEST_MAX && (n = read(v->fd, s + len, REQUEST_MAX - len)) > 0) {
		bool go_on = true;

		len += (size_t)n;
		s[len] = '\0';
		while (go_on && (whole = request_len(s, len))) {
			char next = s[whole];

			s[whole] = '\0';
			note(v->canned, s);
			go_on = answer(v->canned, v->fd, s);
			s[whole] = next;
			memmove(s, s + whole, len - whole + 1);
			len -= whole;
		}
		if (!go_on)
			break;
	}
	shutdown(v->fd, SHUT_RDWR);
	free(s);
	return NULL;
}

static void *
accept_all(void *arg)
{
	struct canned *c = arg;

	for (int i = 0; i < CONNS_MAX; i++) {
		int fd = harness_fd(accept4(c->listener, NULL, NULL, SOCK_CLOEXEC));

		if (fd < 0)
			return NULL;
		c->visits[i] = (struct visit){ .canned = c, .fd = fd };
		if (pthread_create(&c->visits[i].thread, NULL, serve, &c->visits[i]))
			harness_die(NULL, "no thread for a connection");
		pthread_mutex_lock(&c->lock);
		c->conns++;
		pthread_mutex_unlock(&c->lock);
	}
	return NULL;
}

static void
canned_stop(void *arg)
{
	struct canned *c = arg;

	shutdown(c->listener, SHUT_RDWR);
	pthread_join(c->thread, NULL);
	for (int i = 0; i < c->conns; i++) {
		shutdown(c->visits[i].fd, SHUT_RDWR);
		pthread_join(c->visits[i].thread, NULL);
		close(c->visits[i].fd);
	}
	close(c->listener);
	free(c->last);
	free(c);
}

struct canned *
canned_start(struct harness *h, const struct canned_answer *table)
{
	struct canned *c = harness_alloc(sizeof(*c));
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(a);

	c->table = table;
	c->listener = harness_fd(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
	if (c->listener < 0 || bind(c->listener, (struct sockaddr *)&a, len) ||
	    getsockname(c->listener, (struct sockaddr *)&a, &len) || listen(c->listener, CONNS_MAX))
		harness_die(NULL, "cannot listen: %s", strerror(errno));
	c->port = harness_text(h, "%d", ntohs(a.sin_port));
	pthread_mutex_init(&c->lock, NULL);
	if (pthread_create(&c->thread, NULL, accept_all, c))
		harness_die(NULL, "no thread for a server");
	harness_at_end(h, canned_stop, c);
	return c;
}

const char *
canned_port(const struct canned *c)
{
	return c->port;
}

int
canned_hits(struct canned *c)
{
	int n;

	pthread_mutex_lock(&c->lock);
	n = c->hits;
	pthread_mutex_unlock(&c->lock);
	return n;
}

int
canned_conns(struct canned *c)
{
	int n;

	pthread_mutex_lock(&c->lock);
	n = c->conns;
	pthread_mutex_unlock(&c->lock);
	return n;
}

char *
canned_last(struct canned *c)
{
	char *s;

	pthread_mutex_lock(&c->lock);
	s = strdup(c->last ? c->last : "");
	pthread_mutex_unlock(&c->lock);
	return s;
}
