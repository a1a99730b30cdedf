#include "daemon/base/conf_file.h"

#include "common/buf.h"
#include "common/crypto.h"
#include "common/own.h"
#include "daemon/base/conf.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

/* A descriptor that closes with its scope. */
static void
close_fd(const int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

char *
conf_file_find(const char *name, const char *conf_file)
{
	const char *dir = getenv("CREDENTIALS_DIRECTORY");
	const char *slash = strrchr(conf_file, '/');
	char *path = NULL;

	if (name[0] == '/')
		return strdup(name);
	if (dir && dir[0]) {
		if (asprintf(&path, "%s/%s", dir, name) < 0)
			return NULL;
		if (!access(path, F_OK))
			return path;
		free(path);
	}
	if (!slash)
		return strdup(name);
	if (asprintf(&path, "%.*s/%s", (int)(slash - conf_file), conf_file, name) < 0)
		return NULL;
	return path;
}

int
conf_file_check(const char *path, struct err *e)
{
	if (!access(path, R_OK))
		return 0;
	return err_set(e, ERR_INPUT, EX_CONFIG, "%s: %s", path, strerror(errno));
}

/* Group members may read (0640 root:ttsyncd is the usual way); nobody else, and only the owner
 * writes. */
static void
judge_mode(const char *path, const struct stat *st, bool secret, char *warn, size_t room)
{
	unsigned mode = st->st_mode & 0777;

	warn[0] = '\0';
	if (secret && (mode & 0007))
		snprintf(warn, room,
		         "%s holds a secret and others may use it (mode %04o): chmod o= it", path,
		         mode);
	else if (mode & 0022)
		snprintf(warn, room, "%s can be written by others (mode %04o): chmod go-w it", path,
		         mode);
	else if (st->st_uid != 0 && st->st_uid != geteuid())
		snprintf(warn, room, "%s belongs to user %u, who is neither root nor this daemon",
		         path, st->st_uid);
}

/* Open a regular file of at most max bytes: descriptor, or -1 and *e. */
static int
open_bounded(const char *path, size_t max, struct stat *st, struct err *e)
{
	/* O_NONBLOCK: a fifo would hold us for ever. */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

	if (fd < 0 || fstat(fd, st)) {
		err_set(e, ERR_INPUT, EX_CONFIG, "%s: %s", path, strerror(errno));
	} else if (!S_ISREG(st->st_mode)) {
		err_set(e, ERR_INPUT, EX_CONFIG, "%s: not a file", path);
	} else if ((size_t)st->st_size > max) {
		err_set(e, ERR_INPUT, EX_CONFIG, "%s: larger than %zu bytes", path, max);
	} else {
		return fd;
	}
	close_fd(&fd);
	return -1;
}

/* Up to room bytes; how many, or -1 and *e. */
static ssize_t
read_all(int fd, const char *path, char *to, size_t room, struct err *e)
{
	size_t len = 0;

	while (len < room) {
		ssize_t n = read(fd, to + len, room - len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_set(e, ERR_INPUT, EX_CONFIG, "%s: %s", path, strerror(errno));
		if (n == 0)
			break;
		len += (size_t)n;
	}
	return (ssize_t)len;
}

int
conf_file_read(const char *path, size_t max, struct buf *ret, char *warn, size_t warn_room,
               struct err *e)
{
	struct stat st;
	CLEANUP(close_fd) int fd = open_bounded(path, max, &st, e);
	ssize_t n;
	char *to;

	if (fd < 0)
		return -1;
	judge_mode(path, &st, false, warn, warn_room);
	to = buf_extend(ret, (size_t)st.st_size);
	if (!to)
		return err_set(e, ERR_NOMEM, 0, "%s: out of memory", path);
	n = read_all(fd, path, to, (size_t)st.st_size, e);
	if (n < 0)
		return -1;
	ret->len -= (size_t)st.st_size - (size_t)n; /* it shrank meanwhile */
	ret->data[ret->len] = '\0';
	return 0;
}

int
conf_secret_read(struct conf_secret *s, size_t max, char *warn, size_t warn_room, struct err *e)
{
	struct stat st;
	CLEANUP(close_fd) int fd = open_bounded(s->file, max, &st, e);
	char *text;
	ssize_t n;

	if (fd < 0)
		return -1;
	judge_mode(s->file, &st, true, warn, warn_room);
	text = crypto_key_new((size_t)st.st_size + 1);
	if (!text)
		return err_set(e, ERR_NOMEM, 0, "%s: no locked memory (see LimitMEMLOCK)", s->file);
	n = read_all(fd, s->file, text, (size_t)st.st_size, e);
	if (n >= 0) {
		while (n > 0 && (text[n - 1] == '\n' || text[n - 1] == '\r'))
			n--;
		text[n] = '\0';
		if (n > 0 && strlen(text) == (size_t)n) {
			s->text = text;
			s->len = (size_t)n;
			return 0;
		}
		err_set(e, ERR_INPUT, EX_CONFIG, n ? "%s: has a NUL inside" : "%s: is empty",
		        s->file);
	}
	crypto_key_free(text);
	return -1;
}

int
conf_secret_copy(struct conf_secret *to, const struct conf_secret *from)
{
	struct conf_secret s = { .file = strdup(from->file), .len = from->len };

	if (from->text)
		s.text = crypto_key_new(s.len + 1);
	if (!s.file || (from->text && !s.text)) {
		conf_secret_done(&s);
		return -1;
	}
	if (s.text)
		*(char *)mempcpy(s.text, from->text, s.len) = '\0';
	conf_secret_done(to);
	*to = s;
	return 0;
}

void
conf_secret_done(struct conf_secret *s)
{
	crypto_key_free(s->text);
	free(s->file);
	*s = (struct conf_secret){ 0 };
}
