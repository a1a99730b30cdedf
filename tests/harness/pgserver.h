/*
 * pgserver: a private PostgreSQL 15 on a socket in the harness's directory, run as another user
 * than root (the server refuses root).
 *
 * It writes without fsync: it survives kill -9, which is what tests do, not a power cut.
 *
 * Units:  milliseconds.
 * Errors: a server that does not start or stop, and a query that fails, abort with the reason;
 *         pgserver_try answers false instead.
 * Owner:  the harness.
 */
#ifndef TTSYNC_TESTS_PGSERVER_H
#define TTSYNC_TESTS_PGSERVER_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct harness;
struct pgserver;

/* settings: "name=value" for its -c, NULL at the end; may be NULL. Returns when it accepts. */
struct pgserver *pgserver_start(struct harness *h, const char *const *settings);
/* A URL for libpq (superuser postgres, database postgres), and the socket's own path. */
const char *pgserver_url(const struct pgserver *s);
const char *pgserver_socket(const struct pgserver *s);
const char *pgserver_log(const struct pgserver *s);
pid_t pgserver_pid(const struct pgserver *s);

/* SIGINT: clients are cut off, data is written, the socket goes. */
void pgserver_stop(struct pgserver *s);
/* SIGKILL to the server and all its backends, as if the machine had lost them. */
void pgserver_kill(struct pgserver *s);
/* Start it again after stop or kill, on the same data. */
void pgserver_restart(struct pgserver *s);
/* SIGSTOP and SIGCONT to the server and all its backends. */
void pgserver_pause(struct pgserver *s);
void pgserver_continue(struct pgserver *s);

/*
 * Run SQL (several statements are fine) on a connection of the harness's own. The rows of the last
 * result as text to be freed: columns by '|', rows by newline, null as "".
 */
char *pgserver_query(struct pgserver *s, const char *sql);
/* The same where nobody wants the rows. */
void pgserver_do(struct pgserver *s, const char *sql);
/* Run SQL for what it does. */
void pgserver_exec(struct pgserver *s, const char *sql);
/* The first value as a number, 0 where there is none. */
int64_t pgserver_num(struct pgserver *s, const char *sql);
bool pgserver_try(struct pgserver *s, const char *sql);

#endif
