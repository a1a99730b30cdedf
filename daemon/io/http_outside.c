#include "daemon/io/http_request.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <netinet/in.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

/* RFC 6890: what is of this host, this link or a private network. */
static bool
is_inside(const struct sockaddr *a)
{
	const struct sockaddr_in6 *in6 = (const void *)a;
	uint32_t ip;

	if (a->sa_family == AF_INET6) {
		const struct in6_addr *x = &in6->sin6_addr;

		if (!IN6_IS_ADDR_V4MAPPED(x))
			return IN6_IS_ADDR_UNSPECIFIED(x) || IN6_IS_ADDR_LOOPBACK(x) ||
			       IN6_IS_ADDR_LINKLOCAL(x) || (x->s6_addr[0] & 0xfe) == 0xfc;
		memcpy(&ip, x->s6_addr + 12, sizeof(ip));
	} else if (a->sa_family == AF_INET) {
		ip = ((const struct sockaddr_in *)(const void *)a)->sin_addr.s_addr;
	} else {
		return true;
	}
	ip = ntohl(ip);
	return ip >> 24 == 0 || ip >> 24 == 10 || ip >> 24 == 127 || ip >> 20 == 0xac1 ||
	       ip >> 16 == 0xc0a8 || ip >> 16 == 0xa9fe || ip >> 22 == 0x64400000 >> 22;
}

/* The socket of a connection to a name: not to an address inside, whatever a name server says. */
static curl_socket_t
open_outside(void *arg, curlsocktype purpose, struct curl_sockaddr *a)
{
	bool *inside = arg;

	(void)purpose;
	if (is_inside(&a->addr)) {
		*inside = true;
		return CURL_SOCKET_BAD;
	}
	return socket(a->family, a->socktype | SOCK_CLOEXEC, a->protocol);
}

/* Does the URL name its host, so that a name server says where it is? */
static bool
host_is_name(const char *url)
{
	unsigned char addr[sizeof(struct in6_addr)];
	CURLU *u = curl_url();
	char *host = NULL;
	bool name = true;

	if (u && !curl_url_set(u, CURLUPART_URL, url, 0) &&
	    !curl_url_get(u, CURLUPART_HOST, &host, 0))
		name = *host != '[' && strcasecmp(host, "localhost") != 0 &&
		       inet_pton(AF_INET, host, addr) != 1;
	curl_free(host);
	curl_url_cleanup(u);
	return name;
}

void
http_outside_only(void *easy, const char *url, bool *inside)
{
	if (!host_is_name(url))
		return;
	curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, open_outside);
	curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, inside);
}
