/*
 * page: what the answers of all searches have around their rows.
 *
 * Source: tiktok-shop-api.md 1.7. The list's key is missing when nothing matches.
 */
#ifndef TTSYNC_TIKTOK_PAGE_H
#define TTSYNC_TIKTOK_PAGE_H

#include "common/err.h"

#include <stdint.h>

#define PAGE_TOKEN_MAX 2048
/* Times outside of this are not times: 2001 to the year 36812. */
#define PAGE_TIME_MIN INT64_C(1000000000)
#define PAGE_TIME_MAX (INT64_C(1) << 40)

struct json;

struct tt_page {
	const char *token;       /* of the next page, NULL at the last; points into the answer */
	int64_t total;           /* TikTok's count, -1 where it said none */
	const struct json *rows; /* or NULL: none */
};

/* 0 or -1 (ERR_PARSE). */
int page_read(const struct json *root, const char *list, struct tt_page *ret, struct err *e);

/* A time field in seconds, 0 where absent or no time. */
int64_t page_time(const struct json *row, const char *key);

#endif
