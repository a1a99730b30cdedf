#include "daemon/tiktok/orders_flat.h"

#include "common/str.h"
#include "daemon/tiktok/buyer_code.h"
#include "daemon/tiktok/orders_fields.h"
#include "daemon/tiktok/peek.h"

#include <stdlib.h>
#include <string.h>

#define AMOUNT_MAX 24 /* sign, 15 digits, point, 6 decimals, NUL */
#define LEVEL_MAX  9  /* digits that fit an int of PostgreSQL */
#define NUMBER_MAX 18 /* digits that surely fit an int64_t */

/* An order being read. */
struct flat {
	struct tt_order *order;
	const struct buyer_key *key;
	int lines_met, packages_met;
	int room;            /* lines there is memory for */
	unsigned buyer_seen; /* bit: index into fields_buyer */
	int64_t buyer[BUYER_FIELDS];
	int nends;
	const char *ends[ORDERS_FLAT_TEXTS]; /* quotes to become NULs */
};

/* --- values ---------------------------------------------------------------------------------- */

/* The string itself, when it is well-formed and 1 to most bytes long; ret stays NULL when not. */
static bool
keep(struct flat *f, const struct peek_span *s, size_t most, const char **ret)
{
	if (!s->len || s->len > most)
		return true;
	if (f->nends == ORDERS_FLAT_TEXTS || !str_utf8(s->p, s->len))
		return false;
	f->ends[f->nends++] = s->p + s->len;
	*ret = s->p;
	return true;
}

static bool
keep_amount(struct flat *f, const struct peek_span *s, const char **ret)
{
	char copy[AMOUNT_MAX];

	if (!s->len)
		return true;
	if (s->len >= sizeof(copy))
		return false;
	memcpy(copy, s->p, s->len);
	copy[s->len] = '\0';
	return str_is_amount(copy) && keep(f, s, AMOUNT_MAX, ret);
}

static bool
keep_ref(struct flat *f, const struct fields_value *v, const char **ret)
{
	char copy[21];

	return !v->text.len || (fields_id(v, copy) && keep(f, &v->text, sizeof(copy), ret));
}

static bool
take_level(const struct peek_span *s, int64_t *ret)
{
	int64_t n = 0;

	if (s->len > LEVEL_MAX)
		return false;
	for (size_t i = 0; i < s->len; i++) {
		if (s->p[i] < '0' || s->p[i] > '9')
			return false;
		n = n * 10 + (s->p[i] - '0');
	}
	*ret = n;
	return true;
}

static bool
take_text(struct flat *f, const struct field *field, const struct fields_value *v, void *to)
{
	if (v->text.escaped)
		return false;
	switch (field->type) {
	case TYPE_ID:
		return fields_id(v, to);
	case TYPE_WORD:
		return keep(f, &v->text, ORDERS_WORD_MAX, to);
	case TYPE_TEXT:
		return keep(f, &v->text, ORDERS_TEXT_MAX, to);
	case TYPE_AMOUNT:
		return keep_amount(f, &v->text, to);
	case TYPE_REF:
		return keep_ref(f, v, to);
	case TYPE_NONE:
	case TYPE_FLAG:
	case TYPE_TIME:
	case TYPE_LEVEL:
		break;
	}
	return false;
}

/* A listed plain value into its member of base. */
static bool
take_value(struct peek *c, struct flat *f, const struct field *field, void *base)
{
	void *to = (char *)base + field->at;
	struct fields_value v;

	if (!fields_scalar(c, &v))
		return false;
	if (v.quoted)
		return take_text(f, field, &v, to);
	switch (field->type) {
	case TYPE_FLAG:
		*(bool *)to = fields_is(&v, "true");
		return *(bool *)to || fields_is_nothing(&v);
	case TYPE_TIME:
		return fields_is(&v, "null") || fields_is(&v, "0") || fields_time(&v, to);
	case TYPE_LEVEL:
		return fields_is(&v, "null") || take_level(&v.text, to);
	case TYPE_NONE:
	case TYPE_ID:
	case TYPE_WORD:
	case TYPE_TEXT:
	case TYPE_AMOUNT:
	case TYPE_REF:
		break;
	}
	return fields_is(&v, "null");
}

static bool
take_null(struct peek *c)
{
	struct fields_value v;

	return fields_scalar(c, &v) && fields_is(&v, "null");
}

/* --- objects and lists ----------------------------------------------------------------------- */

/* All listed keys of an object, which are plain, into base. */
static bool
take_object(struct peek *c, struct flat *f, const struct fields *list, void *base)
{
	struct fields_visit v = { .list = list };
	const struct field *field;
	int more;

	if (!peek_take(c, '{'))
		return false;
	while ((more = fields_next(c, &v, &field)) == 1)
		if (!take_value(c, f, field, base))
			return false;
	return more == 0;
}

/* Elements of a list one after the other; null is an empty list. */
static bool
take_list(struct peek *c, struct flat *f, bool (*one)(struct peek *c, struct flat *f))
{
	if (!peek_take(c, '['))
		return take_null(c);
	if (peek_take(c, ']'))
		return true;
	do {
		if (!one(c, f))
			return false;
	} while (peek_take(c, ','));
	return peek_take(c, ']');
}

