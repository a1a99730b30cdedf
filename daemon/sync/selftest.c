#include "daemon/sync/selftest.h"

#include "common/json.h"
#include "common/own.h"
#include "daemon/store/orders.h"
#include "daemon/tiktok/buyer_code.h"
#include "daemon/tiktok/orders_fields.h"
#include "daemon/tiktok/orders_flat.h"
#include "daemon/tiktok/orders_scan.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ORDER_ID  "580112233445566778"
#define ROOM      (1u << 20)
#define MARK      8 /* bytes of a mark; a sentinel is its mark many times */
#define BUYER_AT  INT64_C(7499990000000000042)
#define BUYER_CUT 12 /* digits by which that id is known */

/* What an address holds, and keys that no documentation has. Source: tiktok-shop-api.md 5.4. */
static const char *const address[] = { "name",          "first_name",    "last_name",
	                               "phone_number",  "address_line1", "address_detail",
	                               "full_address",  "postal_code",   "region_code",
	                               "address_line2", "district_info" };
static const char *const unheard_of[] = { "zz_buyer_phone", "customer", "line_items.buyer_remark",
	                                  "payment.payer", "packages.recipient" };

enum {
	AT_ADDRESS = FIELDS_BUYER,
	AT_UNHEARD = AT_ADDRESS + (int)ARRAY_LEN(address),
	SENTINELS = AT_UNHEARD + (int)ARRAY_LEN(unheard_of)
};

static const char *
field_of(int i)
{
	if (i < AT_ADDRESS)
		return fields_buyer[i].name;
	return i < AT_UNHEARD ? address[i - AT_ADDRESS] : unheard_of[i - AT_UNHEARD];
}

static void
mark_of(int i, char dst[MARK + 1])
{
	snprintf(dst, MARK + 1, "Zq%02uxWvK", (unsigned)i % 100);
}

/* --- the order ------------------------------------------------------------------------------- */

/* "key":"sentinel", with a comma in front; the key of a path is its last word. */
static void
put_sentinel(struct buf *b, int i)
{
	const char *dot = strrchr(field_of(i), '.');
	char mark[MARK + 1];

	mark_of(i, mark);
	buf_printf(b, ",\"%s\":\"%s%s%s\"", dot ? dot + 1 : field_of(i), mark, mark, mark);
}

static void
put_buyer(struct buf *b)
{
	for (int i = 0; i < FIELDS_BUYER; i++) {
		if (fields_buyer[i].field == BUYER_ID) {
			buf_printf(b, ",\"%s\":\"%" PRId64 "\"", fields_buyer[i].name, BUYER_AT);
		} else if (fields_buyer[i].field == BUYER_RECIPIENT) {
			buf_printf(b, ",\"%s\":{\"zz\":0", fields_buyer[i].name);
			for (int k = AT_ADDRESS; k < AT_UNHEARD; k++)
				put_sentinel(b, k);
			buf_str(b, "}");
		} else {
			put_sentinel(b, i);
		}
	}
}

static void
put_order(struct buf *b)
{
	buf_str(b, "{\"create_time\":1780000000,\"id\":\"" ORDER_ID "\",\"line_items\":[{\"id\":"
	           "\"1\",\"product_name\":\"cream\"");
	put_sentinel(b, AT_UNHEARD + 2);
	buf_str(b, "}],\"packages\":[{\"id\":\"2\"");
	put_sentinel(b, AT_UNHEARD + 4);
	buf_str(b, "}],\"payment\":{\"currency\":\"THB\",\"total_amount\":\"5\"");
	put_sentinel(b, AT_UNHEARD + 3);
	buf_str(b, "},\"status\":\"UNPAID\",\"update_time\":1780000060");
	put_buyer(b);
	put_sentinel(b, AT_UNHEARD);
	put_sentinel(b, AT_UNHEARD + 1);
	buf_str(b, "}");
}

/* --- the readers ----------------------------------------------------------------------------- */

static const struct buyer_key key = { "no shop's key" };

/* The order's own bytes, and the statement it would be stored by. */
static int
put_read(const struct tt_order *o, struct buf *out, struct err *e)
{
	struct orders_batch batch;
	struct pg_args args;

	buf_add(out, o, sizeof(*o));
	buf_add(out, o->lines, (size_t)o->nlines * sizeof(*o->lines));
	orders_batch_init(&batch);
	orders_batch_shop(&batch, 1, 1, 1, false);
	orders_batch_add(&batch, 1, o);
	orders_batch_args(&args, &batch);
	orders_batch_done(&batch);
	buf_add(out, args.vals.data, args.vals.len);
	if (args.failed || out->failed)
		err_set(e, ERR_NOMEM, 0, "no memory for the order's parameters");
	pg_args_done(&args);
	return e->kind ? -1 : 0;
}

