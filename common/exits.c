#include "common/exits.h"

#include "common/json.h"
#include "common/own.h"

static const struct exits_row rows[] = {
#define EXIT(id, number, word, retryable, help) { number, word, retryable, help },
#include "common/exits.def"
#undef EXIT
};

const struct exits_row *
exits_all(size_t *ret_n)
{
	*ret_n = ARRAY_LEN(rows);
	return rows;
}

static const struct exits_row *
row_of(int number)
{
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (rows[i].number == number)
			return &rows[i];
	return NULL;
}

const struct exits_row *
exits_find(int number)
{
	const struct exits_row *row = row_of(number);

	return row ? row : row_of(EXITS_INTERNAL);
}

enum exits
exits_of(const struct err *e)
{
	switch (e->kind) {
	case ERR_NONE:
		return EXITS_DONE;
	case ERR_INPUT:
		return e->code && row_of(e->code) ? (enum exits)e->code : EXITS_USAGE;
	case ERR_IO:
		return EXITS_UNREACHABLE;
	case ERR_TIMEOUT:
	case ERR_THROTTLED:
	case ERR_FENCED:
	case ERR_CANCELLED:
		return EXITS_TIMEOUT;
	case ERR_AUTH:
		return EXITS_REAUTHORIZE;
	case ERR_REMOTE:
		return EXITS_NO;
	case ERR_NOMEM:
	case ERR_PARSE:
		return EXITS_INTERNAL;
	}
	return EXITS_INTERNAL;
}

struct json *
exits_error(const struct err *e)
{
	const struct exits_row *row = exits_find((int)exits_of(e));
	struct json *j = json_obj();

	json_put_str(j, "code", e->tag[0] ? e->tag : row->word);
	json_put_str(j, "message", e->text);
	json_put_str(j, "hint", e->hint[0] ? e->hint : NULL);
	json_put_bool(j, "retryable", row->retryable);
	json_put_i64(j, "exit", row->number);
	return j;
}
