#include "tests/sandbox/front.h"

#include "tests/sandbox/auth.h"
#include "tests/sandbox/control.h"
#include "tests/sandbox/gateway.h"
#include "tests/sandbox/page.h"

#include <stdio.h>
#include <string.h>

#define HUGE_BYTES (64 << 20)
#define SLOW_MS    5000
#define HANG_MS    600000

static bool
begins(const char *s, const char *head)
{
	return !strncmp(s, head, strlen(head));
}

static void
answer_html(struct reply *reply, int status)
{
	buf_reset(&reply->body);
	reply->type = "text/html";
	reply->status = status;
	buf_printf(&reply->body,
	           "<html><head><title>%d</title></head><body><h1>%d</h1>edge</body></html>\n",
	           status, status);
}

/* Refused before anything was done. */
static void
hit_before(const struct fault *f, struct reply *reply, struct call_row *row)
{
	if (f->kind == FAULT_HANG) {
		reply->end = REPLY_HANG;
		return;
	}
	if (f->kind == FAULT_HTML) {
		answer_html(reply, f->status ? f->status : 502);
		row->code = reply->status;
		return;
	}
	if (f->kind == FAULT_5XX) {
		gateway_refuse(reply, row, FAIL_INTERNAL);
		reply->status = f->status ? f->status : 503;
		return;
	}
	if (f->kind == FAULT_REFUSE) {
		gateway_refuse(reply, row, (enum gateway_fail)f->why);
		return;
	}
	gateway_refuse(reply, row, FAIL_RATE);
	if (f->kind == FAULT_429)
		snprintf(reply->retry_after, sizeof(reply->retry_after), "%s",
		         f->retry_after[0] ? f->retry_after : "1");
}

/* One more member, as long as asked for, before the last bracket. */
static void
make_huge(struct buf *body, int64_t bytes)
{
	size_t n = bytes > 0 ? (size_t)bytes : HUGE_BYTES;
	char *pad;

	if (!body->len || body->data[body->len - 1] != '}')
		return;
	body->len--;
	buf_str(body, ",\"zz_padding\":\"");
	pad = buf_extend(body, n);
	if (pad)
		memset(pad, 'x', n);
	buf_str(body, "\"}");
}

/* The work is done; the answer suffers. */
static void
hit_after(const struct fault *f, struct reply *reply)
{
	switch (f->kind) {
	case FAULT_CUT:
		reply->end = REPLY_CUT;
		break;
	case FAULT_LOST:
		reply->end = REPLY_LOST;
		break;
	case FAULT_SLOW:
		reply->end = REPLY_SLOW;
		break;
	case FAULT_MALFORMED:
		reply->body.len = reply->body.len * 2 / 3;
		break;
	case FAULT_GZIP:
		reply->gzip = true;
		break;
	case FAULT_HUGE:
		make_huge(&reply->body, f->bytes);
		break;
	default: /* a delay is nothing but its ms */
		break;
	}
}

static void
serve(struct world *w, struct request *rq, const struct fault *f, struct reply *reply,
      struct call_row *row)
{
	if (begins(rq->path, "/open/authorize") || begins(rq->path, "/oauth/authorize"))
		page_handle(w, rq, reply, row);
	else if (begins(rq->path, "/api/v2/token/"))
		auth_handle(w, rq, f, reply, row);
	else
		gateway_handle(w, rq, f, reply, row);
}

static void
log_call(struct world *w, const struct request *rq, const struct reply *reply, struct call_row *row)
{
	row->time_ms = world_now_ms(w);
	snprintf(row->method, sizeof(row->method), "%s", rq->method);
	snprintf(row->path, sizeof(row->path), "%s", rq->path);
	row->http = reply->end == REPLY_HANG || reply->end == REPLY_LOST ? 0 : reply->status;
	calls_add(&w->calls, row);
}

void
front_handle(struct world *w, struct request *rq, struct reply *reply)
{
	struct call_row row = { .endpoint = "fault" };
	struct fault f = { 0 };

	if (begins(rq->path, "/_sandbox")) {
		control_handle(w, rq, reply);
		return;
	}
	world_request_id(w, row.request_id);
	if (faults_take(&w->faults, rq->path, request_param(rq, "shop_cipher"), &f))
		row.fault = faults_word(f.kind);
	if (faults_stage(f.kind) == FAULT_BEFORE && f.kind != FAULT_REFUSE_TOKEN)
		hit_before(&f, reply, &row);
	else
		serve(w, rq, &f, reply, &row);
	if (faults_stage(f.kind) == FAULT_AFTER)
		hit_after(&f, reply);
	reply->delay_ms = w->opt->latency;
	if (reply->end == REPLY_SLOW || reply->end == REPLY_HANG)
		reply->spread_ms = f.ms ? f.ms : reply->end == REPLY_SLOW ? SLOW_MS : HANG_MS;
	else
		reply->delay_ms += f.ms;
	log_call(w, rq, reply, &row);
}
