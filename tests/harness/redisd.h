/*
 * redisd: a private redis-server on a socket in the harness's directory, no TCP.
 *
 * It keeps an append-only file, so that what was answered survives kill -9 and restart.
 *
 * Errors: a server that does not start, and a command it refuses, abort with the reason.
 * Owner:  the harness.
 */
#ifndef TTSYNC_TESTS_REDISD_H
#define TTSYNC_TESTS_REDISD_H

#include <stdint.h>
#include <sys/types.h>

struct harness;
struct redisd;

/* args: more words for redis-server's command line ("--maxmemory", "4mb"), NULL at the end, or
 * NULL. */
struct redisd *redisd_start(struct harness *h, const char *const *args);
const char *redisd_socket(const struct redisd *r);
const char *redisd_log(const struct redisd *r);
pid_t redisd_pid(const struct redisd *r);

void redisd_stop(struct redisd *r); /* SIGTERM */
void redisd_kill(struct redisd *r); /* SIGKILL */
void redisd_restart(struct redisd *r);
void redisd_pause(struct redisd *r); /* SIGSTOP */
void redisd_continue(struct redisd *r);

/* One command as words, NULL at the end: what redis-cli prints (raw), without the last newline; to
 * be freed. */
char *redisd_cmd(struct redisd *r, const char *const *words);
int64_t redisd_num(struct redisd *r, const char *const *words);
/* REDISD_CMD(r, "ZCARD", "{ttq}:ready"): the same with the words in place. */
#define REDISD_CMD(r, ...) redisd_cmd((r), (const char *const[]){ __VA_ARGS__, NULL })
#define REDISD_NUM(r, ...) redisd_num((r), (const char *const[]){ __VA_ARGS__, NULL })

#endif
