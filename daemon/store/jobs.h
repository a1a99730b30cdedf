/*
 * jobs: the SQL of polling work: claim, close, fail, release, sweep.
 *
 * Units: seconds of the API's clock for cursors, milliseconds for due times.
 * Owner: jobs_*_args fill a struct pg_args that goes to pg_run at once.
 */
#ifndef TTSYNC_STORE_JOBS_H
#define TTSYNC_STORE_JOBS_H

#include "common/err.h"
#include "daemon/io/pg.h"

#include <stdbool.h>
#include <stdint.h>

#define JOBS_CIPHER_MAX    160
#define JOBS_MARK_MAX      4400 /* a page token of 2 KiB, escaped, and numbers */
#define JOBS_TOKEN_BOX_MAX 1400 /* a sealed access token: up to 512 bytes of token, and slack */

/* In one lease row's words: may this job run, and what it needs to know. */
enum claim_verdict { CLAIM_STOP = 0, CLAIM_BUSY, CLAIM_WAIT, CLAIM_QUARANTINE, CLAIM_RUN };

struct claim {
	enum claim_verdict verdict;
	int64_t fence;
	int64_t connected_s;
	int64_t cursor_s;
	int64_t span_s;
	int64_t back_s;  /* how far before the cursor this slice begins */
	int64_t until_s; /* the walk ends there; 0: at the API's present */
	int64_t wait_ms; /* of CLAIM_WAIT */
	bool first_done;
	int64_t done;
	int attempts;
	int64_t grant_id;
	char tiktok_shop_id[24];
	char cipher[JOBS_CIPHER_MAX];
	char open_id[160];
	char pair_id[40];
	char mark[JOBS_MARK_MAX]; /* walk_window.h's; "": none */
	size_t box_len;
	unsigned char box[JOBS_TOKEN_BOX_MAX]; /* the sealed access token */
};

extern const struct pg_stmt jobs_claim;
extern const struct pg_stmt jobs_close;
extern const struct pg_stmt jobs_fail;
extern const struct pg_stmt jobs_release;
extern const struct pg_stmt jobs_progress;
extern const struct pg_stmt jobs_sweep;
extern const struct pg_stmt jobs_epoch;
extern const struct pg_stmt jobs_chore;
extern const struct pg_stmt jobs_prune;

/* Row `row` of jobs_claim's answer. 0, or -1 where a value does not fit (ERR_PARSE). */
int jobs_read_claim(struct pg_result *r, int row, struct claim *out, struct err *e);

/* What sync_fail is told. */
struct job_failure {
	const char *why;
	int64_t retry_s;
	const char *ends;    /* reason that ends the shop's work, or NULL */
	const char *refused; /* the pair whose access token TikTok refused, or NULL */
	int64_t span_s;      /* a narrower window from now on, or 0 */
};

void jobs_fail_args(struct pg_args *a, int64_t shop, const char *kind, int64_t fence,
                    const struct job_failure *f);

/* A job that ends well, as sync_close wants it. */
struct job_end {
	int64_t shop;
	const char *kind;
	int64_t fence;
	int64_t cursor_s;
	int64_t span_s;
	int64_t resume_s; /* the next slice of this walk begins here; no use when finished */
	bool finished;
	int64_t next_s;
	int64_t done; /* rows read by a walk that counts; -1: total and it stay as they are */
	int64_t total;
};

void jobs_release_args(struct pg_args *a, int64_t shop, int64_t fence);
void jobs_close_args(struct pg_args *a, const struct job_end *ends, int n);

#endif
