/*
 * front: which side of the sandbox a request is for, what goes wrong on the way, and the log.
 *
 * The three hosts of the platform share one address; paths tell them apart.
 */
#ifndef SANDBOX_FRONT_H
#define SANDBOX_FRONT_H

#include "tests/sandbox/request.h"
#include "tests/sandbox/world.h"

/* Fill *reply, which reply_init prepared. */
void front_handle(struct world *w, struct request *rq, struct reply *reply);

#endif
