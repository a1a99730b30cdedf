/*
 * client: one connection to the control socket; asks, and takes answers line by line.
 *
 * Errors: nobody listens: ERR_IO (exit 69); the socket refuses this user: ERR_INPUT with
 *         EXITS_PERMISSION; nothing said for CLIENT_SILENT_MS: ERR_TIMEOUT.
 */
#ifndef TTCTL_CLIENT_H
#define TTCTL_CLIENT_H

#include "common/err.h"
#include "common/frame.h"
#include "common/own.h"
#include "common/text.h"

#include <stdbool.h>

/* Longer than the daemon gives its own workers, so that its word about them arrives. */
#define CLIENT_SILENT_MS 60000

struct json;

struct client {
	int fd; /* -1: closed */
	struct frame in;
	bool spoke; /* the daemon has: from then on its silence is its own affair */
};

int client_open(struct client *c, const char *path, struct err *e);
/* Legal on a client that did not open. */
void client_close(struct client *c);
/* Send words as one request; lang: of titles and notes. view: have the way it looks come too. */
int client_ask(struct client *c, char *const *words, int n_words, enum lang lang, bool view,
               struct err *e);
/* The next line for us; the caller owns it. NULL and *e. */
struct json *client_next(struct client *c, struct err *e);

#endif
