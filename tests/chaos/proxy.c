#include "tests/chaos/proxy.h"

#include "common/clock.h"
#include "tests/harness/harness.h"
#include "tests/harness/wait.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define CONNS_MAX   64
#define CHUNK       65536
#define THROTTLE_MS 20 /* a throttled byte or portion leaves every so often at most */

/* One way of a connection: what was read and not yet written. */
struct way {
	char data[CHUNK];
	size_t at, len;
	int64_t not_before_ms;
	int64_t passed; /* bytes since the plan was set */
	bool ended;     /* the reader's side is closed */
};

struct link {
	int client, server; /* -1, -1: free */
	struct way to_server, to_client;
};

struct proxy {
	pthread_t thread;
	int listener;
	const char *to;
	const char *where;
	int wake; /* eventfd: the plan was set, or the end */
	struct link links[CONNS_MAX];

	pthread_mutex_t lock; /* guards what follows */
	pthread_cond_t taken;
	struct proxy_plan next;
	bool has_next;
	bool stopping;
	int accepted;
};

static void
link_close(struct link *l, bool reset)
{
	struct linger now = { 1, 0 };

	if (l->client < 0)
		return;
	if (reset)
		setsockopt(l->client, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
	close(l->client);
	close(l->server);
	l->client = l->server = -1;
}

static void
on_accept(struct proxy *p, const struct proxy_plan *plan)
{
	int client = harness_fd(accept4(p->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC));
	struct link *l = p->links;
	int server;

	if (client < 0)
		return;
	pthread_mutex_lock(&p->lock);
	p->accepted++;
	pthread_mutex_unlock(&p->lock);
	while (l < p->links + CONNS_MAX && l->client >= 0)
		l++;
	server = plan->mode == PROXY_REFUSE || l == p->links + CONNS_MAX
	             ? -1
	             : harness_fd(wait_connect(p->to));
	if (server < 0) {
		close(client);
		return;
	}
	fcntl(server, F_SETFL, O_NONBLOCK);
	*l = (struct link){ .client = client, .server = server };
}

static bool
way_wants_read(const struct way *w, const struct proxy_plan *plan)
{
	return plan->mode == PROXY_BLACKHOLE || (plan->mode == PROXY_PASS && !w->len && !w->ended);
}

/* 0: may write now; else the ms to wait; -1 nothing to write. */
static int64_t
way_write_in(const struct way *w, const struct proxy_plan *plan, int64_t now)
{
	if (plan->mode != PROXY_PASS || !w->len)
		return -1;
	return w->not_before_ms > now ? w->not_before_ms - now : 0;
}

/* false: the line is to be closed. */
static bool
way_read(struct way *w, int from, const struct proxy_plan *plan, int64_t now)
{
	ssize_t n = read(from, w->data, sizeof(w->data));

	if (n < 0)
		return errno == EAGAIN || errno == EINTR;
	if (plan->mode == PROXY_BLACKHOLE)
		return n > 0;
	w->at = 0;
	w->len = (size_t)n;
	w->not_before_ms = now + plan->delay_ms;
	w->ended = n == 0;
	return n > 0;
}

static bool
way_write(struct way *w, int to, bool answer, const struct proxy_plan *plan, int64_t now)
{
	size_t most = w->len;
	ssize_t n;

	if (answer && plan->bytes_per_s) {
		size_t portion = (size_t)plan->bytes_per_s * THROTTLE_MS / 1000;

		most = portion < 1 ? 1 : portion < most ? portion : most;
		w->not_before_ms = now + (portion ? THROTTLE_MS : 1000 / plan->bytes_per_s);
	}
	if (answer && plan->cut_after && (int64_t)most > plan->cut_after - w->passed)
		most = (size_t)(plan->cut_after - w->passed);
	n = send(to, w->data + w->at, most, MSG_NOSIGNAL);
	if (n < 0)
		return errno == EAGAIN || errno == EINTR;
	w->at += (size_t)n;
	w->len -= (size_t)n;
	w->passed += n;
	return !answer || !plan->cut_after || w->passed < plan->cut_after;
}

/* Move what can be moved on one connection. */
static void
link_step(struct link *l, struct pollfd *client, struct pollfd *server,
          const struct proxy_plan *plan, int64_t now)
{
	bool ok = true;

	if (client->revents & (POLLIN | POLLHUP | POLLERR) && client->events & POLLIN)
		ok = way_read(&l->to_server, l->client, plan, now);
	if (ok && server->revents & (POLLIN | POLLHUP | POLLERR) && server->events & POLLIN)
		ok = way_read(&l->to_client, l->server, plan, now);
	if (ok && way_write_in(&l->to_server, plan, now) == 0)
		ok = way_write(&l->to_server, l->server, false, plan, now);
	if (ok && way_write_in(&l->to_client, plan, now) == 0)
		ok = way_write(&l->to_client, l->client, true, plan, now);
	if (!ok)
		link_close(l, plan->reset);
}

static void
watch_link(const struct link *l, struct pollfd *client, struct pollfd *server,
           const struct proxy_plan *plan, int64_t now, int *wait_ms)
{
	int64_t in[2] = { way_write_in(&l->to_server, plan, now),
		          way_write_in(&l->to_client, plan, now) };

	*client = (struct pollfd){ .fd = plan->mode == PROXY_FREEZE ? -1 : l->client };
	*server = (struct pollfd){ .fd = plan->mode == PROXY_FREEZE ? -1 : l->server };
	if (way_wants_read(&l->to_server, plan))
		client->events |= POLLIN;
	if (way_wants_read(&l->to_client, plan))
		server->events |= POLLIN;
	if (in[0] == 0)
		server->events |= POLLOUT;
	if (in[1] == 0)
		client->events |= POLLOUT;
	for (int i = 0; i < 2; i++)
		if (in[i] > 0 && (*wait_ms < 0 || in[i] < *wait_ms))
			*wait_ms = (int)in[i];
}

/* Take over a new plan, if there is one. False: the end. */
static bool
take_plan(struct proxy *p, struct proxy_plan *plan)
{
	bool go_on;

	pthread_mutex_lock(&p->lock);
	go_on = !p->stopping;
	if (p->has_next) {
		*plan = p->next;
		p->has_next = false;
		for (int i = 0; i < CONNS_MAX; i++) {
			if (plan->cut_at_once)
				link_close(&p->links[i], plan->reset);
			p->links[i].to_client.passed = 0;
		}
		pthread_cond_broadcast(&p->taken);
	}
	pthread_mutex_unlock(&p->lock);
	return go_on;
}

static void *
run(void *arg)
{
	struct proxy *p = arg;
	struct proxy_plan plan = { 0 };
	struct pollfd fds[2 + 2 * CONNS_MAX];
	uint64_t n;

	while (take_plan(p, &plan)) {
		int64_t now = mono_now().ms;
		int wait_ms = -1;

		fds[0] = (struct pollfd){ .fd = p->wake, .events = POLLIN };
		fds[1] = (struct pollfd){ .fd = p->listener, .events = POLLIN };
		for (int i = 0; i < CONNS_MAX; i++)
			watch_link(&p->links[i], &fds[2 + 2 * i], &fds[3 + 2 * i], &plan, now,
			           &wait_ms);
		if (poll(fds, ARRAY_LEN(fds), wait_ms) < 0)
			continue;
		now = mono_now().ms;
		if (fds[0].revents && read(p->wake, &n, sizeof(n)) > 0)
			continue; /* a new plan comes before more bytes */
		for (int i = 0; i < CONNS_MAX; i++)
			if (p->links[i].client >= 0)
				link_step(&p->links[i], &fds[2 + 2 * i], &fds[3 + 2 * i], &plan,
				          now);
		if (fds[1].revents)
			on_accept(p, &plan);
	}
	for (int i = 0; i < CONNS_MAX; i++)
		link_close(&p->links[i], false);
	return NULL;
}

static void
wake(struct proxy *p)
{
	uint64_t one = 1;

	if (write(p->wake, &one, sizeof(one)) < 0)
		harness_die(NULL, "proxy: %s", strerror(errno));
}

static void
proxy_stop(void *arg)
{
	struct proxy *p = arg;

	pthread_mutex_lock(&p->lock);
	p->stopping = true;
	pthread_mutex_unlock(&p->lock);
	wake(p);
	pthread_join(p->thread, NULL);
	close(p->listener);
	close(p->wake);
	free(p);
}

static int
listen_on(struct harness *h, const char *path, const char **ret_where)
{
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	struct sockaddr_in in = { .sin_family = AF_INET,
		                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(in);
	int fd = socket(path ? AF_UNIX : AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int rc;

	if (path) {
		snprintf(un.sun_path, sizeof(un.sun_path), "%s", path);
		rc = bind(fd, (struct sockaddr *)&un, sizeof(un));
		*ret_where = path;
	} else {
		rc = bind(fd, (struct sockaddr *)&in, sizeof(in));
		getsockname(fd, (struct sockaddr *)&in, &len);
		*ret_where = harness_text(h, "%d", ntohs(in.sin_port));
	}
	if (fd < 0 || rc || listen(fd, CONNS_MAX))
		harness_die(NULL, "proxy cannot listen on %s: %s", *ret_where, strerror(errno));
	return harness_fd(fd);
}

struct proxy *
proxy_start(struct harness *h, const char *path, const char *to)
{
	struct proxy *p = harness_alloc(sizeof(*p));

	p->to = to;
	p->listener = listen_on(h, path, &p->where);
	p->wake = harness_fd(eventfd(0, EFD_CLOEXEC));
	pthread_mutex_init(&p->lock, NULL);
	pthread_cond_init(&p->taken, NULL);
	for (int i = 0; i < CONNS_MAX; i++)
		p->links[i].client = p->links[i].server = -1;
	if (pthread_create(&p->thread, NULL, run, p))
		harness_die(NULL, "no thread for the proxy");
	harness_at_end(h, proxy_stop, p);
	return p;
}

const char *
proxy_where(const struct proxy *p)
{
	return p->where;
}

void
proxy_set(struct proxy *p, const struct proxy_plan *plan)
{
	pthread_mutex_lock(&p->lock);
	p->next = *plan;
	p->has_next = true;
	wake(p);
	while (p->has_next)
		pthread_cond_wait(&p->taken, &p->lock);
	pthread_mutex_unlock(&p->lock);
}

int
proxy_accepted(struct proxy *p)
{
	int n;

	pthread_mutex_lock(&p->lock);
	n = p->accepted;
	pthread_mutex_unlock(&p->lock);
	return n;
}
