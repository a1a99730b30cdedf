#include "daemon/io/sock.h"
#include "tests/unit/client_fixture.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>

#define HALF_MS   120
#define CONNS_MAX 3
#define LINE_MAX_ 128
#define OUT_MAX_  (256u << 10)

static struct sock *s;
static int n_open, n_gone, n_eof, n_bad, n_lines;
static enum err_kind bad_kind;
static struct sock_peer last_peer;
static uint64_t last_id;
static bool close_at_eof;

static void
on_open(uint64_t id, const struct sock_peer *peer, void *arg)
{
	(void)arg;
	n_open++;
	last_id = id;
	last_peer = *peer;
}

static void
on_line(uint64_t id, const char *line, size_t len, void *arg)
{
	(void)arg;
	n_lines++;
	if (!strcmp(line, "flood")) {
		char block[4096];

		memset(block, 'x', sizeof(block));
		for (int i = 0; i < 100; i++)
			sock_send(s, id, block, sizeof(block));
		return;
	}
	sock_send(s, id, line, len);
	sock_send(s, id, "\n", 1);
	if (!strcmp(line, "bye"))
		sock_close(s, id);
}

static void
on_bad(uint64_t id, const struct err *why, void *arg)
{
	(void)arg;
	n_bad++;
	bad_kind = why->kind;
	sock_send(s, id, "bad\n", 4);
}

static void
on_eof(uint64_t id, void *arg)
{
	(void)arg;
	n_eof++;
	if (close_at_eof)
		sock_close(s, id);
}

static void
on_gone(uint64_t id, void *arg)
{
	(void)id;
	(void)arg;
	n_gone++;
	loop_stop(l);
}

static void
begin(void)
{
	static const struct sock_conf conf = { .on_open = on_open,
		                               .on_line = on_line,
		                               .on_bad = on_bad,
		                               .on_eof = on_eof,
		                               .on_gone = on_gone,
		                               .conns_max = CONNS_MAX,
		                               .line_max = LINE_MAX_,
		                               .out_max = OUT_MAX_,
		                               .half_ms = HALF_MS,
		                               .full = "full\n" };
	struct err e;

	socket_begin();
	s = sock_new(l, path, 0660, &conf, &e);
	cr_assert(s, "%s", e.text);
}

static void
end(void)
{
	sock_free(s);
	cr_assert_eq(access(path, F_OK), -1);
	socket_end();
}

TestSuite(sock, .init = begin, .fini = end);

Test(sock, its_file_has_the_mode_asked_for)
{
	struct stat st;

	cr_assert_eq(stat(path, &st), 0);
	cr_assert_eq(st.st_mode & 0777, 0660);
}

Test(sock, the_kernel_says_who_connected)
{
	struct client *c = client();

	say(c, "hello\n");
	UNTIL(c->in.len);
	cr_assert_str_eq(buf_text(&c->in), "hello\n");
	cr_assert_eq(last_peer.uid, geteuid());
	cr_assert_eq(last_peer.pid, getpid());
	cr_assert_eq(last_peer.n_groups, getgroups(0, NULL));
	leave(c);
	UNTIL(n_gone == 1);
	cr_assert_eq(sock_conns(s), 0);
}

Test(sock, a_line_too_long_is_told_and_closed)
{
	struct client *c = client();
	char line[LINE_MAX_ + 2];

	memset(line, 'a', sizeof(line) - 1);
	line[sizeof(line) - 1] = '\0';
	say(c, line);
	UNTIL(c->over);
	cr_assert_str_eq(buf_text(&c->in), "bad\n");
	cr_assert_eq(bad_kind, ERR_INPUT);
	UNTIL(n_gone == 1);
	leave(c);
}

Test(sock, half_a_line_has_a_deadline_that_trickling_does_not_move)
{
	struct client *c = client();
	struct client *idle = client();
	struct mono from = mono_now();

	say(c, "ok\nhal");
	UNTIL(c->in.len);
	say(c, "f");
	UNTIL(c->over);
	cr_assert_str_eq(buf_text(&c->in), "ok\nbad\n");
	cr_assert_eq(bad_kind, ERR_TIMEOUT);
	cr_assert_geq(mono_now().ms - from.ms, HALF_MS - 20);
	cr_assert_not(idle->over, "a client that began no line may be silent");
	leave(c);
	leave(idle);
}

