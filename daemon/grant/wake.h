/*
 * wake: work that a statement's answer asks the queue for: [[shop, kind, delay_ms], ...].
 */
#ifndef TTSYNC_WAKE_H
#define TTSYNC_WAKE_H

struct env;
struct json;

/* What does not read as work is passed over: the sweep finds what is due. list may be NULL. */
void wake_post(struct env *env, const struct json *list);

#endif
