/*
 * tasks: the waiting side of task.h, for the one who carries the messages (dispatch.c).
 */
#ifndef TTSYNC_TASKS_H
#define TTSYNC_TASKS_H

#include "daemon/work/task.h"

struct loop;
struct msg;
struct msg_task;

/* send hands a struct msg_task to a worker. */
struct tasks *tasks_new(struct loop *l, void (*send)(struct msg *m, void *arg), void *arg);
/* Waiting askers hear nothing any more. */
void tasks_free(struct tasks *t);
/* A worker's answer; frees the message. */
void tasks_answer(struct tasks *t, struct msg_task *m);

#endif
