/*
 * sock: a unix stream socket that speaks in lines, over libevent's bufferevents.
 *
 * Connections are named by ids that are never used again; a connection that is gone is no error.
 *
 * Limits: conns_max connections, further ones are told `full` and closed; a line of line_max bytes;
 *         SOCK_HALF_MS from a line's first byte to its last; out_max bytes that wait to be read by
 *         the client (then it is dropped); SOCK_STUCK_MS in which a client must read something. Of
 *         a client with SOCK_HIGH bytes still to read nothing is read either. Out of descriptors,
 *         accepting pauses SOCK_PAUSE_MS.
 * Owner:  the loop's thread. No call here frees what a callback stands on; sock_free is legal
 *         outside of callbacks only.
 * Source: limits of reliability.md F45, F46; SO_PEERCRED and SO_PEERGROUPS: unix(7), socket(7).
 */
#ifndef TTSYNC_SOCK_H
#define TTSYNC_SOCK_H

#include "common/err.h"

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define SOCK_HALF_MS    5000
#define SOCK_STUCK_MS   30000
#define SOCK_PAUSE_MS   100
#define SOCK_HIGH       (64u << 10)
#define SOCK_GROUPS_MAX 256

struct loop;
struct sock;

/* Who connected, as the kernel says. Of a peer with more groups than fit, only gid is known. */
struct sock_peer {
	uid_t uid;
	gid_t gid;
	pid_t pid;
	int n_groups;
	gid_t groups[SOCK_GROUPS_MAX]; /* supplementary ones */
};

struct sock_conf {
	void (*on_open)(uint64_t id, const struct sock_peer *peer, void *arg);
	/* A whole line without its newline, ended by a NUL; it lives until the callback returns. */
	void (*on_line)(uint64_t id, const char *line, size_t len, void *arg);
	/*
	 * The line that arrives is too long or too slow: the connection reads no more and closes
	 * once what the callback sends has been read.
	 */
	void (*on_bad)(uint64_t id, const struct err *why, void *arg);
	/* The client sends no more, and may still read: sock_close when it has got all. */
	void (*on_eof)(uint64_t id, void *arg);
	/* The client left, or was dropped. Not after sock_close or sock_free. */
	void (*on_gone)(uint64_t id, void *arg);
	void *arg;
	int conns_max;
	size_t line_max;
	size_t out_max;
	int64_t half_ms;  /* 0: SOCK_HALF_MS */
	const char *full; /* a line with its newline, for a client that finds no place; kept */
};

/* Listen at path, with that mode from the start; a socket that nobody answers on is replaced. */
struct sock *sock_new(struct loop *l, const char *path, mode_t mode, const struct sock_conf *conf,
                      struct err *e);
void sock_free(struct sock *s);

/* Queue bytes for a client. Where they do not fit it is dropped: on_gone comes on a later turn. */
void sock_send(struct sock *s, uint64_t id, const void *p, size_t len);
/* Read no more; close once all has been read by the client, or SOCK_STUCK_MS later. */
void sock_close(struct sock *s, uint64_t id);
/* Connections open now. */
int sock_conns(const struct sock *s);

#endif
