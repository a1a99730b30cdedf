/*
 * jw: JSON written straight into a buffer, without a tree.
 *
 * A page of 100 orders is 300 kB of text; building a tree for it costs more than all else. Keys
 * are the caller's literals and are not escaped; commas are put where they belong.
 *
 * Units:  money is satang (1/100 of the currency), written as TikTok does: "199", "199.50".
 * Errors: as buf's: looked at once, at the end.
 */
#ifndef SANDBOX_JW_H
#define SANDBOX_JW_H

#include "common/buf.h"

#include <stdbool.h>
#include <stdint.h>

void jw_open(struct buf *b, char bracket);  /* '{' or '[', as an element */
void jw_close(struct buf *b, char bracket); /* '}' or ']' */
/* "key": and nothing behind it. */
void jw_key(struct buf *b, const char *key);
void jw_obj(struct buf *b, const char *key); /* "key":{ */
void jw_arr(struct buf *b, const char *key); /* "key":[ */
void jw_str(struct buf *b, const char *key, const char *s);
void jw_int(struct buf *b, const char *key, int64_t v);
void jw_bool(struct buf *b, const char *key, bool v);
void jw_null(struct buf *b, const char *key);
void jw_id(struct buf *b, const char *key, uint64_t id); /* as a string; 0: "" */
void jw_money(struct buf *b, const char *key, int64_t satang);
/* Elements of an array. */
void jw_item(struct buf *b, const char *s);
void jw_item_id(struct buf *b, uint64_t id);
/* A value that is JSON already, as an element. */
void jw_raw(struct buf *b, const char *text, size_t len);

/* Satang as text, into 24 bytes; returns dst. */
const char *jw_amount(int64_t satang, char dst[24]);

#endif
