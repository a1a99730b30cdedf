#include "daemon/grant/spool.h"

#include "common/own.h"
#include "common/str.h"
#include "daemon/base/failpoint.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define SUFFIX   ".box"
#define FILE_MAX 96

struct spool {
	int fd; /* of the folder */
	char *dir;
};

static int
io_error(const struct spool *s, const char *what, struct err *e)
{
	int why = errno;

	return err_set(e, ERR_IO, why, "spool %s: %s: %s", s->dir, what, strerror(why));
}

static bool
is_uuid(const char *s)
{
	size_t i;

	for (i = 0; i < SPOOL_UUID_LEN; i++) {
		bool dash = i == 8 || i == 13 || i == 18 || i == 23;

		if (dash ? s[i] != '-' : !s[i] || !strchr("0123456789abcdef", s[i]))
			return false;
	}
	return !s[i];
}

static int
name_write(const struct spool_name *n, char dst[FILE_MAX], struct err *e)
{
	if (n->grant < 0 || !is_uuid(n->attempt))
		return err_set(e, ERR_INPUT, 0, "spool: not a grant and an attempt's uuid");
	snprintf(dst, FILE_MAX, "%" PRId64 ".%s" SUFFIX, n->grant, n->attempt);
	return 0;
}

/* The name of a file of ours; false for any other file. */
static bool
name_read(const char *file, struct spool_name *n)
{
	char tmp[FILE_MAX], again[FILE_MAX];
	char *dot, *end;

	if (!str_copy(tmp, sizeof(tmp), file) || !(dot = strchr(tmp, '.')) ||
	    !(end = strchr(dot + 1, '.')))
		return false;
	*dot = *end = '\0';
	if (str_i64(tmp, &n->grant) || !str_copy(n->attempt, sizeof(n->attempt), dot + 1))
		return false;
	return !name_write(n, again, NULL) && !strcmp(again, file);
}

/* Temporary files begin with a dot: name_read knows none of them. */
static void
temp_name(const char *file, char dst[FILE_MAX])
{
	snprintf(dst, FILE_MAX, ".%.90s", file);
}

