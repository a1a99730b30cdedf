/*
 * shops: makes the sandbox's shops known to the daemon, as if their merchants had connected them.
 *
 * Tokens come from the sandbox as a merchant's would, are sealed by the daemon's own vault and put
 * into PostgreSQL by SQL: connecting is not what is measured.
 *
 * Units:  seconds of the API's clock.
 */
#ifndef TTSYNC_BENCH_SHOPS_H
#define TTSYNC_BENCH_SHOPS_H

#include <stdint.h>

struct bed;

/* All shops of all sellers, connected at that second, due now, reading orders alone. How many. */
int shops_connect(struct bed *b, int64_t connected_s);
/* The access token of a seller's grant; lives as long as the bed. */
const char *shops_token(struct bed *b, int seller);
/*
 * count orders in each of the shops, every one step_s after the one before; the youngest is a
 * minute old.
 */
void shops_order(struct bed *b, int count, int step_s);

#endif
