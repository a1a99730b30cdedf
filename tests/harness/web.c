#include "tests/harness/web.h"

#include "tests/harness/harness.h"
#include "tests/harness/proc.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define ARGS_MAX   64
#define TIMEOUT_MS 10000
#define SPARE_MS   5000 /* curl ends by itself at its own limit; this is the backstop */

/* Split "headers CRLF CRLF body" of curl -i. */
static void
split(const struct proc_run *run, struct web_answer *ret)
{
	const char *end = strstr(run->out, "\r\n\r\n");
	const char *first = strstr(run->out, "\r\n");
	size_t head = end ? (size_t)(end - run->out) + 4 : 0;

	if (!end || sscanf(run->out, "HTTP/%*s %d", &ret->status) != 1) {
		ret->headers = harness_alloc(1);
		ret->body = harness_alloc(1);
		return;
	}
	ret->headers = strndup(first + 2, (size_t)(end - first));
	ret->body_len = run->out_len - head;
	ret->body = harness_alloc(ret->body_len + 1);
	memcpy(ret->body, run->out + head, ret->body_len);
}

void
web_send(struct harness *h, const struct web_req *q, struct web_answer *ret)
{
	int ms = q->ms ? q->ms : TIMEOUT_MS;
	char limit[32];
	const char *argv[ARGS_MAX] = { "curl",      "-q",        "-sS",    "-i",
		                       "--http1.1", "--noproxy", "*",      "--max-time",
		                       limit,       "--header",  "Expect:" };
	struct proc_run run;
	int n = 11;

	snprintf(limit, sizeof(limit), "%d.%03d", ms / 1000, ms % 1000);
	if (q->method) {
		argv[n++] = "-X";
		argv[n++] = q->method;
	}
	for (int i = 0; q->headers && q->headers[i] && n < ARGS_MAX - 10; i++) {
		argv[n++] = "--header";
		argv[n++] = q->headers[i];
	}
	if (q->body) {
		argv[n++] = "--data-binary";
		argv[n++] = "@-";
	}
	if (q->ca) {
		argv[n++] = "--cacert";
		argv[n++] = q->ca;
	}
	if (q->socket) {
		argv[n++] = "--unix-socket";
		argv[n++] = q->socket;
	}
	argv[n++] = "--url";
	argv[n++] = q->url;
	argv[n] = NULL;
	proc_run(h, argv, q->body, ms + SPARE_MS, &run);
	*ret = (struct web_answer){ 0 };
	split(&run, ret);
	ret->why = STEAL(run.err);
	proc_run_done(&run);
}

void
web_done(struct web_answer *a)
{
	free(a->headers);
	free(a->body);
	free(a->why);
	*a = (struct web_answer){ 0 };
}

const char *
web_header(const struct web_answer *a, const char *name, char *dst, size_t room)
{
	size_t len = strlen(name);

	*dst = '\0';
	for (const char *p = a->headers; p && *p;) {
		size_t line = strcspn(p, "\r\n");

		if (!strncasecmp(p, name, len) && p[len] == ':') {
			const char *v = p + len + 1 + strspn(p + len + 1, " ");

			snprintf(dst, room, "%.*s", (int)(p + line - v), v);
			return dst;
		}
		p += line;
		p += strspn(p, "\r\n");
	}
	return dst;
}
