#include "tests/sandbox/control.h"

#include "common/clock.h"
#include "common/json.h"
#include "common/str.h"
#include "tests/sandbox/gateway.h"
#include "tests/sandbox/jw.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A number that may have decimals, as thousandths or millionths. */
static int
read_scaled(struct control *c, const char *name, double preset, double scale, double most,
            int64_t *ret)
{
	struct json *v = json_get(c->in, name);
	double d = preset;
	struct buf text;

	if (v) {
		char *end;

		buf_init(&text, 256);
		json_write(v, &text);
		d = strtod(buf_text(&text), &end);
		if (!text.len || *end || !(d >= 0 && d <= most)) {
			buf_done(&text);
			return err_set(c->e, ERR_INPUT, 0, "%s is no number from 0 to %.0f", name,
			               most);
		}
		buf_done(&text);
	}
	*ret = (int64_t)(d * scale + 0.5);
	return 0;
}

static int
read_fault(struct control *c, struct fault *f)
{
	const char *kind = json_str(c->in, "kind"), *match = json_str(c->in, "match");
	const char *after = json_str(c->in, "retry_after"), *why = json_str(c->in, "why");
	int64_t status, preset = json_get(c->in, "probability") ? -1 : 1;

	f->kind = kind ? faults_kind(kind) : FAULT_NONE;
	if (!f->kind)
		return err_set(c->e, ERR_INPUT, 0, "kind %s is unknown", kind ? kind : "(none)");
	if (!str_copy(f->match, sizeof(f->match), match ? match : "*") ||
	    !str_copy(f->retry_after, sizeof(f->retry_after), after ? after : ""))
		return err_set(c->e, ERR_INPUT, 0, "match or retry_after is too long");
	if (control_num(c, "count", preset, -1, INT64_MAX, &f->count) ||
	    read_scaled(c, "probability", 1, 1e6, 1, &f->per_million) ||
	    control_num(c, "ms", f->kind == FAULT_DELAY ? 1000 : 0, 0, 3600000, &f->ms) ||
	    control_num(c, "bytes", 0, 0, 200 << 20, &f->bytes) ||
	    control_num(c, "status", 0, 0, 599, &status))
		return -1;
	f->status = (int)status;
	f->why = (int)gateway_fail_named(why ? why : "");
	if (f->kind == FAULT_REFUSE && !f->why)
		return err_set(c->e, ERR_INPUT, 0, "why is a name of fail.def");
	return 0;
}

int
control_fault(struct control *c)
{
	struct fault f = { 0 };
	struct shop *shop = NULL;

	if (read_fault(c, &f))
		return -1;
	if (json_get(c->in, "shop_id") || json_get(c->in, "shop")) {
		if (control_shop(c, true, &shop))
			return -1;
		if (shop)
			str_copy(f.cipher, sizeof(f.cipher), shop->cipher);
	}
	jw_open(c->out, '{');
	jw_int(c->out, "no", faults_add(&c->w->faults, &f));
	jw_close(c->out, '}');
	return 0;
}

int
control_fault_list(struct control *c)
{
	jw_open(c->out, '{');
	jw_arr(c->out, "faults");
	for (size_t i = 0; i < c->w->faults.n; i++) {
		const struct fault *f = &c->w->faults.rows[i];

		jw_open(c->out, '{');
		jw_int(c->out, "no", f->no);
		jw_str(c->out, "kind", faults_word(f->kind));
		jw_str(c->out, "match", f->match);
		jw_int(c->out, "count", f->count);
		jw_int(c->out, "hits", (int64_t)f->hits);
		jw_close(c->out, '}');
	}
	jw_close(c->out, ']');
	jw_close(c->out, '}');
	return 0;
}

int
control_fault_clear(struct control *c)
{
	const char *text = request_param(c->rq, "no");
	int64_t no = 0;

	if (text && (str_i64(text, &no) || no < 1 || no > UINT32_MAX))
		return err_set(c->e, ERR_INPUT, 0, "no is not the number of a fault");
	jw_open(c->out, '{');
	jw_int(c->out, "cleared", (int64_t)faults_clear(&c->w->faults, (unsigned)no));
	jw_close(c->out, '}');
	return 0;
}

int
control_clock(struct control *c)
{
	int64_t offset, advance;
	const int64_t century = 100LL * 366 * 86400;

	if (control_num(c, "offset_s", c->w->offset_s, -century, century, &offset) ||
	    control_num(c, "advance_s", 0, -century, century, &advance))
		return -1;
	c->w->offset_s = offset + advance;
	orders_forget_texts(&c->w->orders);
	jw_open(c->out, '{');
	jw_int(c->out, "now", world_now(c->w));
	jw_int(c->out, "offset_s", c->w->offset_s);
	jw_close(c->out, '}');
	return 0;
}

int
control_traffic(struct control *c)
{
	struct shop *shop = NULL;
	int64_t creates = 0, updates = 0, total = 0;

	if (control_shop(c, true, &shop) ||
	    read_scaled(c, "creates_per_s", 0, 1000, 1e6, &creates) ||
	    read_scaled(c, "updates_per_s", 0, 1000, 1e6, &updates) ||
	    control_num(c, "total", -1, -1, INT64_MAX, &total))
		return -1;
	traffic_set(&c->w->traffic, shop ? shop->id : 0, creates, updates, total, mono_us());
	return control_ok(c);
}

int
control_seed(struct control *c)
{
	int64_t seed;

	if (control_num(c, "seed", c->w->opt->seed, 0, INT64_MAX, &seed))
		return -1;
	world_reseed(c->w, (uint64_t)seed);
	return control_ok(c);
}
