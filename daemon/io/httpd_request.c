#include "daemon/io/httpd_request.h"

#include "common/own.h"
#include "common/str.h"

#include <arpa/inet.h>
#include <event2/bufferevent.h>
#include <event2/http.h>
#include <event2/keyvalq_struct.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

char *
httpd_request_path(const struct evhttp_request *req)
{
	const struct evhttp_uri *uri = evhttp_request_get_evhttp_uri(req);
	const char *raw = uri ? evhttp_uri_get_path(uri) : NULL;
	size_t len = 0;
	char *path = raw ? evhttp_uridecode(raw, 0, &len) : NULL;

	if (!path)
		return NULL;
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)path[i] < 0x20 || path[i] == 0x7f)
			goto bad;
	if (path[0] == '/' && str_utf8(path, len))
		return path;
bad:
	free(path);
	return NULL;
}

int
httpd_request_method(const struct evhttp_request *req)
{
	switch (evhttp_request_get_command(req)) {
	case EVHTTP_REQ_GET:
	case EVHTTP_REQ_HEAD:
		return HTTPD_GET;
	case EVHTTP_REQ_POST:
		return HTTPD_POST;
	default:
		return 0;
	}
}

const char *
httpd_request_peer(struct evhttp_request *req, char dst[INET6_ADDRSTRLEN])
{
	union {
		struct sockaddr sa;
		struct sockaddr_in in;
		struct sockaddr_in6 in6;
		struct sockaddr_storage room;
	} a = { .sa.sa_family = AF_UNSPEC };
	struct bufferevent *bev =
	    evhttp_connection_get_bufferevent(evhttp_request_get_connection(req));
	socklen_t len = sizeof(a);
	const char *s = NULL;

	if (!getpeername(bufferevent_getfd(bev), &a.sa, &len) && a.sa.sa_family == AF_INET)
		s = inet_ntop(AF_INET, &a.in.sin_addr, dst, INET6_ADDRSTRLEN);
	else if (a.sa.sa_family == AF_INET6)
		s = inet_ntop(AF_INET6, &a.in6.sin6_addr, dst, INET6_ADDRSTRLEN);
	return s ? s : "unix";
}

const char *
httpd_header(const struct httpd_req *q, const char *name)
{
	return evhttp_find_header(evhttp_request_get_input_headers(q->ev), name);
}

/* The first value of name in a query string, copied into dst. */
static const char *
param(const char *query, const char *name, char *dst, size_t room)
{
	struct evkeyvalq kv;
	const char *value = NULL;

	if (!query || evhttp_parse_query_str(query, &kv))
		return NULL;
	value = evhttp_find_header(&kv, name);
	if (value && !str_copy(dst, room, value))
		value = NULL;
	evhttp_clear_headers(&kv);
	return value ? dst : NULL;
}

const char *
httpd_query(const struct httpd_req *q, const char *name, char *dst, size_t room)
{
	return param(evhttp_uri_get_query(evhttp_request_get_evhttp_uri(q->ev)), name, dst, room);
}

const char *
httpd_form(const struct httpd_req *q, const char *name, char *dst, size_t room)
{
	static const char form[] = "application/x-www-form-urlencoded";
	const char *type = httpd_header(q, "Content-Type");
	CLEANUP(own_free) char *text = NULL;

	if (!q->body || !type || strncasecmp(type, form, sizeof(form) - 1))
		return NULL;
	text = strndup(q->body, q->body_len);
	return param(text, name, dst, room);
}
