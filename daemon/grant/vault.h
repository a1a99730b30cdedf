/*
 * vault: seals tokens before they leave memory, and opens them again.
 *
 * A box is: version (1 byte, 1), length of the key id (1 byte), key id, nonce (24 random bytes),
 * ciphertext, tag (16 bytes); XChaCha20-Poly1305. Bound to it, not stored in it, is where it
 * belongs: "ttsyncd|v1|table|column|id|gen". A box moved to another row, column or generation does
 * not open.
 *
 * Key ring: lines `id:base64:active` or `id:base64:decrypt`, the key being 32 bytes; blank lines
 *         and lines beginning with # are skipped. Exactly one key is active: it seals. All open.
 *         To rotate: add the new key as active and make the old one decrypt; restart.
 * Errors: vault_new ERR_INPUT with file and line, ERR_IO, ERR_NOMEM; vault_open ERR_PARSE (not a
 *         box), ERR_INPUT (a key that is not in the ring, named), ERR_AUTH (altered, moved, or
 *         another key of the same id). No text ever holds key material or a plain text.
 * Threads: read-only after vault_new: any thread may seal and open.
 * Owner:  keys live in locked, undumped memory and are wiped by vault_free. Plain texts that the
 *         caller gets in a buf are the caller's to buf_wipe.
 * Source: reliability.md 10, Secrets.
 */
#ifndef TTSYNC_VAULT_H
#define TTSYNC_VAULT_H

#include "common/buf.h"
#include "common/err.h"

#include <stdbool.h>
#include <stddef.h>

#define VAULT_KEYS_MAX   16
#define VAULT_KEY_ID_MAX 32          /* 1 to 32 of a-z A-Z 0-9 . _ - */
#define VAULT_PLAIN_MAX  (64u << 10) /* bytes in one box */
#define VAULT_RING_MAX   (64u << 10) /* bytes of a key ring file */

struct vault;

/* Where a box belongs. id may hold anything, the others no '|'. */
struct vault_place {
	const char *table;
	const char *column;
	const char *id;  /* of the row: a grant's open id */
	const char *gen; /* which value of it: a pair's uuid */
};

/* Read the ring from a file. */
struct vault *vault_new(const char *path, struct err *e);
/* Read it from text; name stands for the file in errors. */
struct vault *vault_parse(const char *name, const char *text, size_t len, struct err *e);
void vault_free(struct vault *v);

/* Append the sealed box to out. 0, or -1 (ERR_INPUT: too large, ERR_NOMEM: cap of out). */
int vault_seal(const struct vault *v, const struct vault_place *at, const void *plain, size_t len,
               struct buf *out, struct err *e);
/* Append the plain text to out, or leave it as it was and return -1. */
int vault_open(const struct vault *v, const struct vault_place *at, const void *box, size_t len,
               struct buf *out, struct err *e);

/* The ring's key ids, in its order: 0 .. vault_keys() - 1. */
size_t vault_keys(const struct vault *v);
const char *vault_key_id(const struct vault *v, size_t i);
bool vault_has_key(const struct vault *v, const char *id);
/* The key that seals now: a box of any other is to be sealed anew. */
const char *vault_active(const struct vault *v);
/* The key id of a box, written into id. 0, or -1 where it is no box. */
int vault_box_key(const void *box, size_t len, char id[VAULT_KEY_ID_MAX + 1]);

/*
 * Canaries: a known text sealed with each key, kept in PostgreSQL. At start every canary is
 * checked: a key that was replaced under its old id is found before it can do harm.
 * vault_canary_check also fails (ERR_INPUT) for a canary of a key that the ring lacks: boxes sealed
 * with it may exist.
 */
int vault_canary_make(const struct vault *v, const char *key_id, struct buf *out, struct err *e);
int vault_canary_check(const struct vault *v, const char *key_id, const void *box, size_t len,
                       struct err *e);

#endif
