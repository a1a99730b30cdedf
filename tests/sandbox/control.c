#include "tests/sandbox/control.h"

#include "common/json.h"
#include "common/own.h"
#include "common/str.h"
#include "tests/sandbox/jw.h"
#include "tests/sandbox/param.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static const struct control_row {
	const char *method;
	const char *path;
	int (*run)(struct control *c);
	const char *words;
	const char *help;
} rows[] = {
#define X(method, path, handler, words, help) { method, path, control_##handler, words, help },
#include "tests/sandbox/control.def"
#undef X
};

int
control_ok(struct control *c)
{
	jw_open(c->out, '{');
	jw_bool(c->out, "ok", true);
	jw_close(c->out, '}');
	return 0;
}

int
control_index(struct control *c)
{
	jw_open(c->out, '{');
	jw_arr(c->out, "calls");
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		jw_open(c->out, '{');
		jw_str(c->out, "method", rows[i].method);
		jw_key(c->out, "path");
		buf_printf(c->out, "\"/_sandbox%s\"", rows[i].path[0] ? rows[i].path : "/");
		jw_str(c->out, "takes", rows[i].words);
		jw_str(c->out, "does", rows[i].help);
		jw_close(c->out, '}');
	}
	jw_close(c->out, ']');
	jw_close(c->out, '}');
	return 0;
}

int
control_num(struct control *c, const char *name, int64_t preset, int64_t least, int64_t most,
            int64_t *ret)
{
	int64_t v = preset;

	if (json_get(c->in, name) && json_i64(c->in, name, &v))
		return err_set(c->e, ERR_INPUT, 0, "%s is not a whole number", name);
	if (v < least || v > most)
		return err_set(c->e, ERR_INPUT, 0, "%s is not within %" PRId64 " and %" PRId64,
		               name, least, most);
	*ret = v;
	return 0;
}

int
control_shop(struct control *c, bool all_allowed, struct shop **ret)
{
	const struct shops *s = &c->w->shops;
	const char *id = json_str(c->in, "shop_id");
	int64_t no = 0;
	char text[24];

	if (!id)
		id = request_param(c->rq, "shop_id");
	if (!id)
		id = json_id(c->in, "shop_id", text, sizeof(text));
	if ((id && !strcmp(id, "all")) || json_flag(c->in, "all")) {
		*ret = NULL;
		return all_allowed ? 0 : err_set(c->e, ERR_INPUT, 0, "one shop_id, please");
	}
	if (id)
		*ret = shops_find(s, param_id(id));
	else if (control_num(c, "shop", 1, 1, (int64_t)s->n_all, &no))
		return -1;
	else
		*ret = s->all[no - 1];
	return *ret ? 0 : err_set(c->e, ERR_INPUT, 0, "no shop with this shop_id");
}

int
control_seller_of(struct control *c, struct seller **ret)
{
	int64_t no = 0;

	if (control_num(c, "seller", 1, 1, (int64_t)c->w->shops.n_sellers, &no))
		return -1;
	*ret = shops_find_seller(&c->w->shops, no);
	return 0;
}

int
control_order_of(struct control *c, struct order **ret)
{
	char id[24];

	*ret = NULL;
	if (json_id(c->in, "order_id", id, sizeof(id)))
		*ret = orders_find(&c->w->orders, param_id(id));
	return *ret ? 0 : err_set(c->e, ERR_INPUT, 0, "no order with this order_id");
}

static const struct control_row *
find(const char *method, const char *path)
{
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (!strcmp(rows[i].method, method) && !strcmp(rows[i].path, path))
			return &rows[i];
	return NULL;
}

static struct json *
read_body(const struct request *rq, struct err *e)
{
	struct json *in;

	if (!rq->body_len)
		return json_obj();
	in = json_parse(rq->body, rq->body_len, e);
	if (in && !json_is_obj(in)) {
		json_free(in);
		err_set(e, ERR_INPUT, 0, "the body is no JSON object");
		return NULL;
	}
	return in;
}

static void
say_error(struct reply *reply, int status, const char *text)
{
	buf_reset(&reply->body);
	reply->status = status;
	jw_open(&reply->body, '{');
	jw_str(&reply->body, "error", text);
	jw_close(&reply->body, '}');
}

void
control_handle(struct world *w, const struct request *rq, struct reply *reply)
{
	const char *path = rq->path + strlen("/_sandbox");
	const struct control_row *row = find(rq->method, !strcmp(path, "/") ? "" : path);
	struct err e = { 0 };
	struct control c = { .w = w, .rq = rq, .out = &reply->body, .e = &e };

	if (!row) {
		say_error(reply, 404, "no such control call; GET /_sandbox/ lists them");
		return;
	}
	c.in = read_body(rq, &e);
	if (!c.in || row->run(&c))
		say_error(reply, 400, e.text);
	json_free(c.in);
}
