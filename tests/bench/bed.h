/*
 * bed: what a benchmark of the whole runs on: a private PostgreSQL as durable as a plain cluster, a
 * Redis, the sandbox over TLS, the daemon with its defaults, and shops that are connected already.
 *
 * Both servers write as in production: fsync, synchronous_commit, full_page_writes on,
 * shared_buffers 128MB, max_wal_size 1GB (PostgreSQL's defaults); append-only file, fsync each
 * second (Redis). The sandbox limits no rates and the daemon's own are out of the way.
 *
 * Errors: what a benchmark cannot go on without prints why and aborts.
 * Owner:  the harness inside: bed_free ends everything.
 */
#ifndef TTSYNC_BENCH_BED_H
#define TTSYNC_BENCH_BED_H

#include "common/own.h"
#include "tests/harness/certs.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#define BED_APP_KEY    "benchkey0001"
#define BED_APP_SECRET "benchsecret0000000000000000000001"

struct harness;
struct json;
struct pgserver;
struct proc;
struct redisd;

struct bed {
	struct harness *h;
	struct pgserver *pg;
	struct redisd *redis;
	struct certs certs;
	const char *api;   /* "https://127.0.0.1:PORT" of the sandbox */
	const char *conf;  /* the daemon's configuration file */
	const char *stats; /* its statistics socket */
	int port;          /* its HTTP door, on loopback */
	const char *keys;  /* text of the key ring */
	struct proc *sandbox;
	struct proc *daemon; /* NULL: not started */
};

struct bed_wish {
	const char *name;
	int sellers;
	int shops;                   /* of each seller */
	const char *orders_interval; /* as in ttsyncd.conf */
};

/* Servers, sandbox, schema; no shop is known and the daemon does not run yet. */
struct bed *bed_open(const struct bed_wish *w);
void bed_free(struct bed *b);
FREEP(struct bed, bed)

/* Another interval of order polls ("1h"), for the next start. */
void bed_interval(struct bed *b, const char *interval);
/* Start the daemon and return at once. */
void bed_start(struct bed *b);
/* SIGTERM and wait; then forget the schedule, so that the next start takes it from PostgreSQL. */
void bed_stop(struct bed *b);

/* One of the sandbox's control calls, answered as JSON to be freed. body may be NULL: a GET. */
struct json *bed_ask(struct bed *b, const char *path, const char *body);
/* The value of a sample on the statistics socket, by its name with labels; 0 where absent. */
double bed_sample(struct bed *b, const char *name);
/* curl with a configuration of many requests on one connection; its output, to be freed. */
char *bed_curl(struct bed *b, const char *config);

/* CPU seconds used since each began. */
struct bed_cpu {
	double daemon;
	double postgres;
	double sandbox;
	double redis;
};
void bed_cpu(const struct bed *b, struct bed_cpu *ret);

#endif
