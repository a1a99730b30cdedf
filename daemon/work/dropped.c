#include "daemon/work/dropped.h"

#include "common/json.h"
#include "common/own.h"

/* The fields as stats.def has them. */
static const struct {
	enum counter_id id;
	const char *field;
} rows[] = {
	{ COUNT_BUYER_RECIPIENT, "recipient_address" },
	{ COUNT_BUYER_EMAIL, "buyer_email" },
	{ COUNT_BUYER_NOTE, "buyer_message" },
	{ COUNT_BUYER_ID, "user_id" },
	{ COUNT_BUYER_OTHER, "other" },
};

void
dropped_args(const struct counters *c, struct wall since, struct buf *out)
{
	CLEANUP(json_freep) struct json *args = json_obj();
	struct json *list = json_arr();
	char at[CLOCK_RFC3339_MAX];

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct json *one = json_obj();

		json_put_str(one, "field", rows[i].field);
		json_put_i64(one, "count", c->v[rows[i].id]);
		json_add(list, one);
	}
	json_put(args, "dropped", list);
	json_put_str(args, "dropped_since", clock_rfc3339(since, at));
	json_write(args, out);
}
