#include "ctl/more.h"

#include "common/json.h"

static void
begin(struct more *m, const struct json *line)
{
	struct json *data = json_copy(json_get(line, "data"));

	m->items = json_arr();
	json_put(data, "items", m->items);
	json_del(data, "next_after"); /* it is all of them */
	m->line = json_obj();
	json_put(m->line, "data", data);
	if (json_get(line, "view"))
		json_put(m->line, "view", json_copy(json_get(line, "view")));
}

bool
more_take(struct more *m, const struct json *line, const struct words *asked, struct words *words)
{
	const struct json *next = json_get(line, "more");
	const char *flag = json_str(next, "flag"), *value = json_str(next, "value");
	const struct json *items = json_get(json_get(line, "data"), "items");

	if (!next && !m->line)
		return false;
	if (!m->line)
		begin(m, line);
	for (size_t i = 0; i < json_len(items); i++)
		json_add(m->items, json_copy(json_at(items, i)));
	if (!flag || !value || ++m->answers == MORE_MAX)
		return false;
	words_init(words, asked->v, asked->n);
	words_put(words, flag, value);
	return true;
}

const struct json *
more_whole(const struct more *m, const struct json *line)
{
	return m->line ? m->line : line;
}

void
more_done(struct more *m)
{
	json_free(m->line);
	*m = (struct more){ 0 };
}
