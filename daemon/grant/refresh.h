/*
 * refresh: keeps the access tokens of all grants alive.
 *
 * Independent of Redis: which grant is due stands in PostgreSQL, as does the fleet's rate (2 a
 * second, burst 5) and the claim that makes one refresh a grant. One machine a worker-pool looks
 * several times a second for one due grant and carries it through:
 *
 *   spool writable? -> put what it holds -> claim -> token host -> spool -> PostgreSQL -> next
 *
 * transient failure: again by back-off, at most 15 minutes (T5); never a verdict about the grant
 * refused: looked at again after a minute, then with the pair before it; while the access token
 *   still works the grant lives on; only refused and a dead access token end it
 *
 * Source: reliability.md 5; tiktok-shop-api.md 2.5, 2.6.
 */
#ifndef TTSYNC_REFRESH_H
#define TTSYNC_REFRESH_H

struct env;
struct refresher;

struct refresher *refresher_new(struct env *env);
/*
 * Begin no other refresh, and call stopped once the one under way, if any, has ended: an answer
 * that nobody waits for is a pair lost. Ends within the deadlines of its calls and statements.
 */
void refresher_stop(struct refresher *r, void (*stopped)(void *arg), void *arg);
/* At rest; or its pg and http end before they could call it. */
void refresher_free(struct refresher *r);

#endif
