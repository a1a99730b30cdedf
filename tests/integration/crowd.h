/*
 * crowd: makes the sandbox's shops known to the daemon, as if their merchants had connected them.
 *
 * Tokens come from the sandbox as a merchant's would, are sealed by the daemon's own vault and put
 * into PostgreSQL by SQL: for tests and benchmarks of what comes after the connection.
 *
 * Units:  seconds of the API's clock.
 * Errors: abort with the reason.
 */
#ifndef TTSYNC_TESTS_CROWD_H
#define TTSYNC_TESTS_CROWD_H

#include <stdint.h>

struct harness;
struct pgserver;
struct world;

struct crowd {
	struct harness *h;
	struct pgserver *pg;
	const char *tiktok; /* the sandbox's URL */
	const char *ca;
	const char *app_key;
	const char *app_secret;
	const char *keys; /* text of the key ring */
};

/* All shops of all sellers, connected at that second, due now, reading orders alone. How many. */
int crowd_connect(const struct crowd *c, int64_t connected_s);
int crowd_connect_world(struct world *w, int64_t connected_s);
/* A new access token of a seller's grant; lives as long as the harness. */
const char *crowd_token(const struct crowd *c, int seller);

#endif
