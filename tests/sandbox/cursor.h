/*
 * cursor: page tokens.
 *
 * An order token is sealed: nothing can be read out of it or made up, it holds + / and = (a client
 * must encode it in the URL and sign it decoded), and it belongs to the parameters of its walk. A
 * product token is base64 of a JSON pair, as the platform's are.
 *
 * Units:  seconds of the sandbox's clock.
 * Source: tiktok-shop-api.md 1.7.
 */
#ifndef SANDBOX_CURSOR_H
#define SANDBOX_CURSOR_H

#include <stdbool.h>
#include <stdint.h>

#define CURSOR_TEXT_MAX 192

struct cursor {
	uint64_t params; /* of the walk: anything else makes the token invalid */
	bool started;    /* false: before the first row */
	int64_t time;    /* of the last row that was given */
	uint64_t id;
	int64_t issued;
	uint64_t salt; /* two tokens for one place that look different */
};

void cursor_seal(const unsigned char key[32], const struct cursor *c, char dst[CURSOR_TEXT_MAX]);
/* 0, or -1 where the text is no token of this key. */
int cursor_open(const unsigned char key[32], const char *text, struct cursor *ret);

/* "[milliseconds, id]" in base64. */
void cursor_product(int64_t time, uint64_t id, char dst[CURSOR_TEXT_MAX]);
int cursor_product_read(const char *text, int64_t *ret_time, uint64_t *ret_id);

#endif
