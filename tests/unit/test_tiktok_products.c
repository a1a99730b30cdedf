#include "common/own.h"
#include "daemon/tiktok/page.h"
#include "daemon/tiktok/products.h"
#include "tests/unit/tiktok_samples.h"

#define BASE "\"id\":\"1\",\"title\":\"T\",\"status\":\"ACTIVATE\",\"update_time\":1780000001"

static struct tt_product product;
static struct json *root;
static struct err e;

static void
teardown(void)
{
	products_free_one(&product);
	json_free(root);
	root = NULL;
}

TestSuite(products, .fini = teardown);

static int
read_text(const char *text)
{
	teardown();
	root = parse_text(text);
	return products_read_one(root, &product, &e);
}

static int64_t
hash_text(const char *text)
{
	cr_assert_eq(read_text(text), 0, "%s: %s", text, e.text);
	return product.hash;
}

Test(products, sample_is_read_whole)
{
	struct tt_page page;

	root = sample("products-search.json");
	cr_assert_eq(page_read(root, "products", &page, &e), 0, "%s", e.text);
	cr_expect_eq(page.total, 117);
	cr_assert_eq(products_read_one(json_at(page.rows, 0), &product, &e), 0, "%s", e.text);
	cr_expect_str_eq(product.id, "1730112233445566771");
	cr_expect_str_eq(product.title, "Mali jasmine hand cream 30 ml");
	cr_expect_str_eq(product.status, "ACTIVATE");
	cr_expect_eq(product.create_time, 1771000000);
	cr_expect_eq(product.update_time, 1779999000);
	cr_assert_eq(product.nskus, 2);
	cr_expect_str_eq(product.skus[0].id, "1730112233445566801");
	cr_expect_str_eq(product.skus[0].seller_sku, "HC-JAS-30");
	cr_expect_str_eq(product.skus[0].price, "199");
	cr_expect_str_eq(product.skus[0].currency, "THB");
	cr_expect_eq(product.skus[0].quantity, 43);
	cr_expect_str_eq(product.skus[0].stock[0].warehouse_id, "7301122334455667701");
}

Test(products, stock_is_the_sum_of_the_warehouses_each_once)
{
	cr_assert_eq(
	    read_text("{" BASE ",\"skus\":[{\"id\":\"7\",\"inventory\":["
	              "{\"warehouse_id\":\"1\",\"quantity\":4},{\"warehouse_id\":\"2\","
	              "\"quantity\":\"5\"},"
	              "{\"warehouse_id\":\"1\",\"quantity\":100},{\"quantity\":100},{\"warehouse_"
	              "id\":\"3\"},"
	              "{\"warehouse_id\":\"4\",\"quantity\":9223372036854775807},null]}]}"),
	    0, "%s", e.text);
	cr_expect_eq(product.skus[0].quantity, 9);
	cr_expect_eq(product.skus[0].nstock, 2);
}

Test(products, price_is_the_one_a_buyer_sees)
{
	cr_assert_eq(
	    read_text(
		"{" BASE ",\"skus\":[{\"id\":\"7\",\"price\":{\"currency\":\"THB\","
		"\"tax_exclusive_price\":\"199\",\"sale_price\":\"210\"}},{\"id\":\"8\",\"price\":"
		"{\"currency\":\"GBP\",\"sale_price\":\"9.99\"}},{\"id\":\"9\",\"price\":null}]}"),
	    0);
	cr_expect_str_eq(product.skus[0].price, "199");
	cr_expect_str_eq(product.skus[1].price, "9.99");
	cr_expect_null(product.skus[2].price);
}

Test(products, absent_lists_are_empty)
{
	static const char *const forms[] = { "", ",\"skus\":null", ",\"skus\":[]", ",\"skus\":{}" };

	for (size_t i = 0; i < ARRAY_LEN(forms); i++) {
		char text[160];

		snprintf(text, sizeof(text), "{" BASE "%s}", forms[i]);
		cr_assert_eq(read_text(text), 0, "%s", e.text);
		cr_expect_eq(product.nskus, 0);
	}
	cr_assert_eq(
	    read_text("{" BASE
	              ",\"skus\":[{\"id\":\"7\",\"inventory\":null,\"seller_sku\":\"\"}]}"),
	    0);
	cr_expect_eq(product.skus[0].nstock, 0);
	cr_expect_null(product.skus[0].seller_sku);
}

Test(products, a_product_that_cannot_be_read_is_an_error_that_names_it)
{
	static const char *const bad[] = {
		"{\"id\":\"580\",\"update_time\":1780000001}",
		"{\"id\":\"580\",\"status\":\"DRAFT\"}",
		"{\"id\":\"580\",\"status\":\"DRAFT\",\"update_time\":1780000001,\"skus\":[{\"id\":"
		"\"1\","
		"\"inventory\":[{\"warehouse_id\":\"1\",\"quantity\":1}]},{}]}",
		"{\"id\":\"580\",\"status\":\"DRAFT\",\"update_time\":1780000001,\"skus\":[{\"id\":"
		"\"1\","
		"\"price\":{\"sale_price\":\"12 THB\"}}]}",
	};

	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		cr_expect_eq(read_text(bad[i]), -1, "%s", bad[i]);
		cr_expect_eq(e.kind, ERR_PARSE);
		cr_expect_str_eq(product.id, "580");
		cr_expect_null(product.skus);
	}
	cr_expect_eq(read_text("{\"title\":\"x\"}"), -1);
	cr_expect_str_empty(product.id);
}

