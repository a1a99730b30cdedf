/*
 * merchant: what a merchant of GoSell does with the user guide in hand: opens the link, authorizes
 * at TikTok, chooses, confirms.
 *
 * Owner:  texts live as long as the world.
 */
#ifndef TTSYNC_TESTS_MERCHANT_H
#define TTSYNC_TESTS_MERCHANT_H

#include <stdbool.h>

struct browser;
struct world;

struct merchant {
	struct world *w;
	struct browser *b;
	const char *alias;
	const char *shop; /* our id */
	const char *link; /* of the merchant's page */
	int seller;       /* at TikTok, from 1 */
};

/* `ttctl connect` for store 42 on the plan it needs: shop and link. */
void merchant_begin(struct merchant *m);
/* The page is at this state by BROWSER_MS. */
bool merchant_sees(struct merchant *m, const char *state);
/* The same for an outcome of the callback. */
bool merchant_hears(struct merchant *m, const char *outcome);
/* Press the page's button that leads to TikTok; there log in, say yes or no, and come back. */
void merchant_goes_to_tiktok(struct merchant *m);
void merchant_decides(struct merchant *m, bool yes);
/* From the link to the choice of a shop. */
void merchant_authorizes(struct merchant *m);
/* The first shop and warehouse that can be had; confirmed. */
void merchant_connects(struct merchant *m);
/* A value behind its label on the page, "" where there is none. */
const char *merchant_reads(struct merchant *m, const char *label);
/* A string of `ttctl show` by its path. */
const char *merchant_shown(struct merchant *m, const char *path);
/* TikTok's id of the seller's shop number no, from 0. */
const char *merchant_tiktok_shop(struct merchant *m, int no);
/* How often this text stands in the page as a reader sees it. */
int merchant_finds(struct merchant *m, const char *text);

#endif