static int
read_flat(const char *order, size_t len, struct buf *out, struct err *e)
{
	CLEANUP(own_free) char *text = malloc(len);
	int64_t dropped[BUYER_FIELDS] = { 0 };
	struct tt_order o;
	int rc;

	if (!text)
		return err_set(e, ERR_NOMEM, 0, "no memory for an order");
	memcpy(text, order, len);
	if (orders_flat_one(text, len, &key, &o, dropped))
		return err_set(e, ERR_PARSE, 0, "the order was left to the tree");
	rc = put_read(&o, out, e);
	orders_free_lines(&o);
	return rc;
}

static int
read_tree(const char *order, size_t len, struct buf *out, struct err *e)
{
	CLEANUP(json_freep) struct json *tree = json_parse(order, len, e);
	int64_t dropped[BUYER_FIELDS] = { 0 };
	struct tt_order o;
	int rc;

	if (!tree || orders_read_one(tree, &key, &o, dropped, e))
		return -1;
	rc = put_read(&o, out, e);
	orders_free_lines(&o);
	return rc;
}

static int
read_scan(const char *order, size_t len, struct buf *out, struct err *e)
{
	CLEANUP(buf_done) struct buf page;
	struct scan_row row;
	int n;

	memset(&row, 0, sizeof(row));
	buf_init(&page, ROOM);
	buf_str(&page, "{\"code\":0,\"data\":{\"orders\":[");
	buf_add(&page, order, len);
	buf_str(&page, "]}}");
	n = page.failed ? -1 : orders_scan(page.data, page.len, &row, 1, out);
	buf_add(out, &row, sizeof(row));
	return n == 1 ? 0 : err_set(e, ERR_PARSE, 0, "the page was not understood");
}

const struct selftest_reader selftest_live[SELFTEST_READERS] = {
	{ "scan", read_scan },
	{ "flat", read_flat },
	{ "tree", read_tree },
};

/* --- the search ------------------------------------------------------------------------------ */

static bool
holds(const struct buf *b, const void *what, size_t len)
{
	return b->len && memmem(b->data, b->len, what, len);
}

/* The buyer's id: its first digits, or as a number of either byte order. */
static bool
holds_id(const struct buf *b)
{
	unsigned char little[8], big[8];
	char digits[24];

	snprintf(digits, sizeof(digits), "%" PRId64, BUYER_AT);
	for (int i = 0; i < 8; i++)
		little[i] = big[7 - i] = (unsigned char)(BUYER_AT >> (8 * i));
	return holds(b, digits, BUYER_CUT) || holds(b, little, 8) || holds(b, big, 8);
}

static bool
holds_sentinel(const struct buf *b, int i)
{
	char mark[MARK + 1];

	if (i < FIELDS_BUYER && fields_buyer[i].field == BUYER_ID)
		return holds_id(b);
	mark_of(i, mark);
	return holds(b, mark, MARK);
}

static void
tell(struct selftest *t, const char *reader, const char *field)
{
	if (t->nleaks < SELFTEST_LEAKS_MAX)
		t->leaks[t->nleaks++] = (struct selftest_leak){ reader, field };
}

void
selftest_run(const struct selftest_reader *readers, int n, struct selftest *ret)
{
	CLEANUP(buf_done) struct buf order;

	*ret = (struct selftest){ .sentinels = SENTINELS };
	buf_init(&order, ROOM);
	put_order(&order);
	for (int r = 0; r < n; r++) {
		CLEANUP(buf_done) struct buf out;
		struct err e = { 0 };

		buf_init(&out, ROOM);
		if (readers[r].read(order.data, order.len, &out, &e) ||
		    !holds(&out, ORDER_ID, strlen(ORDER_ID))) {
			ret->failed++;
			tell(ret, readers[r].name, "");
		}
		for (int i = 0; i < SENTINELS; i++) {
			if (!holds_sentinel(&out, i))
				continue;
			ret->found++;
			tell(ret, readers[r].name, field_of(i));
		}
	}
	ret->ok = n > 0 && !ret->found && !ret->failed;
}
