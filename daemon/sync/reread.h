/*
 * reread: a grant's list of shops is read again, because a shop's cipher and the grant's token do
 * not fit.
 *
 * The cipher is another one by now, or the seller took the shop out: then it is disconnected. Where
 * not even the list is given, the token is the matter, and that is told to the grant.
 *
 * Errors: logged; where nothing was learned, the next refusal leads here again.
 * Source: tiktok-shop-api.md 4.1 (101000) and 4.3.
 */
#ifndef TTSYNC_REREAD_H
#define TTSYNC_REREAD_H

#include "common/err.h"

#include <stdint.h>

struct claim;
struct env;

/* What is given is copied. why: what TikTok said. */
void reread_start(struct env *env, int64_t shop, const struct claim *c, const char *token,
                  const struct err *why);

#endif
