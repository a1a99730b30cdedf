#include "common/buf.h"
#include "common/crypto.h"
#include "common/own.h"
#include "daemon/grant/vault.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* 32 bytes of 'A', of 'B' and of 'C' */
#define KEY_A "QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUE="
#define KEY_B "QkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkI="
#define RING  "# rotated in May\n\nold:" KEY_A ":decrypt\r\nnew:" KEY_B ":active\n"

static struct err e;
static struct buf box, plain;
static const struct vault_place here = { "grants", "access_box", "open|id", "pair" };
static const char secret[] = "ROW_secret-token";

static struct vault *
ring(const char *text)
{
	return vault_parse("ring", text, strlen(text), &e);
}

static void
setup(void)
{
	cr_assert_eq(crypto_start(), 0);
	buf_init(&box, 1 << 20);
	buf_init(&plain, 1 << 20);
}

static void
teardown(void)
{
	buf_done(&box);
	buf_done(&plain);
}

TestSuite(vault, .init = setup, .fini = teardown);

Test(vault, what_is_sealed_opens_again_with_the_active_key)
{
	struct vault *v = ring(RING);
	char id[VAULT_KEY_ID_MAX + 1];

	cr_assert_not_null(v, "%s", e.text);
	cr_assert_eq(vault_keys(v), 2);
	cr_assert_str_eq(vault_key_id(v, 0), "old");
	cr_assert_str_eq(vault_active(v), "new");
	cr_assert(vault_has_key(v, "old") && !vault_has_key(v, "ol"));
	cr_assert_eq(vault_seal(v, &here, secret, strlen(secret), &box, &e), 0);
	cr_assert_eq(vault_box_key(box.data, box.len, id), 0);
	cr_assert_str_eq(id, "new");
	cr_assert_null(memmem(box.data, box.len, secret, 8));
	cr_assert_eq(vault_open(v, &here, box.data, box.len, &plain, &e), 0, "%s", e.text);
	cr_assert_str_eq(buf_text(&plain), secret);
	vault_free(v);
}

Test(vault, two_boxes_of_one_text_differ)
{
	struct vault *v = ring(RING);
	CLEANUP(buf_done) struct buf other;

	buf_init(&other, 1 << 16);
	vault_seal(v, &here, secret, 5, &box, &e);
	vault_seal(v, &here, secret, 5, &other, &e);
	cr_assert_neq(memcmp(box.data, other.data, box.len), 0);
	vault_free(v);
}

Test(vault, an_empty_text_has_a_box_too)
{
	struct vault *v = ring(RING);

	cr_assert_eq(vault_seal(v, &here, NULL, 0, &box, &e), 0);
	cr_assert_eq(vault_open(v, &here, box.data, box.len, &plain, &e), 0);
	cr_assert_eq(plain.len, 0);
	vault_free(v);
}

Test(vault, a_box_of_an_older_key_opens_while_the_ring_has_it)
{
	struct vault *before = ring("old:" KEY_A ":active"), *v = ring(RING),
		     *after = ring("new:" KEY_B ":active\n");

	vault_seal(before, &here, secret, strlen(secret), &box, &e);
	cr_assert_eq(vault_open(v, &here, box.data, box.len, &plain, &e), 0);
	cr_assert_eq(vault_open(after, &here, box.data, box.len, &plain, &e), -1);
	cr_assert_eq(e.kind, ERR_INPUT);
	cr_assert(strstr(e.text, "key old, not in the key ring"), "%s", e.text);
	vault_free(before);
	vault_free(v);
	vault_free(after);
}

Test(vault, no_altered_byte_goes_unseen_and_nothing_comes_out)
{
	struct vault *v = ring(RING);

	vault_seal(v, &here, secret, strlen(secret), &box, &e);
	buf_str(&plain, "kept");
	for (size_t i = 0; i < box.len; i++)
		for (int bit = 0; bit < 8; bit++) {
			box.data[i] = (char)(box.data[i] ^ (1 << bit));
			cr_assert_eq(vault_open(v, &here, box.data, box.len, &plain, &e), -1,
			             "byte %zu", i);
			cr_assert_str_eq(buf_text(&plain), "kept");
			box.data[i] = (char)(box.data[i] ^ (1 << bit));
		}
	cr_assert_eq(vault_open(v, &here, box.data, box.len, &plain, &e), 0);
	vault_free(v);
}

Test(vault, no_truncated_or_longer_box_opens)
{
	struct vault *v = ring(RING);

	vault_seal(v, &here, secret, strlen(secret), &box, &e);
	for (size_t n = 0; n < box.len; n++) {
		cr_assert_eq(vault_open(v, &here, box.data, n, &plain, &e), -1);
		cr_assert(e.kind == ERR_PARSE || e.kind == ERR_AUTH);
	}
	buf_chr(&box, 'x');
	cr_assert_eq(vault_open(v, &here, box.data, box.len, &plain, &e), -1);
	vault_free(v);
}

Test(vault, a_box_moved_elsewhere_does_not_open)
{
	static const struct vault_place others[] = {
		{ "token_history", "access_box", "open|id", "pair" },
		{ "grants", "refresh_box", "open|id", "pair" },
		{ "grants", "access_box", "open|id2", "pair" },
		{ "grants", "access_box", "open|id", "pair2" },
		{ "grants", "access_box", "open", "id" },
	};
	struct vault *v = ring(RING);

	vault_seal(v, &here, secret, strlen(secret), &box, &e);
	for (size_t i = 0; i < ARRAY_LEN(others); i++) {
		cr_assert_eq(vault_open(v, &others[i], box.data, box.len, &plain, &e), -1);
		cr_assert_eq(e.kind, ERR_AUTH);
		cr_assert_null(strstr(e.text, "open|"));
	}
	vault_free(v);
}

