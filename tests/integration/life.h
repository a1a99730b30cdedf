/*
 * life: what tests of a connection's life ask for again and again.
 *
 * Units:  milliseconds; LIFE_MS is how long a fact may take on a busy machine.
 * Errors: what a test cannot go on without aborts with the reason and the end of ttsyncd's log.
 * Owner:  texts live as long as the world.
 */
#ifndef TTSYNC_TESTS_LIFE_H
#define TTSYNC_TESTS_LIFE_H

#include <stdbool.h>
#include <stdint.h>

#define LIFE_MS 60000

struct world;

/* A number by SQL. */
int64_t life_num(struct world *w, const char *sql, ...) __attribute__((format(printf, 2, 3)));
/* A text by SQL: columns by '|', rows by newline. */
const char *life_text(struct world *w, const char *sql, ...) __attribute__((format(printf, 2, 3)));
/* Run SQL. */
void life_do(struct world *w, const char *sql, ...) __attribute__((format(printf, 2, 3)));
/* Until the query answers that number. */
void life_until(struct world *w, int64_t want, const char *sql, ...)
    __attribute__((format(printf, 3, 4)));
/* The same, or more. */
void life_until_least(struct world *w, int64_t least, const char *sql, ...)
    __attribute__((format(printf, 3, 4)));
/* A killed daemon's leases are over: what runs out within a minute is another test's matter. */
void life_leases_over(struct world *w);
/* Until the state shown of a shop is this one. */
void life_state(struct world *w, const char *shop, const char *state);
/* How often an event stands in a shop's history. */
int64_t life_noted(struct world *w, const char *shop, const char *event);
/* How often these words stand in the first daemon's log. */
int life_logged(struct world *w, const char *words);

/* The value of a path in `ttctl show`. */
const char *life_shown(struct world *w, const char *shop, const char *path);
/* The answer of ttctl --json, which must be done (0); what code says of one that is refused. */
#define LIFE_CTL(w, code, ...)                                                                     \
	life_ctl((w), (code), (const char *const[]){ "--json", __VA_ARGS__, NULL })
const char *life_ctl(struct world *w, int code, const char *const *words);
/* A string of a JSON text by a path of keys, "" if none. */
const char *life_of(struct world *w, const char *json, const char *path);

/* The seller says yes on the page of a fresh link: the callback's HTTP status. */
int life_reauthorize(struct world *w, const char *shop, int seller);
/* The seller does, and the shop is connected. */
void life_connect_again(struct world *w, const char *shop, int seller);
/* TikTok's redirect after the seller said yes: its URL, not opened yet. */
const char *life_redirect(struct world *w, const char *authorize_url, int seller);
/* A redirect's URL is opened: its HTTP status, 0 where there was no answer. cookie may be NULL. */
int life_open(struct world *w, const char *url, const char *cookie);
/* Did a callback end well, with a page or a way on to one? */
bool life_well(int status);
/*
 * The seller removes the app at TikTok, and the shop ends. The minute until the second look at a
 * refused token is cut short (test_tokens.c is about it).
 */
void life_revoke(struct world *w, const char *shop, int seller);
/* A number of the sandbox about seller 1's grant. */
int64_t life_granted(struct world *w, const char *key);
/* An authorization begun in Seller Center: the callback's HTTP status. */
int life_seller_center(struct world *w, int seller);
/* What came of the last authorization of a shop, by its word. */
const char *life_outcome(struct world *w, const char *shop);

/* Calls that TikTok had for one of its shops. */
int64_t life_calls(struct world *w, const char *tiktok_shop);
/* No job of this shop runs: TikTok has no call for it while the other shop has several. */
void life_is_quiet(struct world *w, const char *shop, const char *other);
/* New orders of every shop; each connected shop has them all in the end. */
void life_orders(struct world *w, int count);
void life_complete(struct world *w);
/* The last gap is compared, and so many orders of it were missing. */
void life_caught_up(struct world *w, const char *shop, int64_t missing);
/* Rows of all tables together, and how many of them are a shop's, but for history and events. */
int64_t life_rows(struct world *w);
int64_t life_rows_of(struct world *w, const char *shop);

#endif
