/*
 * refresh: keeps the access tokens of all grants alive.
 *
 * Independent of Redis: which grant is due stands in PostgreSQL, as does the fleet's rate (2 a
 * second, burst 5) and the claim that makes one refresh a grant. One machine a worker-pool looks
 * several times a second for one due grant and carries it through:
 *
 *   claim -> spool writable? -> token host -> spool -> PostgreSQL -> next
 *
 * transient failure: again by back-off, at most ten minutes; never a verdict about the grant
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
/* Ends without waiting: what is under way is in the spool or is taken over after 45 s. */
void refresher_free(struct refresher *r);

#endif
