/*
 * tables: a private PostgreSQL with ttsyncd's schema and nothing else, for tests of what is SQL
 * alone.
 *
 * Errors: aborts with the reason.
 * Owner:  the harness.
 */
#ifndef TTSYNC_TESTS_TABLES_H
#define TTSYNC_TESTS_TABLES_H

struct harness;
struct pgserver;

struct pgserver *tables_start(struct harness *h);

#endif
