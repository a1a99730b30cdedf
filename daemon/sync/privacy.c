/*
 * privacy: the report that no buyer's data is taken in: what is taken instead, what was dropped and
 * how often, the readers' test of themselves, and every column there is.
 */
#include "common/json.h"
#include "common/own.h"
#include "daemon/base/env.h"
#include "daemon/grant/op.h"
#include "daemon/io/pg.h"
#include "daemon/sync/selftest.h"
#include "daemon/tiktok/orders_fields.h"

#include <stdio.h>
#include <stdlib.h>

#define ANSWER_MAX (1u << 20)

static const struct pg_stmt columns_stmt = {
	"privacy_columns",
	"SELECT ttsync.privacy_columns()",
};

struct report {
	struct json *doc;
	op_done *done;
	void *arg;
};

/* --- what is known here ---------------------------------------------------------------------- */

static void
add_fields(struct json *names, const char *inside, const struct fields *list)
{
	for (size_t i = 0; i < list->n; i++) {
		char name[96];

		if (list->rows[i].type == TYPE_NONE)
			continue;
		snprintf(name, sizeof(name), "%s%s", inside, list->rows[i].name);
		json_add_str(names, name);
	}
}

static struct json *
allowed_fields(void)
{
	struct json *names = json_arr();

	add_fields(names, "", &fields_order);
	add_fields(names, "payment.", &fields_payment);
	add_fields(names, "line_items.", &fields_line);
	add_fields(names, "packages.", &fields_package);
	return names;
}

static struct json *
buyer_fields(void)
{
	struct json *names = json_arr();

	for (int i = 0; i < FIELDS_BUYER; i++)
		json_add_str(names, fields_buyer[i].name);
	return names;
}

static struct json *
selftest(void)
{
	struct json *j = json_obj(), *names = json_arr(), *leaks = json_arr();
	struct selftest t;

	selftest_run(selftest_live, SELFTEST_READERS, &t);
	json_put_bool(j, "ok", t.ok);
	json_put_i64(j, "sentinels", t.sentinels);
	json_put_i64(j, "found", t.found);
	for (int i = 0; i < SELFTEST_READERS; i++)
		json_add_str(names, selftest_live[i].name);
	json_put(j, "readers", names);
	for (int i = 0; i < t.nleaks; i++) {
		struct json *one = json_obj();

		json_put_str(one, "reader", t.leaks[i].reader);
		json_put_str(one, "field", t.leaks[i].field);
		json_add(leaks, one);
	}
	json_put(j, "leaks", leaks);
	return j;
}

/* --- the answer ------------------------------------------------------------------------------ */

static void
end(struct report *r, const struct err *e)
{
	struct buf text;

	buf_init(&text, ANSWER_MAX);
	if (!e)
		json_write(r->doc, &text);
	r->done(e ? NULL : buf_text(&text), text.len, e, r->arg);
	buf_done(&text);
	json_free(r->doc);
	free(r);
}

static void
on_columns(struct pg_result *res, const struct err *e, void *arg)
{
	struct report *r = arg;
	struct json *schema =
	    res ? json_parse(pg_str(res, 0, 0), pg_strlen(res, 0, 0), NULL) : NULL;
	bool ok;

	if (e) {
		end(r, e);
		return;
	}
	ok = json_flag(schema, "ok") && json_flag(json_get(r->doc, "selftest"), "ok");
	json_put(r->doc, "schema", schema);
	json_put_bool(r->doc, "ok", ok);
	if (!ok)
		json_put_i64(r->doc, "exit", 1);
	end(r, NULL);
}

void
op_privacy(struct env *env, const struct json *args, const char *actor, op_done *done, void *arg)
{
	struct report *r = calloc(1, sizeof(*r));
	struct json *dropped = json_get(args, "dropped");

	(void)actor;
	if (!r)
		abort();
	*r = (struct report){ json_obj(), done, arg };
	json_put_i64(r->doc, "schema_version", 1);
	json_put(r->doc, "dropped", dropped ? json_copy(dropped) : json_arr());
	json_put_str(r->doc, "dropped_since", json_str(args, "dropped_since"));
	json_put_str(
	    r->doc, "dropped_where",
	    "in the readers of orders, before anything is stored, sent or logged; of user_id "
	    "a code is kept that many buyers share, to count them");
	json_put(r->doc, "buyer_fields", buyer_fields());
	json_put(r->doc, "allowed_fields", allowed_fields());
	json_put(r->doc, "selftest", selftest());
	pg_run(env->pg, &columns_stmt, NULL, 0, on_columns, r);
}
