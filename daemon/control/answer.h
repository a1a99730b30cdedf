/*
 * answer: lines that go out on the control socket (contract.md 4).
 *
 * id is JSON text: what came in the request, or "null". Every line ends with its newline and is at
 * most FRAME_ANSWER_MAX bytes: 0, or -1 where it would be longer.
 */
#ifndef TTSYNC_ANSWER_H
#define TTSYNC_ANSWER_H

#include <stdbool.h>

struct buf;
struct err;
struct json;

/*
 * {"id":,"ok":true,...,"data":}. exit: the verdict, 0: none. more: what, put among the words of the
 * request, asks for what the answer had no room for: {"flag":,"value":}. view and more may be NULL.
 */
int answer_ok(struct buf *out, const char *id, int exit, const struct json *view,
              const struct json *more, const struct json *data);
/* {"id":,"ok":false,"error":{...}}. ask: what a terminal asks for (args.h), NULL for nothing. */
int answer_error(struct buf *out, const char *id, const struct err *e, const struct json *ask);
/* {"id":,"event":}. progress: for a person who waits, no part of the answer. */
int answer_event(struct buf *out, const char *id, bool progress, const struct json *view,
                 const struct json *event);

#endif
