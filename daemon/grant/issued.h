/*
 * issued: a pair of tokens that TikTok has just issued, on its way to PostgreSQL.
 *
 * Order: sealed into the spool and fsynced first, then history row and current pair in one
 *        statement, then the spool file is removed. A crash at any point leaves the pair in at
 * least one of the three; spooled pairs are put by issued_replay: at the next start, and by
 *        the refresher when PostgreSQL is back. Source:
 * reliability.md 5 (T3).
 */
#ifndef TTSYNC_ISSUED_H
#define TTSYNC_ISSUED_H

#include "common/clock.h"
#include "common/crypto.h"
#include "common/err.h"
#include "daemon/grant/token.h"
#include "daemon/tiktok/auth.h"

#include <stdbool.h>
#include <stdint.h>

struct env;

struct issued {
	int64_t grant_id;             /* 0: of an authorization, the grant is not known yet */
	int64_t gen;                  /* of the pair it replaces, for a refresh */
	char pair_id[TOKEN_UUID_MAX]; /* also the name of its spool file */
	int64_t at_s;                 /* API clock when it was issued */
	unsigned char code_hash[CRYPTO_HASH_BYTES]; /* of an authorization's code; zeros: of none */
	struct tt_tokens tokens;
};

/* grant_id: the grant it belongs to. won: it is the current pair now. e NULL when it went well. */
typedef void issued_fn(int64_t grant_id, bool won, const struct err *e, void *arg);

/* Seal into the spool. 0, or -1: nothing may be done with the pair but try again to keep it. */
int issued_spool(const struct env *env, const struct issued *i, struct err *e);

/* Put into PostgreSQL, then remove the spool file. *i may go away at once. */
void issued_put(struct env *env, const struct issued *i, issued_fn *fn, void *arg);

/* Put everything the spool holds. done is called with how many were put and how many failed. */
void issued_replay(struct env *env, void (*done)(int put, int failed, void *arg), void *arg);

#endif
