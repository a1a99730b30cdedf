#include "common/own.h"
#include "daemon/grant/spool.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define UUID "01234567-89ab-cdef-0123-456789abcdef"

static char dir[] = "/tmp/spoolXXXXXX";
static char path[256];
static struct spool *s;
static struct buf out;
static struct err e;
static const struct spool_name one = { 17, UUID };

static const char *
in_dir(const char *file)
{
	snprintf(path, sizeof(path), "%s/spool/%s", dir, file);
	return path;
}

static void
touch(const char *file, time_t age_s)
{
	struct timespec t[2] = { { time(NULL) - age_s, 0 }, { time(NULL) - age_s, 0 } };
	int fd = open(in_dir(file), O_WRONLY | O_CREAT, 0600);

	cr_assert(fd >= 0 && write(fd, "half", 4) == 4 && !futimens(fd, t));
	close(fd);
}

static void
setup(void)
{
	char spool[64];

	cr_assert_not_null(mkdtemp(dir));
	snprintf(spool, sizeof(spool), "%s/spool", dir);
	s = spool_new(spool, &e);
	cr_assert_not_null(s, "%s", e.text);
	buf_init(&out, 1 << 20);
}

static void
teardown(void)
{
	char cmd[80];

	spool_free(s);
	buf_done(&out);
	snprintf(cmd, sizeof(cmd), "rm -rf %s", dir);
	cr_assert_eq(system(cmd), 0);
}

TestSuite(spool, .init = setup, .fini = teardown);

Test(spool, what_was_put_is_listed_read_and_removed)
{
	struct spool_name names[4];
	struct stat st;
	size_t n;

	cr_assert_eq(spool_put(s, &one, "box\0x", 5, &e), 0, "%s", e.text);
	cr_assert_eq(stat(in_dir("17." UUID ".box"), &st), 0);
	cr_assert_eq(st.st_mode & 07777, 0600);
	cr_assert_eq(stat(in_dir(""), &st), 0);
	cr_assert_eq(st.st_mode & 07777, 0700);
	cr_assert_eq(spool_list(s, names, 4, &n, &e), 0);
	cr_assert(n == 1 && names[0].grant == 17 && !strcmp(names[0].attempt, UUID));
	cr_assert_eq(spool_get(s, &names[0], &out, &e), 0);
	cr_assert(out.len == 5 && !memcmp(out.data, "box\0x", 5));
	cr_assert_eq(spool_remove(s, &one, &e), 0);
	cr_assert_eq(spool_remove(s, &one, &e), 0);
	cr_assert_eq(spool_list(s, names, 4, &n, &e), 0);
	cr_assert_eq(n, 0);
	cr_assert_eq(spool_get(s, &one, &out, &e), -1);
	cr_assert(e.kind == ERR_IO && e.code == ENOENT);
}

Test(spool, a_second_put_replaces_the_first_whole)
{
	cr_assert_eq(spool_put(s, &one, "first and longer", 16, &e), 0);
	cr_assert_eq(spool_put(s, &one, "second", 6, &e), 0);
	cr_assert_eq(spool_get(s, &one, &out, &e), 0);
	cr_assert_str_eq(buf_text(&out), "second");
}

Test(spool, what_a_crash_left_is_never_listed_and_goes_away)
{
	struct spool_name names[4];
	struct spool *again;
	size_t n;

	touch(".17." UUID ".box", 0);
	touch(".18." UUID ".box", SPOOL_STALE_S + 10);
	touch(".probe-1.box", SPOOL_STALE_S + 10);
	cr_assert_eq(spool_list(s, names, 4, &n, &e), 0);
	cr_assert_eq(n, 0);
	snprintf(path, sizeof(path), "%s/spool", dir);
	again = spool_new(path, &e);
	cr_assert_not_null(again);
	cr_assert_eq(access(in_dir(".17." UUID ".box"), F_OK), 0, "a write may be under way");
	cr_assert_neq(access(in_dir(".18." UUID ".box"), F_OK), 0);
	cr_assert_neq(access(in_dir(".probe-1.box"), F_OK), 0);
	spool_free(again);
	/* the write that was cut off is made anew */
	cr_assert_eq(spool_put(s, &one, "x", 1, &e), 0);
	cr_assert_neq(access(in_dir(".17." UUID ".box"), F_OK), 0);
}

