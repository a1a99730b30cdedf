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
/* {link_hash, session_hash}: the same from the merchant's page, good in that browser alone. */
op_fn op_authorize;
/* {held, store, alias, region?}: an authorization begun at TikTok's gets its store. */
op_fn op_attach;
/* {code?, state?, error?, session_hash?}: TikTok's redirect (callback.c). {outcome, shop_id?,
 * link?, ...}. */
op_fn op_callback;
/* {shop} or {link_hash}: what can be chosen, read anew from TikTok (choices.c). */
op_fn op_choices;
op_fn op_link_choices;
/* {shop or link_hash, tiktok_shop_id, warehouse_id, branch?, dry_run?}: bind and start (choices.c).
 */
op_fn op_confirm;
op_fn op_link_confirm;
/* {dropped, dropped_since}: the report that no buyer's data is taken in (sync/privacy.c). */
op_fn op_privacy;

#endif
