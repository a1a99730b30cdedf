/*
 * tiktok_samples: the sample answers of tests/samples for the tests of daemon/tiktok.
 *
 * Owner: what is returned belongs to the caller (buf_done, json_free). A sample that cannot be read
 *        ends the test.
 */
#ifndef TTSYNC_TEST_TIKTOK_SAMPLES_H
#define TTSYNC_TEST_TIKTOK_SAMPLES_H

#include "common/buf.h"
#include "common/json.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

/* Every sample that is a page of orders, with rows in it. */
static const char *const order_samples[] = {
	"orders-search.json",
	"orders-search-last-page.json",
	"order-detail-awaiting-shipment.json",
	"order-detail-cancelled.json",
	"order-detail-on-hold.json",
	"order-detail-seller-shipping.json",
	"order-detail-unpaid.json",
};

static inline void
sample_text(const char *name, struct buf *ret)
{
	char path[512], chunk[4096];
	size_t n;
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", SAMPLES, name);
	f = fopen(path, "r");
	cr_assert_not_null(f, "%s", path);
	buf_init(ret, 1u << 20);
	while ((n = fread(chunk, 1, sizeof(chunk), f)) > 0)
		buf_add(ret, chunk, n);
	fclose(f);
	cr_assert(!ret->failed && ret->len, "%s", path);
}

static inline struct json *
sample(const char *name)
{
	struct err e = { 0 };
	struct json *root;
	struct buf text;

	sample_text(name, &text);
	root = json_parse(text.data, text.len, &e);
	cr_assert_not_null(root, "%s: %s", name, e.text);
	buf_done(&text);
	return root;
}

static inline struct json *
parse_text(const char *text)
{
	struct err e = { 0 };
	struct json *root = json_parse(text, strlen(text), &e);

	cr_assert_not_null(root, "%s: %s", e.text, text);
	return root;
}

#endif
