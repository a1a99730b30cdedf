/*
 * notify: tells the service manager how the daemon stands, by the protocol of sd_notify(3): one
 * datagram to the socket named in NOTIFY_SOCKET. The protocol is the API: no library is linked.
 *
 * Errors: without NOTIFY_SOCKET every call is a no-op. A datagram that cannot be sent is dropped:
 *         the manager's own time-outs are the answer to a silent daemon.
 * Owner:  embedded in its holder, control thread only.
 * Source: sd_notify(3), sd_watchdog_enabled(3), systemd.service(5) of systemd 252: no
 *         Type=notify-reload there, so RELOADING=1 informs and nothing waits for it; it carries
 *         MONOTONIC_USEC for the managers that do.
 */
#ifndef TTSYNC_NOTIFY_H
#define TTSYNC_NOTIFY_H

#include "common/err.h"

#include <stdint.h>
#include <sys/socket.h>
#include <sys/un.h>

struct notify {
	int fd; /* -1: nobody listens */
	struct sockaddr_un to;
	socklen_t to_len;
};

/* Read NOTIFY_SOCKET. -1 (ERR_INPUT, ERR_IO) where it is set and cannot be used. */
int notify_init(struct notify *n, struct err *e);
void notify_done(struct notify *n);

/* Started, or reloaded: the configuration is in use, work is accepted. status: one line. */
void notify_ready(const struct notify *n, const char *status);
void notify_status(const struct notify *n, const char *status);
void notify_reloading(const struct notify *n);
void notify_stopping(const struct notify *n, const char *status);
/* Alive and working. */
void notify_watchdog(const struct notify *n);

/*
 * How often the manager wants to hear notify_watchdog, in ms; feed it at half of that. 0: it does
 * not, or WATCHDOG_PID names another process.
 */
int64_t notify_watchdog_ms(void);

#endif
