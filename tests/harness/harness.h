/*
 * harness: a private directory and everything that was started in it, for integration, chaos and
 * bench programs. No Criterion inside: a plain main() may use it as well.
 *
 * Errors: what a test cannot go on without (a server that does not start, a full disk) prints why,
 *         with the end of the log in question, and aborts. What a test is about is returned.
 * Owner:  harness_free ends every process by its pid, youngest first, and removes the directory.
 *         The same is done by a small guard process when the test itself crashes or is killed, so
 *         nothing outlives it. HARNESS_KEEP=1 in the environment keeps the directory.
 * Thread: the one that made it; children die with the thread that spawned them.
 *
 * proc.h spawns programs, wait.h waits for facts, pgserver.h and redisd.h are private servers,
 * certs.h a certificate authority, web.h speaks HTTP.
 */
#ifndef TTSYNC_TESTS_HARNESS_H
#define TTSYNC_TESTS_HARNESS_H

#include "common/own.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#define HARNESS_PROCS_MAX 64
#define HARNESS_ENV_MAX   16
#define HARNESS_FD_MIN    500 /* descriptors of the harness have numbers from here on */

struct harness;

/* A directory /tmp/tt-NAME-XXXXXX (TMPDIR where set), mode 0711: servers run as another user. */
struct harness *harness_new(const char *name);
void harness_free(struct harness *h);
FREEP(struct harness, harness)

const char *harness_dir(const struct harness *h);
/* dir/NAME by a format; lives as long as the harness. */
const char *harness_path(struct harness *h, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* Any text by a format; lives as long as the harness. */
const char *harness_text(struct harness *h, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* Write a file into the directory (mode 0644); returns its path. */
const char *harness_write(struct harness *h, const char *name, const char *text);
/* A whole file as a string to be freed; "" where there is none. */
char *harness_read(const char *path);
/* A loopback TCP port that nobody listens on at this moment. */
int harness_port(void);
/*
 * The program beside the running one: ttsyncd, ttctl, ttshop-sandbox of the same build. The
 * variable HARNESS_PROGRAMS names another build's folder: Criterion itself does not run under every
 * sanitizer.
 */
const char *harness_program(struct harness *h, const char *name);

/* Print and abort; log names a file whose end is shown, or NULL. */
_Noreturn void harness_die(const char *log, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* calloc that aborts. */
void *harness_alloc(size_t size);

/* Move a descriptor above HARNESS_FD_MIN, so that a test can count its own; -1 stays -1. */
int harness_fd(int fd);
/* "NAME=value", for every program started from now on; the text must live as long. */
void harness_env(struct harness *h, const char *text);
/*
 * Those for a program, NULL at the end. Redis' own get none: their allocator and a preloaded
 * libfaketime do not go together.
 */
const char *const *harness_env_of(const struct harness *h, const char *program);
/* For proc.c: keep a pid until it was waited for. */
void harness_hold(struct harness *h, pid_t pid);
void harness_release(struct harness *h, pid_t pid);
/* For the servers: memory and what ends with the harness, called youngest first. */
void harness_at_end(struct harness *h, void (*fn)(void *arg), void *arg);
/* SIGKILL to a process and all its descendants, frozen ones included. */
void harness_kill_tree(pid_t pid);
/* pids of a process's children, at most max; how many. */
int harness_children(pid_t pid, pid_t *ret, int max);

#endif
