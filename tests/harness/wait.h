/*
 * wait: for facts, with a deadline, never for a guessed length of time.
 *
 * Units:  milliseconds from the call.
 * Errors: false when the deadline passed first.
 */
#ifndef TTSYNC_TESTS_WAIT_H
#define TTSYNC_TESTS_WAIT_H

#include <stdbool.h>

/* Until fn(arg) says so; asked every 1 to 20 ms. For what brings no event of its own. */
bool wait_for(bool (*fn)(void *arg), void *arg, int ms);
/* Until poll() reports one of events (POLLIN ...) on fd. */
bool wait_fd(int fd, short events, int ms);
/* Until somebody accepts on a socket path ("/...") or loopback port ("1234"). */
bool wait_listen(const char *where, int ms);
/* Until the file holds the text. */
bool wait_text(const char *path, const char *text, int ms);

/* Connect to a socket path or loopback port: a blocking descriptor, or -1. */
int wait_connect(const char *where);

#endif
