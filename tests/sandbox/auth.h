/*
 * auth: the token host: token get and token refresh.
 *
 * Source: tiktok-shop-api.md 2.4-2.6. Wrong key, secret or grant type: the codes are those of
 *         community lists (2.6), the texts are invented.
 */
#ifndef SANDBOX_AUTH_H
#define SANDBOX_AUTH_H

#include "tests/sandbox/request.h"
#include "tests/sandbox/world.h"

void auth_handle(struct world *w, const struct request *rq, const struct fault *f,
                 struct reply *reply, struct call_row *row);

#endif