Test(products, the_same_sku_twice_is_one)
{
	cr_assert_eq(
	    read_text("{" BASE ",\"skus\":[{\"id\":\"7\",\"inventory\":[{\"warehouse_id\":\"1\","
	              "\"quantity\":1}]},{\"id\":\"7\",\"inventory\":[{\"warehouse_id\":\"1\","
	              "\"quantity\":2}]},{\"id\":\"8\"}]}"),
	    0);
	cr_assert_eq(product.nskus, 2);
	cr_expect_eq(product.skus[0].quantity, 1);
	cr_expect_str_eq(product.skus[1].id, "8");
	cr_expect_eq(product.skus[1].nstock, 0);
}

static int
read_many(const char *before, int n, const char *after)
{
	struct buf text;
	int rc;

	buf_init(&text, 1u << 20);
	buf_printf(&text, "{" BASE ",%s", before);
	for (int i = 0; i < n; i++)
		buf_printf(&text, "%s{\"id\":\"%d\",\"warehouse_id\":\"%d\",\"quantity\":1}",
		           i ? "," : "", i, i);
	buf_str(&text, after);
	rc = read_text(buf_text(&text));
	buf_done(&text);
	return rc;
}

Test(products, more_than_the_caps_are_refused)
{
	cr_expect_eq(read_many("\"skus\":[", PRODUCTS_SKUS_MAX, "]}"), 0, "%s", e.text);
	cr_expect_eq(read_many("\"skus\":[", PRODUCTS_SKUS_MAX + 1, "]}"), -1);
	cr_expect_eq(
	    read_many("\"skus\":[{\"id\":\"7\",\"inventory\":[", PRODUCTS_STOCK_MAX, "]}]}"), 0);
	cr_expect_eq(product.skus[0].quantity, PRODUCTS_STOCK_MAX);
	cr_expect_eq(
	    read_many("\"skus\":[{\"id\":\"7\",\"inventory\":[", PRODUCTS_STOCK_MAX + 1, "]}]}"),
	    -1);
}

Test(products, a_long_title_is_cut_between_characters)
{
	struct buf text;

	buf_init(&text, 8192);
	buf_str(
	    &text,
	    "{\"id\":\"1\",\"status\":\"DRAFT\",\"update_time\":1780000001,\"skus\":[{\"id\":\"7\","
	    "\"seller_sku\":\"");
	for (int i = 0; i < 50; i++)
		buf_str(&text, "ก");
	buf_str(&text, "\"}],\"title\":\"");
	for (int i = 0; i < 400; i++)
		buf_str(&text, "ก");
	buf_str(&text, "\"}");
	cr_assert_eq(read_text(buf_text(&text)), 0, "%s", e.text);
	cr_expect_eq(strlen(product.title), PRODUCTS_TITLE_MAX - PRODUCTS_TITLE_MAX % 3);
	cr_assert_not_null(product.skus[0].seller_sku, "50 Thai characters are 150 bytes");
	buf_done(&text);
}

Test(products, hash_changes_with_what_is_stored_and_with_nothing_else)
{
	static const char base[] =
	    "{\"id\":\"1\",\"title\":\"T\",\"status\":\"ACTIVATE\",\"update_time\":1780000001,"
	    "\"skus\":[{\"id\":\"7\",\"seller_sku\":\"s\",\"price\":{\"currency\":\"THB\","
	    "\"sale_price\":\"9\"},\"inventory\":[{\"warehouse_id\":\"1\",\"quantity\":3}]}]}";
	static const char *const changes[][2] = {
		{ "\"T\"", "\"U\"" },
		{ "ACTIVATE", "FREEZE" },
		{ "\"id\":\"7\"", "\"id\":\"8\"" },
		{ "\"s\"", "\"t\"" },
		{ "THB", "MYR" },
		{ "\"9\"", "\"10\"" },
		{ "\"warehouse_id\":\"1\"", "\"warehouse_id\":\"2\"" },
		{ ":3}", ":4}" },
	};
	int64_t hash = hash_text(base);

	for (size_t i = 0; i < ARRAY_LEN(changes); i++) {
		const char *at = strstr(base, changes[i][0]);
		char text[512];

		cr_assert_not_null(at);
		snprintf(text, sizeof(text), "%.*s%s%s", (int)(at - base), base, changes[i][1],
		         at + strlen(changes[i][0]));
		cr_expect_neq(hash_text(text), hash, "%s", text);
	}
	cr_expect_eq(hash_text("{\"has_draft\":true,\"update_time\":1780000009,\"status\":"
	                       "\"ACTIVATE\",\"title\":\"T\","
	                       "\"skus\":[{\"price\":{\"sale_price\":\"9\",\"currency\":\"THB\"},"
	                       "\"seller_sku\":\"s\","
	                       "\"inventory\":[{\"warehouse_id\":\"1\",\"quantity\":3}],\"id\":"
	                       "\"7\"}],\"id\":\"1\"}"),
	             hash);
}
