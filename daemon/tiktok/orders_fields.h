/*
 * orders_fields: the keys of an order that are read, and walking over an order's text by them.
 *
 * The allow-list of what is hashed (orders_scan.c) and of what is read without a tree
 * (orders_flat.c); the reader of trees (orders.c) has the same keys in its calls, and tests hold
 * the two together.
 *
 * Errors: false or -1: the text is not what is expected, and the caller turns to the tree.
 * Source: tiktok-shop-api.md 5.3 to 5.5.
 */
#ifndef TTSYNC_TIKTOK_ORDERS_FIELDS_H
#define TTSYNC_TIKTOK_ORDERS_FIELDS_H

#include "daemon/tiktok/orders.h"
#include "daemon/tiktok/peek.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What a value is to the scan. The numbers enter the hash: they stay as they are. */
enum field_kind {
	FIELD_PLAIN = 0,
	FIELD_ID,
	FIELD_CREATED,
	FIELD_UPDATED,
	FIELD_PAYMENT,
	FIELD_LINES,
	FIELD_PACKAGES
};

/* What a value is to the reader, as orders.c reads it. */
enum field_type {
	TYPE_NONE = 0, /* an object or a list */
	TYPE_ID,       /* char[21]; must be there */
	TYPE_WORD,     /* const char *, up to ORDERS_WORD_MAX */
	TYPE_TEXT,     /* const char *, up to ORDERS_TEXT_MAX */
	TYPE_AMOUNT,   /* const char * */
	TYPE_REF,      /* const char *, an id of something else */
	TYPE_FLAG,     /* bool */
	TYPE_TIME,     /* int64_t */
	TYPE_LEVEL     /* int64_t, 0 to 9 digits */
};

struct field {
	const char *name;
	size_t len;
	enum field_kind kind;
	enum field_type type;
	size_t at; /* of the member in struct tt_order or struct tt_line */
};

struct fields {
	const struct field *rows; /* sorted by byte */
	size_t n;                 /* at most 64 */
};

extern const struct fields fields_order;
extern const struct fields fields_payment; /* members of struct tt_order */
extern const struct fields fields_line;
extern const struct fields fields_package;

/*
 * What of a buyer may stand in an order: counted where there is something, never copied. BUYER_ID
 * is a row of its own: of the id a code is made, and nothing else (buyer_code.h).
 */
#define FIELDS_BUYER 13
struct field_buyer {
	const char *name;
	size_t len;
	enum buyer_field field;
};
extern const struct field_buyer fields_buyer[FIELDS_BUYER];

/* A listed value that is no object and no list. */
struct fields_value {
	struct peek_span text; /* of a string without its quotes */
	bool quoted;
};

bool fields_scalar(struct peek *c, struct fields_value *ret);
/* Is it this bare word? */
bool fields_is(const struct fields_value *v, const char *word);
/* Does it read like an absent key? (tiktok-shop-api.md 1.5) */
bool fields_is_nothing(const struct fields_value *v);
/* A bare number of seconds within PAGE_TIME_MIN and PAGE_TIME_MAX. */
bool fields_time(const struct fields_value *v, int64_t *ret);
/* A string of 1 to 20 digits. */
bool fields_id(const struct fields_value *v, char dst[21]);

/* The keys met in an object: where the search for them stands, and which were listed. */
struct fields_visit {
	const struct fields *list;
	/* Steps over the value of a key that is not listed; NULL: peek_skip. */
	bool (*other)(struct peek *c, const struct peek_span *key, void *arg);
	void *arg;
	size_t at;
	uint64_t seen;
	bool begun;
};

/*
 * The next listed key of an object whose brace was taken; others are stepped over. 1: *ret, its
 * value is next; 0: the object ended; -1: surprise, such as a listed key that stands there twice.
 */
int fields_next(struct peek *c, struct fields_visit *v, const struct field **ret);

#endif
