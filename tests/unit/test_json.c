#include "common/json.h"

#include <criterion/criterion.h>
#include <string.h>

static struct json *
parse(const char *s)
{
	return json_parse(s, strlen(s), NULL);
}

Test(json, what_is_no_whole_value_is_refused)
{
	static const char *const bad[] = { "",
		                           "{",
		                           "{}x",
		                           "{\"a\":1,}",
		                           "[1,2",
		                           "nul",
		                           "{\"a\":\"\xff\"}",
		                           "\"a\\u0000b\"",
		                           "// c\n{}",
		                           "{\"a\":1}{\"b\":2}" };

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct err e = { 0 };

		cr_assert_null(json_parse(bad[i], strlen(bad[i]), &e), "%s", bad[i]);
		cr_assert_eq(e.kind, ERR_PARSE, "%s", bad[i]);
	}
	cr_assert_null(json_parse("{\"a\":1}\0", 8, NULL));
}

Test(json, an_escaped_backslash_before_u0000_is_no_nul)
{
	CLEANUP(json_freep) struct json *j = parse("{\"a\":\"\\\\u0000\"}");

	cr_assert_not_null(j);
	cr_assert_str_eq(json_str(j, "a"), "\\u0000");
}

Test(json, depth_is_bounded)
{
	char deep[JSON_DEPTH + 5];

	memset(deep, '[', sizeof(deep) - 1);
	deep[sizeof(deep) - 1] = '\0';
	cr_assert_null(parse(deep));
}

Test(json, a_number_is_read_with_its_fraction)
{
	CLEANUP(json_freep) struct json *j = parse("{\"f\":12.5,\"i\":-3,\"s\":\"x\",\"n\":NaN}");
	double v = 9;

	cr_assert_eq(json_f64(j, "s", &v), -1);
	cr_assert_eq(json_f64(j, "n", &v), -1);
	cr_assert_eq(json_f64(NULL, "f", &v), -1);
	cr_assert(v == 9);
	cr_assert_eq(json_f64(j, "f", &v), 0);
	cr_assert(v == 12.5);
	cr_assert_eq(json_f64(j, "i", &v), 0);
	cr_assert(v == -3);
}

Test(json, readers_take_anything_for_absent)
{
	CLEANUP(json_freep)
	struct json *j = parse("{\"s\":\"x\",\"n\":5,\"t\":true,\"z\":null,\"a\":[1,2],\"o\":{}}");
	int64_t v = 9;

	cr_assert_null(json_str(j, "n"));
	cr_assert_null(json_str(j, "z"));
	cr_assert_null(json_str(NULL, "s"));
	cr_assert_eq(json_i64(j, "s", &v), -1);
	cr_assert_eq(json_i64(j, "missing", &v), -1);
	cr_assert_eq(v, 9);
	cr_assert(json_flag(j, "t"));
	cr_assert_not(json_flag(j, "n"));
	cr_assert_eq(json_len(json_get(j, "a")), 2);
	cr_assert_eq(json_len(json_get(j, "o")), 0);
	cr_assert_null(json_at(json_get(j, "a"), 2));
	cr_assert(json_is_obj(json_get(j, "o")));
}

Test(json, ids_above_two_to_the_53_keep_their_last_digit)
{
	CLEANUP(json_freep)
	struct json *j = parse(
	    "{\"n\":1729592969712207008,\"s\":\"1729592969712207009\",\"x\":\"12a\",\"e\":\"\"}");
	char id[21];

	cr_assert_str_eq(json_id(j, "n", id, sizeof(id)), "1729592969712207008");
	cr_assert_str_eq(json_id(j, "s", id, sizeof(id)), "1729592969712207009");
	cr_assert_null(json_id(j, "x", id, sizeof(id)));
	cr_assert_null(json_id(j, "e", id, sizeof(id)));
}

Test(json, what_is_built_is_written_on_one_line)
{
	CLEANUP(json_freep) struct json *j = json_obj();
	struct json *list = json_arr();
	struct buf b;

	json_put_str(j, "alias", "ร้าน\n\"1\"");
	json_put_i64(j, "n", INT64_MAX);
	json_put_bool(j, "b", false);
	json_put_str(j, "null", NULL);
	json_add_str(list, "https://a/b");
	json_put(j, "list", list);
	buf_init(&b, 1000);
	cr_assert_eq(json_write(j, &b), 0);
	cr_assert_str_eq(buf_text(&b),
	                 "{\"alias\":\"ร้าน\\n\\\"1\\\"\",\"n\":9223372036854775807,\"b\":false,"
	                 "\"null\":null,\"list\":[\"https://a/b\"]}");
	buf_done(&b);
}

Test(json, keys_are_walked_in_their_order)
{
	CLEANUP(json_freep) struct json *j = parse("{\"b\":1,\"a\":2}");
	static const char *const order[] = { "b", "a" };
	const char *key;
	struct json *value;
	int n = 0;

	for (void *it = NULL; (it = json_next(j, it, &key, &value)); n++)
		cr_assert_str_eq(key, order[n]);
	cr_assert_eq(n, 2);
}
