#include "daemon/tiktok/orders_scan.h"

#include <stdbool.h>
#include <string.h>

#define DEPTH_MAX 16

/* A place in the text; p NULL after a surprise. */
struct cursor {
	const char *p;
	const char *end;
};

struct span {
	const char *p;
	size_t len;
};

/* Keys whose values enter the hash: what orders.c reads of an order, of its payment, of a line. */
static const char *const order_keys[] = {
	"cancellation_initiator", "collection_due_time", "create_time", "delivery_due_time",
	"delivery_option_id", "delivery_option_name", "fulfillment_priority_level", "fulfillment_type", "id",
	"is_buyer_request_cancel", "is_cod", "is_on_hold_order", "is_sample_order", "order_type", "packages",
	"paid_time", "pick_up_cut_off_time", "rts_sla_time", "rts_time", "shipping_due_time",
	"shipping_provider", "shipping_provider_id", "shipping_type", "split_or_combine_tag", "status",
	"tracking_number", "tts_sla_time", "update_time", "warehouse_id", NULL,
};

static const char *const payment_keys[] = {
	"currency", "platform_discount", "seller_discount", "shipping_fee", "sub_total", "total_amount", NULL,
};

static const char *const line_keys[] = {
	"cancel_user", "currency", "display_status", "id", "is_gift", "original_price", "package_id",
	"package_status", "platform_discount", "product_id", "product_name", "sale_price", "seller_discount",
	"seller_sku", "sku_id", "sku_name", NULL,
};

/* --- hashing --------------------------------------------------------------------------------- */

