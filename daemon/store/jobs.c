#include "daemon/store/jobs.h"

#include "common/str.h"

#include <string.h>

const struct pg_stmt jobs_claim = {
	"jobs_claim",
	"SELECT verdict, fence, connected_s, cursor_s, span_s, back_s, first_done, done, "
	"attempts,"
	" tiktok_shop_id, cipher, grant_id, open_id, pair_id, access_box, until_s, wait_ms, mark"
	" FROM ttsync.job_claim($1, $2, $3::uuid, $4::int) ORDER BY n",
};

const struct pg_stmt jobs_close = {
	"jobs_close",
	"SELECT * FROM ttsync.sync_close($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
};

const struct pg_stmt jobs_fail = {
	"jobs_fail",
	"SELECT ttsync.sync_fail($1, $2, $3, $4, $5, $6, $7::uuid, $8)",
};

const struct pg_stmt jobs_release = { "jobs_release", "SELECT ttsync.sync_release($1, $2)" };

const struct pg_stmt jobs_progress = {
	"jobs_progress", "SELECT ttsync.sync_progress($1, $2, $3, $4, $5, $6::jsonb)"
};

const struct pg_stmt jobs_sweep = {
	"jobs_sweep",
	"SELECT shop_id, kind, due_ms FROM ttsync.sweep_page($1, $2, $3, $4::int, $5::int)",
};

const struct pg_stmt jobs_epoch = { "jobs_epoch", "SELECT nextval('ttsync.queue_epoch')" };

const struct pg_stmt jobs_chore = { "jobs_chore",
	                            "SELECT ttsync.chore_take($1, $2::uuid, $3::int)" };

const struct pg_stmt jobs_prune = { "jobs_prune", "SELECT ttsync.prune($1, $2, $3::int)" };

static enum claim_verdict
verdict_of(const char *word)
{
	if (word && !strcmp(word, "run"))
		return CLAIM_RUN;
	if (word && !strcmp(word, "busy"))
		return CLAIM_BUSY;
	if (word && !strcmp(word, "wait"))
		return CLAIM_WAIT;
	if (word && !strcmp(word, "quarantine"))
		return CLAIM_QUARANTINE;
	return CLAIM_STOP;
}

static bool
copy_text(struct pg_result *r, int row, int col, char *dst, size_t room)
{
	const char *s = pg_str(r, row, col);

	return s && str_copy(dst, room, s);
}

int
jobs_read_claim(struct pg_result *r, int row, struct claim *out, struct err *e)
{
	const void *box;

	memset(out, 0, sizeof(*out));
	out->verdict = verdict_of(pg_str(r, row, 0));
	out->wait_ms = pg_num(r, row, 16);
	if (out->verdict != CLAIM_RUN)
		return 0;
	out->fence = pg_num(r, row, 1);
	out->connected_s = pg_num(r, row, 2);
	out->cursor_s = pg_num(r, row, 3);
	out->span_s = pg_num(r, row, 4);
	out->back_s = pg_num(r, row, 5);
	out->first_done = pg_truth(r, row, 6);
	out->done = pg_num(r, row, 7);
	out->attempts = (int)pg_num(r, row, 8);
	out->grant_id = pg_num(r, row, 11);
	out->until_s = pg_num(r, row, 15);
	box = pg_bytes(r, row, 14, &out->box_len);
	if (!copy_text(r, row, 9, out->tiktok_shop_id, sizeof(out->tiktok_shop_id)) ||
	    !copy_text(r, row, 10, out->cipher, sizeof(out->cipher)) ||
	    !copy_text(r, row, 12, out->open_id, sizeof(out->open_id)) ||
	    !copy_text(r, row, 13, out->pair_id, sizeof(out->pair_id)) || !box ||
	    out->box_len > sizeof(out->box) || out->span_s <= 0)
		return err_set(e, ERR_PARSE, 0, "the shop's row in the database is not complete");
	memcpy(out->box, box, out->box_len);
	copy_text(r, row, 17, out->mark, sizeof(out->mark));
	return 0;
}

void
jobs_fail_args(struct pg_args *a, int64_t shop, const char *kind, int64_t fence,
               const struct job_failure *f)
{
	pg_args_init(a);
	pg_i64(a, shop);
	pg_text(a, kind);
	pg_i64(a, fence);
	pg_text(a, f->why);
	pg_i64(a, f->retry_s);
	pg_text(a, f->ends);
	pg_text(a, f->refused);
	if (f->span_s > 0)
		pg_i64(a, f->span_s);
	else
		pg_null(a);
}

void
jobs_release_args(struct pg_args *a, int64_t shop, int64_t fence)
{
	struct pg_col shops, fences;

	pg_col_init(&shops, PG_INT8);
	pg_col_init(&fences, PG_INT8);
	pg_col_i64(&shops, shop);
	pg_col_i64(&fences, fence);
	pg_args_init(a);
	pg_array(a, &shops);
	pg_array(a, &fences);
	pg_col_done(&shops);
	pg_col_done(&fences);
}

void
jobs_close_args(struct pg_args *a, const struct job_end *ends, int n)
{
	enum { SHOP, KIND, FENCE, CURSOR, SPAN, RESUME, FINISHED, NEXT, DONE, TOTAL, COLS };
	static const enum pg_type types[COLS] = { PG_INT8, PG_TEXT, PG_INT8, PG_INT8, PG_INT8,
		                                  PG_INT8, PG_BOOL, PG_INT8, PG_INT8, PG_INT8 };
	struct pg_col c[COLS];

	for (int i = 0; i < COLS; i++)
		pg_col_init(&c[i], types[i]);
	for (int i = 0; i < n; i++) {
		pg_col_i64(&c[SHOP], ends[i].shop);
		pg_col_text(&c[KIND], ends[i].kind);
		pg_col_i64(&c[FENCE], ends[i].fence);
		pg_col_i64(&c[CURSOR], ends[i].cursor_s);
		pg_col_i64(&c[SPAN], ends[i].span_s);
		pg_col_i64(&c[RESUME], ends[i].resume_s);
		pg_col_bool(&c[FINISHED], ends[i].finished);
		pg_col_i64(&c[NEXT], ends[i].next_s);
		if (ends[i].done < 0) {
			pg_col_null(&c[DONE]);
			pg_col_null(&c[TOTAL]);
		} else {
			pg_col_i64(&c[DONE], ends[i].done);
			pg_col_i64(&c[TOTAL], ends[i].total);
		}
	}
	pg_args_init(a);
	for (int i = 0; i < COLS; i++) {
		pg_array(a, &c[i]);
		pg_col_done(&c[i]);
	}
}
