/*
 * stats: the stats server: GET /metrics on a unix socket and, if asked, on a TCP address.
 *
 * Read-only. A page is made at most once a second, however many clients ask; control thread only.
 * Text format 0.0.4, or OpenMetrics 1.0 when the Accept header names it.
 *
 * Source: contract.md 6, reliability.md 10 (sockets).
 */
#ifndef TTSYNC_STATS_H
#define TTSYNC_STATS_H

#include "common/err.h"
#include "daemon/base/counter.h"
#include "daemon/stats/gauges.h"

#include <sys/types.h>

#define STATS_CONNS_MAX  128
#define STATS_PAGE_MS    1000
#define STATS_PAGE_BYTES (64u << 20)

struct loop;
struct stats;

/*
 * Fill what a page shows: the sum of all threads' counters into *c (it comes as zeros), and the
 * gauges, but for build_info and process_*, which stats adds itself.
 */
typedef void stats_fill_fn(struct counters *c, struct gauges *g, void *arg);

struct stats_conf {
	const char *socket; /* path of the unix socket, "": none */
	mode_t mode;
	const char *listen; /* address:port, "": none */
};

struct stats *stats_new(struct loop *l, const struct stats_conf *conf, stats_fill_fn *fill,
                        void *arg, struct err *e);
void stats_free(struct stats *s);
/* Append the page in text format 0.0.4. 0, or -1 when it does not fit. */
struct buf;
int stats_write(struct stats *s, struct buf *out);
/* The TCP port, 0 without one. */
int stats_port(const struct stats *s);

#endif
