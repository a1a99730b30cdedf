#include "tests/sandbox/request.h"

#include "tests/sandbox/mem.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define REPLY_MAX (256u << 20)

static int
digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)tolower((unsigned char)c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* In place. A plus is a blank, as in forms: a client that means a plus sends %2B. */
static void
decode(char *s)
{
	char *to = s;

	for (; *s; s++) {
		if (*s == '%' && digit(s[1]) >= 0 && digit(s[2]) >= 0) {
			*to++ = (char)(digit(s[1]) * 16 + digit(s[2]));
			s += 2;
		} else {
			*to++ = *s == '+' ? ' ' : *s;
		}
	}
	*to = '\0';
}

static int
split(struct request *r, char *query, struct err *e)
{
	char *rest = query, *part;

	while ((part = strsep(&rest, "&"))) {
		char *value = strchr(part, '=');

		if (!*part)
			continue;
		if (r->n_params == REQUEST_PARAMS_MAX)
			return err_set(e, ERR_INPUT, 0, "more than %d parameters",
			               REQUEST_PARAMS_MAX);
		if (value)
			*value++ = '\0';
		else
			value = part + strlen(part);
		decode(part);
		decode(value);
		r->params[r->n_params++] = (struct request_param){ part, value };
	}
	return 0;
}

int
request_init(struct request *r, const char *method, const char *target, struct err *e)
{
	char *query;

	*r = (struct request){ .method = method, .path = "", .body = "" };
	if (strlen(target) > REQUEST_TARGET_MAX)
		return err_set(e, ERR_INPUT, 0, "target longer than %d bytes", REQUEST_TARGET_MAX);
	r->storage = mem_text(target);
	r->path = r->storage;
	query = strchr(r->storage, '?');
	if (!query)
		return 0;
	*query++ = '\0';
	return split(r, query, e);
}

int
request_form(struct request *r, struct err *e)
{
	char *all;
	size_t head = strlen(r->path) + 1;

	if (r->body_len > REQUEST_TARGET_MAX)
		return err_set(e, ERR_INPUT, 0, "form longer than %d bytes", REQUEST_TARGET_MAX);
	all = mem_new(head + r->body_len + 1, 1);
	memcpy(all, r->path, head);
	memcpy(all + head, r->body, r->body_len);
	free(r->storage);
	r->storage = all;
	r->path = all;
	r->n_params = 0;
	return split(r, all + head, e);
}

void
request_done(struct request *r)
{
	free(r->storage);
	r->storage = NULL;
}

const char *
request_param(const struct request *r, const char *name)
{
	for (size_t i = 0; i < r->n_params; i++)
		if (!strcmp(r->params[i].name, name))
			return r->params[i].value;
	return NULL;
}

void
reply_init(struct reply *r)
{
	*r = (struct reply){ .status = 200, .type = "application/json; charset=utf-8" };
	buf_init(&r->body, REPLY_MAX);
}

void
reply_done(struct reply *r)
{
	buf_done(&r->body);
}