static DIR *
dir_read(const struct spool *s, struct err *e)
{
	int fd = openat(s->fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *d = fd >= 0 ? fdopendir(fd) : NULL;

	if (!d) {
		io_error(s, "read", e);
		if (fd >= 0)
			close(fd);
	}
	return d;
}

static void
remove_leftovers(const struct spool *s, DIR *d)
{
	struct dirent *ent;
	struct stat st;

	while ((ent = readdir(d)))
		if (ent->d_name[0] == '.' && strstr(ent->d_name, SUFFIX) &&
		    !fstatat(s->fd, ent->d_name, &st, AT_SYMLINK_NOFOLLOW) && S_ISREG(st.st_mode) &&
		    time(NULL) - st.st_mtime > SPOOL_STALE_S)
			unlinkat(s->fd, ent->d_name, 0);
}

struct spool *
spool_new(const char *dir, struct err *e)
{
	struct spool *s = calloc(1, sizeof(*s));
	DIR *d;

	if (s)
		s->dir = strdup(dir);
	if (!s || !s->dir) {
		err_set(e, ERR_NOMEM, 0, "no memory for the spool");
		free(s);
		return NULL;
	}
	s->fd = -1;
	if (mkdir(dir, 0700) && errno != EEXIST) {
		io_error(s, "make", e);
		goto fail;
	}
	s->fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (s->fd < 0) {
		io_error(s, "open", e);
		goto fail;
	}
	d = dir_read(s, e);
	if (!d)
		goto fail;
	remove_leftovers(s, d);
	closedir(d);
	return s;
fail:
	spool_free(s);
	return NULL;
}

void
spool_free(struct spool *s)
{
	if (!s)
		return;
	if (s->fd >= 0)
		close(s->fd);
	free(s->dir);
	free(s);
}

/* Write all and fsync; errno says why not. Closes fd. */
static int
write_all(int fd, const char *p, size_t len)
{
	int why = 0;

	while (len && !why) {
		ssize_t n = write(fd, p, len);

		if (n >= 0) {
			p += n;
			len -= (size_t)n;
		} else if (errno != EINTR) {
			why = errno;
		}
	}
	if (!why && fsync(fd))
		why = errno;
	close(fd);
	errno = why;
	return why ? -1 : 0;
}

/* The temporary file of `file`, whole and on the disk, or gone. */
static int
temp_write(const struct spool *s, const char *temp, const void *p, size_t len, struct err *e)
{
	int fd = openat(s->fd, temp, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);

	if (fd < 0)
		return io_error(s, "create", e);
	if (!write_all(fd, p, len))
		return 0;
	io_error(s, "write", e);
	unlinkat(s->fd, temp, 0);
	return -1;
}

int
spool_put(const struct spool *s, const struct spool_name *n, const void *box, size_t len,
          struct err *e)
{
	char file[FILE_MAX], temp[FILE_MAX];

	if (name_write(n, file, e))
		return -1;
	if (len > SPOOL_BOX_MAX)
		return err_set(e, ERR_INPUT, 0, "spool: %zu bytes, most is %u", len, SPOOL_BOX_MAX);
	temp_name(file, temp);
	if (temp_write(s, temp, box, len, e))
		return -1;
	failpoint("spool.written");
	if (renameat(s->fd, temp, s->fd, file)) {
		io_error(s, "rename", e);
		unlinkat(s->fd, temp, 0);
		return -1;
	}
	failpoint("spool.renamed");
	return fsync(s->fd) ? io_error(s, "fsync", e) : 0;
}

int
spool_writable(const struct spool *s, struct err *e)
{
	/* as large as a file of two sealed tokens: a full disk may still take an empty one */
	static const char filler[4096];
	char temp[FILE_MAX];

	snprintf(temp, sizeof(temp), ".probe-%d" SUFFIX, (int)gettid());
	if (temp_write(s, temp, filler, sizeof(filler), e))
		return -1;
	return unlinkat(s->fd, temp, 0) ? io_error(s, "remove", e) : 0;
}

int
spool_get(const struct spool *s, const struct spool_name *n, struct buf *out, struct err *e)
{
	char file[FILE_MAX];
	struct stat st;
	size_t was = out->len, got = 0;
	char *to;
	int fd;

	if (name_write(n, file, e))
		return -1;
	fd = openat(s->fd, file, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (fd < 0 || fstat(fd, &st)) {
		io_error(s, "open", e);
		goto fail;
	}
	if (!S_ISREG(st.st_mode) || st.st_size > (off_t)SPOOL_BOX_MAX) {
		err_set(e, ERR_IO, EINVAL, "spool %s: %s is no file of ours", s->dir, file);
		goto fail;
	}
	to = buf_extend(out, (size_t)st.st_size);
	if (!to) {
		err_set(e, ERR_NOMEM, 0, "no room for a file of the spool");
		goto fail;
	}
	while (got < (size_t)st.st_size) {
		ssize_t k = read(fd, to + got, (size_t)st.st_size - got);

		if (k > 0) {
			got += (size_t)k;
			continue;
		}
		if (k < 0 && errno == EINTR)
			continue;
		errno = k ? errno : EIO; /* it became shorter under our eyes */
		io_error(s, "read", e);
		out->len = was;
		out->data[was] = '\0';
		goto fail;
	}
	close(fd);
	return 0;
fail:
	if (fd >= 0)
		close(fd);
	return -1;
}

int
spool_remove(const struct spool *s, const struct spool_name *n, struct err *e)
{
	char file[FILE_MAX];

	if (name_write(n, file, e))
		return -1;
	if (unlinkat(s->fd, file, 0) && errno != ENOENT)
		return io_error(s, "remove", e);
	return fsync(s->fd) ? io_error(s, "fsync", e) : 0;
}

int
spool_list(const struct spool *s, struct spool_name *names, size_t room, size_t *ret, struct err *e)
{
	DIR *d = dir_read(s, e);
	struct dirent *ent;
	size_t n = 0;

	if (!d)
		return -1;
	while (n < room && (ent = readdir(d)))
		if (name_read(ent->d_name, &names[n]))
			n++;
	closedir(d);
	*ret = n;
	return 0;
}
