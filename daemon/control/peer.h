/*
 * peer: what a connected client may do, by the kernel's word on who it is.
 *
 * root, the daemon's own user and members of admin_group may change; members of monitor_group may
 * read; nobody else may do anything.
 */
#ifndef TTSYNC_PEER_H
#define TTSYNC_PEER_H

#include "common/err.h"
#include "daemon/control/cmd.h"

#include <stdbool.h>
#include <sys/types.h>

struct sock_peer;

struct peer_groups {
	char admin[65]; /* names, "": there is no such group */
	char monitor[65];
	gid_t admin_gid;
	gid_t monitor_gid;
};

#define PEER_ACTOR_MAX 80

/*
 * Look the groups up, "" for none. This may wait for a directory service: at start and reload only.
 * ERR_INPUT, EXITS_CONFIG for a group that the system does not know.
 */
int peer_groups_find(struct peer_groups *g, const char *admin, const char *monitor, struct err *e);
/* CMD_NOBODY, CMD_MONITOR or CMD_ADMIN. */
enum cmd_access peer_access(const struct peer_groups *g, const struct sock_peer *p);
/*
 * "uid:1000 somchai" for the history; the name from /etc/passwd alone, which never waits, left out
 * where it is not there.
 */
void peer_actor(const struct sock_peer *p, char dst[PEER_ACTOR_MAX]);
/* Why a peer was refused, and what would help. */
void peer_refusal(const struct peer_groups *g, enum cmd_access has, struct err *e);

#endif
