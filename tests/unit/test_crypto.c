#include "common/crypto.h"

#include <criterion/criterion.h>
#include <string.h>

static void
setup(void)
{
	cr_assert_eq(crypto_start(), 0);
}

TestSuite(crypto, .init = setup);

/* RFC 4231, test case 2 */
Test(crypto, hmac_is_that_of_the_standard)
{
	const struct crypto_part parts[] = { { "what do ya want ", 16 }, { "for nothing?", 12 } };
	char hex[CRYPTO_HMAC_HEX];

	crypto_hmac_hex("Jefe", 4, parts, 2, hex);
	cr_assert_str_eq(hex, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

/* FIPS 180-2, "abc" */
Test(crypto, sha256_is_that_of_the_standard)
{
	unsigned char hash[CRYPTO_HASH_BYTES];
	char hex[2 * CRYPTO_HASH_BYTES + 1];

	crypto_sha256("abc", 3, hash);
	crypto_hex(hash, sizeof(hash), hex);
	cr_assert_str_eq(hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

Test(crypto, a_box_opens_only_as_it_was_sealed)
{
	unsigned char key[CRYPTO_KEY_BYTES], nonce[CRYPTO_NONCE_BYTES], box[5 + CRYPTO_TAG_BYTES],
	    plain[5];

	crypto_random(key, sizeof(key));
	crypto_random(nonce, sizeof(nonce));
	crypto_seal(key, nonce, "ad", 2, "hello", 5, box);
	cr_assert_eq(crypto_open(key, nonce, "ad", 2, box, sizeof(box), plain), 0);
	cr_assert_eq(memcmp(plain, "hello", 5), 0);
	cr_assert_eq(crypto_open(key, nonce, "ax", 2, box, sizeof(box), plain), -1);
	for (size_t i = 0; i < sizeof(box); i++) {
		box[i] ^= 1;
		cr_assert_eq(crypto_open(key, nonce, "ad", 2, box, sizeof(box), plain), -1);
		box[i] ^= 1;
	}
	key[0] ^= 1;
	cr_assert_eq(crypto_open(key, nonce, "ad", 2, box, sizeof(box), plain), -1);
}

Test(crypto, base64_fits_or_fails)
{
	char text[8];
	unsigned char raw[3];

	cr_assert_eq(crypto_base64url("\xff\xfe\xfd", 3, text, sizeof(text)), 0);
	cr_assert_str_eq(text, "__79");
	cr_assert_eq(crypto_base64url("abcdef", 6, text, sizeof(text)), -1);
	cr_assert_eq(crypto_unbase64("YWJj", 4, raw, sizeof(raw)), 3);
	cr_assert_eq(memcmp(raw, "abc", 3), 0);
	cr_assert_eq(crypto_unbase64("YWJjZA==", 8, raw, sizeof(raw)), -1);
	cr_assert_eq(crypto_unbase64("!!!!", 4, raw, sizeof(raw)), -1);
}

Test(crypto, a_uniform_number_stays_below_its_bound)
{
	for (int i = 0; i < 1000; i++)
		cr_assert_lt(crypto_uniform(7), 7);
}

/* The vectors of SipHash-2-4's authors: key 00 01 .. 0f, message 00 01 .. 0e. */
Test(crypto, short_hash_is_that_of_its_authors)
{
	unsigned char key[CRYPTO_SHORT_KEY_BYTES], text[15];

	for (size_t i = 0; i < sizeof(key); i++)
		key[i] = (unsigned char)i;
	memcpy(text, key, sizeof(text));
	cr_assert_eq(crypto_short_hash(key, text, sizeof(text)), UINT64_C(0xa129ca6149be45e5));
}
