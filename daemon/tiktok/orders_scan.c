#include "daemon/tiktok/orders_scan.h"

#include "common/json.h"
#include "common/own.h"
#include "daemon/tiktok/page.h"
#include "daemon/tiktok/peek.h"

#include <endian.h>
#include <stdbool.h>
#include <string.h>

/* --- what enters the hash -------------------------------------------------------------------- */

enum field_kind { PLAIN = 0, ID, CREATED, UPDATED, PAYMENT, LINES, PACKAGES };

struct field {
	const char *name;
	size_t len;
	enum field_kind kind;
};

struct fields {
	const struct field *rows;
	size_t n; /* at most 64 */
};

#define FIELD(name, kind)                                                                          \
	{                                                                                          \
		name, sizeof(name) - 1, kind                                                       \
	}
#define FIELDS(rows)                                                                               \
	{                                                                                          \
		rows, ARRAY_LEN(rows)                                                              \
	}

/* Each list is sorted by byte: find walks it in step with the keys of the wire. */
static const struct field order_rows[] = {
	FIELD("cancellation_initiator", PLAIN),
	FIELD("collection_due_time", PLAIN),
	FIELD("create_time", CREATED),
	FIELD("delivery_due_time", PLAIN),
	FIELD("delivery_option_id", PLAIN),
	FIELD("delivery_option_name", PLAIN),
	FIELD("fulfillment_priority_level", PLAIN),
	FIELD("fulfillment_type", PLAIN),
	FIELD("id", ID),
	FIELD("is_buyer_request_cancel", PLAIN),
	FIELD("is_cod", PLAIN),
	FIELD("is_on_hold_order", PLAIN),
	FIELD("is_sample_order", PLAIN),
	FIELD("line_items", LINES),
	FIELD("order_type", PLAIN),
	FIELD("packages", PACKAGES),
	FIELD("paid_time", PLAIN),
	FIELD("payment", PAYMENT),
	FIELD("pick_up_cut_off_time", PLAIN),
	FIELD("rts_sla_time", PLAIN),
	FIELD("rts_time", PLAIN),
	FIELD("shipping_due_time", PLAIN),
	FIELD("shipping_provider", PLAIN),
	FIELD("shipping_provider_id", PLAIN),
	FIELD("shipping_type", PLAIN),
	FIELD("split_or_combine_tag", PLAIN),
	FIELD("status", PLAIN),
	FIELD("tracking_number", PLAIN),
	FIELD("tts_sla_time", PLAIN),
	FIELD("update_time", UPDATED),
	FIELD("warehouse_id", PLAIN),
};

static const struct field payment_rows[] = {
	FIELD("currency", PLAIN),        FIELD("platform_discount", PLAIN),
	FIELD("seller_discount", PLAIN), FIELD("shipping_fee", PLAIN),
	FIELD("sub_total", PLAIN),       FIELD("total_amount", PLAIN),
};

static const struct field line_rows[] = {
	FIELD("cancel_user", PLAIN),
	FIELD("currency", PLAIN),
	FIELD("display_status", PLAIN),
	FIELD("id", PLAIN),
	FIELD("is_gift", PLAIN),
	FIELD("original_price", PLAIN),
	FIELD("package_id", PLAIN),
	FIELD("package_status", PLAIN),
	FIELD("platform_discount", PLAIN),
	FIELD("product_id", PLAIN),
	FIELD("product_name", PLAIN),
	FIELD("sale_price", PLAIN),
	FIELD("seller_discount", PLAIN),
	FIELD("seller_sku", PLAIN),
	FIELD("sku_id", PLAIN),
	FIELD("sku_name", PLAIN),
};

static const struct field package_rows[] = { FIELD("id", PLAIN) };

static const struct fields order_fields = FIELDS(order_rows);
static const struct fields payment_fields = FIELDS(payment_rows);
static const struct fields line_fields = FIELDS(line_rows);
static const struct fields package_fields = FIELDS(package_rows);

/* Below, at or above the key: as strcmp. */
static int
compare(const struct field *f, struct peek_span key)
{
	int d = key.len ? (unsigned char)f->name[0] - (unsigned char)key.p[0] : 1;

	if (!d)
		d = memcmp(f->name, key.p, f->len < key.len ? f->len : key.len);
	return d ? d : (f->len > key.len) - (f->len < key.len);
}

/*
 * The key's row, or NULL. Live answers list keys in alphabetical order (tiktok-shop-api.md 1.5), so
 * the search goes on at *at, where the last one ended, and starts anew where that order breaks.
 */
static const struct field *
find(const struct fields *list, size_t *at, struct peek_span key)
{
	size_t i = *at && compare(&list->rows[*at - 1], key) >= 0 ? 0 : *at;
	int d = 1;

	while (i < list->n && (d = compare(&list->rows[i], key)) < 0)
		i++;
	*at = i;
	return i < list->n && d == 0 ? &list->rows[i] : NULL;
}

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

/* A listed value that is no object and no list. */
struct value {
	struct peek_span text; /* of a string without its quotes */
	bool quoted;
};