static bool
take_package(struct peek *c, struct flat *f)
{
	struct {
		char id[21];
	} package = { "" };
	size_t at = strlen(f->order->packages), len;

	if (++f->packages_met > ORDERS_PACKAGES_MAX ||
	    !take_object(c, f, &fields_package, &package) || !package.id[0])
		return false;
	len = strlen(package.id); /* as many as may be fit */
	if (at)
		f->order->packages[at++] = ',';
	memcpy(f->order->packages + at, package.id, len + 1);
	return true;
}

static bool
make_room(struct flat *f)
{
	int room = f->room ? 2 * f->room : 4;
	struct tt_line *lines;

	if (f->order->nlines < f->room)
		return true;
	lines = realloc(f->order->lines, (size_t)room * sizeof(*lines));
	if (!lines)
		return false;
	f->order->lines = lines;
	f->room = room;
	return true;
}

static bool
take_line(struct peek *c, struct flat *f)
{
	struct tt_order *o = f->order;
	struct tt_line *l;

	if (++f->lines_met > ORDERS_LINES_MAX || !make_room(f))
		return false;
	l = &o->lines[o->nlines];
	memset(l, 0, sizeof(*l));
	if (!take_object(c, f, &fields_line, l) || !l->id[0])
		return false;
	for (int i = 0; i < o->nlines; i++)
		if (!strcmp(o->lines[i].id, l->id))
			return true; /* the same line twice is one line */
	o->nlines++;
	return true;
}

static bool
take_payment(struct peek *c, struct flat *f)
{
	return peek_is(c, '{') ? take_object(c, f, &fields_payment, f->order) : take_null(c);
}

/* --- what of a buyer is there ---------------------------------------------------------------- */

/* Is there something in the value that was stepped over? As a tree's reader sees it. */
static bool
is_filled(struct peek value)
{
	struct peek_span s;

	if (peek_take(&value, '{'))
		return !peek_is(&value, '}');
	if (peek_take(&value, '['))
		return !peek_is(&value, ']');
	if (peek_is(&value, '"'))
		return peek_string(&value, &s) && s.len;
	return !peek_is(&value, 'n');
}

/*
 * The buyer's id into its code: all of it that leaves this place. As the tree's reader has it, a
 * plain number is an id too; numbers of other kinds and escapes are left to it.
 */
static bool
take_buyer(struct flat *f, struct peek value)
{
	struct fields_value v;
	char id[21];
	bool quoted;

	if (peek_is(&value, '{') || peek_is(&value, '['))
		return true;
	if (!fields_scalar(&value, &v) || v.text.escaped)
		return false;
	quoted = v.quoted;
	if (!quoted && (fields_is(&v, "null") || fields_is(&v, "false") || fields_is(&v, "true")))
		return true;
	if (!quoted && (v.text.p[0] == '0' || v.text.len > NUMBER_MAX))
		return false;
	v.quoted = true;
	if (!fields_id(&v, id))
		return quoted;
	f->order->buyer = buyer_code(f->key, id, v.text.len);
	return true;
}

static bool
step_over(struct peek *c, const struct peek_span *key, void *arg)
{
	struct flat *f = arg;
	struct peek value = *c;

	if (!peek_skip(c))
		return false;
	for (size_t i = 0; i < FIELDS_BUYER; i++) {
		if (fields_buyer[i].len != key->len ||
		    memcmp(fields_buyer[i].name, key->p, key->len) != 0)
			continue;
		if (f->buyer_seen >> i & 1)
			return false;
		f->buyer_seen |= 1u << i;
		f->buyer[fields_buyer[i].field] += is_filled(value);
		if (fields_buyer[i].field == BUYER_ID && !take_buyer(f, value))
			return false;
	}
	return true;
}

/* --- one order ------------------------------------------------------------------------------- */

static bool
take_field(struct peek *c, struct flat *f, const struct field *field)
{
	switch (field->kind) {
	case FIELD_LINES:
		return take_list(c, f, take_line);
	case FIELD_PACKAGES:
		return take_list(c, f, take_package);
	case FIELD_PAYMENT:
		return take_payment(c, f);
	case FIELD_PLAIN:
	case FIELD_ID:
	case FIELD_CREATED:
	case FIELD_UPDATED:
		break;
	}
	return take_value(c, f, field, f->order);
}

static bool
take_order(struct peek *c, struct flat *f)
{
	struct fields_visit v = { .list = &fields_order, .other = step_over, .arg = f };
	struct tt_order *o = f->order;
	const struct field *field;
	int more;

	if (!peek_take(c, '{'))
		return false;
	while ((more = fields_next(c, &v, &field)) == 1)
		if (!take_field(c, f, field))
			return false;
	peek_space(c);
	if (more || c->p != c->end || !o->id[0] || !o->status || !o->create_time ||
	    !o->update_time || (o->total_amount && !o->currency))
		return false;
	o->ship_by = o->rts_sla_time ? o->rts_sla_time : o->shipping_due_time;
	return true;
}

int
orders_flat_one(char *text, size_t len, const struct buyer_key *key, struct tt_order *ret,
                int64_t dropped[BUYER_FIELDS])
{
	struct peek c = { text, text + len };
	struct flat f;

	memset(ret, 0, sizeof(*ret));
	memset(&f, 0, offsetof(struct flat, ends));
	f.order = ret;
	f.key = key;
	if (!take_order(&c, &f)) {
		orders_free_lines(ret);
		return -1;
	}
	for (int i = 0; i < f.nends; i++)
		text[f.ends[i] - text] = '\0';
	for (int i = 0; i < BUYER_FIELDS; i++)
		dropped[i] += f.buyer[i];
	return 0;
}
