/* Clients of the control socket: what they may, how they come, stay and leave. */
#include "tests/unit/control_fixture.h"

TestSuite(control, .init = begin, .fini = end);

Test(control, a_line_too_long_is_told_and_closed_and_others_go_on)
{
	struct client *cl = client(), *other = client();
	char *text = malloc(FRAME_REQUEST_MAX + 2);

	memset(text, ' ', FRAME_REQUEST_MAX + 1);
	text[FRAME_REQUEST_MAX + 1] = '\0';
	say(cl, text);
	HOLDS(cl, "\"message\":\"not a request: a line is longer than 65536 bytes\"");
	UNTIL(cl->over);
	reply = "{}";
	ASK(other, "{\"id\":1,\"cmd\":\"store list\"}", "{\"id\":1,\"ok\":true,\"data\":{}}");
	free(text);
	leave(cl);
	leave(other);
}

Test(control, half_a_line_has_a_deadline)
{
	struct client *cl = client();

	say(cl, "{\"id\":1,");
	HOLDS(cl, "\"code\":\"timed_out\"");
	UNTIL(cl->over);
	leave(cl);
}

Test(control, who_may_only_read_cannot_change)
{
	CLEANUP(own_free) char *got = NULL;
	struct client *cl;
	struct err e;

	cr_assert_eq(control_groups(c, "adm", "dip", &e), 0);
	rights = CMD_MONITOR;
	cl = client();
	say(cl, "{\"id\":1,\"cmd\":\"sync\",\"args\":{\"shop\":\"x\"}}\n");
	got = line(cl);
	cr_assert(strstr(got, "{\"id\":1,\"ok\":false,\"error\":{\"code\":\"not_permitted\""), "%s",
	          got);
	cr_assert(strstr(got, "a member of the group adm ") && strstr(got, "\"exit\":77}"), "%s",
	          got);
	cr_assert_eq(n_posted, 0);
	reply = "{}";
	ASK(cl, "{\"id\":2,\"cmd\":\"store list\"}", "{\"id\":2,\"ok\":true,\"data\":{}}");
	leave(cl);
}

Test(control, who_may_nothing_is_told_and_closed)
{
	CLEANUP(own_free) char *got = NULL;
	struct client *cl;
	struct err e;

	cr_assert_eq(control_groups(c, "adm", "dip", &e), 0);
	rights = CMD_NOBODY;
	cl = client();
	say(cl, "{\"id\":1,\"cmd\":\"help\"}\n{\"id\":2,\"cmd\":\"help\"}\n");
	got = line(cl);
	cr_assert(strstr(got, "\"code\":\"not_permitted\""), "%s", got);
	cr_assert(strstr(got, "a member of the group dip ") && strstr(got, "\"exit\":77}"), "%s",
	          got);
	UNTIL(cl->over);
	cr_assert_eq(n_posted, 0);
	leave(cl);
}

Test(control, root_its_own_user_and_groups_have_their_rights)
{
	struct peer_groups g = {
		.admin = "adm", .admin_gid = 4, .monitor = "mon", .monitor_gid = 5
	};
	struct sock_peer p = { .uid = 0, .gid = 77 };
	struct err e;

	cr_assert_eq(peer_access(&g, &p), CMD_ADMIN);
	p.uid = geteuid();
	cr_assert_eq(peer_access(&g, &p), CMD_ADMIN);
	p.uid = 54321;
	cr_assert_eq(peer_access(&g, &p), CMD_NOBODY);
	peer_refusal(&g, CMD_NOBODY, &e);
	cr_assert_eq(e.code, 77);
	cr_assert(strstr(e.hint, "group mon"));
	p.n_groups = 2;
	p.groups[0] = 4;
	cr_assert_eq(peer_access(&g, &p), CMD_ADMIN);
	p.groups[0] = 6;
	p.groups[1] = 5;
	cr_assert_eq(peer_access(&g, &p), CMD_MONITOR);
	peer_refusal(&g, CMD_MONITOR, &e);
	cr_assert(strstr(e.hint, "group adm"));
	p.gid = 4;
	cr_assert_eq(peer_access(&g, &p), CMD_ADMIN);
	/* without names the ids mean nothing */
	g = (struct peer_groups){ 0 };
	p.gid = 0;
	cr_assert_eq(peer_access(&g, &p), CMD_NOBODY);
}

Test(control, a_group_nobody_knows_is_a_wrong_configuration)
{
	struct err e;

	cr_assert_eq(control_groups(c, "no-such-group-here", "", &e), -1);
	cr_assert_eq(e.code, 78);
	cr_assert_eq(control_groups(c, "root", "", &e), 0);
}

Test(control, a_client_that_leaves_takes_its_task_with_it)
{
	struct client *cl = client();

	say(cl, "{\"id\":1,\"cmd\":\"store list\"}\n");
	UNTIL(n_posted == 1);
	leave(cl);
	UNTIL(dropped == 1);
}

Test(control, a_client_that_stopped_writing_gets_its_answer_then_the_end)
{
	struct client *cl = client();

	say(cl, "{\"id\":1,\"cmd\":\"store list\"}\n");
	shutdown(cl->fd, SHUT_WR);
	UNTIL(n_posted == 1);
	reply = "{}";
	timer_arm(&task.soon, 20);
	HOLDS(cl, "\"ok\":true");
	UNTIL(cl->over);
	cr_assert_eq(dropped, 0);
	leave(cl);
}

Test(control, unanswered_requests_of_a_client_are_bounded)
{
	struct client *cl = client();

	for (int i = 0; i <= CONTROL_REQUESTS_MAX; i++)
		say(cl, "{\"id\":5,\"cmd\":\"store list\"}\n");
	HOLDS(cl, "{\"id\":5,\"ok\":false,\"error\":{\"code\":\"too_many_requests\"");
	cr_assert_eq(n_posted, CONTROL_REQUESTS_MAX);
	leave(cl);
}

Test(control, closing_with_requests_under_way)
{
	struct client *cl = client();

	say(cl, "{\"id\":1,\"cmd\":\"store list\"}\n");
	UNTIL(n_posted == 1);
	control_free(c);
	c = NULL;
	cr_assert_eq(dropped, 1);
	leave(cl);
}
