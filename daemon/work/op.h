/*
 * op: the ops a worker can do, by name (op.def).
 */
#ifndef TTSYNC_WORK_OP_H
#define TTSYNC_WORK_OP_H

#include "daemon/grant/op.h"

/*
 * Begin an op. An unknown name, or arguments that are no JSON object, are an error of ours, told by
 * done. Work for the queue that the answer carries under "_enqueue" is posted and taken out.
 */
void op_begin(struct env *env, const char *name, const char *args, const char *actor, op_done *done,
              void *arg);

#endif
