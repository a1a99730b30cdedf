#include "daemon/tiktok/orders_scan.h"

#include "common/json.h"
#include "common/own.h"
#include "daemon/tiktok/orders_fields.h"
#include "daemon/tiktok/peek.h"

#include <endian.h>
#include <stdbool.h>
#include <string.h>

/* --- hashing --------------------------------------------------------------------------------- */

/* The finaliser of splitmix64: spreads every bit over all. */
static uint64_t
spread(uint64_t h)
{
	h = (h ^ (h >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	h = (h ^ (h >> 27)) * UINT64_C(0x94d049bb133111eb);
	return h ^ (h >> 31);
}

static uint64_t
load(const char *p, size_t len)
{
	uint64_t w = 0;

	memcpy(&w, p, len);
	return le64toh(w);
}

/* The last 1 to 8 bytes, some of them twice: with the length they say which they are. */
static uint64_t
load_end(const char *p, size_t len)
{
	if (len >= 4)
		return load(p, 4) | load(p + len - 4, 4) << 32;
	return len ? load(p, 1) | load(p + len / 2, 1) << 8 | load(p + len - 1, 1) << 16 : 0;
}

/* Eight bytes a step: tells a change from a repeat; nobody gains by a collision of their own order.
 */
static uint64_t
hash_bytes(uint64_t h, const char *p, size_t len)
{
	h ^= len * UINT64_C(0x9e3779b97f4a7c15);
	for (; len > 8; p += 8, len -= 8) {
		h = (h ^ load(p, 8)) * UINT64_C(0x9fb21c651e98df25);
		h ^= h >> 32;
	}
	return spread(h ^ load_end(p, len));
}

/* --- values ---------------------------------------------------------------------------------- */

/* As a tree would write it again: no exponent, no fraction, no zero in front. */
static bool
is_integer(const struct peek_span *s)
{
	size_t from = s->len && s->p[0] == '-';

	if (s->len - from < 1 || s->len - from > 18 || s->p[from] == '0')
		return false;
	for (size_t i = from; i < s->len; i++)
		if (s->p[i] < '0' || s->p[i] > '9')
			return false;
	return true;
}

/* Add a value under its key. Escapes are resolved by the reader's own parser, to hash what it
 * reads. */
static bool
add_value(const struct field *f, const struct fields_value *v, uint64_t *sum)
{
	uint64_t h = hash_bytes(v->quoted, f->name, f->len);
	const char *text;
	struct json *j;

	if (fields_is_nothing(v))
		return true;
	if (!v->quoted && !fields_is(v, "true") && !is_integer(&v->text))
		return false;
	if (!v->text.escaped) {
		*sum += hash_bytes(h, v->text.p, v->text.len);
		return true;
	}
	j = json_parse(v->text.p - 1, v->text.len + 2, NULL);
	text = json_text(j);
	if (text)
		*sum += hash_bytes(h, text, strlen(text));
	json_free(j);
	return text;
}

/* --- one order ------------------------------------------------------------------------------- */

/* The sum of an object all of whose listed keys are plain. */
static bool
add_object(struct peek *c, const struct fields *list, uint64_t *sum)
{
	struct fields_visit v = { .list = list };
	const struct field *f;
	struct fields_value value;
	int more;

	if (!peek_take(c, '{'))
		return false;
	while ((more = fields_next(c, &v, &f)) == 1)
		if (!fields_scalar(c, &value) || !add_value(f, &value, sum))
			return false;
	return more == 0;
}

/* The sum of a list of objects, in any order; null is an empty list. */
static bool
add_list(struct peek *c, const struct field *f, const struct fields *list, uint64_t *sum)
{
	struct fields_value null;

	if (!peek_take(c, '['))
		return fields_scalar(c, &null) && fields_is(&null, "null");
	if (peek_take(c, ']'))
		return true;
	do {
		uint64_t one = f->kind;

		if (!add_object(c, list, &one))
			return false;
		*sum += spread(one);
	} while (peek_take(c, ','));
	return peek_take(c, ']');
}

static bool
add_payment(struct peek *c, uint64_t *sum)
{
	uint64_t inner = 0;
	struct fields_value null;

	if (!peek_is(c, '{'))
		return fields_scalar(c, &null) && fields_is(&null, "null");
	if (!add_object(c, &fields_payment, &inner))
		return false;
	*sum += inner ? spread(inner + FIELD_PAYMENT) : 0;
	return true;
}

static bool
add_field(struct peek *c, const struct field *f, struct scan_row *row, uint64_t *sum)
{
	struct fields_value v;

	switch (f->kind) {
	case FIELD_LINES:
		return add_list(c, f, &fields_line, sum);
	case FIELD_PACKAGES:
		return add_list(c, f, &fields_package, sum);
	case FIELD_PAYMENT:
		return add_payment(c, sum);
	case FIELD_PLAIN:
	case FIELD_ID:
	case FIELD_CREATED:
	case FIELD_UPDATED:
		break;
	}
	if (!fields_scalar(c, &v))
		return false;
	if ((f->kind == FIELD_ID && !fields_id(&v, row->id)) ||
	    (f->kind == FIELD_CREATED && !fields_time(&v, &row->create_time)) ||
	    (f->kind == FIELD_UPDATED && !fields_time(&v, &row->update_time)))
		return false;
	return add_value(f, &v, sum);
}

static bool
scan_order(struct peek *c, const char *body, struct scan_row *row)
{
	struct fields_visit v = { .list = &fields_order };
	const struct field *f;
	uint64_t sum = 0;
	int more;

	memset(row, 0, sizeof(*row));
	peek_space(c);
	row->at = (size_t)(c->p - body);
	if (!peek_take(c, '{'))
		return false;
	while ((more = fields_next(c, &v, &f)) == 1)
		if (!add_field(c, f, row, &sum))
			return false;
	row->len = (size_t)(c->p - body) - row->at;
	row->hash = (int64_t)sum;
	return more == 0 && row->id[0] && row->create_time && row->update_time;
}

int
orders_scan_one(const char *text, size_t len, struct scan_row *ret)
{
	struct peek c = { text, text + len };

	if (!scan_order(&c, text, ret))
		return -1;
	peek_space(&c);
	return c.p == c.end ? 0 : -1;
}

/* --- the page -------------------------------------------------------------------------------- */

/* A page under the scan. */
struct sheet {
	const char *body;
	struct scan_row *rows;
	int most;
	int n;
	struct peek_span cut; /* what stands between the brackets of data.orders; p NULL: no list */
};

static bool
scan_rows(struct peek *c, struct sheet *s)
{
	struct fields_value null;
	const char *from;

	if (!peek_take(c, '['))
		return fields_scalar(c, &null) && fields_is(&null, "null");
	from = c->p;
	if (!peek_is(c, ']')) {
		do {
			if (s->n == s->most || !scan_order(c, s->body, &s->rows[s->n]))
				return false;
			s->n++;
		} while (peek_take(c, ','));
	}
	s->cut = (struct peek_span){ from, (size_t)(c->p - from), false };
	return peek_take(c, ']');
}

/* Walk an object to its end; the value under name, which may stand there once, goes to fn. */
static bool
walk_object(struct peek *c, const char *name, bool (*fn)(struct peek *, struct sheet *),
            struct sheet *s)
{
	bool begun = false, met = false;
	struct peek_span key;
	int more;

	if (!peek_take(c, '{'))
		return false;
	while ((more = peek_key(c, &begun, &key)) == 1) {
		bool it = strlen(name) == key.len && !memcmp(name, key.p, key.len);

		if ((it && met) || !(it ? fn(c, s) : peek_skip(c)))
			return false;
		met = met || it;
	}
	return more == 0;
}

static bool
scan_data(struct peek *c, struct sheet *s)
{
	return walk_object(c, "orders", scan_rows, s);
}

int
orders_scan(const char *body, size_t len, struct scan_row *rows, int most, struct buf *frame)
{
	struct peek c = { body, body + len };
	struct sheet s = { .body = body, .rows = rows, .most = most };
	size_t head;

	if (!walk_object(&c, "data", scan_data, &s))
		return -1;
	peek_space(&c);
	if (c.p != c.end)
		return -1;
	head = s.cut.p ? (size_t)(s.cut.p - body) : len;
	buf_add(frame, body, head);
	buf_add(frame, body + head + s.cut.len, len - head - s.cut.len);
	return frame->failed ? -1 : s.n;
}