Test(spool, files_that_are_not_ours_are_left_alone)
{
	static const char *const others[] = {
		"README",
		"17.box",
		"17." UUID,
		"17." UUID ".box2",
		"017." UUID ".box",
		"-1." UUID ".box",
		"17.0123456789abcdef.box",
		"17." UUID "0.box",
	};
	struct spool_name names[16];
	size_t n;

	for (size_t i = 0; i < ARRAY_LEN(others); i++)
		touch(others[i], 1000);
	cr_assert_eq(spool_list(s, names, 16, &n, &e), 0);
	cr_assert_eq(n, 0);
}

Test(spool, a_list_fills_what_room_there_is)
{
	struct spool_name n = one, names[3];
	size_t got;

	for (n.grant = 0; n.grant < 5; n.grant++)
		cr_assert_eq(spool_put(s, &n, "x", 1, &e), 0);
	cr_assert_eq(spool_list(s, names, 3, &got, &e), 0);
	cr_assert_eq(got, 3);
}

Test(spool, no_name_leads_out_of_the_folder)
{
	static const struct spool_name bad[] = {
		{ 17, "../../x" },
		{ 17, "" },
		{ -1, UUID },
		{ 17, "01234567-89AB-cdef-0123-456789abcdef" },
	};

	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		cr_assert_eq(spool_put(s, &bad[i], "x", 1, &e), -1);
		cr_assert_eq(e.kind, ERR_INPUT);
		cr_assert_eq(spool_get(s, &bad[i], &out, &e), -1);
		cr_assert_eq(spool_remove(s, &bad[i], &e), -1);
	}
	cr_assert_eq(symlink("/etc/passwd", in_dir("17." UUID ".box")), 0);
	cr_assert_eq(spool_get(s, &one, &out, &e), -1);
}

Test(spool, a_disk_that_takes_nothing_is_found_before_a_refresh)
{
	struct rlimit none = { 1024, 1024 };
	struct spool_name names[4];
	char box[2048] = "";
	size_t n;

	cr_assert_eq(spool_writable(s, &e), 0, "%s", e.text);
	signal(SIGXFSZ, SIG_IGN);
	cr_assert_eq(setrlimit(RLIMIT_FSIZE, &none), 0);
	cr_assert_eq(spool_writable(s, &e), -1);
	cr_assert(e.kind == ERR_IO && e.code == EFBIG, "%s", e.text);
	cr_assert_eq(spool_put(s, &one, box, sizeof(box), &e), -1);
	cr_assert_eq(spool_list(s, names, 4, &n, &e), 0);
	cr_assert_eq(n, 0);
	cr_assert_neq(access(in_dir(".17." UUID ".box"), F_OK), 0);
}

Test(spool, a_folder_that_is_gone_is_an_error)
{
	cr_assert_eq(rmdir(in_dir("")), 0);
	cr_assert_eq(spool_writable(s, &e), -1);
	cr_assert_eq(spool_put(s, &one, "x", 1, &e), -1);
	cr_assert_eq(e.kind, ERR_IO);
	cr_assert_null(spool_new("/nonexistent/spool", &e));
	cr_assert_null(spool_new("/etc/passwd", &e));
}

Test(spool, a_box_has_a_largest_size)
{
	char *big = calloc(1, SPOOL_BOX_MAX + 1);

	cr_assert_eq(spool_put(s, &one, big, SPOOL_BOX_MAX, &e), 0);
	cr_assert_eq(spool_get(s, &one, &out, &e), 0);
	cr_assert_eq(out.len, SPOOL_BOX_MAX);
	cr_assert_eq(spool_put(s, &one, big, SPOOL_BOX_MAX + 1, &e), -1);
	cr_assert_eq(e.kind, ERR_INPUT);
	free(big);
}
