#include "daemon/io/httpd_request.h"

#include "common/own.h"

#include <assert.h>
#include <event2/buffer.h>
#include <event2/http.h>
#include <event2/keyvalq_struct.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Add "Name: value" to kv; a value that would break the line is refused by evhttp and left out. */
static void
header_add(struct evkeyvalq *kv, const char *line)
{
	const char *colon = strchr(line, ':');
	char name[64];
	size_t len = colon ? (size_t)(colon - line) : 0;

	assert(len && len < sizeof(name));
	memcpy(name, line, len);
	name[len] = '\0';
	evhttp_add_header(kv, name, colon + 1 + strspn(colon + 1, " "));
}

static void
headers_fill(struct evkeyvalq *kv, const char *type, const char *const *headers, size_t len)
{
	static const char *const defaults[][2] = {
		{ "Cache-Control", "no-store" },
		{ "X-Content-Type-Options", "nosniff" },
		{ "Referrer-Policy", "no-referrer" },
		{ "X-Frame-Options", "DENY" },
		{ "Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'" },
	};
	char length[24];

	for (; headers && *headers; headers++)
		header_add(kv, *headers);
	for (size_t i = 0; i < ARRAY_LEN(defaults); i++)
		if (!evhttp_find_header(kv, defaults[i][0]))
			evhttp_add_header(kv, defaults[i][0], defaults[i][1]);
	if (type)
		evhttp_add_header(kv, "Content-Type", type);
	snprintf(length, sizeof(length), "%zu", len);
	evhttp_add_header(kv, "Content-Length", length);
	evhttp_add_header(kv, "Connection", "close");
}

void
httpd_answer_send(struct evhttp_request *req, int status, const char *type,
                  const char *const *headers, const void *body, size_t len)
{
	bool head = evhttp_request_get_command(req) == EVHTTP_REQ_HEAD;

	headers_fill(evhttp_request_get_output_headers(req), type, headers, len);
	if (len && !head && evbuffer_add(evhttp_request_get_output_buffer(req), body, len))
		abort();
	evhttp_send_reply(req, status, NULL, NULL);
}
