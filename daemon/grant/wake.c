#include "daemon/grant/wake.h"

#include "common/json.h"
#include "daemon/base/env.h"

static void
post_one(struct env *env, const struct json *one)
{
	struct json *wrap = json_obj(); /* json_i64 reads by key */
	const char *kind = json_text(json_at(one, 1));
	int64_t shop = 0, delay = 0;

	json_put(wrap, "s", json_copy(json_at(one, 0)));
	json_put(wrap, "d", json_copy(json_at(one, 2)));
	if (!json_i64(wrap, "s", &shop) && !json_i64(wrap, "d", &delay) && kind)
		env->ops->enqueue(env, shop, kind, delay);
	json_free(wrap);
}

void
wake_post(struct env *env, const struct json *list)
{
	if (!env->ops) /* a start has no queue yet, and is followed by a sweep */
		return;
	for (size_t i = 0; i < json_len(list); i++)
		post_one(env, json_at(list, i));
}
