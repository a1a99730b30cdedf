#include "common/crypto.h"
#include "daemon/grant/token.h"
#include "daemon/grant/vault.h"

#include <criterion/criterion.h>
#include <string.h>

#define RING "k:QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUE=:active\n" /* 32 bytes of 'A' */
#define PAIR "11111111-2222-4333-8444-555555555555"

static struct vault *vault;
static struct buf box;
static struct err e;

static void
setup(void)
{
	cr_assert_eq(crypto_start(), 0);
	vault = vault_parse("ring", RING, strlen(RING), &e);
	cr_assert_not_null(vault, "%s", e.text);
	buf_init(&box, 4096);
}

static void
teardown(void)
{
	buf_done(&box);
	vault_free(vault);
}

TestSuite(token, .init = setup, .fini = teardown);

static int
open_as(enum token_column col, const char *open_id, const char *pair, char dst[TT_TOKEN_MAX + 1])
{
	return token_open(vault, col, open_id, pair, buf_text(&box), box.len, dst, &e);
}

Test(token, a_token_opens_where_it_belongs_and_nowhere_else)
{
	char dst[TT_TOKEN_MAX + 1];

	cr_assert_eq(token_seal(vault, TOKEN_ACCESS, "seller1", PAIR, "ROW_secret", &box, &e), 0);
	cr_assert_eq(open_as(TOKEN_ACCESS, "seller1", PAIR, dst), 0);
	cr_assert_str_eq(dst, "ROW_secret");
	cr_assert_eq(open_as(TOKEN_REFRESH, "seller1", PAIR, dst), -1);
	cr_assert_eq(open_as(TOKEN_ACCESS, "seller2", PAIR, dst), -1);
	cr_assert_eq(open_as(TOKEN_ACCESS, "seller1", "11111111-2222-4333-8444-555555555556", dst),
	             -1);
}

Test(token, a_box_holds_no_plain_text)
{
	cr_assert_eq(token_seal(vault, TOKEN_REFRESH, "seller1", PAIR, "ROW_secret", &box, &e), 0);
	cr_assert_null(memmem(buf_text(&box), box.len, "ROW_secret", 10));
	cr_assert_null(memmem(buf_text(&box), box.len, "seller1", 7));
}

Test(token, the_longest_token_fits)
{
	char longest[TT_TOKEN_MAX + 1], dst[TT_TOKEN_MAX + 1];

	memset(longest, 'x', TT_TOKEN_MAX);
	longest[TT_TOKEN_MAX] = '\0';
	cr_assert_eq(token_seal(vault, TOKEN_ACCESS, "s", PAIR, longest, &box, &e), 0);
	cr_assert_eq(open_as(TOKEN_ACCESS, "s", PAIR, dst), 0);
	cr_assert_str_eq(dst, longest);
}

Test(token, a_longer_one_is_refused_whole)
{
	char big[TT_TOKEN_MAX + 2], dst[TT_TOKEN_MAX + 1] = "untouched";

	memset(big, 'x', sizeof(big) - 1);
	big[sizeof(big) - 1] = '\0';
	cr_assert_eq(token_seal(vault, TOKEN_ACCESS, "s", PAIR, big, &box, &e), 0);
	cr_assert_eq(open_as(TOKEN_ACCESS, "s", PAIR, dst), -1);
}

Test(token, uuids_are_of_version_4_and_differ)
{
	char a[TOKEN_UUID_MAX], b[TOKEN_UUID_MAX];

	token_uuid(a);
	token_uuid(b);
	cr_assert_str_neq(a, b);
	cr_assert_eq(strlen(a), 36);
	cr_assert_eq(a[14], '4');
	cr_assert_not_null(strchr("89ab", a[19]));
}
