/*
 * advice: what a connection's state and its reason ask of the merchant.
 */
#ifndef TTSYNC_ADVICE_H
#define TTSYNC_ADVICE_H

#include "daemon/web/page.h"

/* Is the way to TikTok offered? RENEW_MAIN: it is what one came for. */
enum renew { RENEW_NO = 0, RENEW_LESS, RENEW_MAIN };

struct advice {
	const char *state;
	const char *reason; /* NULL: any */
	enum renew renew;
	struct page_words next;
};

/* The first that fits; one that says to ask, for a state that nobody knows here. reason: or NULL.
 */
const struct advice *advice_for(const char *state, const char *reason);

#endif
