#include "common/own.h"
#include "common/str.h"
#include "daemon/io/redis_link.h"

#include <hiredis/hiredis.h>
#include <stdio.h>
#include <string.h>

static const redisReply *
inside(const struct redis_reply *r)
{
	return (const void *)r;
}

enum redis_type
redis_type(const struct redis_reply *r)
{
	if (!r)
		return REDIS_NIL;
	switch (inside(r)->type) {
	case REDIS_REPLY_INTEGER:
		return REDIS_INT;
	case REDIS_REPLY_STRING:
		return REDIS_STR;
	case REDIS_REPLY_STATUS:
		return REDIS_STATUS;
	case REDIS_REPLY_ARRAY:
		return REDIS_ARR;
	case REDIS_REPLY_ERROR:
		return REDIS_ERROR;
	default:
		return REDIS_NIL;
	}
}

int64_t
redis_int(const struct redis_reply *r)
{
	int64_t v;

	if (redis_type(r) == REDIS_INT)
		return inside(r)->integer;
	return str_i64(redis_str(r), &v) ? 0 : v;
}

const char *
redis_str(const struct redis_reply *r)
{
	enum redis_type t = redis_type(r);

	return t == REDIS_STR || t == REDIS_STATUS || t == REDIS_ERROR ? inside(r)->str : NULL;
}

size_t
redis_len(const struct redis_reply *r)
{
	if (redis_type(r) == REDIS_ARR)
		return inside(r)->elements;
	return redis_str(r) ? (size_t)inside(r)->len : 0;
}

const struct redis_reply *
redis_at(const struct redis_reply *r, size_t i)
{
	if (redis_type(r) != REDIS_ARR || i >= inside(r)->elements)
		return NULL;
	return (const void *)inside(r)->element[i];
}

bool
redis_reply_error(const struct redis_reply *r, struct err *e)
{
	static const char *const useless[] = { "LOADING", "READONLY", "MISCONF", "MASTERDOWN",
		                               "NOAUTH" };
	const char *text = redis_str(r);
	char tag[sizeof(e->tag)];

	snprintf(tag, sizeof(tag), "%.*s", (int)strcspn(text, " "), text);
	err_set(e, ERR_REMOTE, 0, "Redis: %s", text);
	err_tag(e, tag);
	for (size_t i = 0; i < ARRAY_LEN(useless); i++)
		if (!strcmp(tag, useless[i]))
			return true;
	return false;
}
