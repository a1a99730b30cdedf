#include "daemon/io/pg.h"

#include <arpa/inet.h>
#include <assert.h>
#include <endian.h>
#include <string.h>

enum {
	OID_BOOL = 16,
	OID_BYTEA = 17,
	OID_INT8 = 20,
	OID_INT4 = 23,
	OID_TEXT = 25,
	OID_TIMESTAMPTZ = 1184
};

static const struct {
	uint32_t elem;
	uint32_t array;
} type_oids[] = {
	[PG_INT8] = { OID_INT8, 1016 }, [PG_TEXT] = { OID_TEXT, 1009 },
	[PG_BOOL] = { OID_BOOL, 1000 }, [PG_TIME] = { OID_TIMESTAMPTZ, 1185 },
	[PG_INT4] = { OID_INT4, 1007 },
};

/* PostgreSQL counts microseconds from 2000-01-01. */
#define PG_EPOCH_S INT64_C(946684800)

/* What timestamptz takes, 4713 BC to AD 294276, in seconds of ours (its documentation, table 8.9).
 */
#define TIME_MIN_S INT64_C(-210866803200)
#define TIME_MAX_S INT64_C(9224318015999)

void
pg_args_init(struct pg_args *a)
{
	memset(a, 0, sizeof(*a));
	buf_init(&a->vals, 2 * (size_t)PG_ARRAY_MAX);
}

void
pg_args_done(struct pg_args *a)
{
	buf_done(&a->vals);
	a->n = 0;
}

static void
arg_add(struct pg_args *a, uint32_t oid, int format, const void *p, size_t len)
{
	if (a->n == PG_PARAMS_MAX || len > INT32_MAX || (p && buf_add(&a->vals, p, len)) ||
	    (p && buf_chr(&a->vals, '\0'))) {
		a->failed = true;
		return;
	}
	a->v[a->n].at = p ? a->vals.len - len - 1 : 0;
	a->v[a->n].len = p ? (int)len : -1;
	a->v[a->n].oid = oid;
	a->v[a->n].format = format;
	a->n++;
}

void
pg_i64(struct pg_args *a, int64_t v)
{
	uint64_t be = htobe64((uint64_t)v);

	arg_add(a, OID_INT8, 1, &be, sizeof(be));
}

void
pg_bool(struct pg_args *a, bool v)
{
	char b = v ? 1 : 0;

	arg_add(a, OID_BOOL, 1, &b, 1);
}

void
pg_text(struct pg_args *a, const char *s)
{
	arg_add(a, OID_TEXT, 0, s, s ? strlen(s) : 0);
}

void
pg_bytea(struct pg_args *a, const void *p, size_t len)
{
	arg_add(a, OID_BYTEA, 1, p, len);
}

static bool
time_fits(int64_t s)
{
	return s >= TIME_MIN_S && s <= TIME_MAX_S;
}

static uint64_t
time_be(int64_t s)
{
	return htobe64((uint64_t)((s - PG_EPOCH_S) * 1000000));
}

void
pg_time(struct pg_args *a, int64_t s)
{
	uint64_t be;

	if (s == INT64_MIN) {
		arg_add(a, OID_TIMESTAMPTZ, 1, NULL, 0);
	} else if (time_fits(s)) {
		be = time_be(s);
		arg_add(a, OID_TIMESTAMPTZ, 1, &be, sizeof(be));
	} else {
		a->failed = true;
	}
}

void
pg_null(struct pg_args *a)
{
	arg_add(a, 0, 0, NULL, 0);
}

void
pg_col_init(struct pg_col *c, enum pg_type type)
{
	memset(c, 0, sizeof(*c));
	c->type = type;
	buf_init(&c->b, PG_ARRAY_MAX);
}

void
pg_col_done(struct pg_col *c)
{
	buf_done(&c->b);
}

