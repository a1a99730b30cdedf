#include "common/json.h"

#include "common/str.h"

#include <inttypes.h>
#include <json-c/json.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* struct json is json-c's object under our name; only this file knows. */
static struct json_object *
in(const struct json *j)
{
	return (struct json_object *)(uintptr_t)j;
}

static struct json *
out(struct json_object *o)
{
	return (struct json *)o;
}

static struct json *
must(struct json_object *o)
{
	if (!o)
		abort();
	return out(o);
}

/* A NUL can only enter a string by its escape; json-c would cut no string but keep it inside. */
static bool
has_escaped_nul(const char *s, size_t len)
{
	const char *p = s, *end = s + len;

	while ((p = memmem(p, (size_t)(end - p), "\\u0000", 6))) {
		size_t back = 0;

		while (p - back > s && p[-1 - (ptrdiff_t)back] == '\\')
			back++;
		if (back % 2 == 0)
			return true;
		p += 6;
	}
	return false;
}

struct json *
json_parse(const char *s, size_t len, struct err *e)
{
	struct json_tokener *t;
	struct json_object *o;
	enum json_tokener_error why;

	if (len > INT32_MAX || !str_utf8(s, len) || memchr(s, '\0', len) ||
	    has_escaped_nul(s, len)) {
		err_set(e, ERR_PARSE, 0, "not JSON: not valid UTF-8, or a NUL inside");
		return NULL;
	}
	t = json_tokener_new_ex(JSON_DEPTH);
	if (!t) {
		err_set(e, ERR_NOMEM, 0, "no memory for a JSON parser");
		return NULL;
	}
	json_tokener_set_flags(t, JSON_TOKENER_STRICT);
	/* The end must be told: a bare number is only complete when nothing can follow. */
	o = json_tokener_parse_ex(t, s, (int)len);
	why = json_tokener_get_error(t);
	if (why == json_tokener_continue) {
		o = json_tokener_parse_ex(t, "", -1);
		why = json_tokener_get_error(t);
	} else if (why == json_tokener_success) {
		size_t used = json_tokener_get_parse_end(t);

		while (used < len && strchr(" \t\r\n", s[used]))
			used++;
		if (used < len)
			why = json_tokener_error_parse_unexpected;
	}
	json_tokener_free(t);
	if (why != json_tokener_success) {
		json_object_put(o);
		err_set(e, ERR_PARSE, 0, "not JSON: %s", json_tokener_error_desc(why));
		return NULL;
	}
	if (!o) /* the literal null */
		err_set(e, ERR_PARSE, 0, "JSON null where a value is needed");
	return out(o);
}

void
json_free(struct json *j)
{
	json_object_put(in(j));
}

struct json *
json_get(const struct json *obj, const char *key)
{
	struct json_object *v = NULL;

	if (!obj || !json_object_is_type(in(obj), json_type_object))
		return NULL;
	json_object_object_get_ex(in(obj), key, &v);
	return out(v);
}

struct json *
json_at(const struct json *arr, size_t i)
{
	return i < json_len(arr) ? out(json_object_array_get_idx(in(arr), i)) : NULL;
}

size_t
json_len(const struct json *arr)
{
	return json_is_arr(arr) ? json_object_array_length(in(arr)) : 0;
}

bool
json_is_obj(const struct json *j)
{
	return j && json_object_is_type(in(j), json_type_object);
}

bool
json_is_arr(const struct json *j)
{
	return j && json_object_is_type(in(j), json_type_array);
}

const char *
json_text(const struct json *j)
{
	if (!j || !json_object_is_type(in(j), json_type_string))
		return NULL;
	return json_object_get_string(in(j));
}

const char *
json_str(const struct json *obj, const char *key)
{
	return json_text(json_get(obj, key));
}