/* The finaliser of splitmix64: spreads every bit over all. */
static uint64_t
spread(uint64_t h)
{
	h = (h ^ (h >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	h = (h ^ (h >> 27)) * UINT64_C(0x94d049bb133111eb);
	return h ^ (h >> 31);
}

/* Eight bytes a step: tells a change from a repeat; nobody gains by a collision of their own order. */
static uint64_t
hash_bytes(uint64_t h, struct span s)
{
	uint64_t w;

	h ^= s.len * UINT64_C(0x9e3779b97f4a7c15);
	for (; s.len >= sizeof(w); s.p += sizeof(w), s.len -= sizeof(w)) {
		memcpy(&w, s.p, sizeof(w));
		h = (h ^ w) * UINT64_C(0x9fb21c651e98df25);
		h ^= h >> 32;
	}
	w = 0;
	memcpy(&w, s.p, s.len);
	return spread(h ^ w);
}

static uint64_t
hash_pair(struct span key, struct span value)
{
	return hash_bytes(hash_bytes(1, key), value);
}

/* --- walking over JSON ----------------------------------------------------------------------- */

static void
skip_space(struct cursor *c)
{
	while (c->p < c->end && (*c->p == ' ' || *c->p == '\n' || *c->p == '\r' || *c->p == '\t'))
		c->p++;
}

static bool
take(struct cursor *c, char ch)
{
	if (!c->p)
		return false;
	skip_space(c);
	if (c->p >= c->end || *c->p != ch)
		return false;
	c->p++;
	return true;
}

/* The inside of a string whose quote is next; escapes stay as they are. */
static bool
take_string(struct cursor *c, struct span *ret)
{
	const char *from, *q;

	if (!take(c, '"'))
		return false;
	from = c->p;
	for (;;) {
		size_t slashes = 0;

		q = memchr(c->p, '"', (size_t)(c->end - c->p));
		if (!q)
			return false;
		while (q - slashes > from && q[-1 - (ptrdiff_t)slashes] == '\\')
			slashes++;
		c->p = q + 1;
		if (slashes % 2 == 0)
			break;
	}
	*ret = (struct span){ from, (size_t)(q - from) };
	return true;
}

/* Step over a value of any kind; its text is ret. */
static bool
take_value(struct cursor *c, struct span *ret)
{
	const char *from;
	struct span ignored;
	int depth = 0;

	skip_space(c);
	from = c->p;
	do {
		if (c->p >= c->end)
			return false;
		switch (*c->p) {
		case '"':
			if (!take_string(c, &ignored))
				return false;
			break;
		case '{':
		case '[':
			if (++depth > DEPTH_MAX)
				return false;
			c->p++;
			break;
		case '}':
		case ']':
			if (--depth < 0)
				return false;
			c->p++;
			break;
		default:
			c->p++;
			if (depth == 0) /* a number or a word: up to what ends it */
				while (c->p < c->end && !strchr(",}] \t\r\n", *c->p))
					c->p++;
			break;
		}
	} while (depth > 0);
	*ret = (struct span){ from, (size_t)(c->p - from) };
	return ret->len > 0;
}

/*
 * The next key of an object whose brace was taken; the cursor stands before its value. 1: there is
 * one, 0: the object ended, -1: surprise.
 */
static int
next_key(struct cursor *c, bool *first, struct span *key)
{
	if (take(c, '}'))
		return 0;
	if (!*first && !take(c, ','))
		return -1;
	*first = false;
	return take_string(c, key) && take(c, ':') ? 1 : -1;
}

static bool
is_key(struct span k, const char *name)
{
	return strlen(name) == k.len && !memcmp(name, k.p, k.len);
}

static bool
is_listed(struct span k, const char *const *list)
{
	for (; *list; list++)
		if ((*list)[0] == k.p[0] && is_key(k, *list))
			return true;
	return false;
}

/* Hash an object's listed keys, in any order. */
static bool
hash_object(struct cursor *c, const char *const *list, uint64_t *sum)
{
	struct span key, value;
	bool first = true;
	int more;

	if (!take(c, '{'))
		return false;
	while ((more = next_key(c, &first, &key)) == 1) {
		if (!take_value(c, &value))
			return false;
		if (key.len && is_listed(key, list))
			*sum += hash_pair(key, value);
	}
	return more == 0;
}

/* Lines in their order: each line's sum is hashed with its place. */
static bool
hash_lines(struct cursor *c, uint64_t *sum)
{
	uint64_t place = 0;

	if (!take(c, '['))
		return false;
	if (take(c, ']'))
		return true;
	do {
		uint64_t line = ++place;

		if (!hash_object(c, line_keys, &line))
			return false;
		*sum += spread(line + place * UINT64_C(0x9e3779b97f4a7c15));
	} while (take(c, ','));
	return take(c, ']');
}

/* --- one order ------------------------------------------------------------------------------- */

static bool
read_number(struct span v, int64_t *ret)
{
	int64_t n = 0;

	if (v.len == 0 || v.len > 15)
		return false;
	for (size_t i = 0; i < v.len; i++) {
		if (v.p[i] < '0' || v.p[i] > '9')
			return false;
		n = n * 10 + (v.p[i] - '0');
	}
	*ret = n;
	return true;
}

static bool
read_id(struct span v, char dst[21])
{
	if (v.len < 3 || v.len > 22 || v.p[0] != '"')
		return false;
	for (size_t i = 1; i < v.len - 1; i++)
		if (v.p[i] < '0' || v.p[i] > '9')
			return false;
	memcpy(dst, v.p + 1, v.len - 2);
	dst[v.len - 2] = '\0';
	return true;
}

static bool
is_object(const struct cursor *c)
{
	struct cursor ahead = *c;

	return take(&ahead, '{');
}

static bool
is_array(const struct cursor *c)
{
	struct cursor ahead = *c;

	return take(&ahead, '[');
}

static bool
scan_field(struct cursor *c, struct span key, struct scan_row *row, uint64_t *sum)
{
	struct span value;
	uint64_t inner = 2;

	if (is_key(key, "line_items") && is_array(c))
		return hash_lines(c, sum);
	if (is_key(key, "payment") && is_object(c)) {
		if (!hash_object(c, payment_keys, &inner))
			return false;
		*sum += spread(inner);
		return true;
	}
	if (!take_value(c, &value))
		return false;
	if (is_key(key, "id") && !read_id(value, row->id))
		return false;
	if (is_key(key, "create_time") && !read_number(value, &row->create_time))
		return false;
	if (is_key(key, "update_time") && !read_number(value, &row->update_time))
		return false;
	if (is_listed(key, order_keys))
		*sum += hash_pair(key, value);
	return true;
}

static bool
scan_order(struct cursor *c, const char *body, struct scan_row *row)
{
	struct span key;
	uint64_t sum = 0;
	bool first = true;
	int more;

	memset(row, 0, sizeof(*row));
	skip_space(c);
	row->at = (size_t)(c->p - body);
	if (!take(c, '{'))
		return false;
	while ((more = next_key(c, &first, &key)) == 1)
		if (!key.len || !scan_field(c, key, row, &sum))
			return false;
	row->len = (size_t)(c->p - body) - row->at;
	row->hash = (int64_t)sum;
	return more == 0 && row->id[0] && row->create_time && row->update_time;
}

int
orders_scan_one(const char *text, size_t len, struct scan_row *ret)
{
	struct cursor c = { text, text + len };

	if (!scan_order(&c, text, ret))
		return -1;
	skip_space(&c);
	return c.p == c.end ? 0 : -1;
}

/* --- the page -------------------------------------------------------------------------------- */

/* Into the object under this key of an object whose first byte is next. */
static bool
descend(struct cursor *c, const char *name)
{
	struct span key, ignored;
	bool first = true;

	if (!take(c, '{'))
		return false;
	while (next_key(c, &first, &key) == 1) {
		if (is_key(key, name))
			return true;
		if (!take_value(c, &ignored))
			return false;
	}
	return false;
}

int
orders_scan(const char *body, size_t len, struct scan_row *rows, int most, struct buf *frame)
{
	struct cursor c = { body, body + len };
	const char *list;
	int n = 0;

	if (!descend(&c, "data") || !descend(&c, "orders") || !take(&c, '['))
		return -1;
	list = c.p;
	if (!take(&c, ']')) {
		do {
			if (n == most || !scan_order(&c, body, &rows[n++]))
				return -1;
		} while (take(&c, ','));
		if (!take(&c, ']'))
			return -1;
	}
	if (buf_add(frame, body, (size_t)(list - body)) || buf_chr(frame, ']') ||
	    buf_add(frame, c.p, (size_t)(c.end - c.p)))
		return -1;
	return n;
}
