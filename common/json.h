/*
 * json: JSON values, over json-c (its header appears in json.c alone).
 *
 * Both programs and the sandbox speak JSON, so this stands in common/.
 *
 * Parsing is strict: one value, depth at most JSON_DEPTH, valid UTF-8, no NUL inside strings,
 * nothing behind the value. (json-c itself also takes NaN and single quotes; NaN reads as absent.)
 * Ids are strings of digits; json_id also takes the integers that some webhooks carry, without a
 * detour through a double.
 *
 * Owner: a root from json_parse, json_obj, json_arr belongs to the caller until it is put into
 *        another value, which then owns it. What json_get, json_at and json_str return belongs to
 *        the root. Readers take NULL for "absent" and answer as for an absent key.
 */
#ifndef TTSYNC_JSON_H
#define TTSYNC_JSON_H

#include "common/buf.h"
#include "common/err.h"
#include "common/own.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define JSON_DEPTH 16

struct json;

struct json *json_parse(const char *s, size_t len, struct err *e);
void json_free(struct json *j);
FREEP(struct json, json)

/* Readers. A key that is absent, null or of another type reads as NULL, 0, false. */
struct json *json_get(const struct json *obj, const char *key);
struct json *json_at(const struct json *arr, size_t i);
/* Elements of an array, 0 for anything else. */
size_t json_len(const struct json *arr);
bool json_is_obj(const struct json *j);
bool json_is_arr(const struct json *j);
/* The string under key, or NULL. "" is returned as "". */
const char *json_str(const struct json *obj, const char *key);
/* The string itself, or NULL. */
const char *json_text(const struct json *j);
/* 0 and *ret, or -1 where there is no integer (a string of digits counts as one). */
int json_i64(const struct json *obj, const char *key, int64_t *ret);
/* The same for a number, also with a fraction: finite. */
int json_f64(const struct json *obj, const char *key, double *ret);
bool json_flag(const struct json *obj, const char *key);
/*
 * An id: 1 to 20 digits, from a string or an integer, written into dst (21 bytes at least).
 * Returns dst, or NULL where there is none.
 */
const char *json_id(const struct json *obj, const char *key, char *dst, size_t room);

/* Walk an object's keys: for (it = NULL; (it = json_next(obj, it, &key, &value));) */
void *json_next(const struct json *obj, void *it, const char **ret_key, struct json **ret_value);

/* Builders. Out of memory aborts: nothing here is fed by outside sizes. */
struct json *json_obj(void);
struct json *json_arr(void);
void json_put(struct json *obj, const char *key, struct json *value); /* value NULL: null */
void json_put_str(struct json *obj, const char *key, const char *s);  /* s NULL: null */
void json_put_i64(struct json *obj, const char *key, int64_t v);
void json_put_bool(struct json *obj, const char *key, bool v);
void json_add(struct json *arr, struct json *value);
void json_add_str(struct json *arr, const char *s);
void json_del(struct json *obj, const char *key);
/* A deep copy, owned by the caller. */
struct json *json_copy(const struct json *j);

/* Append the value as compact text on one line, slashes not escaped. 0 or -1 (cap of out). */
int json_write(const struct json *j, struct buf *out);
/* The same, indented, for people. */
int json_write_pretty(const struct json *j, struct buf *out);
/* Append s as a JSON string with its quotes. 0 or -1. */
int json_quote(struct buf *out, const char *s);

#endif
