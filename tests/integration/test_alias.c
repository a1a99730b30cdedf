/*
 * What a shop may be called, and what names may do (S4): a name is what a person reads, whatever
 * bytes it was typed with, and never more than a name.
 */
#include "common/buf.h"
#include "common/json.h"
#include "tests/harness/harness.h"
#include "tests/harness/pgserver.h"
#include "tests/integration/life.h"
#include "tests/integration/world.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#define ZWJ "\xe2\x80\x8d"

/* ttctl connect under this alias ends with code; the shop's id where it was done. */
static const char *
connect_as(struct world *w, int code, const char *store, const char *alias)
{
	return life_of(w, LIFE_CTL(w, code, "connect", "--store", store, "--alias", alias),
	               "shop_id");
}

static void
round_trips(struct world *w, const char *alias)
{
	const char *shop = connect_as(w, 0, "42", alias);

	cr_assert_str_eq(life_shown(w, shop, "alias"), alias, "byte for byte");
	cr_assert_str_eq(life_shown(w, alias, "shop_id"), shop, "and it names the shop");
	connect_as(w, 64, "42", alias);
	connect_as(w, 0, "43", alias);
	life_do(w, "DELETE FROM ttsync.shop WHERE store_id = '43'");
}

/* Two ways to type one name. */
static void
is_the_same_as(struct world *w, const char *one, const char *other)
{
	const char *shop = connect_as(w, 0, "42", one), *why;

	why = LIFE_CTL(w, 64, "connect", "--store", "42", "--alias", other);
	cr_assert(strstr(why, "duplicate_alias") &&
	              strstr(why, harness_text(w->h, "shop %s", shop)),
	          "%s and %s: %s", one, other, why);
	cr_assert_str_eq(life_shown(w, other, "shop_id"), shop);
}

static void
is_another_than(struct world *w, const char *one, const char *other)
{
	const char *a = connect_as(w, 0, "44", one), *b = connect_as(w, 0, "44", other);

	cr_assert_str_neq(a, b);
}

static const char *
many(struct world *w, const char *one, int n)
{
	struct buf b;
	const char *text;

	buf_init(&b, 1024);
	while (n--)
		buf_str(&b, one);
	text = harness_text(w->h, "%s", buf_text(&b));
	buf_done(&b);
	return text;
}

static void
lengths_are_of_characters(struct world *w)
{
	connect_as(w, 0, "42", many(w, "ก", 64));
	connect_as(w, 64, "42", many(w, "ก", 65));
	/* 65 as typed, 64 as kept: e and its accent are one */
	connect_as(w, 0, "42", harness_text(w->h, "%se\xcc\x81", many(w, "x", 63)));
	connect_as(w, 64, "42", "");
	connect_as(w, 64, "42", "   ");
}

static void
a_number_takes_no_other_shop_s_place(struct world *w)
{
	const char *first = life_text(w, "SELECT min(shop_id) FROM ttsync.shop"), *why;
	const char *second = connect_as(w, 0, "42", first);

	why = LIFE_CTL(w, 64, "show", first);
	cr_assert(strstr(why, "ambiguous_shop") && strstr(why, harness_text(w->h, "#%s", second)),
	          "%s", why);
	cr_assert_str_eq(life_shown(w, harness_text(w->h, "#%s", first), "shop_id"), first);
	connect_as(w, 64, "42", harness_text(w->h, "#%s", first));
}