Test(vault, what_is_too_large_is_refused)
{
	struct vault *v = ring(RING);
	char *big = calloc(1, VAULT_PLAIN_MAX + 1);
	CLEANUP(buf_done) struct buf small;

	buf_init(&small, 20);
	cr_assert_eq(vault_seal(v, &here, big, VAULT_PLAIN_MAX, &box, &e), 0);
	cr_assert_eq(vault_seal(v, &here, big, VAULT_PLAIN_MAX + 1, &box, &e), -1);
	cr_assert_eq(e.kind, ERR_INPUT);
	cr_assert_eq(vault_seal(v, &here, big, 5, &small, &e), -1);
	cr_assert_eq(e.kind, ERR_NOMEM);
	free(big);
	vault_free(v);
}

Test(vault, a_bad_ring_is_refused_with_its_line_and_without_its_keys)
{
	static const struct {
		const char *text, *why;
	} bad[] = {
		{ "", "ring: no active key" },
		{ "old:" KEY_A ":decrypt\n", "ring: no active key" },
		{ "a:" KEY_A ":active\nb:" KEY_B ":active", "ring:2: a second active key" },
		{ "a:" KEY_A ":active\n\na:" KEY_B ":decrypt", "ring:3: this key id" },
		{ KEY_A, "ring:1: no key id" },
		{ ":" KEY_A ":active", "ring:1: no key id" },
		{ "a b:" KEY_A ":active", "ring:1: no key id" },
		{ "abcdefghijklmnopqrstuvwxyzabcdefg:" KEY_A ":active", "ring:1: no key id" },
		{ "a:" KEY_A, "ring:1: not id:base64:active" },
		{ "#\na:" KEY_A ":actives", "ring:2: the word" },
		{ "a:" KEY_A ":", "ring:1: the word" },
		{ "a:" KEY_A "x:active", "ring:1: the key is not 32 bytes" },
		{ "a:QUFB:active", "ring:1: the key is not 32 bytes" },
		{ "a:QUFB" KEY_A ":active", "ring:1: the key is not 32 bytes" },
		{ "a::active", "ring:1: the key is not 32 bytes" },
	};

	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		cr_assert_null(ring(bad[i].text), "%s", bad[i].text);
		cr_assert_eq(strncmp(e.text, bad[i].why, strlen(bad[i].why)), 0, "%s", e.text);
		cr_assert_null(strstr(e.text, "QUFB"), "%s", e.text);
		cr_assert_eq(e.kind, ERR_INPUT);
	}
}

Test(vault, a_ring_has_at_most_16_keys)
{
	CLEANUP(buf_done) struct buf text;

	buf_init(&text, 2048);
	buf_str(&text, "k0:" KEY_A ":active\n");
	for (int i = 1; i < VAULT_KEYS_MAX; i++)
		buf_printf(&text, "k%d:" KEY_A ":decrypt\n", i);
	vault_free(ring(buf_text(&text)));
	buf_str(&text, "k16:" KEY_A ":decrypt\n");
	cr_assert_null(ring(buf_text(&text)));
	cr_assert(strstr(e.text, "ring:17: more than 16 keys"), "%s", e.text);
}

Test(vault, a_ring_is_read_from_its_file)
{
	char path[] = "/tmp/ringXXXXXX";
	int fd = mkstemp(path);
	struct vault *v;

	cr_assert_eq(write(fd, RING, strlen(RING)), (ssize_t)strlen(RING));
	v = vault_new(path, &e);
	cr_assert_not_null(v, "%s", e.text);
	vault_free(v);
	cr_assert_eq(ftruncate(fd, VAULT_RING_MAX), 0);
	cr_assert_null(vault_new(path, &e));
	cr_assert(strstr(e.text, "larger than a key ring can be"));
	close(fd);
	unlink(path);
	cr_assert_null(vault_new(path, &e));
	cr_assert_eq(e.kind, ERR_IO);
}

Test(vault, a_canary_finds_a_key_replaced_under_its_id)
{
	struct vault *v = ring(RING), *wrong = ring("new:" KEY_A ":active"),
		     *lacks = ring("third:" KEY_A ":active");

	cr_assert_eq(vault_canary_make(v, "new", &box, &e), 0);
	cr_assert_eq(vault_canary_check(v, "new", box.data, box.len, &e), 0, "%s", e.text);
	cr_assert_eq(vault_canary_check(wrong, "new", box.data, box.len, &e), -1);
	cr_assert_eq(e.kind, ERR_AUTH);
	cr_assert_eq(vault_canary_check(lacks, "new", box.data, box.len, &e), -1);
	cr_assert_eq(e.kind, ERR_INPUT);
	cr_assert_eq(vault_canary_check(v, "old", box.data, box.len, &e), -1);
	cr_assert_eq(vault_canary_check(v, "new", box.data, box.len - 1, &e), -1);
	cr_assert_eq(vault_canary_make(v, "none", &box, &e), -1);
	vault_free(v);
	vault_free(wrong);
	vault_free(lacks);
}
