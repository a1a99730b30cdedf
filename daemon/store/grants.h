/*
 * grants: the SQL of authorizations: callback, tokens, refresh, shops and warehouses of a grant.
 */
#ifndef TTSYNC_STORE_GRANTS_H
#define TTSYNC_STORE_GRANTS_H

#include "daemon/io/pg.h"

extern const struct pg_stmt grants_callback_begin; /* state hash, denied, actor */
extern const struct pg_stmt grants_callback_undo;  /* state hash */
extern const struct pg_stmt grants_callback_end;   /* shop, grant, purpose, actor -> json */
extern const struct pg_stmt grants_put;            /* see ttsync.grant_put -> grant id */
extern const struct pg_stmt grants_shops_put;      /* grant, ids, ciphers, names, regions, types */
extern const struct pg_stmt grants_warehouses_put; /* TikTok shop, ids, names, ... */
extern const struct pg_stmt grants_refresh_claim;  /* owner, attempt */
extern const struct pg_stmt grants_refresh_put;    /* see ttsync.refresh_put -> won */
extern const struct pg_stmt grants_refresh_fail;   /* grant, attempt, verdict, why, retry_s */
extern const struct pg_stmt grants_refresh_ask;    /* grant */
extern const struct pg_stmt grants_shop_access;    /* SHOP -> ids, state, sealed token */
extern const struct pg_stmt grants_choices;        /* shop -> json */
extern const struct pg_stmt grants_note;           /* shop, actor, event, detail json */
extern const struct pg_stmt grants_canaries;       /* -> key id, box */
extern const struct pg_stmt grants_canary_put;     /* key id, box */

#endif
