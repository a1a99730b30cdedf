/*
 * The report that no buyer's data is taken in finds what a reader lets through: cut, turned into a
 * number, under any name. And a reader that reads nothing proves nothing.
 */
#include "common/crypto.h"
#include "common/own.h"
#include "daemon/sync/selftest.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

/* What the reader under test lets through: these bytes of the order, from this text on. */
static const char *planted;
static size_t planted_len;

static void
setup(void)
{
	cr_assert_eq(crypto_start(), 0);
}

TestSuite(selftest, .init = setup);

static int
read_leaky(const char *order, size_t len, struct buf *out, struct err *e)
{
	const char *at = memmem(order, len, planted, strlen(planted));

	cr_assert_not_null(at, "%s", planted);
	if (selftest_live[1].read(order, len, out, e))
		return -1;
	return buf_add(out, at + strlen(planted), planted_len);
}

static int
read_number(const char *order, size_t len, struct buf *out, struct err *e)
{
	const char *at = memmem(order, len, "\"user_id\":\"", 11);
	uint64_t id = strtoull(at + 11, NULL, 10);

	if (selftest_live[2].read(order, len, out, e))
		return -1;
	return buf_add(out, &id, sizeof(id));
}

static int
read_nothing(const char *order, size_t len, struct buf *out, struct err *e)
{
	(void)order;
	(void)len;
	(void)out;
	(void)e;
	return 0;
}

static int
read_refused(const char *order, size_t len, struct buf *out, struct err *e)
{
	(void)order;
	(void)len;
	(void)out;
	return err_set(e, ERR_PARSE, 0, "no order");
}

static void
run(int (*read)(const char *, size_t, struct buf *, struct err *), struct selftest *t)
{
	struct selftest_reader one = { "planted", read };

	selftest_run(&one, 1, t);
}

Test(selftest, the_live_readers_let_nothing_through)
{
	struct selftest t;

	selftest_run(selftest_live, SELFTEST_READERS, &t);
	cr_assert(t.ok, "%s: %s", t.leaks[0].reader, t.leaks[0].field);
	cr_assert_geq(t.sentinels, 13 + 5);
	cr_assert_eq(t.found, 0);
	cr_assert_str_eq(selftest_live[0].name, "scan");
	cr_assert_str_eq(selftest_live[1].name, "flat");
	cr_assert_str_eq(selftest_live[2].name, "tree");
}

Test(selftest, a_field_that_passes_is_found_and_named)
{
	static const struct {
		const char *key, *field;
	} fields[] = {
		{ "\"buyer_email\":\"", "buyer_email" },
		{ "\"phone_number\":\"", "phone_number" },
		{ "\"postal_code\":\"", "postal_code" },
		{ "\"buyer_remark\":\"", "line_items.buyer_remark" },
		{ "\"zz_buyer_phone\":\"", "zz_buyer_phone" },
		{ "\"user_id\":\"", "user_id" },
	};
	struct selftest t;

	for (size_t i = 0; i < ARRAY_LEN(fields); i++) {
		planted = fields[i].key;
		planted_len = 15; /* no more than that was taken */
		run(read_leaky, &t);
		cr_assert_not(t.ok, "%s", planted);
		cr_assert_eq(t.found, 1, "%s", planted);
		cr_assert_str_eq(t.leaks[0].field, fields[i].field);
		cr_assert_str_eq(t.leaks[0].reader, "planted");
	}
}

Test(selftest, an_id_that_became_a_number_is_found)
{
	struct selftest t;

	run(read_number, &t);
	cr_assert_not(t.ok);
	cr_assert_eq(t.found, 1);
	cr_assert_str_eq(t.leaks[0].field, "user_id");
}

Test(selftest, a_reader_that_reads_nothing_proves_nothing)
{
	struct selftest t;

	run(read_nothing, &t);
	cr_assert_not(t.ok);
	cr_assert_eq(t.failed, 1);
	run(read_refused, &t);
	cr_assert_not(t.ok);
	selftest_run(selftest_live, 0, &t);
	cr_assert_not(t.ok);
}
