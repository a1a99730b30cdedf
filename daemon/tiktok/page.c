#include "daemon/tiktok/page.h"

#include "common/json.h"

#include <string.h>

int
page_read(const struct json *root, const char *list, struct tt_page *ret, struct err *e)
{
	const struct json *data = json_get(root, "data"), *rows = json_get(data, list);
	const char *token = json_str(data, "next_page_token");

	if (!json_is_obj(data) || (rows && !json_is_arr(rows)))
		return err_set(e, ERR_PARSE, 0, "the search answered no page of %s", list);
	if (token && strlen(token) > PAGE_TOKEN_MAX)
		return err_set(e, ERR_PARSE, 0, "a page token of %zu bytes", strlen(token));
	ret->token = token && *token ? token : NULL;
	if (json_i64(data, "total_count", &ret->total) || ret->total < 0)
		ret->total = -1;
	ret->rows = rows;
	return 0;
}

int64_t
page_time(const struct json *row, const char *key)
{
	int64_t v;

	return json_i64(row, key, &v) || v < PAGE_TIME_MIN || v > PAGE_TIME_MAX ? 0 : v;
}
