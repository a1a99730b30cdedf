#include "daemon/io/redis_url.h"

#include "common/str.h"

#include <arpa/inet.h>
#include <string.h>

#define DB_MAX 65535

static int
bad_url(struct err *e)
{
	return err_set(e, ERR_INPUT, 0,
	               "Redis' URL is unix:///path[?db=N] or redis://ADDRESS[:PORT][/N]");
}

static int
read_number(const char *text, int64_t from, int64_t to, int *ret, struct err *e)
{
	int64_t n;

	if (str_i64(text, &n) || n < from || n > to)
		return bad_url(e);
	*ret = (int)n;
	return 0;
}

/* Cut s at the first of what; what stands behind it, or NULL. */
static char *
cut(char *s, const char *what)
{
	char *at = strstr(s, what);

	if (!at)
		return NULL;
	*at = '\0';
	return at + strlen(what);
}

/* "1.2.3.4", "1.2.3.4:6379", "[::1]", "[::1]:6379". */
static int
read_host(struct redis_url *u, char *s, struct err *e)
{
	unsigned char addr[sizeof(struct in6_addr)];
	char *port;
	int family = *s == '[' ? AF_INET6 : AF_INET;

	if (family == AF_INET6) {
		port = cut(++s, "]");
		if (!port || (*port && *port != ':'))
			return bad_url(e);
		port = *port ? port + 1 : NULL;
	} else {
		port = cut(s, ":");
	}
	u->port = REDIS_PORT;
	if (port && read_number(port, 1, 65535, &u->port, e))
		return -1;
	if (inet_pton(family, s, addr) != 1 || !str_copy(u->host, sizeof(u->host), s)) {
		bad_url(e);
		return err_hint(e, "a name would have to be looked up; give the address itself");
	}
	return 0;
}

int
redis_url_read(const char *text, struct redis_url *ret, struct err *e)
{
	struct redis_url u = { 0 };
	char s[256];
	char *rest, *db;

	if (!str_copy(s, sizeof(s), text))
		return bad_url(e);
	if (!strncmp(s, "unix://", 7)) {
		rest = s + 7;
		db = cut(rest, "?db=");
		if (*rest != '/' || !str_copy(u.path, sizeof(u.path), rest))
			return bad_url(e);
	} else if (!strncmp(s, "redis://", 8)) {
		rest = s + 8;
		db = cut(rest, "/");
		if (db && !*db)
			db = NULL; /* a slash alone names the first one too */
		if (read_host(&u, rest, e))
			return -1;
	} else {
		return bad_url(e);
	}
	if (db && read_number(db, 0, DB_MAX, &u.db, e))
		return -1;
	*ret = u;
	return 0;
}
