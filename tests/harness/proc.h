/*
 * proc: programs a test starts: their pid, log, end and exit code.
 *
 * Units:  milliseconds. An exit code is 0 to 255, or 128 + the signal that ended the program.
 * Owner:  the harness, which kills what still runs when it is freed.
 */
#ifndef TTSYNC_TESTS_PROC_H
#define TTSYNC_TESTS_PROC_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct harness;
struct proc;

struct proc_opts {
	const char *const *env; /* "NAME=value" added to ours, NULL at the end; may be NULL */
	const char *user;       /* run as this user when we are root; NULL: as we are */
	int death_signal;       /* sent when the test dies; 0: SIGKILL */
};

/*
 * Start argv[0] (looked up in PATH) with its output appended to dir/NAME.log. opts may be NULL.
 * A program that cannot be executed ends with code 127.
 */
struct proc *proc_spawn(struct harness *h, const char *name, const char *const *argv,
                        const struct proc_opts *opts);
pid_t proc_pid(const struct proc *p);
const char *proc_log(const struct proc *p);
bool proc_alive(struct proc *p);
/* Its exit code, or -1 when it still runs after ms. */
int proc_wait(struct proc *p, int ms);
void proc_signal(struct proc *p, int signo);
/* Signal it and wait; past ms it is killed with its descendants. The exit code. */
int proc_stop(struct proc *p, int signo, int ms);
/* SIGKILL, now; waited for. */
void proc_kill(struct proc *p);

/* A program run to its end. */
struct proc_run {
	int code;  /* -1: killed at the deadline */
	char *out; /* with a NUL that does not count */
	size_t out_len;
	char *err;
	size_t err_len;
};

/* input may be NULL. Aborts only when the machine refuses a process. */
void proc_run(struct harness *h, const char *const *argv, const char *input, int ms,
              struct proc_run *ret);
void proc_run_done(struct proc_run *r);

#endif
