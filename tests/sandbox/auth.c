#include "tests/sandbox/auth.h"

#include "tests/sandbox/jw.h"
#include "tests/sandbox/mem.h"
#include "tests/sandbox/scope.h"

#include <stdlib.h>
#include <string.h>

static void
not_found(struct reply *reply, struct call_row *row)
{
	reply->status = 404;
	reply->type = "text/plain; charset=utf-8";
	buf_str(&reply->body, "404 page not found");
	row->code = 404;
}

static void
refuse(struct reply *reply, struct call_row *row, int code, const char *message, bool with_data)
{
	struct buf *b = &reply->body;

	row->code = code;
	jw_open(b, '{');
	jw_int(b, "code", code);
	if (with_data)
		jw_null(b, "data");
	jw_str(b, "message", message);
	jw_str(b, "request_id", row->request_id);
	jw_close(b, '}');
}

static void
write_pair(struct buf *b, const struct world *w, const struct seller *who)
{
	const struct grant *g = &who->grant;
	struct grants_name access = { 'A', who->no, g->access.n };
	struct grants_name refresh = { 'R', who->no, g->refresh.n };
	char text[GRANTS_TOKEN_MAX];

	grants_text(&w->rules, who->region->prefix, access, text);
	jw_str(b, "access_token", text);
	jw_int(b, "access_token_expire_in", g->access.rows[g->access.n - 1].until);
	jw_arr(b, "granted_scopes");
	for (size_t i = 0; i < SCOPE_BITS; i++)
		if (g->scopes >> i & 1)
			jw_item(b, scope_key(i));
	jw_close(b, ']');
	jw_str(b, "open_id", who->open_id);
	grants_text(&w->rules, who->region->prefix, refresh, text);
	jw_str(b, "refresh_token", text);
	jw_int(b, "refresh_token_expire_in", g->ends);
}

static void
accept(const struct world *w, const struct seller *who, struct reply *reply, struct call_row *row)
{
	struct buf *b = &reply->body;

	row->token_out = who->grant.access.n;
	jw_open(b, '{');
	jw_int(b, "code", 0);
	jw_obj(b, "data");
	write_pair(b, w, who);
	jw_str(b, "seller_base_region", who->region->code);
	jw_str(b, "seller_name", who->name);
	jw_int(b, "user_type", 0);
	jw_close(b, '}');
	jw_str(b, "message", "success");
	jw_str(b, "request_id", row->request_id);
	jw_close(b, '}');
}

/* Whose token of this kind is it? NULL where it is no such token. */
static struct seller *
owner(struct world *w, const char *text, char kind, struct call_row *row)
{
	struct grants_name name;
	struct seller *who;

	if (!text || grants_parse(&w->rules, text, &name) || name.kind != kind)
		return NULL;
	who = shops_find_seller(&w->shops, name.seller);
	row->token_in = name.n;
	row->seller = who ? who->no : 0;
	return who;
}

static void
token_get(struct world *w, const struct request *rq, struct reply *reply, struct call_row *row)
{
	struct seller *who = owner(w, request_param(rq, "auth_code"), 'C', row);

	if (!who || grants_take(&w->rules, &who->grant, row->token_in, world_now(w))) {
		refuse(reply, row, 36004004, "invalid auth code", true);
		return;
	}
	who->grant.scopes = w->app.scopes;
	accept(w, who, reply, row);
}

/* A refresh whose answer is on its way. Found by number: the sellers may be others by then. */
struct flight {
	struct world *w;
	uint64_t seed;
	unsigned seller;
};

static void
on_landed(void *arg)
{
	struct flight *f = arg;
	struct seller *who = shops_find_seller(&f->w->shops, f->seller);

	if (who && f->w->seed == f->seed && who->grant.inflight)
		who->grant.inflight--;
	free(f);
}

static void
take_off(struct world *w, struct seller *who, struct reply *reply)
{
	struct flight *f = mem_new(1, sizeof(*f));
	struct grant *g = &who->grant;

	*f = (struct flight){ w, w->seed, who->no };
	reply->on_sent = on_landed;
	reply->arg = f;
	if (++g->inflight > g->inflight_max)
		g->inflight_max = g->inflight;
}

static void
token_refresh(struct world *w, const struct request *rq, struct reply *reply, struct call_row *row)
{
	struct seller *who = owner(w, request_param(rq, "refresh_token"), 'R', row);
	enum grants_verdict v = GRANTS_UNKNOWN;

	if (who) {
		take_off(w, who, reply);
		v = grants_refresh(&w->rules, &who->grant, row->token_in, world_now(w));
	}
	if (v == GRANTS_GOOD)
		accept(w, who, reply, row);
	else if (v == GRANTS_EXPIRED)
		refuse(reply, row, 36004001, "rt has expired", true);
	else
		refuse(reply, row, 36004005, "can not find related auth record", false);
}

/* By a fault: nothing is done, but whose it was is told. */
static void
refuse_token(struct world *w, const struct request *rq, bool get, struct reply *reply,
             struct call_row *row)
{
	const char *text = request_param(rq, get ? "auth_code" : "refresh_token");

	(void)owner(w, text, get ? 'C' : 'R', row);
	refuse(reply, row, get ? 36004004 : 36004005, "refused by a fault", false);
}

static bool
is(const struct request *rq, const char *name, const char *want)
{
	const char *have = request_param(rq, name);

	return have && !strcmp(have, want);
}

void
auth_handle(struct world *w, const struct request *rq, const struct fault *f, struct reply *reply,
            struct call_row *row)
{
	bool get = !strcmp(rq->path, "/api/v2/token/get");

	row->endpoint = get ? "token_get" : "token_refresh";
	if (strcmp(rq->method, "GET") != 0 ||
	    (!get && strcmp(rq->path, "/api/v2/token/refresh") != 0))
		not_found(reply, row);
	else if (!is(rq, "app_key", w->app.key))
		refuse(reply, row, 98001005, "invalid app_key", true);
	else if (!is(rq, "app_secret", w->app.secret))
		refuse(reply, row, 98001004, "invalid app_secret", true);
	else if (!is(rq, "grant_type", get ? "authorized_code" : "refresh_token"))
		refuse(reply, row, 98001006, "invalid grant_type", true);
	else if (f->kind == FAULT_REFUSE_TOKEN)
		refuse_token(w, rq, get, reply, row);
	else if (get)
		token_get(w, rq, reply, row);
	else
		token_refresh(w, rq, reply, row);
}
