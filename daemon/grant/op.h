/*
 * op: what a worker does for a face about grants and connections.
 *
 * Each op takes its arguments as JSON, calls done exactly once, on a later turn, with a JSON
 * document or an error (ERR_INPUT: the request's fault, with exit code, hint and tag).
 */
#ifndef TTSYNC_OP_H
#define TTSYNC_OP_H

#include "common/err.h"

#include <stddef.h>

struct env;
struct json;

typedef void op_done(const char *json, size_t len, const struct err *e, void *arg);
typedef void op_fn(struct env *env, const struct json *args, const char *actor, op_done *done,
                   void *arg);

/* {store, alias, region?}: a shop begins; answers the links (connect.c). */
op_fn op_connect;
/* {shop}: new links for a shop that is there. */
op_fn op_reauthorize;
/* {code?, state?, error?}: TikTok's redirect (callback.c). {outcome, shop_id, ...}. */
op_fn op_callback;
/* {shop}: what can be chosen, read anew from TikTok (choices.c). */
op_fn op_choices;
/* {shop, tiktok_shop_id, warehouse_id}: bind and start (confirm.c). */
op_fn op_confirm;

#endif
