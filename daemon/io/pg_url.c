#include "daemon/io/pg_session.h"

#include "common/exits.h"

#include <arpa/inet.h>
#include <libpq-fe.h>
#include <string.h>

/* Is each of a list "a,b" a socket's directory or an address? libpq would wait for a name server.
 */
static bool
hosts_need_no_lookup(const char *list)
{
	unsigned char addr[sizeof(struct in6_addr)];
	char host[64];

	for (const char *s = list;; s++) {
		size_t len = strcspn(s, ",");

		if (len >= sizeof(host) && *s != '/')
			return false;
		if (*s != '/' && *s != '@' && len) {
			memcpy(host, s, len);
			host[len] = '\0';
			if (inet_pton(AF_INET, host, addr) != 1 &&
			    inet_pton(AF_INET6, host, addr) != 1)
				return false;
		}
		s += len;
		if (!*s)
			return true;
	}
}

int
pg_url_check(const char *url, struct err *e)
{
	PQconninfoOption *all = PQconninfoParse(url, NULL);
	const char *host = NULL, *hostaddr = NULL;
	bool ok;

	if (!all)
		return err_set(e, ERR_INPUT, EXITS_CONFIG, "the PostgreSQL URL cannot be read");
	for (PQconninfoOption *o = all; o->keyword; o++) {
		if (!strcmp(o->keyword, "host"))
			host = o->val;
		if (!strcmp(o->keyword, "hostaddr"))
			hostaddr = o->val;
	}
	ok = hostaddr || !host || hosts_need_no_lookup(host);
	PQconninfoFree(all);
	if (ok)
		return 0;
	err_set(e, ERR_INPUT, EXITS_CONFIG, "the PostgreSQL URL names its host");
	return err_hint(e, "give a socket's directory or an address, or hostaddr beside host");
}
