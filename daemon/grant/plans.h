/*
 * plans: GoSell's plans as the SQL functions want them.
 */
#ifndef TTSYNC_PLANS_H
#define TTSYNC_PLANS_H

#include <stdbool.h>

struct conf;
struct json;

/* The plans of [plans] order, lowest first; allowed: only those that may connect a shop. */
struct json *plans_list(const struct conf *c, bool allowed);

#endif
