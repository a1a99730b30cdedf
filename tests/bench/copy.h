/*
 * copy: the yardstick of storing: PostgreSQL's own binary COPY of the very same rows, into empty
 * tables with the same columns, constraints and indexes, on the same server.
 */
#ifndef TTSYNC_BENCH_COPY_H
#define TTSYNC_BENCH_COPY_H

struct bed;

/* Seconds for orders, lines and outbox together, each one COPY FROM a file and one commit. */
double copy_s(struct bed *b);

#endif
