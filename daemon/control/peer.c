#include "daemon/control/peer.h"

#include "common/exits.h"
#include "common/str.h"
#include "daemon/io/sock.h"

#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <unistd.h>

#define GROUP_BYTES 65536

static int
find_gid(const char *name, gid_t *ret, struct err *e)
{
	char bytes[GROUP_BYTES];
	struct group g, *found = NULL;

	if (!name[0])
		return 0;
	if (getgrnam_r(name, &g, bytes, sizeof(bytes), &found) || !found) {
		err_set(e, ERR_INPUT, EXITS_CONFIG, "[control]: there is no group '%s'", name);
		return err_hint(e, "make it: addgroup --system %s", name);
	}
	*ret = g.gr_gid;
	return 0;
}

int
peer_groups_find(struct peer_groups *g, const char *admin, const char *monitor, struct err *e)
{
	struct peer_groups found = { 0 };

	if (!str_copy(found.admin, sizeof(found.admin), admin) ||
	    !str_copy(found.monitor, sizeof(found.monitor), monitor))
		return err_set(e, ERR_INPUT, EXITS_CONFIG, "[control]: a group's name is too long");
	if (find_gid(admin, &found.admin_gid, e) || find_gid(monitor, &found.monitor_gid, e))
		return -1;
	*g = found;
	return 0;
}

static bool
is_member(const struct sock_peer *p, const char *name, gid_t gid)
{
	if (!name[0])
		return false;
	if (p->gid == gid)
		return true;
	for (int i = 0; i < p->n_groups; i++)
		if (p->groups[i] == gid)
			return true;
	return false;
}

enum cmd_access
peer_access(const struct peer_groups *g, const struct sock_peer *p)
{
	if (p->uid == 0 || p->uid == geteuid() || is_member(p, g->admin, g->admin_gid))
		return CMD_ADMIN;
	return is_member(p, g->monitor, g->monitor_gid) ? CMD_MONITOR : CMD_NOBODY;
}

void
peer_actor(const struct sock_peer *p, char dst[PEER_ACTOR_MAX])
{
	FILE *f = fopen("/etc/passwd", "re");
	const struct passwd *pw = NULL;

	while (f && (pw = fgetpwent(f)) && pw->pw_uid != p->uid)
		;
	snprintf(dst, PEER_ACTOR_MAX, "uid:%u%s%.32s", (unsigned)p->uid, pw ? " " : "",
	         pw ? pw->pw_name : "");
	if (f)
		fclose(f);
}

void
peer_refusal(const struct peer_groups *g, enum cmd_access has, struct err *e)
{
	const char *group = has == CMD_NOBODY && g->monitor[0] ? g->monitor : g->admin;

	err_set(e, ERR_INPUT, EXITS_PERMISSION, "you may not %s here",
	        has == CMD_NOBODY ? "read or change anything" : "change anything");
	if (group[0])
		err_hint(e,
		         "be root, or a member of the group %s (adduser USER %s, then log in anew)",
		         group, group);
	else
		err_hint(e, "be root; [control] admin_group names no group");
	err_tag(e, "not_permitted");
}
