/*
 * grants: the SQL of authorizations: callback, tokens, refresh, shops and warehouses of a grant.
 */
#ifndef TTSYNC_STORE_GRANTS_H
#define TTSYNC_STORE_GRANTS_H

#include "daemon/io/pg.h"

/*
 * state hash, denied, actor, session hash, code hash -> shop, purpose or what stands against it,
 * the grant that the code was exchanged for already
 */
extern const struct pg_stmt grants_callback_begin;
extern const struct pg_stmt grants_callback_undo; /* state hash */
/* state hash, shop, grant, actor, link hash, link_s -> json */
extern const struct pg_stmt grants_callback_end;
/* state hash, shop, outcome, actor, detail json, link hash, link_s */
extern const struct pg_stmt grants_callback_outcome;
extern const struct pg_stmt grants_seller_center_pass; /* -> may a code be exchanged now? */
extern const struct pg_stmt grants_seller_center_end;  /* grant, actor -> json */
extern const struct pg_stmt grants_put;                /* see ttsync.grant_put -> grant id */
extern const struct pg_stmt grants_shops_put;      /* grant, ids, ciphers, names, regions, types */
extern const struct pg_stmt grants_warehouses_put; /* TikTok shop, ids, names, ... */
extern const struct pg_stmt grants_refresh_claim;  /* owner, attempt */
extern const struct pg_stmt grants_refresh_put;    /* see ttsync.refresh_put -> json */
extern const struct pg_stmt grants_refresh_fail;   /* grant, attempt, verdict, why, retry_s */
extern const struct pg_stmt grants_refresh_ask;    /* grant */
extern const struct pg_stmt grants_shop_access;    /* SHOP -> ids, state, sealed token */
extern const struct pg_stmt grants_choices;        /* shop -> json */
extern const struct pg_stmt grants_refused;        /* grant, pair, why -> is it over? */
extern const struct pg_stmt grants_shop_left;      /* shop, why -> was it disconnected? */
extern const struct pg_stmt grants_link_shop;      /* link hash in hex -> shop */
extern const struct pg_stmt grants_token;          /* grant -> open id, pair, sealed token */
extern const struct pg_stmt grants_calendar;       /* allowed plans json, warn days -> json */
extern const struct pg_stmt grants_survey_claim;   /* -> grant, open id, pair, sealed token */
extern const struct pg_stmt grants_canaries;       /* -> key id, box */
extern const struct pg_stmt grants_canary_put;     /* key id, box */

#endif
