/*
 * web: one HTTP or HTTPS request from a test, by the curl program: to the sandbox's control paths,
 * to our own callback, webhook and statistics doors.
 *
 * Units:  milliseconds.
 * Errors: status 0 when there was no answer; why is curl's own line.
 * Owner:  web_done frees the answer.
 */
#ifndef TTSYNC_TESTS_WEB_H
#define TTSYNC_TESTS_WEB_H

#include <stddef.h>

struct harness;

struct web_req {
	const char *method; /* NULL: GET, or POST where there is a body */
	const char *url;
	const char *const *headers; /* "Name: value", NULL at the end; may be NULL */
	const char *body;           /* NULL: none */
	const char *ca;             /* PEM to trust; NULL: the system's */
	const char *socket;         /* connect to this unix socket instead; NULL: as the URL says */
	int ms;                     /* 0: 10 s */
};

struct web_answer {
	int status;
	char *headers; /* "Name: value" lines, by CRLF */
	char *body;
	size_t body_len;
	char *why;
};

void web_send(struct harness *h, const struct web_req *q, struct web_answer *ret);
void web_done(struct web_answer *a);
/* The value of a header, up to room - 1 bytes, or "". */
const char *web_header(const struct web_answer *a, const char *name, char *dst, size_t room);

#endif