Test(alias, is_what_a_person_reads_whatever_bytes_it_was_typed_with)
{
	static const char *const names[] = {
		"ร้านหลัก",
		"น้ำแข็งใส ปิ่นเกล้า", /* SARA AM, tone marks, vowels above and below */
		"\xe0\xb8\x99\xe0\xb9\x89\xe0\xb8\xb3", /* the same SARA AM by its bytes */
		"👩" ZWJ "👩" ZWJ "👧" ZWJ "👦 🇹🇭",
		"'\"><script>alert(1)</script>",
		"$(reboot) `x` \\ ; DROP TABLE shop; -- %s %n",
	};
	static const char *const refused[] = {
		"a\nb",
		"a\rb",
		"a\tb",
		"a\x1b[2Jb",
		"a\x7f",
		"\xc2\x9b"
		"31m",
		"a\xe2\x80\xae"
		"b",
		"a\xe2\x81\xa6"
		"b",
		"a\xe2\x80\x8f"
		"b",
		"a\xe2\x80\xa8"
		"b",
		"\xef\xbb\xbf"
		"a",
		"ma\xe2\x80\x8b"
		"in",
		"\xe2\x81\xa0"
		"main",
	};
	struct world_opts o = { .name = "alias" };
	CLEANUP(world_freep) struct world *w = world_new(&o);

	for (int i = 42; i <= 44; i++)
		LIFE_CTL(w, 0, "store", "set", harness_text(w->h, "%d", i), "--name", "x", "--plan",
		         "basic");
	for (size_t i = 0; i < ARRAY_LEN(refused); i++)
		connect_as(w, 64, "42", refused[i]);
	cr_assert_eq(life_num(w, "SELECT count(*) FROM ttsync.shop"), 0);
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (i != 2)
			round_trips(w, names[i]);
	round_trips(w, names[2]);
	is_the_same_as(w, "Caf\xc3\xa9", "cafe\xcc\x81"); /* composed, and not */
	is_the_same_as(w, "MAIN", " main ");
	is_the_same_as(w, "ΟΔΟΣ", "οδος");                 /* sigma at the end of a word */
	is_the_same_as(w, "İstanbul", "i\xcc\x87stanbul"); /* what dotted I is in lower case */
	is_the_same_as(w, "MÜLLER", "müller");
	is_another_than(w, "straße", "strasse");
	is_another_than(w, "ılık", "ilik");
	lengths_are_of_characters(w);
	a_number_takes_no_other_shop_s_place(w);
}

/* --- names from outside ---------------------------------------------------------------------- */

#define HOSTILE "\\\"'><script>x</script>\\r\\nINJECTED 1\\u001b[31m\\u202eevil"

/* No line of this text begins with what a name would have it begin with. */
static void
is_not_split(const char *what, const char *text)
{
	cr_assert(*text, "%s is empty", what);
	for (const char *p = text; (p = strstr(p, "INJECTED")); p++)
		cr_assert(p > text && p[-1] != '\n' && p[-1] != '\r', "%s: %.200s", what, p);
	cr_assert(!strchr(text, '\x1b'), "%s: an escape sequence", what);
}

/* As a person sees it, without --json. */
static void
is_printed_on_its_line(struct world *w, const char *const *words)
{
	struct said s;

	world_ctl(w, 0, &s, words);
	cr_assert_eq(s.code, 0, "%s: %s", words[0], s.err);
	is_not_split(words[0], s.out);
	cr_assert(!strstr(s.out, "\xe2\x80\xae"), "%s: the reading direction is turned", words[0]);
	said_done(&s);
}

#define PRINTED(w, ...) is_printed_on_its_line((w), (const char *const[]){ __VA_ARGS__, NULL })

Test(alias, a_hostile_name_of_a_seller_or_shop_is_a_name)
{
	struct world_opts o = { .name = "hostile" };
	CLEANUP(world_freep) struct world *w = world_new(&o);
	CLEANUP(own_free) char *metrics = NULL, *log = NULL;
	const char *url, *shop = world_begin(w, "42", "'\"><script>x</script>", &url);

	WORLD_TIKTOK(w, "/seller/rename", "{\"seller\":1,\"name\":\"" HOSTILE "\"}");
	WORLD_TIKTOK(w, "/shop/rename", "{\"shop\":1,\"name\":\"" HOSTILE "\"}");
	cr_assert(life_well(life_seller_center(w, 1)));
	PRINTED(w, "held");
	PRINTED(w, "status");
	cr_assert(life_well(world_consent(w, url, 1, false, NULL)));
	PRINTED(w, "choices", shop);
	LIFE_CTL(w, 0, "confirm", shop, "--shop",
	         life_text(w, "SELECT max(tiktok_shop_id) FROM ttsync.grant_shop"), "--warehouse",
	         life_text(w, "SELECT max(warehouse_id) FROM ttsync.warehouse"
	                      " WHERE type = 'SALES_WAREHOUSE'"));
	life_state(w, shop, "connected");
	life_do(w, "SELECT ttsync.warehouses_put(tiktok_shop_id, '{1}', ARRAY[E'x\\nINJECTED'],"
	           " '{1}', '{ENABLED}', '{SALES_WAREHOUSE}', '{x}', '{f}') FROM ttsync.shop");
	PRINTED(w, "show", shop);
	PRINTED(w, "shops");
	PRINTED(w, "history", shop);
	metrics = world_metrics(w, 0);
	is_not_split("metrics", metrics);
	log = harness_read(w->daemon[0].log);
	is_not_split("log", log);
}
