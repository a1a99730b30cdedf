/*
 * token: tokens as boxes in the database: sealed and opened for the place they belong to.
 *
 * A pair (access and refresh token) has a uuid of its own, bound into both boxes with the seller's
 * open id: a box copied to another grant or generation does not open.
 */
#ifndef TTSYNC_TOKEN_H
#define TTSYNC_TOKEN_H

#include "common/buf.h"
#include "common/err.h"
#include "daemon/tiktok/auth.h"

#include <stddef.h>

struct vault;

enum token_column { TOKEN_ACCESS = 0, TOKEN_REFRESH };

/* Append the sealed box to out. 0 or -1. */
int token_seal(const struct vault *v, enum token_column col, const char *open_id,
               const char *pair_id, const char *token, struct buf *out, struct err *e);
/* 0 and the token, or -1 (ERR_AUTH: altered or of another place). The caller wipes dst. */
int token_open(const struct vault *v, enum token_column col, const char *open_id,
               const char *pair_id, const void *box, size_t len, char dst[TT_TOKEN_MAX + 1],
               struct err *e);

/* A random uuid (RFC 4122 version 4) with its NUL. */
#define TOKEN_UUID_MAX 37
void token_uuid(char dst[TOKEN_UUID_MAX]);

#endif
