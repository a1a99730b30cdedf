#include "ctl/client.h"

#include "common/exits.h"
#include "common/json.h"
#include "common/str.h"

#include <errno.h>
#include <grp.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define READ_BYTES 65536
#define VERSION    1
#define REQUEST_ID 1

/*
 * The group that would let one in: the socket's, or that of the first folder above it that can be
 * seen, where its folder is closed. "" where there is no name for it.
 */
static const char *
owning_group(const char *path)
{
	char place[sizeof(((struct sockaddr_un *)NULL)->sun_path)];
	const struct group *g = NULL;
	struct stat st;
	char *slash;
	bool seen;

	if (!str_copy(place, sizeof(place), path))
		return "";
	while (!(seen = !stat(place, &st)) && (slash = strrchr(place, '/')) && slash > place)
		*slash = '\0';
	if (seen)
		g = getgrgid(st.st_gid);
	return g ? g->gr_name : "";
}

static int
unreachable(const char *path, int why, struct err *e)
{
	const char *group;

	if (why == EACCES || why == EPERM) {
		err_set(e, ERR_INPUT, EXITS_PERMISSION, "%s: %s", path, strerror(why));
		err_tag(e, "not_permitted");
		group = owning_group(path);
		if (!group[0])
			return err_hint(e, "be root, or of the group that owns it: ls -l %.100s",
			                path);
		return err_hint(
		    e, "be root, or a member of the group %s (adduser USER %s, then log in anew)",
		    group, group);
	}
	err_set(e, ERR_IO, why, "%s: %s", path, strerror(why));
	return err_hint(
	    e, "does ttsyncd run? systemctl status ttsyncd; another socket: ttctl -s PATH");
}

int
client_open(struct client *c, const char *path, struct err *e)
{
	struct sockaddr_un un = { .sun_family = AF_UNIX };

	*c = (struct client){ .fd = -1 };
	frame_init(&c->in, FRAME_ANSWER_MAX);
	if (!str_copy(un.sun_path, sizeof(un.sun_path), path))
		return err_set(e, ERR_INPUT, EXITS_USAGE, "the socket's path is too long: %s",
		               path);
	c->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (c->fd < 0 || connect(c->fd, (const struct sockaddr *)&un, sizeof(un)))
		return unreachable(path, errno, e);
	return 0;
}

void
client_close(struct client *c)
{
	if (c->fd >= 0)
		close(c->fd);
	c->fd = -1;
	frame_done(&c->in);
}

static int
send_all(struct client *c, const char *p, size_t len, struct err *e)
{
	while (len) {
		ssize_t n = send(c->fd, p, len, MSG_NOSIGNAL);

		/* one that refuses says why before it closes: what it said is read */
		if (n < 0 && errno == EPIPE)
			return 0;
		if (n < 0 && errno != EINTR)
			return err_set(e, ERR_IO, errno, "control socket: %s", strerror(errno));
		if (n > 0) {
			p += n;
			len -= (size_t)n;
		}
	}
	return 0;
}

int
client_ask(struct client *c, char *const *words, int n_words, enum lang lang, bool view,
           struct err *e)
{
	CLEANUP(json_freep) struct json *j = json_obj();
	struct json *argv = json_arr();
	struct buf line;
	int rc;

	json_put_i64(j, "v", VERSION);
	json_put_i64(j, "id", REQUEST_ID);
	json_put_str(j, "lang", lang_name(lang));
	json_put_bool(j, "view", view);
	json_put(j, "argv", argv);
	for (int i = 0; i < n_words; i++) {
		if (!str_utf8(words[i], strlen(words[i])))
			return err_set(e, ERR_INPUT, EXITS_USAGE, "word %d is not UTF-8", i + 1);
		json_add_str(argv, words[i]);
	}
	buf_init(&line, FRAME_REQUEST_MAX);
	json_write(j, &line);
	buf_chr(&line, '\n');
	rc = line.failed ? err_set(e, ERR_INPUT, EXITS_USAGE, "the command is longer than %u bytes",
	                           FRAME_REQUEST_MAX)
	                 : send_all(c, line.data, line.len, e);
	buf_done(&line);
	return rc;
}

/* Wait for bytes and take them in. */
static int
receive(struct client *c, struct err *e)
{
	struct pollfd p = { .fd = c->fd, .events = POLLIN };
	char bytes[READ_BYTES];
	ssize_t n;

	switch (poll(&p, 1, c->spoke ? -1 : CLIENT_SILENT_MS)) {
	case 0:
		err_set(e, ERR_TIMEOUT, 0, "ttsyncd said nothing for %d s",
		        CLIENT_SILENT_MS / 1000);
		return err_hint(e, "systemctl status ttsyncd");
	case -1:
		return errno == EINTR ? 0 : err_set(e, ERR_IO, errno, "poll: %s", strerror(errno));
	default:
		break;
	}
	n = read(c->fd, bytes, sizeof(bytes));
	if (n > 0)
		return frame_add(&c->in, bytes, (size_t)n, e);
	if (n < 0 && errno == EINTR)
		return 0;
	err_set(e, ERR_IO, n ? errno : 0, "ttsyncd closed the connection before it had answered");
	return err_hint(e, "it may be restarting; what was asked may have been done");
}

struct json *
client_next(struct client *c, struct err *e)
{
	const char *line;
	size_t len;

	while (!(line = frame_next(&c->in, &len, e))) {
		if (e->kind) {
			e->kind = ERR_PARSE;
			return NULL;
		}
		if (receive(c, e))
			return NULL;
	}
	c->spoke = true;
	return json_parse(line, len, e);
}