Test(sock, one_client_more_than_places_is_told_so)
{
	struct client *c[CONNS_MAX + 1];

	for (int i = 0; i < CONNS_MAX; i++) {
		c[i] = client();
		say(c[i], "x\n");
		UNTIL(c[i]->in.len);
	}
	c[CONNS_MAX] = client();
	UNTIL(c[CONNS_MAX]->over);
	cr_assert_str_eq(buf_text(&c[CONNS_MAX]->in), "full\n");
	cr_assert_eq(n_open, CONNS_MAX);
	for (int i = 0; i <= CONNS_MAX; i++)
		leave(c[i]);
}

Test(sock, a_client_that_does_not_read_is_dropped_at_the_cap)
{
	struct client *c = client();

	watch_set(&c->w, c->fd, 0);
	say(c, "flood\n");
	UNTIL(n_gone == 1);
	cr_assert_eq(n_bad, 0);
	leave(c);
}

Test(sock, of_a_client_with_much_to_read_nothing_more_is_read)
{
	struct client *c = client();
	struct buf ask;

	/* each line comes back: with 64 KiB waiting the rest of the lines has to wait as well */
	watch_set(&c->w, c->fd, 0);
	buf_init(&ask, 1 << 20);
	for (int i = 0; i < 8000; i++)
		buf_printf(&ask, "%0100d\n", i);
	for (size_t at = 0; at < ask.len;) {
		ssize_t n = send(c->fd, ask.data + at, ask.len - at, MSG_NOSIGNAL);

		if (n > 0)
			at += (size_t)n;
		else
			watch_set(&c->w, c->fd, WATCH_READ);
		if (n <= 0) {
			size_t have = c->in.len;

			UNTIL(c->in.len > have);
		}
	}
	watch_set(&c->w, c->fd, WATCH_READ);
	UNTIL(c->in.len == ask.len);
	cr_assert_arr_eq(c->in.data, ask.data, ask.len);
	cr_assert_eq(n_gone, 0);
	buf_done(&ask);
	leave(c);
}

Test(sock, what_was_sent_before_a_close_arrives)
{
	struct client *c = client();

	say(c, "bye\nmore\n");
	UNTIL(c->over);
	cr_assert_str_eq(buf_text(&c->in), "bye\n");
	cr_assert_eq(n_gone, 0);
	cr_assert_eq(sock_conns(s), 0);
	sock_send(s, last_id, "x", 1); /* gone is no error */
	leave(c);
}

Test(sock, a_client_that_only_stopped_writing_still_gets_its_answer)
{
	struct client *c = client();

	say(c, "a\n");
	shutdown(c->fd, SHUT_WR);
	UNTIL(c->in.len);
	cr_assert_str_eq(buf_text(&c->in), "a\n");
	cr_assert_not(c->over);
	close_at_eof = true;
	sock_close(s, last_id);
	UNTIL(c->over);
	cr_assert_eq(n_eof, 1);
	leave(c);
}

Test(sock, a_client_that_stopped_writing_and_then_left_is_noticed)
{
	struct client *c = client();

	say(c, "a\n");
	shutdown(c->fd, SHUT_WR);
	UNTIL(c->in.len);
	cr_assert_eq(n_gone, 0);
	leave(c);
	UNTIL(n_gone == 1);
}

Test(sock, out_of_descriptors_it_pauses_and_goes_on)
{
	struct client *a = client(), *b;
	struct rlimit was, few;
	int top;

	say(a, "a\n");
	UNTIL(a->in.len);
	b = client();
	say(b, "b\n");
	cr_assert_eq(getrlimit(RLIMIT_NOFILE, &was), 0);
	few = was;
	top = dup(0);
	close(top);
	few.rlim_cur = (rlim_t)top;
	cr_assert_eq(setrlimit(RLIMIT_NOFILE, &few), 0);
	say(a, "again\n");
	UNTIL(a->in.len > 2); /* the loop has turned, and could not accept */
	cr_assert_eq(n_open, 1);
	setrlimit(RLIMIT_NOFILE, &was);
	UNTIL(b->in.len);
	leave(a);
	leave(b);
}

Test(sock, freed_with_clients_on_it)
{
	struct client *c = client(), *b;

	say(c, "a\n");
	UNTIL(c->in.len);
	b = client(); /* not accepted yet */
	sock_free(s);
	s = NULL;
	leave(c);
	leave(b);
}
