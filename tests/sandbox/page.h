/*
 * page: the authorize page, where a seller logs in and says yes or no.
 *
 * GET shows the page, or with auto=1 answers at once (seller=N chooses, deny=1 refuses); POST is
 * what its buttons send. The answer is a redirect to the app's redirect URL.
 *
 * Source: tiktok-shop-api.md 2.2, 2.3.
 */
#ifndef SANDBOX_PAGE_H
#define SANDBOX_PAGE_H

#include "tests/sandbox/request.h"
#include "tests/sandbox/world.h"

void page_handle(struct world *w, struct request *rq, struct reply *reply, struct call_row *row);

#endif
