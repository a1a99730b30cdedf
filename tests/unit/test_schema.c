#include "common/buf.h"
#include "daemon/store/schema.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

static struct buf script;

static void
setup(void)
{
	struct err e = { 0 };

	buf_init(&script, SCHEMA_SCRIPT_MAX);
	cr_assert_eq(schema_script(&script, &e), 0, "%s", e.text);
}

static void
teardown(void)
{
	buf_done(&script);
}

TestSuite(schema, .init = setup, .fini = teardown);

Test(schema, all_files_run_in_one_transaction_under_one_lock)
{
	const char *text = buf_text(&script);

	cr_assert_eq(strncmp(text, "BEGIN;", 6), 0);
	cr_assert_not_null(strstr(text, "pg_advisory_xact_lock"));
	cr_assert_str_eq(text + script.len - strlen("COMMIT;\n"), "COMMIT;\n");
}

Test(schema, every_version_up_to_the_last_is_guarded)
{
	char guard[64];

	static const int versions[] = { 1, 6, 7, 8 }; /* 2 to 5 were functions */

	for (size_t i = 0; i < sizeof(versions) / sizeof(versions[0]); i++) {
		snprintf(guard, sizeof(guard), "WHERE version = %d)", versions[i]);
		cr_assert_not_null(strstr(buf_text(&script), guard), "version %d", versions[i]);
	}
	cr_assert_eq(schema_version(), 9);
}

Test(schema, no_column_could_hold_a_buyer)
{
	static const char *const words[] = { "recipient", "buyer_name", "phone",
		                             "address ",  "email",      "postal" };
	const char *tables = strstr(buf_text(&script), "CREATE TABLE ttsync.store");
	const char *end = strstr(buf_text(&script), "VALUES (7, 'buyer_sketch')");

	cr_assert_not_null(tables);
	cr_assert_not_null(end);
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		cr_assert_null(memmem(tables, (size_t)(end - tables), words[i], strlen(words[i])),
		               "%s", words[i]);
}

Test(schema, the_own_version_is_taken)
{
	struct err e = { 0 };
	char code[SCHEMA_CODE_MAX];

	cr_assert_eq(schema_check(schema_version(), schema_code(code), &e), 0);
}

Test(schema, functions_of_another_build_say_how_to_migrate)
{
	struct err e = { 0 };

	cr_assert_eq(schema_check(schema_version(), "0123456789abcdef", &e), -1);
	cr_assert_eq(e.code, 78);
	cr_assert_not_null(strstr(e.hint, "--migrate"));
}

Test(schema, an_older_database_says_how_to_migrate)
{
	struct err e = { 0 };

	cr_assert_eq(schema_check(0, "", &e), -1);
	cr_assert_eq(e.code, 78);
	cr_assert_not_null(strstr(e.hint, "--migrate"));
}

Test(schema, a_newer_database_is_refused)
{
	struct err e = { 0 };

	cr_assert_eq(schema_check(schema_version() + 1, "", &e), -1);
	cr_assert_eq(e.kind, ERR_INPUT);
	cr_assert_eq(e.code, 78);
}