static bool
take_scalar(struct peek *c, struct value *ret)
{
	ret->quoted = peek_is(c, '"');
	return ret->quoted ? peek_string(c, &ret->text) : peek_bare(c, &ret->text);
}

static bool
is_word(const struct value *v, const char *word)
{
	return !v->quoted && strlen(word) == v->text.len && !memcmp(word, v->text.p, v->text.len);
}

/* What reads like an absent key. (tiktok-shop-api.md 1.5) */
static bool
is_nothing(const struct value *v)
{
	return (v->quoted && !v->text.len) || is_word(v, "null") || is_word(v, "false") ||
	       is_word(v, "0");
}

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
add_value(const struct field *f, const struct value *v, uint64_t *sum)
{
	uint64_t h = hash_bytes(v->quoted, f->name, f->len);
	const char *text;
	struct json *j;

	if (is_nothing(v))
		return true;
	if (!v->quoted && !is_word(v, "true") && !is_integer(&v->text))
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

static bool
read_time(const struct value *v, int64_t *ret)
{
	int64_t n = 0;

	if (v->quoted || v->text.len > 15)
		return false;
	for (size_t i = 0; i < v->text.len; i++) {
		if (v->text.p[i] < '0' || v->text.p[i] > '9')
			return false;
		n = n * 10 + (v->text.p[i] - '0');
	}
	*ret = n;
	return n >= PAGE_TIME_MIN && n <= PAGE_TIME_MAX;
}

static bool
read_id(const struct value *v, char dst[21])
{
	if (!v->quoted || v->text.len < 1 || v->text.len > 20)
		return false;
	for (size_t i = 0; i < v->text.len; i++)
		if (v->text.p[i] < '0' || v->text.p[i] > '9')
			return false;
	memcpy(dst, v->text.p, v->text.len);
	dst[v->text.len] = '\0';
	return true;
}

/* --- one order ------------------------------------------------------------------------------- */

/* The keys met in an object: where the search for them stands, and which were listed. */
struct visit {
	const struct fields *list;
	size_t at;
	uint64_t seen;
	bool begun;
};

/*
 * The next listed key of an object whose brace was taken; others are stepped over. 1: *ret, its
 * value is next; 0: the object ended; -1: surprise, such as a listed key that stands there twice.
 */
static int
next_field(struct peek *c, struct visit *v, const struct field **ret)
{
	struct peek_span key;
	int more;

	while ((more = peek_key(c, &v->begun, &key)) == 1) {
		uint64_t bit;

		*ret = find(v->list, &v->at, key);
		if (!*ret && peek_skip(c))
			continue;
		if (!*ret)
			return -1;
		bit = UINT64_C(1) << (*ret - v->list->rows);
		if (v->seen & bit)
			return -1;
		v->seen |= bit;
		return 1;
	}
	return more;
}

/* The sum of an object all of whose listed keys are plain. */
static bool
add_object(struct peek *c, const struct fields *list, uint64_t *sum)
{
	struct visit v = { .list = list };
	const struct field *f;
	struct value value;
	int more;

	if (!peek_take(c, '{'))
		return false;
	while ((more = next_field(c, &v, &f)) == 1)
		if (!take_scalar(c, &value) || !add_value(f, &value, sum))
			return false;
	return more == 0;
}

/* The sum of a list of objects, in any order; null is an empty list. */
static bool
add_list(struct peek *c, const struct field *f, const struct fields *list, uint64_t *sum)
{
	struct value null;

	if (!peek_take(c, '['))
		return take_scalar(c, &null) && is_word(&null, "null");
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
	struct value null;

	if (!peek_is(c, '{'))
		return take_scalar(c, &null) && is_word(&null, "null");
	if (!add_object(c, &payment_fields, &inner))
		return false;
	*sum += inner ? spread(inner + PAYMENT) : 0;
	return true;
}

static bool
add_field(struct peek *c, const struct field *f, struct scan_row *row, uint64_t *sum)
{
	struct value v;

	switch (f->kind) {
	case LINES:
		return add_list(c, f, &line_fields, sum);
	case PACKAGES:
		return add_list(c, f, &package_fields, sum);
	case PAYMENT:
		return add_payment(c, sum);
	case PLAIN:
	case ID:
	case CREATED:
	case UPDATED:
		break;
	}
	if (!take_scalar(c, &v))
		return false;
	if ((f->kind == ID && !read_id(&v, row->id)) ||
	    (f->kind == CREATED && !read_time(&v, &row->create_time)) ||
	    (f->kind == UPDATED && !read_time(&v, &row->update_time)))
		return false;
	return add_value(f, &v, sum);
}

static bool
scan_order(struct peek *c, const char *body, struct scan_row *row)
{
	struct visit v = { .list = &order_fields };
	const struct field *f;
	uint64_t sum = 0;
	int more;

	memset(row, 0, sizeof(*row));
	peek_space(c);
	row->at = (size_t)(c->p - body);
	if (!peek_take(c, '{'))
		return false;
	while ((more = next_field(c, &v, &f)) == 1)
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
	struct value null;
	const char *from;

	if (!peek_take(c, '['))
		return take_scalar(c, &null) && is_word(&null, "null");
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