void
pg_col_reset(struct pg_col *c)
{
	buf_reset(&c->b);
	c->n = 0;
	c->has_null = false;
}

static void
col_add(struct pg_col *c, const void *p, size_t len)
{
	uint32_t be = htonl((uint32_t)len);
	char *to = buf_extend(&c->b, sizeof(be) + len);

	if (!to)
		return; /* the buffer stays failed; pg_array hands that on */
	memcpy(to, &be, sizeof(be));
	memcpy(to + sizeof(be), p, len);
	c->n++;
}

void
pg_col_null(struct pg_col *c)
{
	uint32_t be = htonl(UINT32_MAX);

	if (buf_add(&c->b, &be, sizeof(be)))
		return;
	c->has_null = true;
	c->n++;
}

void
pg_col_i64(struct pg_col *c, int64_t v)
{
	uint64_t be = htobe64((uint64_t)v);
	uint32_t be4 = htonl((uint32_t)v);

	assert(c->type == PG_INT8 || c->type == PG_INT4);
	if (c->type == PG_INT8)
		col_add(c, &be, sizeof(be));
	else if (v < INT32_MIN || v > INT32_MAX)
		c->b.failed = true;
	else
		col_add(c, &be4, sizeof(be4));
}

void
pg_col_bool(struct pg_col *c, bool v)
{
	char b = v ? 1 : 0;

	assert(c->type == PG_BOOL);
	col_add(c, &b, 1);
}

void
pg_col_text(struct pg_col *c, const char *s)
{
	if (s)
		pg_col_textn(c, s, strlen(s));
	else
		pg_col_null(c);
}

void
pg_col_textn(struct pg_col *c, const char *s, size_t len)
{
	assert(c->type == PG_TEXT);
	col_add(c, s, len);
}

void
pg_col_time(struct pg_col *c, int64_t s)
{
	uint64_t be;

	assert(c->type == PG_TIME);
	if (s == INT64_MIN || s == 0) {
		pg_col_null(c);
	} else if (time_fits(s)) {
		be = time_be(s);
		col_add(c, &be, sizeof(be));
	} else {
		c->b.failed = true;
	}
}

void
pg_col_cat(struct pg_col *c, const struct pg_col *src)
{
	assert(c->type == src->type);
	if (src->b.failed || buf_add(&c->b, buf_text(&src->b), src->b.len)) {
		c->b.failed = true;
		return;
	}
	c->n += src->n;
	c->has_null = c->has_null || src->has_null;
}

void
pg_array(struct pg_args *a, const struct pg_col *c)
{
	/* dimensions, has-null, element type, length, lower bound; no dimension when empty */
	uint32_t head[5] = { htonl(c->n ? 1 : 0), htonl(c->has_null ? 1 : 0),
		             htonl(type_oids[c->type].elem), htonl((uint32_t)c->n), htonl(1) };
	size_t head_len = c->n ? sizeof(head) : 12;
	size_t at = a->vals.len;

	if (c->b.failed || a->n == PG_PARAMS_MAX || buf_add(&a->vals, head, head_len) ||
	    buf_add(&a->vals, buf_text(&c->b), c->b.len)) {
		a->failed = true;
		return;
	}
	a->v[a->n].at = at;
	a->v[a->n].len = (int)(head_len + c->b.len);
	a->v[a->n].oid = type_oids[c->type].array;
	a->v[a->n].format = 1;
	a->n++;
}

bool
pg_refused_rows(const struct err *e)
{
	if (e->kind != ERR_REMOTE)
		return false;
	switch (e->code >> 18) {
	case PG_STATE('2', '1', '0', '0', '0') >> 18: /* one row twice */
	case PG_STATE('2', '2', '0', '0', '0') >> 18: /* data */
	case PG_STATE('2', '3', '0', '0', '0') >> 18: /* constraints */
	case PG_STATE('5', '4', '0', '0', '0') >> 18: /* limits */
		return true;
	}
	return false;
}