int
json_i64(const struct json *obj, const char *key, int64_t *ret)
{
	struct json *v = json_get(obj, key);

	if (!v)
		return -1;
	if (json_object_is_type(in(v), json_type_int)) {
		*ret = json_object_get_int64(in(v));
		return 0;
	}
	return str_i64(json_text(v), ret);
}

int
json_f64(const struct json *obj, const char *key, double *ret)
{
	struct json *v = json_get(obj, key);
	int64_t whole;

	if (v && json_object_is_type(in(v), json_type_double) &&
	    isfinite(json_object_get_double(in(v)))) {
		*ret = json_object_get_double(in(v));
		return 0;
	}
	if (json_i64(obj, key, &whole))
		return -1;
	*ret = (double)whole;
	return 0;
}

bool
json_flag(const struct json *obj, const char *key)
{
	struct json *v = json_get(obj, key);

	return v && json_object_is_type(in(v), json_type_boolean) && json_object_get_boolean(in(v));
}

const char *
json_id(const struct json *obj, const char *key, char *dst, size_t room)
{
	struct json *v = json_get(obj, key);
	const char *s = json_text(v);

	if (v && json_object_is_type(in(v), json_type_int)) {
		if (json_object_get_int64(in(v)) < 0)
			return NULL;
		snprintf(dst, room, "%" PRIu64, json_object_get_uint64(in(v)));
		return dst;
	}
	if (!s || !str_is_id(s) || strlen(s) >= room)
		return NULL;
	memcpy(dst, s, strlen(s) + 1);
	return dst;
}

void *
json_next(const struct json *obj, void *it, const char **ret_key, struct json **ret_value)
{
	struct lh_entry *entry;

	if (!json_is_obj(obj))
		return NULL;
	entry = it ? ((struct lh_entry *)it)->next : json_object_get_object(in(obj))->head;
	if (!entry)
		return NULL;
	*ret_key = lh_entry_k(entry);
	*ret_value = lh_entry_v(entry);
	return entry;
}

struct json *
json_obj(void)
{
	return must(json_object_new_object());
}

struct json *
json_arr(void)
{
	return must(json_object_new_array());
}

void
json_put(struct json *obj, const char *key, struct json *value)
{
	if (json_object_object_add(in(obj), key, in(value)))
		abort();
}

void
json_put_str(struct json *obj, const char *key, const char *s)
{
	json_put(obj, key, s ? must(json_object_new_string(s)) : NULL);
}

void
json_put_i64(struct json *obj, const char *key, int64_t v)
{
	json_put(obj, key, must(json_object_new_int64(v)));
}

void
json_put_bool(struct json *obj, const char *key, bool v)
{
	json_put(obj, key, must(json_object_new_boolean(v)));
}

void
json_add(struct json *arr, struct json *value)
{
	if (json_object_array_add(in(arr), in(value)))
		abort();
}

void
json_add_str(struct json *arr, const char *s)
{
	json_add(arr, must(json_object_new_string(s)));
}

void
json_del(struct json *obj, const char *key)
{
	json_object_object_del(in(obj), key);
}

struct json *
json_copy(const struct json *j)
{
	struct json_object *copy = NULL;

	if (j && json_object_deep_copy(in(j), &copy, NULL))
		abort();
	return out(copy);
}

static int
write_as(const struct json *j, struct buf *to, int flags)
{
	size_t len = 0;
	const char *s = json_object_to_json_string_length(in(j), flags, &len);

	return s ? buf_add(to, s, len) : -1;
}

int
json_write(const struct json *j, struct buf *to)
{
	return write_as(j, to, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE);
}

int
json_write_pretty(const struct json *j, struct buf *to)
{
	return write_as(j, to,
	                JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_SPACED |
	                    JSON_C_TO_STRING_NOSLASHESCAPE);
}

int
json_quote(struct buf *to, const char *s)
{
	struct json_object *o = in(must(json_object_new_string(s)));
	int rc = json_write(out(o), to);

	json_object_put(o);
	return rc;
}
