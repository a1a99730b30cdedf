#include "daemon/base/notify.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int manager;
static char got[1024];

/* The manager's side, in the abstract namespace. */
static void
setup(void)
{
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	char env[64];
	int n;

	n = snprintf(env, sizeof(env), "@ttsyncd-test-%d", (int)getpid());
	memcpy(un.sun_path + 1, env + 1, (size_t)n - 1);
	manager = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0);
	cr_assert_eq(bind(manager, (struct sockaddr *)&un,
	                  (socklen_t)(offsetof(struct sockaddr_un, sun_path) + (size_t)n)),
	             0);
	setenv("NOTIFY_SOCKET", env, 1);
}

static const char *
heard(void)
{
	ssize_t n = recv(manager, got, sizeof(got) - 1, 0);

	got[n > 0 ? n : 0] = '\0';
	return got;
}

TestSuite(notify, .init = setup);

Test(notify, each_state_is_one_datagram)
{
	struct notify n;
	struct err e = { 0 };

	cr_assert_eq(notify_init(&n, &e), 0, "%s", e.text);
	notify_ready(&n, "3 shops");
	cr_assert_str_eq(heard(), "READY=1\nSTATUS=3 shops");
	notify_status(&n, "4 shops");
	cr_assert_str_eq(heard(), "STATUS=4 shops");
	notify_watchdog(&n);
	cr_assert_str_eq(heard(), "WATCHDOG=1\n");
	notify_stopping(&n, "draining");
	cr_assert_str_eq(heard(), "STOPPING=1\nSTATUS=draining");
	notify_reloading(&n);
	cr_assert_eq(strncmp(heard(), "RELOADING=1\nMONOTONIC_USEC=", 27), 0);
	cr_assert_gt(atoll(got + 27), 0);
	notify_done(&n);
}

Test(notify, a_status_cannot_add_an_assignment)
{
	struct notify n;

	cr_assert_eq(notify_init(&n, NULL), 0);
	notify_status(&n, "x\nMAINPID=1");
	cr_assert_str_eq(heard(), "STATUS=x MAINPID=1");
	notify_done(&n);
}

Test(notify, without_a_manager_nothing_is_sent)
{
	struct notify n;

	unsetenv("NOTIFY_SOCKET");
	cr_assert_eq(notify_init(&n, NULL), 0);
	cr_assert_eq(n.fd, -1);
	notify_ready(&n, "x");
	notify_done(&n);
}

Test(notify, an_address_that_is_no_unix_socket_is_refused)
{
	struct notify n;
	struct err e = { 0 };

	setenv("NOTIFY_SOCKET", "vsock:2:1234", 1);
	cr_assert_eq(notify_init(&n, &e), -1);
	cr_assert_eq(e.kind, ERR_INPUT);
}

Test(notify, the_watchdog_interval_is_ours_only_if_the_pid_is)
{
	char pid[32];

	unsetenv("WATCHDOG_USEC");
	unsetenv("WATCHDOG_PID");
	cr_assert_eq(notify_watchdog_ms(), 0);
	setenv("WATCHDOG_USEC", "30000000", 1);
	cr_assert_eq(notify_watchdog_ms(), 30000);
	snprintf(pid, sizeof(pid), "%d", (int)getpid());
	setenv("WATCHDOG_PID", pid, 1);
	cr_assert_eq(notify_watchdog_ms(), 30000);
	setenv("WATCHDOG_PID", "1", 1);
	cr_assert_eq(notify_watchdog_ms(), 0);
	unsetenv("WATCHDOG_PID");
	setenv("WATCHDOG_USEC", "30s", 1);
	cr_assert_eq(notify_watchdog_ms(), 0);
}
