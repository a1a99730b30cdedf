/*
 * str: reading small values out of text, strictly.
 *
 * Errors: -1 or false, *ret untouched; the caller knows what the text was and says so.
 */
#ifndef TTSYNC_STR_H
#define TTSYNC_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A whole decimal number, optional minus, nothing around it. s may be NULL. */
int str_i64(const char *s, int64_t *ret);

/*
 * A duration in milliseconds: "250ms", "60s", "15m", "2h", "14d". A bare number other than 0 is
 * refused: its unit would be a guess.
 */
int str_duration_ms(const char *s, int64_t *ret);

/* An id of TikTok or ours: 1 to 20 digits. (reliability.md 10) */
bool str_is_id(const char *s);

/* A money amount as TikTok writes it: optional minus, up to 15 digits, up to 6 decimals. */
bool str_is_amount(const char *s);

/* Well-formed UTF-8 (RFC 3629: no surrogates, nothing overlong). */
bool str_utf8(const char *s, size_t len);

/* Append name=value, & before it when out is not empty; percent-encoded, RFC 3986 unreserved kept.
 */
struct buf;
int str_query(struct buf *out, const char *name, const char *value);

/* Copy with a NUL; false when it does not fit (dst is then empty). */
bool str_copy(char *dst, size_t room, const char *src);

/* Edits from a to b, at most max (then max + 1): for "did you mean". */
int str_distance(const char *a, const char *b, int max);

/* Constant-time compare of two byte strings of the same length. */
bool str_equal_secret(const void *a, const void *b, size_t len);

#endif
