#include "tests/sandbox/search.h"

#include "tests/sandbox/buyer.h"

void
search_init(struct search *s)
{
	*s = (struct search){ .create_ge = INT64_MIN,
		              .create_lt = INT64_MAX,
		              .update_ge = INT64_MIN,
		              .update_lt = INT64_MAX,
		              .shipping = -1,
		              .cancel_asked = -1 };
}

static bool
place_fits(const struct search *s, uint64_t warehouse)
{
	for (size_t i = 0; i < s->n_warehouses; i++)
		if (s->warehouses[i] == warehouse)
			return true;
	return !s->n_warehouses;
}

/* Does the row pass what is not a bound of the field that is sorted by? */
static bool
fits(const struct search *s, const struct order *o, uint64_t seed)
{
	if (s->by_update ? o->create_time < s->create_ge || o->create_time >= s->create_lt
	                 : o->update_time < s->update_ge || o->update_time >= s->update_lt)
		return false;
	if (s->status && o->status != s->status)
		return false;
	if (s->shipping >= 0 && o->seller_ships != (s->shipping == 1))
		return false;
	if (s->cancel_asked >= 0 && o->cancel_asked != (s->cancel_asked == 1))
		return false;
	if (s->buyer && buyer_user_id(seed, o->buyer) != s->buyer)
		return false;
	return place_fits(s, o->warehouse_id) && o->visible_at <= s->now;
}

/* Do all rows between the bounds pass? */
static bool
plain(const struct search *s)
{
	bool other = s->by_update ? s->create_ge != INT64_MIN || s->create_lt != INT64_MAX
	                          : s->update_ge != INT64_MIN || s->update_lt != INT64_MAX;

	return !other && !s->status && s->shipping < 0 && s->cancel_asked < 0 && !s->buyer &&
	       !s->n_warehouses && !s->delayed;
}

struct span {
	size_t lo, hi; /* rows lo .. hi - 1 */
};

static struct span
bounds(const struct search *s, const struct timeline *t)
{
	int64_t ge = s->by_update ? s->update_ge : s->create_ge;
	int64_t lt = s->by_update ? s->update_lt : s->create_lt;
	struct span r = { timeline_at(t, ge, 0), timeline_at(t, lt, 0) };

	if (r.hi < r.lo)
		r.hi = r.lo;
	return r;
}

static size_t
count(const struct search *s, const struct timeline *t, struct span r, uint64_t seed)
{
	size_t n = 0;

	if (plain(s))
		return r.hi - r.lo;
	for (size_t i = r.lo; i < r.hi; i++)
		n += fits(s, t->rows[i].row, seed);
	return n;
}

/* What is left behind the cursor. */
static struct span
rest(const struct search *s, const struct timeline *t, struct span r)
{
	size_t at;

	if (!s->started)
		return r;
	at = timeline_at(t, s->after_time, s->descending ? s->after_id : s->after_id + 1);
	if (s->descending)
		r.hi = at < r.lo ? r.lo : at < r.hi ? at : r.hi;
	else
		r.lo = at > r.hi ? r.hi : at > r.lo ? at : r.lo;
	return r;
}

void
search_run(const struct search *s, const struct shop *shop, uint64_t seed, struct search_page *ret)
{
	const struct timeline *t = s->by_update ? &shop->by_update : &shop->by_create;
	struct span r = bounds(s, t);

	ret->n = 0;
	ret->more = false;
	ret->total = count(s, t, r, seed);
	r = rest(s, t, r);
	for (size_t i = 0; i < r.hi - r.lo; i++) {
		struct order *o = t->rows[s->descending ? r.hi - 1 - i : r.lo + i].row;

		if (!fits(s, o, seed))
			continue;
		if (ret->n == s->page_size) {
			ret->more = true;
			return;
		}
		ret->rows[ret->n++] = o;
	}
}
